/* migration_table: the files as the build has read them (migrations/embed.c); for migration.c alone. */
#ifndef YOGI_GATEWAY_MIGRATION_TABLE_H
#define YOGI_GATEWAY_MIGRATION_TABLE_H

#include "migration.h"

extern const migration_t migrations_postgres[], migrations_sqlite[];
extern const size_t migrations_postgres_count, migrations_sqlite_count;

#endif
