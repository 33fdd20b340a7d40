/* up: `yogi up`, the whole system on one machine: the supervisor of the services that roster.h lists, around a site
 * (deploy/site.h) that is its alone.
 *
 *     STARTING ──each one in turn says that it is ready──▶ STANDING ──signal──▶ ENDING ──all have ended──▶ (exit)
 *        └──────────────one has ended──────────────────────────────────────────▶ ┘
 *
 * While it STANDS a service that ends is started again, at once where it has proved itself, else after a rest that
 * doubles. ENDING, the services end in turn, the last of the roster first: the gateway takes no more and ends the calls
 * it has, hosts finish what they have in hand before the broker goes. A second signal ends everything at once. SIGHUP
 * is the end of the terminal, where there is one; else the broker reads its allow-list again. Killed, it takes its
 * services along (service.h), and the next `yogi up` sweeps up. It holds no documents and opens no socket.
 */
#ifndef YOGI_DEPLOY_UP_UP_H
#define YOGI_DEPLOY_UP_UP_H

#include "proto/process.h"

/* Runs on this folder of data (NULL = the user's own) until it was told to end. The exit code. */
int up_run(process_t *process, const char *data);

#endif
