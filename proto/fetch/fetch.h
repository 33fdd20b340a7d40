/* fetch: brings the bytes of documents from their sources (files below listed folders, http and https from listed
 * endpoints) into sealed memory files, several at a time, beside whatever else its caller does.
 *
 * Used by a host (yogi-actor) in its own loop: nothing blocks, nothing waits; descriptors and deadlines are the
 * caller's to poll. (libcurl resolves names in a thread of its own, which nothing here waits for.) What is fetched is
 * held to a size, a total time, a longest silence, and a SHA-256; redirects are followed a few times, each checked like
 * the first URL; an address is checked when it is connected to, whatever name led there. No proxy, no cookies, no
 * passwords.
 *
 * Faults: FAULT_INPUT, not allowed or not there; FAULT_EXPIRED, the URL has run out (401, 403, 410); FAULT_UNREACHABLE,
 * try again; FAULT_TIMEOUT; FAULT_TOO_LARGE; FAULT_DAMAGED, not the bytes that were announced. URLs in them are
 * redacted.
 */
#ifndef YOGI_FETCH_H
#define YOGI_FETCH_H

#include "proto/base/fault.h"
#include "proto/base/hash.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fetch fetch_t;

/* Transfers at the same time at most; sockets that one may have open (libcurl tries IPv6 and IPv4 at once). */
enum { FETCH_MOST = 256, FETCH_POLLS_EACH = 4 };

/* Redirects that are followed. */
enum { FETCH_REDIRECTS_MOST = 3 };

typedef struct {
    const char *roots;       /* folders that file: may read below, with : between; NULL = none */
    const char *endpoints;   /* that http(s) may fetch from; NULL = none */
    const char *networks;    /* not of the public internet, and yet allowed; NULL = none */
    const char *authorities; /* file of certificates that are trusted; NULL = the system's */
    int64_t bytes_most;      /* of a document */
    int64_t total_us;        /* a transfer may take */
    int64_t stall_us;        /* longest time without a byte */
    size_t count;            /* transfers at the same time */
} fetch_plan_t;

typedef struct {
    uint64_t key;               /* the caller's, for the answer */
    const char *url;            /* borrowed for the call */
    const char *sha256;         /* hex, that it must have; NULL = any */
    int64_t bytes;              /* that it must have; 0 = any */
    const char *const *headers; /* further ones, "Name: value", up to a NULL; NULL = none. Secrets may be in them: then
                                   no redirect is followed */
} fetch_order_t;

typedef struct {
    uint64_t key;
    fault_t fault;         /* FAULT_NONE: the rest is filled */
    int fd;                /* sealed memory file, the taker's to close; -1 = none */
    int64_t bytes;         /* in it */
    char sha256[HASH_HEX]; /* of them */
} fetch_event_t;

/* NULL with the fault where a list of the plan is wrong. */
fetch_t *fetch_new(const fetch_plan_t *plan, fault_t *fault);

/* Gives all transfers up; takes NULL; nulls the caller's pointer. */
void fetch_destroy(fetch_t **fetch);

/* How many transfers can be begun now. */
size_t fetch_free(const fetch_t *fetch);

/* Begins one (fetch_free > 0). Whatever goes wrong, even at once, comes as its event. */
void fetch_begin(fetch_t *fetch, const fetch_order_t *order, int64_t now_us);

/* Gives one up: it has no event. false when no transfer has the key. */
bool fetch_cancel(fetch_t *fetch, uint64_t key);

/* Moves all on; lowers *next_us to the time of the next call needed. true when one has ended: it is in *event, and the
 * call is to be made again until there is none. Also after fetch_begin, before the caller waits. */
bool fetch_step(fetch_t *fetch, int64_t now_us, int64_t *next_us, fetch_event_t *event)
    __attribute__((warn_unused_result));

/* Descriptors to wait for: writes at most fetch_polls. */
size_t fetch_poll(const fetch_t *fetch, struct pollfd *polls);
size_t fetch_polls(const fetch_t *fetch);

#endif
