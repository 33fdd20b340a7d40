/* store_open: which database the settings mean, and connections to it. For store.c, and commands that need one
 * connection.
 */
#ifndef YOGI_GATEWAY_STORE_OPEN_H
#define YOGI_GATEWAY_STORE_OPEN_H

#include "database.h"
#include "proto/base/log.h"
#include "proto/settings.h"

typedef struct store_open store_open_t;

/* PostgreSQL where the settings name one, else SQLite in the file app.db of YOGI_DATA, whose folder is made.
 * Contradictions that do not matter are logged. NULL with the fault. */
store_open_t *store_open_new(const settings_t *settings, const log_t *log, fault_t *fault);
void store_open_destroy(store_open_t **open); /* takes NULL; nulls the caller's pointer */

/* A connection that is not made yet; the caller's own. */
database_t *store_open_database(const store_open_t *open);

/* How many of so many connections may write at once. */
uint32_t store_open_writers(const store_open_t *open, uint32_t connections);

/* The folder of everything that is kept (YOGI_DATA, or where the system keeps a user's data), made where it is missing.
 * In the arena; NULL with the fault. */
const char *store_open_folder(const settings_t *settings, arena_t *arena, fault_t *fault);

#endif
