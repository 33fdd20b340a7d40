/* letters: dead letters: runs that failed for good, with cause, attempts and inputs. runs_finish writes them,
 * runs_retry takes them away. Called in tasks of the store (store.h).
 */
#ifndef YOGI_GATEWAY_LETTERS_H
#define YOGI_GATEWAY_LETTERS_H

#include "proto/base/arena.h"
#include "session.h"

typedef struct {
    const char *id;               /* the run */
    const char *document, *stage; /* stage NULL: before the first */
    const char *error, *message;  /* name of a fault, and its sentence or NULL */
    int64_t attempts, crashes, losses;
    const char *inputs; /* JSON: filename, sha256, options, route */
    int64_t created_ms;
    const char *cursor; /* as of documents.h */
} letter_row_t;

typedef struct {
    letter_row_t *rows;
    size_t count;
} letter_list_t;

enum { LETTERS_LIST_MOST = 1000 };

/* Newest first, behind (cursor, after); NULL = from the newest. */
int letters_list(session_t *session, const char *tenant, const char *cursor, const char *after, int64_t limit,
                 arena_t *arena, letter_list_t *list, fault_t *fault) __attribute__((warn_unused_result));

/* DONE or NOT_FOUND. */
int letters_get(session_t *session, const char *tenant, view_t id, arena_t *arena, letter_row_t *row,
                verdict_t *verdict, fault_t *fault) __attribute__((warn_unused_result));

#endif
