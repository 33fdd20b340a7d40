/* claim: a site (deploy/site.h) taken by one `yogi up` alone: its data locked, its folder of sockets swept. The lock
 * is of this process and ends with it, however it ends.
 */
#ifndef YOGI_DEPLOY_UP_CLAIM_H
#define YOGI_DEPLOY_UP_CLAIM_H

#include "deploy/site.h"

/* Plain data. */
typedef struct {
    site_t site;
    int lock_fd; /* -1 = nothing is claimed */
} claim_t;

/* Takes the site with this folder of data (NULL = the user's own). Sockets that a killed predecessor has left are
 * removed; children of it that still listen may take a moment to end. -1 with the fault: in use by another, or not to
 * be had. */
int claim_take(const char *data, claim_t *claim, fault_t *fault) __attribute__((warn_unused_result));

/* Removes the folder of sockets and gives the data free. Takes what is not claimed. */
void claim_release(claim_t *claim);

#endif
