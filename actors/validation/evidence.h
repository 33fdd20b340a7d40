/* evidence: a block's named numbers, what confidence is weighed from. */
#ifndef YOGI_VALIDATION_EVIDENCE_H
#define YOGI_VALIDATION_EVIDENCE_H

#include "proto/base/arena.h"
#include "proto/timetable.h"

/* The value of that name, or `absent` where the block has none. */
double evidence_value(const timeblock_t *block, const char *name, double absent);

/* Gives the block a value of that name, in place of an earlier one. The name must live as long as the block. */
void evidence_set(arena_t *arena, timeblock_t *block, const char *name, double value);

#endif
