/* migrate: what `yogi migrate` does: moves an installation from one store and place of files to another and back
 * (gateway/move), or brings the schema of the database up to date. Gateways do the latter themselves when they start;
 * the command is for those that may not, and for knowing beforehand.
 */
#ifndef YOGI_DEPLOY_MIGRATE_H
#define YOGI_DEPLOY_MIGRATE_H

#include "proto/process.h"

typedef struct {
    const char *from, *from_blobs, *to, *to_blobs, *work, *drop, *limit, *report; /* as typed; NULL = not */
    const char *redis, *queue, *prefix, *into;                                    /* queues: likewise */
    int jobs, sample;
    int wait;                /* queues: seconds; 0 = each command's own */
    bool pause, force, json; /* queues */
    bool quarantine, allow_missing, full;
    bool check; /* schema: change nothing */
    bool help;
} migrate_options_t;

/* Appends what each command does. */
void migrate_help(buf_t *out);

/* Does what the word says; without one, the schema. Returns the exit code, after its reasons were written. */
int migrate_run(process_t *process, const migrate_options_t *options, char **words, int count);

#endif
