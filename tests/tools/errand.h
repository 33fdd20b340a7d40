/* errand: the jobs of an owner of tests as its journal tells them: every line changes them, at the start and when it is
 * committed, and nothing else does.
 *
 *     accept ID NUMBER ROUTE:WISH               a client has handed it in
 *     epoch ID EPOCH
 *     cancel ID                                 its client has called it off
 *     record ID EPOCH STAGE NEXT ATTEMPT CRASHES LOSSES BODY
 *                                               NEXT is - where only the counts have changed; BODY is hex, or -
 *     finish ID EPOCH OUTCOME FAULT CRASHES LOSSES NAME TRAIL BLOCKS
 *                                               NAME, TRAIL (stages with commas between) and BLOCKS (how many
 *                                               timeblocks) are of the dossier that came
 *
 * ROUTE is stages with commas between. WISH is what the stage noop is asked for, or the URL of a document. For
 * keeper.c, and read by tests/chaos/audit.py.
 */
#ifndef YOGI_TESTS_ERRAND_H
#define YOGI_TESTS_ERRAND_H

#include "proto/base/buf.h"
#include "proto/base/directory.h"
#include "proto/message.h"

typedef struct {
    char *text; /* "one,two:slow 20", cut up by zeros */
    const char *route[MESSAGE_NAMES_MOST];
    uint32_t route_count;
    const char *wish;
} errand_kind_t;

typedef struct {
    ident_t id;
    uint64_t epoch;
    uint32_t number; /* its own */
    uint32_t kind;
    uint32_t at; /* place in the route: stages recorded so far */
    uint32_t attempt, crashes, losses;
    bool cancel, ended;
    bool closing; /* its end is on its way to the journal; set by the keeper */
    buf_t body;   /* the dossier to go on with; empty = to begin with */
} errand_t;

/* Plain data; {0} has none. */
typedef struct {
    errand_t *list; /* by number */
    uint32_t count, room, ended;
    directory_t numbers; /* id → number */
    errand_kind_t *kinds;
    uint32_t kind_count;
} errands_t;

/* Takes a line as it is in the journal. What makes no sense ends the process: it is nobody's but ours. */
void errands_take(errands_t *errands, char *line);
void errands_free(errands_t *errands);

errand_t *errands_find(const errands_t *errands, ident_t id); /* NULL when there is none */

/* ---- lines ---- */
void errand_write_accept(buf_t *out, ident_t id, uint32_t number, const char *kind);
void errand_write_epoch(buf_t *out, ident_t id, uint64_t epoch);
void errand_write_cancel(buf_t *out, ident_t id);
void errand_write_record(buf_t *out, const message_t *record);
void errand_write_finish(buf_t *out, const message_t *finished);

/* SUBMIT as it now stands on the disk. The body is in it, or made into `body` where nothing is recorded yet. */
message_t errand_submit(const errands_t *errands, const errand_t *errand, buf_t *body);

#endif
