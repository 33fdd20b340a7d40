/* edit: a timetable as a client sends it, checked: which block is wrong, and why. Pure. */
#ifndef YOGI_GATEWAY_EDIT_H
#define YOGI_GATEWAY_EDIT_H

#include "gateway/store/timetables.h"
#include "proto/base/buf.h"

/* Blocks of a timetable. */
enum { EDIT_BLOCKS_MOST = 2000 };

/* Fills what the client may set, by the demo's names (teacher_name, class_name, term, year, saved_name, timeblocks;
 * school and week besides; what is not there stays as in before, where there is one). -1 with FAULT_INPUT. */
int edit_read(const buf_t *body, const timetable_row_t *before, arena_t *arena, edit_t *edit, fault_t *fault)
    __attribute__((warn_unused_result));

/* The body's document_id; nothing where there is none. */
int edit_document(const buf_t *body, arena_t *arena, view_t *document, fault_t *fault)
    __attribute__((warn_unused_result));

/* Whether a text is not there, or holds nothing but spaces. */
bool edit_is_blank(const char *text);

#endif
