/* pickup: see pickup.h. */
#include "pickup.h"
#include "proto/base/memory.h"
#include "trip.h"

#include <stdlib.h>
#include <string.h>

struct pickup {
    trip_t trip;
    bool back;            /* it has been rolled back */
    bool moved;           /* documents are looked up in the target, else in the source */
    database_t *database; /* of the target; NULL: only looking */
    arena_t *arena;       /* of what the last call has given */
};

static bool is_state(const trip_t *trip, const char *wanted)
{
    const char *state = trip->target_absent ? NULL : trip_mark((side_t *)&trip->target, "state");
    return state && strcmp(state, wanted) == 0;
}

static int begin(pickup_t *pickup, bool planning, fault_t *fault)
{
    trip_t *trip = &pickup->trip;
    pickup->back = is_state(trip, STATE_ROLLED_BACK);
    if (!is_state(trip, STATE_CUT_OVER) && planning)
        return 0;
    if (!is_state(trip, STATE_CUT_OVER))
        return fault_set(fault, FAULT_INPUT,
                         pickup->back
                             ? "the old side is in use again since the rollback: yogi migrate queues back gives "
                               "its queue what waits there"
                             : "the queue is carried over after the cutover: until then the old side works at "
                               "it");
    pickup->moved = true;
    if (planning)
        return 0;
    pickup->database = side_database(&trip->target, trip->options->settings->store_seconds * 1000);
    return pickup->database->driver->connect(pickup->database, fault);
}

pickup_t *pickup_open(const move_options_t *options, bool planning, buf_t *out, fault_t *fault)
{
    pickup_t *pickup = memory_new(1, sizeof *pickup);
    pickup->arena = arena_new();
    if (trip_open(&pickup->trip, options, false, true, out, fault) < 0 || begin(pickup, planning, fault) < 0)
        pickup_close(&pickup);
    return pickup;
}

void pickup_close(pickup_t **pickup)
{
    if (!pickup || !*pickup)
        return;
    if ((*pickup)->database)
        (*pickup)->database->driver->destroy((*pickup)->database);
    trip_close(&(*pickup)->trip);
    arena_destroy(&(*pickup)->arena);
    free(*pickup);
    *pickup = NULL;
}

bool pickup_is_moved(const pickup_t *pickup)
{
    return pickup->moved;
}

bool pickup_is_back(const pickup_t *pickup)
{
    return pickup->back;
}

const char *pickup_store(const pickup_t *pickup)
{
    return pickup->trip.target.shown;
}

/* ---- looking ---- */

static int look_in_source(pickup_t *pickup, const pickup_job_t *job, pickup_found_t *found, fault_t *fault)
{
    sql_rows_t rows;
    sql_value_t id = sql_text(job->document);
    const char *look = pickup->trip.source.path ? "SELECT filename, status FROM documents WHERE id = $1"
                                                : "SELECT filename, status FROM documents WHERE id::text = $1";
    if (bulk_ask(pickup->trip.source.writer, look, &id, 1, pickup->arena, &rows, fault) < 0)
        return -1;
    found->state = rows.rows ? PICKUP_WANTED : PICKUP_UNKNOWN;
    if (rows.rows)
        found->filename = sql_cell(&rows, 0, 0), found->status = sql_cell(&rows, 0, 1);
    return 0;
}

/* Where a worker of BullMQ finds the bytes. */
static void tell_blob(pickup_t *pickup, const char *key, pickup_found_t *found)
{
    char name[S3_KEY_MOST + 1];
    depot_t *files = &pickup->trip.to;
    found->in_bucket = files->path == NULL;
    if (found->in_bucket)
        depot_name(files, key, name);
    found->blob =
        found->in_bucket ? arena_text(pickup->arena, name) : arena_format(pickup->arena, "%s/%s", files->path, key);
}

/* covered: a run is under way, has given its document a timetable, or the document went to BullMQ. */
static int look_in_target(pickup_t *pickup, const pickup_job_t *job, pickup_found_t *found, fault_t *fault)
{
    static const char look[] =
        "SELECT filename, status, sha256, file_path, (SELECT 1 FROM moves WHERE name = $2), CASE WHEN EXISTS (SELECT 1 "
        "FROM outbox o WHERE o.document_id = d.id) OR (run IS NOT NULL AND status IN ('completed', 'needs_review')) OR "
        "EXISTS (SELECT 1 FROM moves WHERE name = '" REQUEUE_ELSEWHERE
        "' || d.id) THEN 1 END FROM documents d WHERE id "
        "= $1";
    sql_rows_t rows;
    sql_value_t values[] = {sql_text(job->document), sql_text(job->mark)};
    if (bulk_ask(pickup->trip.target.writer, look, values, 2, pickup->arena, &rows, fault) < 0)
        return -1;
    if (!rows.rows) {
        found->state = PICKUP_UNKNOWN;
        return 0;
    }
    found->filename = sql_cell(&rows, 0, 0);
    found->status = sql_cell(&rows, 0, 1);
    found->state = sql_cell(&rows, 0, 4)    ? PICKUP_BEFORE
                   : sql_cell(&rows, 0, 5)  ? PICKUP_COVERED
                   : !sql_cell(&rows, 0, 2) ? PICKUP_NO_BYTES
                                            : PICKUP_WANTED;
    if (sql_cell(&rows, 0, 2) && sql_cell(&rows, 0, 3))
        tell_blob(pickup, sql_cell(&rows, 0, 3), found);
    return 0;
}

