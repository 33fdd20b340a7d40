/* state: the states of a document and the ways between them. The one place that knows which are legal; the database is
 * asked to move a document only from a state that stands here (compare and set), in its own statement.
 *
 *                        runs_start                runs_finish
 *      (new) ──▶ UPLOADED ─────────▶ PROCESSING ──────┬──────▶ COMPLETED ◀──────┐
 *       │         │  ▲  │                │            ├──────▶ NEEDS_REVIEW ────┘ timetables_put, approved
 *       │         │  │  └─runs_finish────┼────────────┴──────▶ FAILED
 *       │         │  │                   │
 *       │         └──┼── runs_cancel ────┴──────────────────▶ CANCELLED
 *       │            │
 *       │            └── runs_retry: from every other state, and from PROCESSING
 *       └── documents_accept of bytes that were read before: COMPLETED or NEEDS_REVIEW at once
 *
 * The demo's `processing_ai` is PROCESSING, its `validation_failed` is NEEDS_REVIEW, by another name: they are read and
 * left, never entered. Pure.
 */
#ifndef YOGI_GATEWAY_STATE_H
#define YOGI_GATEWAY_STATE_H

#include <stdbool.h>

typedef enum {
    STATE_UPLOADED,
    STATE_PROCESSING,
    STATE_PROCESSING_AI, /* the demo's */
    STATE_COMPLETED,
    STATE_NEEDS_REVIEW,
    STATE_VALIDATION_FAILED, /* the demo's */
    STATE_FAILED,
    STATE_CANCELLED,
    STATE_COUNT
} state_t;

const char *state_name(state_t state);              /* "needs_review" */
bool state_parse(const char *name, state_t *state); /* false for anything else; NULL is nothing */
bool state_may(state_t from, state_t to);           /* whether there is a way */
bool state_is_begin(state_t state);                 /* whether a document may begin with it */
bool state_is_end(state_t state);                   /* nothing happens any more unless somebody asks for it */

/* The states from which there is a way to this one, a comma between: what a statement compares with. */
const char *state_before(state_t to);

#endif
