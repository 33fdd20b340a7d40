/* report: see report.h. */
#include "report.h"

#define COUNT(type, name, member)                                                                                      \
    {                                                                                                                  \
        name, FIELD_INT, offsetof(type, member), NULL, 0, 0, 0                                                         \
    }
#define OTHER(type, name, kind, member, schema)                                                                        \
    {                                                                                                                  \
        name, kind, offsetof(type, member), schema, 0, 0, 0                                                            \
    }

static const field_t stage_fields[] = {
    {"stage", FIELD_TEXT, offsetof(stats_stage_t, stage), NULL, 0, 64, FIELD_REQUIRED},
    COUNT(stats_stage_t, "runnable", runnable),
    COUNT(stats_stage_t, "running", running),
    COUNT(stats_stage_t, "delayed", delayed),
    COUNT(stats_stage_t, "held", held),
    COUNT(stats_stage_t, "oldestMs", oldest_ms),
    COUNT(stats_stage_t, "actors", actors),
    COUNT(stats_stage_t, "slots", slots),
    COUNT(stats_stage_t, "done", done),
    COUNT(stats_stage_t, "failed", failed),
    COUNT(stats_stage_t, "retried", retried),
    COUNT(stats_stage_t, "lost", lost),
    OTHER(stats_stage_t, "waitMs", FIELD_REALS, wait_ms, NULL),
    OTHER(stats_stage_t, "runMs", FIELD_REALS, run_ms, NULL),
    OTHER(stats_stage_t, "waitSumMs", FIELD_REAL, wait_sum_ms, NULL),
    OTHER(stats_stage_t, "runSumMs", FIELD_REAL, run_sum_ms, NULL),
};
const schema_t stats_stage_schema = SCHEMA(stats_stage_t, "stage figures", stage_fields);

static const field_t stats_fields[] = {
    COUNT(stats_t, "uptimeMs", uptime_ms),
    COUNT(stats_t, "jobs", jobs),
    COUNT(stats_t, "jobsMost", jobs_most),
    COUNT(stats_t, "bytes", bytes),
    COUNT(stats_t, "bytesMost", bytes_most),
    COUNT(stats_t, "recordBytes", record_bytes),
    COUNT(stats_t, "owners", owners),
    COUNT(stats_t, "actors", actors),
    COUNT(stats_t, "accepted", accepted),
    COUNT(stats_t, "refused", refused),
    COUNT(stats_t, "finished", finished),
    COUNT(stats_t, "stale", stale),
    COUNT(stats_t, "bad", bad),
    OTHER(stats_t, "stages", FIELD_LIST, stages, &stats_stage_schema),
};
const schema_t stats_schema = SCHEMA(stats_t, "figures", stats_fields);
