/* ident: 128-bit ids. New ones are UUIDs of version 7: unique without asking anybody, and in the order of their making
 * (those of one process strictly, those of several by their clocks), so that a database index stays in order too.
 * Source: RFC 9562, sections 5.7 and 6.2.
 */
#ifndef YOGI_BASE_IDENT_H
#define YOGI_BASE_IDENT_H

#include "fault.h"

#include <stdbool.h>
#include <stdint.h>

/* Plain data. All zeros is no id. */
typedef struct {
    uint64_t high, low; /* the first and the last eight bytes, big endian */
} ident_t;

enum { IDENT_BYTES = 16, IDENT_TEXT = 36 + 1 };

/* A version 7 UUID of this millisecond (of Unix time) with these bits behind it, 12 and 62 of them. Pure. */
ident_t ident_of(uint64_t wall_ms, uint64_t random_a, uint64_t random_b);

/* A new one, by the clock and the kernel's random bytes: greater than every other of this process. Any thread. */
int ident_new(ident_t *ident, fault_t *fault) __attribute__((warn_unused_result));

/* Text as "0190b6e4-…" in lower case; returns out. */
char *ident_format(ident_t ident, char out[IDENT_TEXT]);

/* Reads exactly that text, either case; false when it is anything else. */
bool ident_parse(const char *text, ident_t *ident);

void ident_write(ident_t ident, uint8_t out[IDENT_BYTES]); /* big endian */
ident_t ident_read(const uint8_t bytes[IDENT_BYTES]);

static inline bool ident_equal(ident_t a, ident_t b)
{
    return a.high == b.high && a.low == b.low;
}

static inline bool ident_none(ident_t ident)
{
    return ident.high == 0 && ident.low == 0;
}

#endif
