/* store_sqlite: connections to a SQLite file. The only room that knows sqlite3.
 *
 * Write-ahead log; synchronous=FULL for what was accepted, NORMAL for what may be forgotten. One connection of a
 * process writes, the others read beside it; other processes may have the file open too (busy ones are waited for).
 */
#ifndef YOGI_GATEWAY_STORE_SQLITE_H
#define YOGI_GATEWAY_STORE_SQLITE_H

#include "bulk.h"
#include "database.h"

/* A connection to the file (made where there is none) that is not open yet. Path is copied. */
database_t *sqlite_new(const char *path, int64_t timeout_ms);

/* A connection for whole tables (bulk.h) to a file, made where create is true. copy_path: where bulk_freeze may put a
 * copy of it, for files that others could not write while they are read; NULL = never. NULL with the fault. */
bulk_t *sqlite_bulk_new(const char *path, const char *copy_path, bool create, fault_t *fault);

#endif