int pickup_look(pickup_t *pickup, const pickup_job_t *job, pickup_found_t *found, fault_t *fault)
{
    arena_clear(pickup->arena);
    *found = (pickup_found_t){.filename = "", .status = ""};
    int failed = (pickup->moved ? look_in_target : look_in_source)(pickup, job, found, fault);
    found->filename = found->filename ? found->filename : "";
    found->status = found->status ? found->status : "";
    return failed;
}

/* ---- taking ---- */

static const char *tenant_of(pickup_t *pickup, const char *document, fault_t *fault)
{
    sql_rows_t rows;
    sql_value_t id = sql_text(document);
    if (bulk_ask(pickup->trip.target.writer, "SELECT tenant FROM documents WHERE id = $1", &id, 1, pickup->arena, &rows,
                 fault) < 0)
        return NULL;
    return rows.rows ? sql_cell(&rows, 0, 0) : "";
}

int pickup_take(pickup_t *pickup, const pickup_job_t *job, pickup_state_t *state, fault_t *fault)
{
    verdict_t verdict = VERDICT_NOT_FOUND;
    arena_clear(pickup->arena);
    const char *tenant = tenant_of(pickup, job->document, fault);
    if (!tenant)
        return -1;
    requeue_wish_t wish = {
        .tenant = tenant, .document = view_of(job->document), .attempts = job->attempts, .mark = job->mark};
    if (*tenant && requeue_one(pickup->database, &wish, &verdict, fault) < 0)
        return -1;
    *state = verdict == VERDICT_DONE        ? PICKUP_WANTED
             : verdict == VERDICT_ALREADY   ? PICKUP_BEFORE
             : verdict == VERDICT_NOT_FOUND ? PICKUP_UNKNOWN
                                            : PICKUP_NO_BYTES;
    return 0;
}

int pickup_elsewhere(pickup_t *pickup, const pickup_job_t *job, const char *where, fault_t *fault)
{
    bool fresh;
    arena_clear(pickup->arena);
    const char *of_document = arena_format(pickup->arena, REQUEUE_ELSEWHERE "%s", job->document);
    return requeue_mark(pickup->database, of_document, where, &fresh, fault) < 0 ||
                   requeue_mark(pickup->database, job->mark, where, &fresh, fault) < 0
               ? -1
               : 0;
}

int pickup_rest(pickup_t *pickup, requeue_count_t *count, fault_t *fault)
{
    trip_t *trip = &pickup->trip;
    return requeue(&trip->target, trip->options->settings->store_seconds * 1000, count, fault);
}

int pickup_figures(pickup_t *pickup, int64_t *runs, int64_t *gateways, fault_t *fault)
{
    side_t *target = &pickup->trip.target;
    const char *look = target->path ? "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM owners WHERE "
                                      "lease_until > strftime('%Y-%m-%d %H:%M:%f', 'now'))"
                                    : "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM owners WHERE "
                                      "lease_until > now())";
    sql_rows_t rows;
    arena_clear(pickup->arena);
    if (bulk_ask(target->writer, look, NULL, 0, pickup->arena, &rows, fault) < 0)
        return -1;
    *runs = sql_cell_int(&rows, 0, 0);
    *gateways = sql_cell_int(&rows, 0, 1);
    return 0;
}

/* ---- the way back ---- */

int pickup_waiting(pickup_t *pickup, pickup_waiting_fn *fn, void *user, fault_t *fault)
{
    sql_rows_t rows;
    int failed = 0;
    arena_t *arena = arena_new();
    if (bulk_ask(pickup->trip.source.writer,
                 "SELECT CAST(id AS TEXT), file_path FROM documents WHERE status IN ('uploaded', 'processing', "
                 "'processing_ai') ORDER BY created_at, id",
                 NULL, 0, arena, &rows, fault) < 0)
        failed = -1;
    for (size_t i = 0; !failed && i < rows.rows; i++)
        failed = fn(user, sql_cell(&rows, i, 0), sql_cell(&rows, i, 1) ? sql_cell(&rows, i, 1) : "", fault);
    arena_destroy(&arena);
    return failed;
}
