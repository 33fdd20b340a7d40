/* naming: the socket addresses of a host, found without blocking (the resolver of glibc has threads of its own). For
 * redis.c alone. A path or a number is known at once.
 */
#ifndef YOGI_REDIS_NAMING_H
#define YOGI_REDIS_NAMING_H

#include "redis_place.h"

#include <sys/socket.h>

/* Addresses of one host that are tried: a few of each family. */
enum { NAMING_MOST = 8 };

typedef struct {
    struct sockaddr_storage list[NAMING_MOST];
    socklen_t sizes[NAMING_MOST];
    size_t count;
} naming_found_t;

typedef struct naming naming_t;

/* Asks for that address. Never NULL. */
naming_t *naming_begin(const redis_address_t *address);

/* 1 when found is filled, 0 when the answer is still to come, -1 with the fault (FAULT_UNAVAILABLE). */
int naming_look(naming_t *naming, naming_found_t *found, fault_t *fault) __attribute__((warn_unused_result));

void naming_end(naming_t **naming); /* at any time; takes NULL; nulls the caller's pointer */

#endif
