/* board: what `yogi submit` shows on a terminal while it works, below the results that have left: a line for each of
 * the first documents that are under way, with the stages that it has passed, and one line for all of them. Nothing
 * where the standard error is no terminal. It has at most as many lines as BOARD_ROWS and the terminal allow, however
 * many documents there are, and is drawn anew in one write.
 */
#ifndef YOGI_DEPLOY_BOARD_H
#define YOGI_DEPLOY_BOARD_H

#include "parcel.h"

/* Documents with a line of their own. */
enum { BOARD_ROWS = 8 };

/* Plain data. */
typedef struct {
    bool enabled;     /* there is a terminal that can move its cursor */
    size_t lines;     /* that stand there now, the cursor at the end of the last */
    int64_t start_us; /* of the work */
    int64_t due_us;   /* before which it is not drawn again */
} board_t;

/* What is to be shown; borrowed. */
typedef struct {
    const parcel_t *parcels;
    size_t first, count;       /* before first all have ended */
    size_t ended, failed;      /* of count */
    const char *const *stages; /* of the route */
    uint32_t stage_count;
    const char *trouble; /* a sentence that people should see, or NULL */
} board_view_t;

void board_begin(board_t *board, int64_t now_us);

/* Draws when it is due, and lowers *next_us to when it is due again. */
void board_draw(board_t *board, const board_view_t *view, int64_t now_us, int64_t *next_us);

/* Takes it away, so that other text can be written; it is drawn again at the next occasion. */
void board_clear(board_t *board);

#endif
