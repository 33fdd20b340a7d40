/* refrain: what people would be told over and over while something stays as it is, such as the words with which a
 * broker refuses an actor at every try. They are told at once and again each minute; when a minute has had LINES of
 * them, others have to wait a second each. Several brokers, each with a reason of its own, are no flood. Pure; one
 * thread.
 */
#ifndef YOGI_BASE_REFRAIN_H
#define YOGI_BASE_REFRAIN_H

#include <stdbool.h>
#include <stdint.h>

/* AGAIN: until the same words are told again. OTHER: until others are. LINES: words that are remembered. */
enum { REFRAIN_AGAIN_US = 60000000, REFRAIN_OTHER_US = 1000000, REFRAIN_LINES = 8 };

/* Plain data; {0} to begin with. */
typedef struct {
    struct refrain_line {
        uint64_t words; /* a hash of what was told */
        int64_t due_us; /* when it is told again; 0 = nothing was told yet */
    } lines[REFRAIN_LINES];
} refrain_t;

/* Whether people are to be told these words now; then they count as told. */
bool refrain_is_due(refrain_t *refrain, const char *words, int64_t now_us);

#endif
