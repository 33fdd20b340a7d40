/* endpoint: an address that a process listens at or connects to, as settings name it: "tcp://127.0.0.1:4010",
 * "tcp://[::1]:4010", "ipc:///run/yogi/broker"; where it listens, the host or the port may also be an asterisk (all
 * addresses; any free port). Pure.
 */
#ifndef YOGI_WIRE_ENDPOINT_H
#define YOGI_WIRE_ENDPOINT_H

#include "proto/base/fault.h"

#include <stdbool.h>
#include <stddef.h>

/* In a list: as many as a host or an owner has brokers. TEXT: a path of a Unix socket has at most 107 bytes, a host
 * name 253. */
enum { ENDPOINTS_MOST = 16, ENDPOINT_TEXT = 300, ENDPOINT_PATH_MOST = 107 };

typedef enum { ENDPOINT_TCP, ENDPOINT_IPC } endpoint_kind_t;

/* Plain data. */
typedef struct {
    endpoint_kind_t kind;
    char text[ENDPOINT_TEXT]; /* as it was written */
    bool loopback;            /* nobody on another machine can reach it (TCP) */
    bool ipv6;                /* written as [address] */
} endpoint_t;

/* Reads one. -1 with the fault (FAULT_SETTING). */
int endpoint_parse(const char *text, endpoint_t *endpoint, fault_t *fault) __attribute__((warn_unused_result));

/* Reads a list with commas or spaces between, of 1 … ENDPOINTS_MOST that differ. Returns how many; -1 with the fault.
 */
int endpoints_parse(const char *text, endpoint_t endpoints[ENDPOINTS_MOST], fault_t *fault)
    __attribute__((warn_unused_result));

#endif
