/* pulse: the state of a service and the time of its last sign of life, in a file which another process looks at: what a
 * container without a service manager has for a probe (`yogi health`). Both are on one machine: the time is that of its
 * monotonic clock.
 */
#ifndef YOGI_BASE_PULSE_H
#define YOGI_BASE_PULSE_H

#include "fault.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PULSE_STATUS_MOST = 240,  /* a line for people, in bytes */
    PULSE_BEAT_US = 5000000,  /* between two signs of life */
    PULSE_LATE_US = 30000000, /* a service on a machine that is short of CPU is late by seconds, never by this */
};

typedef enum { PULSE_STARTING, PULSE_READY, PULSE_ENDING } pulse_state_t;

/* Plain data; starts as {.file = -1}. */
typedef struct {
    const char *path;    /* of the file, borrowed; NULL = none */
    int file;            /* -1 = not open: it is made by the first sign of life */
    pulse_state_t state; /* as it was kept last */
} pulse_t;

/* A sign of life in this state, with a line for people or NULL. A file that cannot be written is said on the standard
 * error, once: whoever looks at it finds no sign of life. Nothing where there is no path. */
void pulse_keep(pulse_t *pulse, pulse_state_t state, const char *status);
void pulse_close(pulse_t *pulse);

/* What such a file holds. */
typedef struct {
    pulse_state_t state;
    int64_t age_us; /* of the last sign of life */
    bool alive;     /* that is not too long ago */
    char status[PULSE_STATUS_MOST + 1];
} pulse_seen_t;

/* Looks at it. -1 with the fault where there is none, or it holds something else. */
int pulse_look(const char *path, int64_t now_us, pulse_seen_t *seen, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
