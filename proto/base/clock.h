/* clock: time, read in one place so that pure code can be handed it. */
#ifndef YOGI_BASE_CLOCK_H
#define YOGI_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_now_us(void);     /* monotonic, microseconds; for durations and deadlines */
int64_t clock_process_us(void); /* CPU time of this process, microseconds */
int64_t clock_wall_ms(void);    /* Unix time, milliseconds; for the trail only */
int64_t clock_wall_ns(void);    /* the same, nanoseconds; for ids */

/* Unix milliseconds as RFC 3339 UTC, "2026-01-31T08:30:00.000Z", into out (32 bytes). Returns out. */
char *clock_format(int64_t wall_ms, char out[32]);

#endif
