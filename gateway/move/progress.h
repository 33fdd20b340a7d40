/* progress: how far a move is, for whoever shows it. Plain data; told about ten times a second by the thread that
 * called. */
#ifndef YOGI_MOVE_PROGRESS_H
#define YOGI_MOVE_PROGRESS_H

#include <stdint.h>

typedef struct {
    const char *phase;          /* "files", "rows", "check" */
    const char *what;           /* table under way; NULL = none */
    int64_t done, total;        /* files or rows; total 0 = not known */
    int64_t bytes, bytes_total; /* of files; 0 = none */
} move_progress_t;

/* What is said when somebody has stopped it. */
#define STOPPED "stopped; the same command goes on where it was"

typedef void move_progress_fn(void *user, const move_progress_t *progress);

#endif
