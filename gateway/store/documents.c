/* documents: see documents.h. */
#include "documents.h"
#include "cursor_time.h"
#include "pictures.h"
#include "proto/base/ident.h"
#include "words.h"

#include <assert.h>
#include <string.h>

/* Columns of DOCUMENT in statement_table.c. */
enum { COLUMNS = 21 };

void documents_read(const sql_rows_t *rows, size_t row, size_t column, document_row_t *document)
{
    size_t c = column;
    assert(rows->columns >= column + COLUMNS);
    document->id = sql_cell(rows, row, c);
    document->filename = sql_cell(rows, row, c + 1);
    document->file_path = sql_cell(rows, row, c + 2);
    document->file_type = sql_cell(rows, row, c + 3);
    document->file_size = sql_cell(rows, row, c + 4) ? sql_cell_int(rows, row, c + 4) : -1;
    if (!state_parse(sql_cell(rows, row, c + 5), &document->status))
        document->status = STATE_FAILED; /* the database knows no other states: from a newer program */
    document->created_ms = sql_cell_int(rows, row, c + 6);
    document->cursor = sql_cell(rows, row, c + 7);
    document->updated_ms = sql_cell_int(rows, row, c + 8);
    document->sha256 = sql_cell(rows, row, c + 9);
    document->options = sql_cell(rows, row, c + 10);
    document->name = sql_cell(rows, row, c + 11);
    document->teacher_name = sql_cell(rows, row, c + 12);
    document->class_name = sql_cell(rows, row, c + 13);
    document->run = sql_cell(rows, row, c + 14);
    document->reused_from = sql_cell(rows, row, c + 15);
    document->confidence = sql_cell_real(rows, row, c + 16);
    document->pages = sql_cell_int(rows, row, c + 17);
    document->error = sql_cell(rows, row, c + 18);
    document->error_message = sql_cell(rows, row, c + 19);
    document->uploader = sql_cell(rows, row, c + 20);
}

/* ---- accepting ---- */

/* The key is this upload's from now on, or the verdict says whose it is. */
static int claim_key(session_t *session, const accept_t *accept, arena_t *arena, accepted_t *accepted, fault_t *fault)
{
    sql_rows_t rows;
    int64_t claimed = session_write(session, STATEMENT_IDEMPOTENCY_CLAIM,
                                    SQL(sql_text(accept->tenant), sql_view(accept->key), sql_int(accept->part),
                                        sql_text(accept->fingerprint), sql_text(accept->id)),
                                    fault);
    if (claimed != 0)
        return claimed < 0 ? -1 : 0;
    if (session_query(session, STATEMENT_IDEMPOTENCY_FIND,
                      SQL(sql_text(accept->tenant), sql_view(accept->key), sql_int(accept->part)), arena, &rows,
                      fault) < 0)
        return -1;
    if (rows.rows == 0) /* swept between the two; the next time it is free */
        return fault_set(fault, FAULT_UNAVAILABLE, "the Idempotency-Key has just expired; send the upload again");
    bool same = strcmp(sql_cell(&rows, 0, 0), accept->fingerprint) == 0;
    accepted->verdict = same ? VERDICT_ALREADY : VERDICT_CONFLICT;
    accepted->id = sql_cell(&rows, 0, 1);
    return 0;
}

/* The blob is this document's from now on; tells which document has been read from the same bytes, if any. */
static int claim_blob(session_t *session, const accept_t *accept, arena_t *arena, accepted_t *accepted, fault_t *fault)
{
    sql_rows_t rows;
    if (session_query(session, STATEMENT_BLOB_CLAIM,
                      SQL(sql_text(accept->tenant), sql_text(accept->sha256), sql_text(accept->birth),
                          sql_text(accept->options_hash)),
                      arena, &rows, fault) < 0)
        return -1;
    if (rows.rows == 0)
        accepted->verdict = VERDICT_BLOB_AWAY;
    else if (!accept->fresh)
        accepted->reused_from = sql_cell(&rows, 0, 0);
    return 0;
}

/* Nothing comes of it: the blob is as it was, if nobody else has it. */
static int give_blob_back(session_t *session, const accept_t *accept, fault_t *fault)
{
    return accept->sha256 ? session_later(session, STATEMENT_BLOB_LET_GO,
                                          SQL(sql_text(accept->tenant), sql_text(accept->sha256)), fault)
                          : 0;
}

