/* migrate: what `yogi migrate` does: brings the schema of the database up to date, or looks whether it is. Gateways do
 * it themselves when they start; the command is for those that may not, and for knowing beforehand.
 */
#ifndef YOGI_DEPLOY_MIGRATE_H
#define YOGI_DEPLOY_MIGRATE_H

#include "proto/process.h"

typedef struct {
    bool check; /* change nothing */
    bool help;
} migrate_options_t;

/* Returns the exit code, after its reasons were written. */
int migrate_run(process_t *process, const migrate_options_t *options);

#endif
