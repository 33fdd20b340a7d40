/* zones: the time zones that patterns have named so far, each opened once. For repeat.h. One thread. */
#ifndef YOGI_CRON_ZONES_H
#define YOGI_CRON_ZONES_H

#include "proto/base/fault.h"
#include "proto/zone.h"

typedef struct zones zones_t;

/* Zones below a folder (ZONE_FOLDER), and the name of this machine's own as its environment has it (TZ); NULL: that of
 * /etc/localtime. Both are copied. */
zones_t *zones_new(const char *folder, const char *own);
void zones_destroy(zones_t **zones); /* takes NULL; nulls the caller's pointer */

/* A zone by what Node.js and luxon call it: an IANA name in letters of any case, UTC, UTC+3, +03:30; NULL, "", "local"
 * and "system" are this machine's own. Borrowed until the next call. NULL with FAULT_USAGE: there is none of the name.
 */
const zone_t *zones_find(zones_t *zones, const char *name, fault_t *fault) __attribute__((warn_unused_result));

#endif
