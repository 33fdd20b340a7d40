/* move_verify: both sides of an open trip compared. */
#ifndef YOGI_MOVE_VERIFY_H
#define YOGI_MOVE_VERIFY_H

#include "trip.h"
#include "verdict.h"

typedef struct {
    int every;  /* of how many files one is read on both sides; 1: all */
    bool whole; /* the databases are asked what is wrong with them, too: nobody waits for the end */
} verify_plan_t;

/* Compares; freezes both sides for it. The verdict is to be freed either way. */
int verify_trip(trip_t *trip, const verify_plan_t *plan, verdict_t *verdict, fault_t *fault)
    __attribute__((warn_unused_result));

/* The same, and a fault where they differ; the report is written and told. */
int verify_and_report(trip_t *trip, const verify_plan_t *plan, fault_t *fault) __attribute__((warn_unused_result));

/* Whether the report can be written: to be asked before anything is changed. */
int verify_may_report(trip_t *trip, fault_t *fault) __attribute__((warn_unused_result));

#endif
