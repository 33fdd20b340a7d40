/* progress: one line on the terminal that says how far the work is; nothing where the standard error is no terminal. */
#ifndef YOGI_DEPLOY_PROGRESS_H
#define YOGI_DEPLOY_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Plain data. */
typedef struct {
    bool enabled;     /* a terminal is there */
    bool shown;       /* the line stands on the terminal */
    size_t total;     /* documents */
    int64_t start_us; /* of the work */
    int64_t due_us;   /* before which it is not drawn again */
} progress_t;

void progress_begin(progress_t *progress, size_t total, int64_t now_us);

/* Draws when it is due, and lowers *next_us to when it is due again. done of the total are done; `what` (may be NULL)
 * is the document under way, and stage, part, parts where it is. */
void progress_draw(progress_t *progress, size_t done, const char *what, const char *stage, int part, int parts,
                   int64_t now_us, int64_t *next_us);

/* Takes the line away, so that other text can be written. */
void progress_clear(progress_t *progress);

#endif
