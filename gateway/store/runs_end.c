/* runs_end: the end of a run: see runs.h. What makes it happen once is the row of the outbox, or of the stage `store`:
 * the first transaction that takes it away, or puts it there, writes the result. */
#include "proto/base/arena.h"
#include "records.h"
#include "runs.h"
#include "words.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* What a result is written to. */
typedef struct {
    const char *tenant, *document, *run, *route;
    int64_t readings; /* timetables that an earlier run has read */
} place_t;

static int insert_reading(session_t *session, const place_t *place, const reading_t *reading, size_t position,
                          fault_t *fault)
{
    sql_value_t none = sql_text(NULL);
    return session_later(session, STATEMENT_TIMETABLE_INSERT,
                         SQL(sql_text(reading->id), sql_text(place->tenant), sql_text(place->document),
                             sql_int((int64_t)position), sql_text(place->run), sql_view(reading->teacher_name),
                             sql_view(reading->class_name), sql_view(reading->term),
                             reading->year ? sql_int(reading->year) : none, sql_view(reading->school),
                             sql_view(reading->week), none, sql_view(reading->timeblocks),
                             sql_real(reading->confidence), sql_bool(false), none),
                         fault);
}

/* A timetable that an earlier run has read, and nobody approved, becomes a version of what was read now. */
static int replace_reading(session_t *session, const place_t *place, const reading_t *reading, const char *id,
                           fault_t *fault)
{
    if (session_later(session, STATEMENT_TIMETABLE_ARCHIVE, SQL(sql_text(id)), fault) < 0)
        return -1;
    return session_later(session, STATEMENT_TIMETABLE_REREAD,
                         SQL(sql_text(id), sql_text(place->run), sql_view(reading->teacher_name),
                             sql_view(reading->class_name), sql_view(reading->term),
                             reading->year ? sql_int(reading->year) : sql_text(NULL), sql_view(reading->school),
                             sql_view(reading->week), sql_view(reading->timeblocks), sql_real(reading->confidence)),
                         fault);
}

/* The row of a position among those that are there, or rows. */
static size_t find_position(const sql_rows_t *rows, size_t position)
{
    size_t i = 0;
    while (i < rows->rows && sql_cell_int(rows, i, 1) != (int64_t)position)
        i++;
    return i;
}

/* Puts readings over those of an earlier run; what somebody has approved stays. */
static int merge_readings(session_t *session, const place_t *place, const finish_t *finish, fault_t *fault)
{
    sql_rows_t rows;
    arena_t *arena = arena_new();
    int failed = session_query(session, STATEMENT_TIMETABLE_READ, SQL(sql_text(place->document)), arena, &rows, fault);
    for (size_t i = 0; i < finish->count && !failed; i++) {
        size_t row = find_position(&rows, i);
        if (row == rows.rows)
            failed = insert_reading(session, place, &finish->readings[i], i, fault);
        else if (!sql_cell_bool(&rows, row, 2))
            failed = replace_reading(session, place, &finish->readings[i], sql_cell(&rows, row, 0), fault);
    }
    if (!failed)
        failed = session_later(session, STATEMENT_TIMETABLE_REST,
                               SQL(sql_text(place->document), sql_int((int64_t)finish->count)), fault);
    arena_destroy(&arena);
    return failed;
}

static int write_readings(session_t *session, const place_t *place, const finish_t *finish, fault_t *fault)
{
    if (finish->status == STATE_FAILED) /* what an earlier run has read is better than nothing */
        return 0;
    if (place->readings)
        return merge_readings(session, place, finish, fault);
    for (size_t i = 0; i < finish->count; i++)
        if (insert_reading(session, place, &finish->readings[i], i, fault) < 0)
            return -1;
    return 0;
}

/* What was read off the page is what people look for, too. */
static int write_words(session_t *session, const place_t *place, const finish_t *finish, fault_t *fault)
{
    words_t words = {0};
    int failed = 0;
    arena_t *arena = arena_new();
    for (size_t i = 0; i < finish->count; i++) {
        words_add(&words, finish->readings[i].teacher_name, arena);
        words_add(&words, finish->readings[i].class_name, arena);
    }
    if (words.count)
        failed = session_later(
            session, STATEMENT_WORDS_ADD,
            SQL(sql_text(place->tenant), sql_text(place->document), sql_text(words_json(&words, words.count, arena))),
            fault);
    arena_destroy(&arena);
    return failed;
}

static int write_letter(session_t *session, const place_t *place, const finish_t *finish, fault_t *fault)
{
    if (finish->status != STATE_FAILED)
        return 0;
    return session_later(session, STATEMENT_LETTER_ADD,
                         SQL(sql_text(place->run), sql_text(place->tenant), sql_text(place->document),
                             sql_text(finish->stage), sql_text(finish->error ? finish->error : "system"),
                             sql_view(finish->message), sql_int(finish->attempts), sql_int(finish->crashes),
                             sql_int(finish->losses), sql_text(place->route)),
                         fault);
}

static int write_dossier(session_t *session, const place_t *place, const finish_t *finish, fault_t *fault)
{
    if (!finish->dossier.at)
        return 0;
    return session_later(
        session, STATEMENT_DOSSIER_PUT,
        SQL(sql_text(place->document), sql_text(place->tenant), sql_text(place->run), sql_bytes(finish->dossier)),
        fault);
}

