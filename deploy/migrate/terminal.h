/* terminal: how far a move is, on one line of the terminal: a bar, rates and the time that is left. */
#ifndef YOGI_DEPLOY_MIGRATE_TERMINAL_H
#define YOGI_DEPLOY_MIGRATE_TERMINAL_H

#include "deploy/progress.h"
#include "gateway/move/progress.h"

typedef struct {
    progress_t progress;
    const char *phase; /* under way; NULL = none yet */
    int64_t start_us;  /* of the phase */
} terminal_t;

void terminal_begin(terminal_t *terminal);
move_progress_fn terminal_show; /* user is the terminal */
void terminal_end(terminal_t *terminal);

#endif
