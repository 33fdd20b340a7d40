/* timetables: what was read off documents, what people made of it, and what they saved under names.
 *
 * A document has the timetables of its last run in their positions, from 0, and any number saved from them (position
 * -1). Every edit makes a version: the row's number goes up by one, and the row as it was is kept. Called in tasks of
 * the store (store.h).
 */
#ifndef YOGI_GATEWAY_TIMETABLES_H
#define YOGI_GATEWAY_TIMETABLES_H

#include "proto/base/arena.h"
#include "session.h"

typedef struct {
    const char *id, *document; /* document NULL: of none */
    int64_t position;          /* -1: saved under a name, or the demo's */
    const char *teacher_name, *class_name, *term, *school, *week, *saved_name;
    int64_t year;           /* 0 = not given */
    const char *timeblocks; /* JSON array */
    double confidence;      /* NAN = none */
    bool validated;         /* somebody has approved it */
    int64_t version;        /* from 1 */
    int64_t created_ms, updated_ms;
    const char *cursor; /* as of documents.h */
} timetable_row_t;

typedef struct {
    timetable_row_t *rows;
    size_t count;
} timetable_list_t;

enum { TIMETABLES_LIST_MOST = 1000 };

/* Those of a document, the first one first: what a reader wants of a document is row 0. */
int timetables_of(session_t *session, const char *tenant, view_t document, arena_t *arena, timetable_list_t *list,
                  fault_t *fault) __attribute__((warn_unused_result));

/* DONE or NOT_FOUND. */
int timetables_get(session_t *session, const char *tenant, view_t id, arena_t *arena, timetable_row_t *row,
                   verdict_t *verdict, fault_t *fault) __attribute__((warn_unused_result));

/* Newest first, behind (cursor, after); NULL = from the newest. At most TIMETABLES_LIST_MOST. */
int timetables_list(session_t *session, const char *tenant, const char *cursor, const char *after, int64_t limit,
                    int64_t offset, arena_t *arena, timetable_list_t *list, fault_t *fault)
    __attribute__((warn_unused_result));

/* What a timetable shall say from now on, as a whole. */
typedef struct {
    const char *tenant;
    view_t id;        /* of the timetable */
    int64_t version;  /* that was edited */
    const char *edit; /* id of this edit, new: the same edit twice is done once */
    view_t teacher_name, class_name, term, school, week, saved_name;
    int64_t year;      /* 0 = none */
    view_t timeblocks; /* JSON array */
    bool validated;
} edit_t;

/* DONE and the row as it is now; a document that needed review is completed where it is approved. ALREADY: by this very
 * edit. STALE: another version is there, which row then shows. NOT_FOUND. */
int timetables_put(session_t *session, const edit_t *edit, arena_t *arena, timetable_row_t *row, verdict_t *verdict,
                   fault_t *fault) __attribute__((warn_unused_result));

/* A copy under a name: id is new, version unused; document nothing = of none. DONE and the row, or NOT_FOUND: no such
 * document. */
int timetables_save_as(session_t *session, const edit_t *edit, view_t document, arena_t *arena, timetable_row_t *row,
                       verdict_t *verdict, fault_t *fault) __attribute__((warn_unused_result));

/* A row as it was. */
typedef struct {
    int64_t version;
    const char *content;   /* JSON object, by the names of the columns */
    const char *edit;      /* that had made it; NULL = a run */
    int64_t superseded_ms; /* Unix time */
} version_row_t;

typedef struct {
    version_row_t *rows; /* newest first, without the present one */
    size_t count;
} version_list_t;

int timetables_versions(session_t *session, const char *tenant, view_t id, int64_t limit, arena_t *arena,
                        version_list_t *list, fault_t *fault) __attribute__((warn_unused_result));

#endif