/* Everything that an end leaves. The events are the last: the document's row is locked by then. */
static int write_end(session_t *session, const place_t *place, const finish_t *finish, arena_t *arena, fault_t *fault)
{
    const char *stages, *events;
    assert(state_is_end(finish->status) && finish->status != STATE_CANCELLED);
    if (session_later(session, STATEMENT_DOCUMENT_FINISH,
                      SQL(sql_text(place->tenant), sql_text(place->document), sql_text(state_name(finish->status)),
                          sql_text(state_before(finish->status)), sql_real(finish->confidence),
                          finish->pages ? sql_int(finish->pages) : sql_text(NULL), sql_text(finish->error),
                          sql_view(finish->message)),
                      fault) < 0 ||
        write_readings(session, place, finish, fault) < 0 || write_words(session, place, finish, fault) < 0 ||
        write_letter(session, place, finish, fault) < 0 || write_dossier(session, place, finish, fault) < 0)
        return -1;
    if (records_stages(finish->record, arena, &stages, fault) < 0 ||
        records_events(finish->record, &finish->event, arena, &events, fault) < 0)
        return -1;
    if (stages &&
        session_later(session, STATEMENT_STAGES_ADD,
                      SQL(sql_text(place->tenant), sql_text(place->document), sql_text(place->run), sql_text(stages)),
                      fault) < 0)
        return -1;
    return session_later(session, STATEMENT_EVENTS_ADD,
                         SQL(sql_text(place->tenant), sql_text(place->document), sql_text(events)), fault);
}

int runs_finish(session_t *session, const finish_t *finish, verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    arena_t *arena = arena_new();
    int failed = session_query(session, STATEMENT_RUN_END, SQL(sql_text(finish->run), sql_int(finish->epoch)), arena,
                               &rows, fault);
    if (!failed && rows.rows == 0)
        *verdict = VERDICT_STALE;
    if (!failed && rows.rows) {
        place_t place = {.document = sql_cell(&rows, 0, 0),
                         .tenant = sql_cell(&rows, 0, 1),
                         .run = finish->run,
                         .route = sql_cell(&rows, 0, 2),
                         .readings = sql_cell_int(&rows, 0, 3)};
        *verdict = VERDICT_DONE;
        failed = write_end(session, &place, finish, arena, fault);
    }
    arena_destroy(&arena);
    return failed;
}

/* ---- of others ---- */

static int insert_import(session_t *session, const import_t *import, fault_t *fault)
{
    view_t options = import->options.at ? import->options : view_of("{}");
    return session_later(session, STATEMENT_DOCUMENT_IMPORT,
                         SQL(sql_view(import->document), sql_text(import->tenant), sql_view(import->filename),
                             sql_view(import->file_path), sql_view(import->file_type), sql_int(import->file_size),
                             sql_view(options), sql_text(import->run)),
                         fault);
}

/* Whether the document may be stored under its name: its tenant's, and no gateway is reading it. Locks it. */
static int look_at_import(session_t *session, const import_t *import, arena_t *arena, verdict_t *verdict,
                          fault_t *fault)
{
    const sql_value_t *which = SQL(sql_text(import->tenant), sql_view(import->document));
    sql_rows_t rows;
    *verdict = VERDICT_CONFLICT;
    if (session_query(session, STATEMENT_DOCUMENT_RUN, which, arena, &rows, fault) < 0)
        return -1;
    if (rows.rows)
        return 0;
    if (session_query(session, STATEMENT_DOCUMENT_LOCK, which, arena, &rows, fault) < 0)
        return -1;
    if (rows.rows)
        *verdict = VERDICT_DONE;
    return 0;
}

/* Says of the document that this run has been stored; once. */
static int claim_import(session_t *session, const import_t *import, verdict_t *verdict, fault_t *fault)
{
    int64_t claimed = session_write(session, STATEMENT_STAGE_CLAIM,
                                    SQL(sql_text(import->job), sql_text(import->tenant), sql_view(import->document),
                                        sql_text(import->run), sql_text("store"), sql_text("completed"),
                                        sql_real(import->finish.confidence)),
                                    fault);
    if (claimed == 0)
        *verdict = VERDICT_ALREADY;
    return claimed < 0 ? -1 : 0;
}

static int write_import(session_t *session, const import_t *import, arena_t *arena, fault_t *fault)
{
    place_t place = {.tenant = import->tenant,
                     .document = arena_text_n(arena, import->document.at, import->document.size),
                     .run = import->run,
                     .route = "store",
                     .readings = 1}; /* there may be some: they are looked at */
    if (session_later(session, STATEMENT_DOCUMENT_AGAIN,
                      SQL(sql_text(import->tenant), sql_view(import->document), sql_text(state_before(STATE_UPLOADED)),
                          sql_text(import->run), sql_view(import->options), sql_text(NULL)),
                      fault) < 0)
        return -1;
    return write_end(session, &place, &import->finish, arena, fault);
}

int runs_import(session_t *session, const import_t *import, verdict_t *verdict, fault_t *fault)
{
    arena_t *arena = arena_new();
    int failed = insert_import(session, import, fault);
    if (!failed)
        failed = look_at_import(session, import, arena, verdict, fault);
    if (!failed && *verdict == VERDICT_DONE)
        failed = claim_import(session, import, verdict, fault);
    if (!failed && *verdict == VERDICT_DONE)
        failed = write_import(session, import, arena, fault);
    arena_destroy(&arena);
    return failed;
}
