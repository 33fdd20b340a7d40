/* bucket: where the host of `yogi up` has to fetch documents from when its gateway keeps them in a bucket: what an
 * operator has named once is not to be named again. Pure.
 */
#ifndef YOGI_DEPLOY_UP_BUCKET_H
#define YOGI_DEPLOY_UP_BUCKET_H

#include "proto/base/arena.h"
#include "proto/settings.h"

/* The endpoints that its host may fetch from (YOGI_SOURCE_ENDPOINTS): those of the settings and the bucket's. NULL
 * where there is no bucket, or the settings of one make no sense, which the gateway says. Of the arena. */
const char *bucket_endpoints(const settings_t *settings, arena_t *arena);

/* The networks that they may be in (YOGI_SOURCE_NETWORKS): any, where the bucket's is the only endpoint and no network
 * is named; else NULL: as the settings say. */
const char *bucket_networks(const settings_t *settings);

#endif
