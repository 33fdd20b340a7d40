/* fetch_once: one URL, asked for and waited for, by a thread that may block. No other server than that of the URL is
 * asked, and that by the rules of fetch.h.
 */
#ifndef YOGI_FETCH_ONCE_H
#define YOGI_FETCH_ONCE_H

#include "fetch.h"
#include "proto/base/buf.h"

/* Borrowed for the call. */
typedef struct {
    const char *url;            /* http or https */
    const char *const *headers; /* as in fetch_order_t */
    const char *networks;       /* not of the public internet, and yet allowed; NULL = none */
    const char *authorities;    /* file of certificates that are trusted; NULL = the system's */
    int64_t bytes_most;         /* of the answer */
    int64_t seconds;            /* until it is there whole */
} fetch_wish_t;

/* Appends the answer's bytes. -1 with the fault, as fetch.h has them. */
int fetch_once(const fetch_wish_t *wish, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));

#endif
