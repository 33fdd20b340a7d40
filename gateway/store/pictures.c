/* pictures: see pictures.h. The document's row is locked first and blobs after it, as everybody does. */
#include "pictures.h"

#include <string.h>

int pictures_get(session_t *session, const picture_place_t *place, arena_t *arena, picture_row_t *row,
                 verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    *row = (picture_row_t){0};
    if (session_query(
            session, STATEMENT_PICTURE_GET,
            SQL(sql_text(place->tenant), sql_view(place->document), sql_int(place->page), sql_int(place->layers)),
            arena, &rows, fault) < 0)
        return -1;
    *verdict = rows.rows ? VERDICT_DONE : VERDICT_NOT_FOUND;
    if (rows.rows)
        *row = (picture_row_t){sql_cell(&rows, 0, 0), sql_cell(&rows, 0, 1), sql_cell(&rows, 0, 2),
                               sql_cell_int(&rows, 0, 3)};
    return 0;
}

/* ---- writing ---- */

static int let_go(session_t *session, const char *tenant, const char *sha256, fault_t *fault)
{
    return session_later(session, STATEMENT_BLOB_LET_GO, SQL(sql_text(tenant), sql_text(sha256)), fault);
}

/* The row takes the place of the one that is there, whose blob is let go. */
static int replace(session_t *session, const picture_place_t *place, const picture_row_t *row, arena_t *arena,
                   fault_t *fault)
{
    sql_value_t document = sql_view(place->document), page = sql_int(place->page), layers = sql_int(place->layers);
    sql_rows_t rows;
    if (session_query(session, STATEMENT_PICTURE_LOCK, SQL(document, page, layers), arena, &rows, fault) < 0 ||
        session_later(session, STATEMENT_PICTURE_PUT,
                      SQL(document, page, layers, sql_text(place->tenant), sql_text(row->print), sql_text(row->sha256),
                          sql_int(row->bytes)),
                      fault) < 0)
        return -1;
    const char *before = rows.rows ? sql_cell(&rows, 0, 0) : NULL;
    return before && strcmp(before, row->sha256) != 0 ? let_go(session, place->tenant, before, fault) : 0;
}

int pictures_put(session_t *session, const picture_place_t *place, const picture_row_t *row, const char *birth,
                 verdict_t *verdict, fault_t *fault)
{
    sql_rows_t rows;
    arena_t *arena = arena_new();
    *verdict = VERDICT_NOT_FOUND;
    int failed = session_query(session, STATEMENT_DOCUMENT_LOCK,
                               SQL(sql_text(place->tenant), sql_view(place->document)), arena, &rows, fault);
    if (!failed && rows.rows) {
        int64_t kept = session_write(session, STATEMENT_BLOB_KEEP,
                                     SQL(sql_text(place->tenant), sql_text(row->sha256), sql_text(birth)), fault);
        *verdict = kept > 0 ? VERDICT_DONE : VERDICT_BLOB_AWAY;
        failed = kept < 0 ? -1 : kept > 0 ? replace(session, place, row, arena, fault) : 0;
    }
    arena_destroy(&arena);
    return failed;
}

/* ---- with their document ---- */

int pictures_lock(session_t *session, const char *tenant, view_t document, arena_t *arena, picture_blobs_t *blobs,
                  fault_t *fault)
{
    sql_rows_t rows;
    *blobs = (picture_blobs_t){0};
    if (session_query(session, STATEMENT_PICTURE_BLOBS, SQL(sql_text(tenant), sql_view(document)), arena, &rows,
                      fault) < 0)
        return -1;
    blobs->digests = arena_array(arena, rows.rows, sizeof *blobs->digests);
    blobs->count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++) {
        blobs->digests[i] = sql_cell(&rows, i, 0);
        if (session_later(session, STATEMENT_BLOB_LOCK, SQL(sql_text(tenant), sql_text(blobs->digests[i])), fault) < 0)
            return -1;
    }
    return 0;
}

int pictures_let_go(session_t *session, const char *tenant, const picture_blobs_t *blobs, fault_t *fault)
{
    for (size_t i = 0; i < blobs->count; i++)
        if (let_go(session, tenant, blobs->digests[i], fault) < 0)
            return -1;
    return 0;
}

/* ---- by age ---- */

int pictures_sweep(session_t *session, int64_t age_ms, int64_t *forgotten, fault_t *fault)
{
    sql_rows_t rows;
    arena_t *arena = arena_new();
    int failed = session_query(session, STATEMENT_PICTURE_SWEEP, SQL(sql_int(age_ms)), arena, &rows, fault);
    *forgotten = failed ? 0 : (int64_t)rows.rows;
    for (size_t i = 0; !failed && i < rows.rows; i++)
        failed = let_go(session, sql_cell(&rows, i, 0), sql_cell(&rows, i, 1), fault);
    arena_destroy(&arena);
    return failed;
}
