/* session: everything that a command of a move has open, and what they have in common. Used by the move_*.c alone. */
#ifndef YOGI_MOVE_SESSION_H
#define YOGI_MOVE_SESSION_H

#include "aside.h"
#include "depot.h"
#include "hashbook.h"
#include "journal.h"
#include "manifest.h"
#include "move.h"
#include "rows.h"

/* How far a move is, as the journal and the target's table moves say it. */
#define STATE_COPYING     "copying"
#define STATE_COPIED      "copied"
#define STATE_CUT_OVER    "cut-over"
#define STATE_ROLLED_BACK "rolled-back"

typedef struct {
    const move_options_t *options;
    buf_t *out;
    journal_t *journal;
    const char *drop; /* what stays behind, now and in the commands before */
    bool back;        /* a rollback: source is the new side, target the old one */
    bool looking;     /* nothing is changed */
    side_t source, target;
    bool target_absent;                        /* a SQLite file that is not there yet */
    const char *to_address, *to_blobs_address; /* of the target */
    depot_t from, to;
    hashbook_t *from_book, *to_book;
    aside_t *aside;       /* of the last round */
    manifest_t *manifest; /* of it */
    rows_result_t result; /* of it */
    move_progress_t progress;
    int64_t files_us, rows_us;       /* that files and rows have taken, in all rounds */
    int64_t files, file_bytes, rows; /* that were carried or read then */
} session_t;

/* Opens both sides and looks at them. The session is to be closed either way. */
int session_open(session_t *session, const move_options_t *options, bool back, bool looking, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));
void session_close(session_t *session);

/* Makes what is not there of the target, file and folder, and opens it. */
int session_make_target(session_t *session, fault_t *fault) __attribute__((warn_unused_result));

/* Whether the target may be written by this move: it is empty, or what an earlier run of it has left. */
int session_check_target(session_t *session, fault_t *fault) __attribute__((warn_unused_result));

/* The value of the table moves of our side of the move; NULL = none. In the arena. */
const char *session_mark(side_t *ours, const char *name);
/* Sets it, in a transaction of its own that is on disk. */
int session_set_mark(side_t *ours, const char *name, const char *value, fault_t *fault)
    __attribute__((warn_unused_result));

/* The side that is Yogi's, where the other is left or gone back to. */
side_t *session_ours(session_t *session);

/* One round: the source's present state becomes the target's. final: the last one, which leaves no fence on the target.
 * Missing files are a fault unless they are allowed. */
int session_round(session_t *session, bool final, fault_t *fault) __attribute__((warn_unused_result));

/* Rounds until the source has not changed meanwhile, or it changes faster than that. */
int session_catch_up(session_t *session, fault_t *fault) __attribute__((warn_unused_result));

/* Freezes the source and makes the manifest of its files; session_thaw ends it. */
int session_freeze(session_t *session, fault_t *fault) __attribute__((warn_unused_result));
void session_thaw(session_t *session);

/* A fault where something did not fit and may not stay behind. */
int session_judge_aside(session_t *session, fault_t *fault) __attribute__((warn_unused_result));

/* A fault where files are missing and may not be. */
int session_judge_missing(session_t *session, fault_t *fault) __attribute__((warn_unused_result));

#endif
