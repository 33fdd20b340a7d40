/* runs_end: the end of a run: see runs.h. What makes it happen once is the row of the outbox, or of the stage `store`:
 * the first transaction that takes it away, or puts it there, writes the result. */
#include "proto/base/arena.h"
#include "proto/base/ident.h"
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

/* The id of the document as far as it is known to its tenant; NULL: it is not. */
static int find_known(session_t *session, const import_t *import, const char *uuid, arena_t *arena,
                      imported_t *imported, fault_t *fault)
{
    sql_rows_t rows;
    if (session_query(session, STATEMENT_DOCUMENT_KNOWN,
                      SQL(sql_text(import->tenant), sql_view(import->document), sql_text(uuid)), arena, &rows,
                      fault) < 0)
        return -1;
    imported->document = rows.rows ? sql_cell(&rows, 0, 0) : NULL;
    return 0;
}

/* The document, unless it is there: two gateways may be at it at the same time. */
static int insert_import(session_t *session, const import_t *import, const char *uuid, fault_t *fault)
{
    return session_later(session, STATEMENT_DOCUMENT_IMPORT,
                         SQL(sql_text(uuid ? uuid : import->id), sql_text(import->tenant),
                             uuid ? sql_text(NULL) : sql_view(import->document), sql_view(import->filename),
                             sql_view(import->file_path), sql_view(import->file_type),
                             import->file_size < 0 ? sql_text(NULL) : sql_int(import->file_size),
                             sql_text(import->run)),
                         fault);
}

/* Finds or makes it. A UUID that cannot be made here nor found is another tenant's. */
static int find_import(session_t *session, const import_t *import, arena_t *arena, imported_t *imported, fault_t *fault)
{
    ident_t ident;
    char text[IDENT_TEXT];
    const char *name = arena_text_n(arena, import->document.at, import->document.size);
    const char *uuid = ident_parse(name, &ident) ? ident_format(ident, text) : NULL;
    if (find_known(session, import, uuid, arena, imported, fault) < 0)
        return -1;
    if (!imported->document && (insert_import(session, import, uuid, fault) < 0 ||
                                find_known(session, import, uuid, arena, imported, fault) < 0))
        return -1;
    imported->verdict = imported->document ? VERDICT_DONE : VERDICT_CONFLICT;
    return 0;
}

/* Says of the document that this run has been stored; once. */
static int claim_import(session_t *session, const import_t *import, imported_t *imported, fault_t *fault)
{
    const finish_t *finish = &import->finish;
    bool failed = finish->status == STATE_FAILED;
    int64_t claimed =
        session_write(session, STATEMENT_STAGE_CLAIM,
                      SQL(sql_text(import->job), sql_text(import->tenant), sql_text(imported->document),
                          sql_text(import->run), sql_text("store"), sql_text(failed ? "failed" : "completed"),
                          sql_real(finish->confidence), sql_view(failed ? finish->message : (view_t){0})),
                      fault);
    if (claimed == 0)
        imported->verdict = VERDICT_ALREADY;
    return claimed < 0 ? -1 : 0;
}

/* People look for it by the name of its file as well. */
static int insert_filename(session_t *session, const import_t *import, const char *document, arena_t *arena,
                           fault_t *fault)
{
    words_t words = {0};
    words_add(&words, import->filename, arena);
    if (words.count == 0)
        return 0;
    return session_later(
        session, STATEMENT_WORDS_ADD,
        SQL(sql_text(import->tenant), sql_text(document), sql_text(words_json(&words, words.count, arena))), fault);
}

static int write_import(session_t *session, const import_t *import, const char *document, arena_t *arena,
                        fault_t *fault)
{
    const sql_value_t *which = SQL(sql_text(import->tenant), sql_text(document));
    sql_rows_t rows;
    place_t place = {.tenant = import->tenant,
                     .document = document,
                     .run = import->run,
                     .route = "store",
                     .readings = 1}; /* there may be some: they are looked at */
    if (documents_drop_run(session, import->tenant, view_of(document), fault) < 0 ||
        session_query(session, STATEMENT_DOCUMENT_LOCK, which, arena, &rows, fault) < 0)
        return -1;
    if (rows.rows == 0)
        return fault_set(fault, FAULT_UNAVAILABLE, "the document was deleted while its result was written");
    if (session_later(session, STATEMENT_DOCUMENT_AGAIN,
                      SQL(sql_text(import->tenant), sql_text(document), sql_text(state_before(STATE_UPLOADED)),
                          sql_text(import->run), sql_text(NULL), sql_text(NULL)),
                      fault) < 0 ||
        session_later(session, STATEMENT_LETTER_DROP, which, fault) < 0 ||
        insert_filename(session, import, document, arena, fault) < 0)
        return -1;
    return write_end(session, &place, &import->finish, arena, fault);
}

int runs_import(session_t *session, const import_t *import, arena_t *arena, imported_t *imported, fault_t *fault)
{
    *imported = (imported_t){0};
    if (find_import(session, import, arena, imported, fault) < 0)
        return -1;
    if (imported->verdict == VERDICT_DONE && claim_import(session, import, imported, fault) < 0)
        return -1;
    return imported->verdict == VERDICT_DONE ? write_import(session, import, imported->document, arena, fault) : 0;
}
