/* move: brings an installation from one store and place of files to another, and back: what `yogi migrate` does.
 *
 *     plan      reads only: what there is, what would not fit, what stands in the way
 *     run       the copy, while the source is in use; again: what has changed since
 *     cutover   the same, with the source fenced at the end, and checked
 *     rollback  the other way: what was written since comes too
 *     verify    compares both sides
 *
 * What waited in the demo's queue is pickup.h's. Each may be killed at any point and run again. What stands in the way
 * is said before anything is changed, where it can be known before. Runs in a process of its own; blocks.
 */
#ifndef YOGI_MOVE_H
#define YOGI_MOVE_H

#include "progress.h"
#include "proto/base/buf.h"
#include "proto/base/fault.h"
#include "proto/settings.h"

#include <stdbool.h>

/* What is wanted. Texts are the caller's. NULL: as the journal of the work folder says, else as the settings do. */
typedef struct {
    const char *from, *from_blobs; /* "sqlite:FILE" or "postgres:URL"; "file:DIR" or "s3://BUCKET/PREFIX" */
    const char *to, *to_blobs;
    const char *work;   /* folder of the journal; NULL = "move" in the folder of data */
    const char *drop;   /* tables and columns that stay behind, a comma between */
    const char *report; /* folder for report.json and report.html; NULL = the work folder */
    bool quarantine;    /* what does not fit may stay behind */
    bool allow_missing; /* documents whose files are missing are carried without them */
    bool full;          /* verify reads every file; else every `sample`th */
    int sample;
    int jobs;             /* files at once */
    int64_t most_bytes_s; /* of files, in all; 0 = no limit */
    const settings_t *settings;
    move_progress_fn *progress;  /* NULL = none */
    bool (*stopped)(void *user); /* whether it is to end now; NULL = never. From any thread */
    void *user;                  /* of both */
} move_options_t;

/* Each appends what people want to know to out, also where it fails. */
int move_plan(const move_options_t *options, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));
int move_run(const move_options_t *options, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));
int move_cutover(const move_options_t *options, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));
int move_rollback(const move_options_t *options, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));
int move_verify(const move_options_t *options, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));
int move_status(const move_options_t *options, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));

#endif
