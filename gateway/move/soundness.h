/* soundness: what is wrong with a database by itself, which no comparison of rows would come upon: rows that do not go
 * together, and of SQLite pages, indexes and references (PostgreSQL lets no reference be broken, and checks its pages).
 */
#ifndef YOGI_MOVE_SOUNDNESS_H
#define YOGI_MOVE_SOUNDNESS_H

#include "side.h"
#include "verdict.h"

/* Adds what is found to the verdict. which: "source" or "target". Changes nothing; reads the whole file: one that
 * others write without a write-ahead log is to be frozen, so that its copy is read. */
int soundness_look(side_t *side, const char *which, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
