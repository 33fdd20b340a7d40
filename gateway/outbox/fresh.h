/* fresh: runs that were accepted here a moment ago, with everything that their SUBMIT is made of, so that the store is
 * not asked for what it has just been told. The latest ones; of an older one the store is asked. One thread.
 */
#ifndef YOGI_GATEWAY_FRESH_H
#define YOGI_GATEWAY_FRESH_H

#include "errand.h"

/* More than a link submits before it is answered (link_defaults). */
enum { FRESH_MOST = 512 };

/* Read and written by its functions alone; {0} is empty. */
typedef struct {
    errand_t *wants[FRESH_MOST]; /* WANT, as the store would have done it; NULL = none */
    unsigned next;               /* where the next one goes, in place of the oldest */
} fresh_t;

void fresh_free(fresh_t *fresh); /* destroys what is in it */

/* The errand is taken. */
void fresh_put(fresh_t *fresh, errand_t *want);

/* That of the job, which is the caller's then; NULL where there is none. */
errand_t *fresh_take(fresh_t *fresh, ident_t job) __attribute__((warn_unused_result));

#endif
