/* store_open: see store_open.h. */
#include "store_open.h"
#include "proto/base/folders.h"
#include "proto/base/memory.h"
#include "store_postgres.h"
#include "store_sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* WRITERS: of PostgreSQL. While one waits for the disk another fills its group; more make smaller groups. */
enum { WRITERS_MOST = 2 };

struct store_open {
    arena_t *arena;
    postgres_plan_t postgres;
    const char *path;   /* of SQLite; NULL = PostgreSQL */
    int64_t timeout_ms; /* of a statement */
};

static const char *data_folder(const settings_t *settings, arena_t *arena)
{
    const char *shared = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (settings->data)
        return settings->data;
    if (shared && *shared == '/')
        return arena_format(arena, "%s/yogi", shared);
    return home && *home ? arena_format(arena, "%s/.local/share/yogi", home) : NULL;
}

const char *store_open_folder(const settings_t *settings, arena_t *arena, fault_t *fault)
{
    const char *folder = data_folder(settings, arena);
    if (!folder)
        fault_set(fault, FAULT_SETTING, "there is no home to keep data in; name a folder in YOGI_DATA");
    if (folder && folders_make(folder) < 0) {
        fault_set(fault, FAULT_SETTING, "YOGI_DATA: the folder %s cannot be made: %s", folder, strerror(errno));
        return NULL;
    }
    return folder;
}

static int plan_sqlite(store_open_t *open, const settings_t *settings, fault_t *fault)
{
    const char *folder = store_open_folder(settings, open->arena, fault);
    if (!folder)
        return -1;
    open->path = arena_format(open->arena, "%s/app.db", folder);
    return 0;
}

static int plan_postgres(store_open_t *open, const settings_t *settings, const log_t *log, fault_t *fault)
{
    buf_t warnings = {0};
    buf_text(&warnings, "");
    int failed = postgres_plan(settings, open->arena, &open->postgres, &warnings, fault);
    char *rest = NULL;
    log_t loud = log ? *log : (log_t){.least = LOG_OFF};
    if (loud.least == LOG_ERROR)
        loud.least = LOG_WARNING; /* whoever mixes two databases up must see it, and errors alone are the standard */
    for (char *line = strtok_r(warnings.bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        LOG(&loud, LOG_WARNING, "store.settings", {"text", line, 0});
    buf_free(&warnings);
    return failed;
}

store_open_t *store_open_new(const settings_t *settings, const log_t *log, fault_t *fault)
{
    store_open_t *open = memory_new(1, sizeof *open);
    open->arena = arena_new();
    open->timeout_ms = settings->store_seconds * 1000;
    int failed =
        postgres_wanted(settings) ? plan_postgres(open, settings, log, fault) : plan_sqlite(open, settings, fault);
    if (failed)
        store_open_destroy(&open);
    return open;
}

void store_open_destroy(store_open_t **open)
{
    if (!open || !*open)
        return;
    arena_destroy(&(*open)->arena);
    free(*open);
    *open = NULL;
}

database_t *store_open_database(const store_open_t *open)
{
    return open->path ? sqlite_new(open->path, open->timeout_ms) : postgres_new(&open->postgres);
}

uint32_t store_open_writers(const store_open_t *open, uint32_t connections)
{
    uint32_t most = open->path ? 1 : WRITERS_MOST;
    return connections > most ? most : connections > 1 ? connections - 1 : 1;
}