/* The document, unless it is there: an earlier attempt may have been committed without anybody knowing. */
static int insert_document(session_t *session, const accept_t *accept, const accepted_t *accepted, fault_t *fault)
{
    view_t options = accept->options.at ? accept->options : view_of("{}");
    const char *path = accept->file_path ? accept->file_path : accept->sha256 ? accept->sha256 : "";
    return session_later(session, STATEMENT_DOCUMENT_INSERT,
                         SQL(sql_text(accept->id), sql_text(accept->tenant), sql_view(accept->filename), sql_text(path),
                             sql_view(accept->file_type), sql_int(accept->file_size),
                             sql_text(state_name(accepted->status)), sql_text(accept->sha256), sql_view(options),
                             sql_text(accept->options_hash), sql_view(accept->name), sql_view(accept->teacher_name),
                             sql_view(accept->class_name), sql_text(accept->uploader), sql_text(accept->run),
                             sql_text(accepted->reused_from)),
                         fault);
}

static int insert_words(session_t *session, const accept_t *accept, arena_t *arena, fault_t *fault)
{
    words_t words = {0};
    words_add(&words, accept->filename, arena);
    words_add(&words, accept->name, arena);
    words_add(&words, accept->teacher_name, arena);
    words_add(&words, accept->class_name, arena);
    if (words.count == 0)
        return 0;
    return session_later(
        session, STATEMENT_WORDS_ADD,
        SQL(sql_text(accept->tenant), sql_text(accept->id), sql_text(words_json(&words, words.count, arena))), fault);
}

static int insert_run(session_t *session, const accept_t *accept, fault_t *fault)
{
    return session_later(session, STATEMENT_RUN_INSERT,
                         SQL(sql_text(accept->run), sql_text(accept->id), sql_text(accept->tenant),
                             sql_text(accept->owner), sql_text(accept->route), sql_int(accept->priority),
                             sql_int(accept->attempts), sql_text(NULL), sql_int(-1), sql_bytes((view_t){NULL, 0})),
                         fault);
}

/* ---- results that are there already ---- */

static int copy_timetables(session_t *session, const accept_t *accept, const char *from, arena_t *arena, fault_t *fault)
{
    sql_rows_t rows;
    if (session_query(session, STATEMENT_TIMETABLE_READ, SQL(sql_text(from)), arena, &rows, fault) < 0)
        return -1;
    for (size_t i = 0; i < rows.rows; i++) {
        ident_t ident;
        char id[IDENT_TEXT];
        if (ident_new(&ident, fault) < 0 || session_later(session, STATEMENT_TIMETABLE_COPY,
                                                          SQL(sql_text(ident_format(ident, id)), sql_text(accept->id),
                                                              sql_text(accept->run), sql_text(sql_cell(&rows, i, 0))),
                                                          fault) < 0)
            return -1;
    }
    return 0;
}

/* The new document takes over what was read; -1 with a fault where the old one has gone meanwhile. */
static int copy_result(session_t *session, const accept_t *accept, const accepted_t *accepted, arena_t *arena,
                       fault_t *fault)
{
    const char *from = accepted->reused_from;
    if (copy_timetables(session, accept, from, arena, fault) < 0 ||
        session_later(session, STATEMENT_DOSSIER_COPY, SQL(sql_text(accept->id), sql_text(accept->run), sql_text(from)),
                      fault) < 0)
        return -1;
    return session_later(session, STATEMENT_EVENT_ADD,
                         SQL(sql_text(accept->tenant), sql_text(accept->id), sql_text("complete"), sql_text(NULL),
                             sql_int(100), sql_text(NULL), sql_text(NULL)),
                         fault);
}

/* The state of the document whose result is used; it is locked, so that it stays until this one has it too. */
static int look_at_source(session_t *session, const accept_t *accept, arena_t *arena, accepted_t *accepted,
                          fault_t *fault)
{
    sql_rows_t rows;
    accepted->status = STATE_UPLOADED;
    if (!accepted->reused_from)
        return 0;
    if (session_query(session, STATEMENT_DOCUMENT_LOCK, SQL(sql_text(accept->tenant), sql_text(accepted->reused_from)),
                      arena, &rows, fault) < 0)
        return -1;
    state_t state = STATE_UPLOADED;
    if (rows.rows && state_parse(sql_cell(&rows, 0, 0), &state) && state_is_begin(state) && state_is_end(state))
        accepted->status = state;
    else
        accepted->reused_from = NULL; /* it has gone, or is being read again: this one is read for itself */
    return 0;
}

