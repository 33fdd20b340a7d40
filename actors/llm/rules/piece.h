/* piece: one entry in the body of a table of days, with what it says, where it stands and when it is; and the table
 * that is being read. Matrix makes them and gives them their times; pieces lets them speak to each other.
 */
#ifndef YOGI_RULES_PIECE_H
#define YOGI_RULES_PIECE_H

#include "dayaxis.h"
#include "draft.h"
#include "entry.h"
#include "slots.h"
#include "units.h"

/* One unit with what it says and where it stands. */
typedef struct {
    const unit_t *unit;
    entry_t entry;
    const char *name, *notes; /* may become the routine's */
    const char *name_why;
    bool name_inferred;
    int first, last; /* bands of days that it covers */
    instant_t start, end;
    double off_start, off_end; /* px between its edges and the headings' */
    int heading_minutes;
    bool dropped; /* part of letters that spell one word; filler */
} piece_t;

typedef struct {
    const view_t *view;
    dayaxis_t days;
    slots_t slots;
    units_t units;
    piece_t *pieces;
    size_t count;
    rect_t area;
    double exact;    /* px */
    bool rows_named; /* its rows are entries, and its cells hold their times: an empty one has none */
} matrix_t;

#endif
