/* records: results of stages and events as the statements take them, many at once: as JSON. Pure. */
#ifndef YOGI_GATEWAY_RECORDS_H
#define YOGI_GATEWAY_RECORDS_H

#include "runs.h"

/* The record and those before it, the oldest first, as {stages} takes them; NULL where there are none. -1 with the
 * fault (FAULT_INPUT) where a text is none. */
int records_stages(const record_t *record, arena_t *arena, const char **json, fault_t *fault)
    __attribute__((warn_unused_result));

/* Their events, and behind these another one (NULL = none), as {events} takes them; likewise. */
int records_events(const record_t *record, const event_t *last, arena_t *arena, const char **json, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