static int insert_copy(session_t *session, const accept_t *accept, arena_t *arena, accepted_t *accepted, fault_t *fault)
{
    sql_rows_t rows;
    if (session_query(session, STATEMENT_DOCUMENT_GET, SQL(sql_text(accept->tenant), sql_text(accept->id)), arena,
                      &rows, fault) < 0)
        return -1;
    if (rows.rows) { /* an earlier attempt was committed: it stays as that has made it */
        accepted->verdict = VERDICT_ALREADY;
        accepted->reused_from = NULL;
        return 0;
    }
    if (insert_document(session, accept, accepted, fault) < 0 || insert_words(session, accept, arena, fault) < 0)
        return -1;
    return copy_result(session, accept, accepted, arena, fault);
}

int documents_accept(session_t *session, const accept_t *accept, arena_t *arena, accepted_t *accepted, fault_t *fault)
{
    *accepted = (accepted_t){.verdict = VERDICT_DONE, .id = accept->id};
    if (accept->sha256 && claim_blob(session, accept, arena, accepted, fault) < 0)
        return -1;
    if (accepted->verdict != VERDICT_DONE)
        return 0;
    if (accept->key.at && claim_key(session, accept, arena, accepted, fault) < 0)
        return -1;
    if (accepted->verdict != VERDICT_DONE)
        return give_blob_back(session, accept, fault);
    if (look_at_source(session, accept, arena, accepted, fault) < 0)
        return -1;
    if (accepted->reused_from)
        return insert_copy(session, accept, arena, accepted, fault);
    if (insert_document(session, accept, accepted, fault) < 0 || insert_words(session, accept, arena, fault) < 0)
        return -1;
    return insert_run(session, accept, fault);
}

/* ---- reading ---- */

int documents_get(session_t *session, const char *tenant, view_t id, arena_t *arena, document_row_t *row,
                  verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    *row = (document_row_t){0};
    if (session_query(session, STATEMENT_DOCUMENT_GET, SQL(sql_text(tenant), sql_view(id)), arena, &rows, fault) < 0)
        return -1;
    *verdict = rows.rows ? VERDICT_DONE : VERDICT_NOT_FOUND;
    if (rows.rows)
        documents_read(&rows, 0, 0, row);
    return 0;
}

static int search(session_t *session, const char *tenant, const document_filter_t *filter, const words_t *words,
                  arena_t *arena, sql_rows_t *rows, fault_t *fault)
{
    size_t longest = words_longest(words);
    const char *from = words->items[longest];
    /* behind every word that begins with it: no folded word has such a character */
    const char *to = arena_format(arena, "%s\xF4\x8F\xBF\xBF", from);
    return session_query(session, STATEMENT_DOCUMENT_SEARCH,
                         SQL(sql_text(tenant), sql_text(filter->cursor), sql_text(filter->after),
                             sql_int(filter->limit), sql_int(filter->offset),
                             sql_text(filter->status ? filter->status : ""), sql_text(from), sql_text(to),
                             sql_text(words_json(words, longest, arena)), sql_int(DOCUMENTS_SEARCH_MOST)),
                         arena, rows, fault);
}

int documents_list(session_t *session, const char *tenant, const document_filter_t *wanted, arena_t *arena,
                   document_list_t *list, fault_t *fault)
{
    sql_rows_t rows;
    words_t words = {0};
    document_filter_t filter = *wanted;
    *list = (document_list_t){0};
    assert(filter.limit >= 0 && filter.limit <= DOCUMENTS_LIST_MOST && filter.offset >= 0);
    if (cursor_time_check(&filter.cursor, &filter.after, fault) < 0)
        return -1;
    words_add(&words, filter.search, arena);
    if (filter.search.size && !words.count)
        return 0; /* nothing that a document can have */
    const sql_value_t *values = SQL(sql_text(tenant), sql_text(filter.cursor), sql_text(filter.after),
                                    sql_int(filter.limit), sql_int(filter.offset), sql_text(filter.status));
    statement_t plain = filter.status ? STATEMENT_DOCUMENT_LIST_STATUS : STATEMENT_DOCUMENT_LIST;
    if (words.count ? search(session, tenant, &filter, &words, arena, &rows, fault) < 0
                    : session_query(session, plain, values, arena, &rows, fault) < 0)
        return -1;
    list->rows = arena_array(arena, rows.rows, sizeof *list->rows);
    list->count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        documents_read(&rows, i, 0, &list->rows[i]);
    return 0;
}

