/* migration: brings the schema of a database up to date: numbered SQL files (migrations/), built in, each run once, all
 * that are missing in one transaction which only one process can have at a time: twenty gateways that start together
 * migrate once.
 *
 * Rule:   a file that was ever released is never changed: each is kept with its checksum, and another one is a fault.
 *         Migrations add, so that an older gateway goes on beside a newer one; a database that is newer than this
 * program is therefore fine. SQLite: a column that ALTER TABLE … ADD COLUMN would add and that is there already is
 * passed over; that is how files of different age come to the same schema.
 */
#ifndef YOGI_GATEWAY_MIGRATION_H
#define YOGI_GATEWAY_MIGRATION_H

#include "database.h"

/* One file. */
typedef struct {
    int number;       /* from its name, from 1 */
    const char *name; /* of the file, without .sql */
    const char *text;
} migration_t;

/* How a database stands to this program. */
typedef struct {
    int known;   /* the newest migration here */
    int present; /* the newest one there; 0 = none */
    int run;     /* how many were run now */
} migration_state_t;

/* Runs what is missing on a connected database. -1 with the fault, and nothing has changed. */
int migration_run(database_t *database, migration_state_t *state, fault_t *fault) __attribute__((warn_unused_result));

/* Whether everything is there, without running anything; -1 with a fault that says what to do. */
int migration_check(database_t *database, migration_state_t *state, fault_t *fault) __attribute__((warn_unused_result));

/* The files of a database, in their order. */
const migration_t *migration_list(dialect_t dialect, size_t *count);

#endif
