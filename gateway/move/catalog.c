/* catalog: see catalog.h. What a store does not have yet (a table or column of a later migration) is passed over. */
#include "catalog.h"

#include <string.h>

/* A column that the demo has, and one that only we have. N: NULL cannot be stored. */
#define D(name, kind)                                                                                                  \
    {                                                                                                                  \
        name, VALUE_##kind, true, false, NULL, NULL, NULL                                                              \
    }
#define DN(name, kind, standard)                                                                                       \
    {                                                                                                                  \
        name, VALUE_##kind, true, true, standard, NULL, NULL                                                           \
    }
#define Y(name, kind)                                                                                                  \
    {                                                                                                                  \
        name, VALUE_##kind, false, false, NULL, NULL, NULL                                                             \
    }
#define YN(name, kind, standard)                                                                                       \
    {                                                                                                                  \
        name, VALUE_##kind, false, true, standard, NULL, NULL                                                          \
    }
/* The document that a row belongs to. */
#define DOCUMENT(demo, needed)                                                                                         \
    {                                                                                                                  \
        "document_id", VALUE_KEY, demo, needed, NULL, NULL, "documents"                                                \
    }

#define LONG_AGO "1970-01-01 00:00:00"

static const column_t tenants[] = {
    YN("id", KEY, NULL),
    YN("name", TEXT, NULL),
    YN("created_at", TIME, NULL),
};
static const column_t blobs[] = {
    YN("tenant", KEY, NULL), YN("sha256", KEY, NULL),      YN("bytes", COUNT, NULL),     YN("state", TEXT, NULL),
    YN("birth", TEXT, NULL), YN("held_until", TIME, NULL), YN("created_at", TIME, NULL),
};
static const column_t documents[] = {
    DN("id", KEY, NULL),
    DN("filename", TEXT, NULL),
    DN("file_path", TEXT, NULL),
    DN("file_type", TEXT, NULL),
    D("file_size", COUNT),
    DN("status", STATUS, "uploaded"),
    DN("created_at", TIME, LONG_AGO),
    YN("tenant", KEY, "default"),
    {"updated_at", VALUE_TIME, false, true, LONG_AGO, "created_at", NULL},
    Y("sha256", KEY),
    YN("options", OBJECT, "{}"),
    YN("options_hash", KEY, ""),
    Y("name", TEXT),
    Y("teacher_name", TEXT),
    Y("class_name", TEXT),
    Y("uploader", TEXT),
    Y("run", KEY),
    Y("reused_from", KEY),
    Y("confidence", REAL),
    Y("pages", INT4),
    Y("error", TEXT),
    Y("error_message", TEXT),
    Y("source_path", TEXT),
    Y("external_id", KEY),
};
static const column_t processing_jobs[] = {
    DN("id", KEY, NULL),          DOCUMENT(true, false),  D("job_type", KEY),       D("status", TEXT),
    D("confidence", REAL),        D("result_data", JSON), D("error_message", TEXT), D("created_at", TIME),
    YN("tenant", KEY, "default"), Y("run", KEY),          Y("attempt", INT4),
};
static const column_t timetables[] = {
    DN("id", KEY, NULL),
    DOCUMENT(true, false),
    D("teacher_name", TEXT),
    D("class_name", TEXT),
    D("term", TEXT),
    D("year", INT4),
    D("saved_name", TEXT),
    DN("timeblocks", ARRAY, "[]"),
    D("confidence", REAL),
    DN("validated", BOOL, "0"),
    DN("created_at", TIME, LONG_AGO),
    YN("tenant", KEY, "default"),
    {"updated_at", VALUE_TIME, false, true, LONG_AGO, "created_at", NULL},
    Y("position", INT4),
    Y("run", KEY),
    Y("school", TEXT),
    Y("week", TEXT),
    YN("version", COUNT, "1"),
    Y("edit", KEY),
};
static const column_t timetable_versions[] = {
    {"timetable_id", VALUE_KEY, false, true, NULL, NULL, "timetables"},
    YN("version", INT8, NULL),
    YN("tenant", KEY, NULL),
    YN("content", JSON, NULL),
    Y("edit", KEY),
    YN("created_at", TIME, NULL),
};
static const column_t pictures[] = {
    DOCUMENT(false, true),  YN("page", INT4, NULL),  YN("layers", INT4, NULL), YN("tenant", KEY, NULL),
    YN("print", KEY, NULL), YN("sha256", KEY, NULL), YN("bytes", COUNT, NULL), YN("created_at", TIME, NULL),
};
static const column_t dossiers[] = {
    DOCUMENT(false, true),
    YN("tenant", KEY, NULL),
    YN("run", KEY, NULL),
    YN("body", BYTES, NULL),
};
static const column_t document_words[] = {
    YN("tenant", KEY, NULL),
    YN("word", KEY, NULL),
    DOCUMENT(false, true),
};
static const column_t processing_events[] = {
    DN("id", INT8, NULL),
    DOCUMENT(true, false),
    DN("event_type", TEXT, NULL),
    D("step_name", TEXT),
    D("percentage", INT4),
    D("message", TEXT),
    D("data", JSON),
    DN("created_at", TIME, LONG_AGO),
    YN("tenant", KEY, "default"),
};
static const column_t job_queue[] = {
    DN("id", KEY, NULL),     DOCUMENT(true, false),    D("job_type", TEXT),    D("status", TEXT),
    D("priority", INT4),     D("progress", INT4),      D("retry_count", INT4), D("started_at", TIME),
    D("completed_at", TIME), D("error_message", TEXT), D("created_at", TIME),
};
static const column_t dead_letters[] = {
    YN("id", KEY, NULL),      DOCUMENT(false, true),    YN("tenant", KEY, NULL),      Y("stage", TEXT),
    YN("error", TEXT, NULL),  Y("message", TEXT),       YN("attempts", INT4, NULL),   YN("crashes", INT4, NULL),
    YN("losses", INT4, NULL), YN("inputs", JSON, NULL), YN("created_at", TIME, NULL),
};
static const column_t outbox[] = {
    YN("run", KEY, NULL),     DOCUMENT(false, true),    YN("tenant", KEY, NULL),      YN("epoch", INT8, "1"),
    YN("owner", KEY, NULL),   YN("route", TEXT, NULL),  YN("priority", INT4, "0"),    YN("attempts", INT4, "3"),
    YN("attempt", INT4, "0"), YN("crashes", INT4, "0"), YN("losses", INT4, "0"),      Y("stage", TEXT),
    YN("place", INT4, "-1"),  Y("dossier", BYTES),      YN("created_at", TIME, NULL),
};
static const column_t owners[] = {
    YN("id", KEY, NULL),
    YN("lease_until", TIME, NULL),
};
static const column_t call_offs[] = {
    YN("owner", KEY, NULL),
    YN("run", KEY, NULL),
    YN("created_at", TIME, NULL),
};
static const column_t idempotency[] = {
    YN("tenant", KEY, NULL),       YN("key", KEY, NULL),         YN("part", INT4, NULL),
    YN("fingerprint", TEXT, NULL), YN("document_id", KEY, NULL), YN("created_at", TIME, NULL),
};
static const column_t api_keys[] = {
    YN("id", KEY, NULL),    {"tenant", VALUE_KEY, false, true, NULL, NULL, "tenants"},
    YN("name", TEXT, NULL), YN("role", TEXT, NULL),
    YN("hash", KEY, NULL),  YN("created_at", TIME, NULL),
    Y("expires_at", TIME),  Y("revoked_at", TIME),
};
static const column_t feed_tokens[] = {
    YN("hash", KEY, NULL),
    YN("tenant", KEY, NULL),
    DOCUMENT(false, true),
    YN("created_at", TIME, NULL),
};

