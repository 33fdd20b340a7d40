/* network: which addresses may be connected to. Pure.
 *
 * A name that an owner of jobs hands in may lead to a machine of our own network (a database, the metadata service of a
 * cloud), so only addresses of the public internet are connected to, and those networks that an operator has listed.
 * Source: the IANA special-purpose address registries (RFC 6890 and its successors).
 */
#ifndef YOGI_FETCH_NETWORK_H
#define YOGI_FETCH_NETWORK_H

#include "proto/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Most networks of a list. */
enum { NETWORKS_MOST = 64 };

/* An address or a network; IPv4 as ::ffff:a.b.c.d. Plain data. */
typedef struct {
    uint8_t bytes[16];
    int bits; /* of the prefix */
} network_t;

typedef struct {
    network_t items[NETWORKS_MOST];
    size_t count;
} networks_t;

/* Reads "10.0.0.0/8, fd00::/8 127.0.0.1"; NULL and "" are no networks. -1 with the fault. */
int networks_parse(const char *text, networks_t *networks, fault_t *fault) __attribute__((warn_unused_result));

/* Whether the address may be connected to: a public one, or one within the networks. */
bool networks_allow(const networks_t *networks, const struct sockaddr *address);

#endif
