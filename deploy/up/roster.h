/* roster: the children of `yogi up`, one row each, in the order in which they start: what is run, how it says that it
 * is ready, when it is started again. They end the other way round. A new child is a new row.
 */
#ifndef YOGI_DEPLOY_UP_ROSTER_H
#define YOGI_DEPLOY_UP_ROSTER_H

#include "deploy/site.h"
#include "proto/settings.h"
#include "service.h"

enum { ROSTER_MOST = 8 };

/* Fills the plans and returns how many. Texts are of the arena. */
size_t roster_fill(const settings_t *settings, const site_t *site, arena_t *arena, service_plan_t plans[ROSTER_MOST]);

/* The folder in which its gateway keeps documents, where it does not keep them in a bucket; its host has to find it. Of
 * the arena. */
const char *roster_blobs(const site_t *site, arena_t *arena);

#endif