static const column_t llm_choices[] = {
    YN("tenant", KEY, NULL), YN("session", KEY, NULL),  YN("provider", TEXT, NULL),   Y("model", TEXT),
    Y("secret", TEXT),       YN("minutes", INT4, NULL), YN("expires_at", TIME, NULL),
};

#define TABLE(table, key_columns, ...)                                                                                 \
    {                                                                                                                  \
        .name = #table, .keys = key_columns, .columns = sizeof table / sizeof *table, .column = table, __VA_ARGS__     \
    }

static const table_t tables[] = {
    TABLE(tenants, 1, .freed_last = true),
    TABLE(blobs, 2, .freed_last = true, .filter = "state = 'present'"),
    TABLE(documents, 1, .demo = true),
    TABLE(processing_jobs, 1, .demo = true, .redone = true),
    TABLE(timetables, 1, .demo = true, .redone = true),
    TABLE(timetable_versions, 2),
    TABLE(pictures, 3),
    TABLE(dossiers, 1),
    TABLE(document_words, 3),
    TABLE(processing_events, 1, .demo = true),
    TABLE(job_queue, 1, .demo = true),
    TABLE(dead_letters, 1),
    TABLE(outbox, 1, .redone = true),
    TABLE(owners, 1),
    TABLE(call_offs, 2),
    TABLE(idempotency, 3),
    TABLE(api_keys, 1, .redone = true),
    TABLE(feed_tokens, 1),
    TABLE(llm_choices, 2),
};
enum { TABLES = sizeof tables / sizeof *tables };

const table_t *catalog_tables(size_t *count)
{
    *count = TABLES;
    return tables;
}

const table_t *catalog_table(const char *name)
{
    for (size_t i = 0; i < TABLES; i++)
        if (strcmp(tables[i].name, name) == 0)
            return &tables[i];
    return NULL;
}

const column_t *catalog_column(const table_t *table, const char *name)
{
    for (size_t i = 0; i < table->columns; i++)
        if (strcmp(table->column[i].name, name) == 0)
            return &table->column[i];
    return NULL;
}

bool catalog_is_housekeeping(const char *table)
{
    return strcmp(table, "schema_migrations") == 0 || strcmp(table, "moves") == 0 || strncmp(table, "sqlite_", 7) == 0;
}
