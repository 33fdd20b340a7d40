/* store_sqlite_common: what the rooms of SQLite have in common: its refusals as faults, values in and out. */
#ifndef YOGI_GATEWAY_STORE_SQLITE_COMMON_H
#define YOGI_GATEWAY_STORE_SQLITE_COMMON_H

#include "proto/base/fault.h"
#include "sql.h"

#include <sqlite3.h>

/* Fills the fault from the handle's last failure (NULL: it could not be opened). Returns -1. */
int sqlite_fault(sqlite3 *handle, const char *path, const char *what, fault_t *fault);

/* Binds a value, which is borrowed until the statement is reset; SQLite's code. */
int sqlite_bind(sqlite3_stmt *prepared, int place, const sql_value_t *value);

/* Adds the row that the statement stands on; *room is how many there is room for, 0 at first. */
void sqlite_add_row(sqlite3_stmt *prepared, arena_t *arena, sql_rows_t *rows, size_t *room);

#endif
