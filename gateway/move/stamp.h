/* stamp: times as they lie in databases, and their canonical form: "YYYY-MM-DD HH:MM:SS" of UTC, and behind a point as
 * many digits of the second as are not zeros at the end, six at most. Pure.
 *
 * Read: that form, with a T for the space, with fewer or more digits, without seconds, with Z or an offset (+02,
 * +02:00, +0200); without either it is UTC, as the demo and SQLite's CURRENT_TIMESTAMP write it.
 */
#ifndef YOGI_MOVE_STAMP_H
#define YOGI_MOVE_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STAMP_BYTES = 32 };

/* The canonical form of a text into out; false when it is no time of the years 1 to 9999. */
bool stamp_parse(const char *text, size_t size, char out[STAMP_BYTES]);

/* The canonical form of a number as JavaScript's Date.now() gives (milliseconds) or of seconds, since 1970: which of
 * them it is shows its size (seconds up to the year 5138). False outside of the years 1 to 9999. */
bool stamp_number(int64_t number, char out[STAMP_BYTES]);

#endif
