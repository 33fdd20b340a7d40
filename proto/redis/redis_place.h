/* redis_place: where Redis is and how it is reached, as the settings REDIS_* say it.
 *
 *     REDIS_URL=redis://user:password@host:6379/0     rediss:// is with TLS, unix:///path?db=1 is a socket
 *     REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD, REDIS_DB     where there is no URL
 *     REDIS_SENTINELS=host:26379 host:26379, REDIS_SENTINEL_MASTER         ask them where the master is
 *     REDIS_CLUSTER=host:7000 host:7001                                    any nodes of a cluster
 *
 * Pure. Errors: FAULT_SETTING, which names the setting and never the password.
 */
#ifndef YOGI_REDIS_PLACE_H
#define YOGI_REDIS_PLACE_H

#include "proto/base/arena.h"
#include "proto/base/fault.h"
#include "proto/settings.h"

#include <stdbool.h>

/* ADDRESSES: sentinels or nodes named to begin with; the others are learnt. HOST: the longest DNS name. */
enum { REDIS_ADDRESSES_MOST = 16, REDIS_HOST_MOST = 255, REDIS_PORT_STANDARD = 6379, REDIS_SENTINEL_PORT = 26379 };

typedef enum { REDIS_DIRECT, REDIS_SENTINEL, REDIS_CLUSTER } redis_manner_t;

/* Plain data. */
typedef struct {
    char host[REDIS_HOST_MOST + 1]; /* name or number; a path where it begins with / */
    int port;                       /* 0 with a path */
} redis_address_t;

/* Plain data; texts belong to the settings and the arena that it was read with. */
typedef struct {
    redis_manner_t manner;
    redis_address_t addresses[REDIS_ADDRESSES_MOST]; /* the server, or some sentinels, or some nodes */
    size_t count;                                    /* of them, 1 at least */
    const char *master;                              /* REDIS_SENTINEL: what they call it */
    const char *user, *password;                     /* NULL = none */
    const char *sentinel_user, *sentinel_password;   /* of the sentinels; NULL = none */
    int64_t database;                                /* number of it */
    bool tls;
    bool verify;                   /* the certificate must be good and for the host */
    const char *authorities;       /* file of certificates; NULL = the system's */
    const char *certificate, *key; /* files of this client's own; NULL = none */
    const char *server_name;       /* that the certificate must be for; NULL = the host */
} redis_place_t;

/* Reads the settings. -1 with the fault. */
int redis_place_read(const settings_t *settings, arena_t *arena, redis_place_t *place, fault_t *fault)
    __attribute__((warn_unused_result));

/* "host:6379", "[::1]:6379", "/path": for people. Returns out. */
enum { REDIS_ADDRESS_TEXT = REDIS_HOST_MOST + 12 };
char *redis_address_format(const redis_address_t *address, char out[REDIS_ADDRESS_TEXT]);

/* Reads "host", "host:port" or "[v6]:port"; false when it is none. */
bool redis_address_parse(const char *text, int port, redis_address_t *address);

#endif
