/* trip: everything that a command of a move has open, and what they have in common. Used by the move_*.c alone. */
#ifndef YOGI_MOVE_TRIP_H
#define YOGI_MOVE_TRIP_H

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
    bool fencing;     /* it ends with a fence and a report */
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
} trip_t;

/* Opens both sides and looks at them. The trip is to be closed either way. */
int trip_open(trip_t *trip, const move_options_t *options, bool back, bool looking, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));
void trip_close(trip_t *trip);

/* Makes what is not there of the target, file and folder, and opens it. */
int trip_make_target(trip_t *trip, fault_t *fault) __attribute__((warn_unused_result));

/* Whether the target may be written by this move: it is empty, or what an earlier run of it has left. */
int trip_check_target(trip_t *trip, fault_t *fault) __attribute__((warn_unused_result));

/* The value of the table moves of our side of the move; NULL = none. In the arena. */
const char *trip_mark(side_t *ours, const char *name);
/* Sets it, in a transaction of its own that is on disk. */
int trip_set_mark(side_t *ours, const char *name, const char *value, fault_t *fault)
    __attribute__((warn_unused_result));

/* Forgets what is marked of jobs that were carried over (pickup.h): since a rollback they have been in the old side's
 * hands again. MARKS_OF_JOBS: what their names begin with. */
#define MARKS_OF_JOBS "bull"
int trip_forget_jobs(side_t *ours, fault_t *fault) __attribute__((warn_unused_result));

/* The side that is Yogi's, where the other is left or gone back to. */
side_t *trip_ours(trip_t *trip);

/* What is asked of rows.h for this move; its total is to be filled in. */
rows_plan_t trip_rows(trip_t *trip);

/* One round: the source's present state becomes the target's. final: the last one, which leaves no fence on the target.
 * Missing files are a fault unless they are allowed. */
int trip_round(trip_t *trip, bool final, fault_t *fault) __attribute__((warn_unused_result));

/* Rounds until the source has not changed meanwhile, or it changes faster than that. */
int trip_catch_up(trip_t *trip, fault_t *fault) __attribute__((warn_unused_result));

/* Freezes the source and makes the manifest of its files; trip_thaw ends it. */
int trip_freeze(trip_t *trip, fault_t *fault) __attribute__((warn_unused_result));
void trip_thaw(trip_t *trip);

/* A fault where something did not fit and may not stay behind. */
int trip_judge_aside(trip_t *trip, fault_t *fault) __attribute__((warn_unused_result));

/* A fault where files are missing and may not be. */
int trip_judge_missing(trip_t *trip, fault_t *fault) __attribute__((warn_unused_result));

#endif