int documents_stages(session_t *session, const char *tenant, view_t id, arena_t *arena, stage_list_t *list,
                     fault_t *fault)
{
    sql_rows_t rows;
    *list = (stage_list_t){0};
    if (session_query(session, STATEMENT_DOCUMENT_STAGES, SQL(sql_text(tenant), sql_view(id)), arena, &rows, fault) < 0)
        return -1;
    list->rows = arena_array(arena, rows.rows, sizeof *list->rows);
    list->count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        list->rows[i] = (stage_row_t){
            .run = sql_cell(&rows, i, 0),
            .stage = sql_cell(&rows, i, 1),
            .status = sql_cell(&rows, i, 2),
            .confidence = sql_cell_real(&rows, i, 3),
            .message = sql_cell(&rows, i, 4),
            .attempt = sql_cell_int(&rows, i, 5),
            .recorded_ms = sql_cell_int(&rows, i, 6),
            .result = sql_cell(&rows, i, 7),
        };
    return 0;
}

int documents_dossier(session_t *session, const char *tenant, view_t id, arena_t *arena, view_t *dossier,
                      verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    *dossier = (view_t){NULL, 0};
    if (session_query(session, STATEMENT_DOSSIER_GET, SQL(sql_text(tenant), sql_view(id)), arena, &rows, fault) < 0)
        return -1;
    *verdict = rows.rows ? VERDICT_DONE : VERDICT_NOT_FOUND;
    if (rows.rows)
        *dossier = sql_cell_view(&rows, 0, 1);
    return 0;
}

/* ---- deleting ---- */

/* Its blobs are let go, where it has some: locked first, so that of two that share one the later sees the other gone.
 */
static int delete_with_blobs(session_t *session, const char *tenant, view_t id, const char *sha256, arena_t *arena,
                             fault_t *fault)
{
    const sql_value_t *blob = SQL(sql_text(tenant), sql_text(sha256));
    picture_blobs_t pictures;
    if (sha256 && session_later(session, STATEMENT_BLOB_LOCK, blob, fault) < 0)
        return -1;
    if (pictures_lock(session, tenant, id, arena, &pictures, fault) < 0 ||
        session_later(session, STATEMENT_DOCUMENT_DELETE, SQL(sql_text(tenant), sql_view(id)), fault) < 0 ||
        pictures_let_go(session, tenant, &pictures, fault) < 0)
        return -1;
    return sha256 ? session_later(session, STATEMENT_BLOB_LET_GO, blob, fault) : 0;
}

int documents_drop_run(session_t *session, const char *tenant, view_t id, fault_t *fault)
{
    const sql_value_t *which = SQL(sql_text(tenant), sql_view(id));
    if (session_later(session, STATEMENT_CALL_OFF, which, fault) < 0)
        return -1;
    return session_later(session, STATEMENT_RUN_DROP, which, fault);
}

int documents_delete(session_t *session, const char *tenant, view_t id, verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    arena_t *arena = arena_new();
    int failed = documents_drop_run(session, tenant, id, fault);
    if (!failed)
        failed =
            session_query(session, STATEMENT_DOCUMENT_LOCK, SQL(sql_text(tenant), sql_view(id)), arena, &rows, fault);
    if (!failed) {
        *verdict = rows.rows ? VERDICT_DONE : VERDICT_NOT_FOUND;
        if (rows.rows)
            failed = delete_with_blobs(session, tenant, id, sql_cell(&rows, 0, 2), arena, fault);
    }
    arena_destroy(&arena);
    return failed;
}

int documents_sweep(session_t *session, int64_t age_ms, fault_t *fault)
{
    return session_later(session, STATEMENT_IDEMPOTENCY_SWEEP, SQL(sql_int(age_ms)), fault);
}
