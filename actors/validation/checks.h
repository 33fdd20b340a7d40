/* checks: what is odd about a week, said in sentences; nothing is repaired. One function a rule, in a table.
 *
 *     missing-day, missing-time, missing-name   it is not known: warning, info, warning
 *     order         a block ends before or when it starts: error
 *     hours         before 06:00, after 22:00, longer than six hours or shorter than two minutes: warning
 *     overlap       blocks of a day share time without having the same bounds: warning
 *     parallel      groups: blocks of a day with the same bounds: info
 *     duplicate     the same day, bounds, name and notes twice: warning
 *     gap           a hole of over 20 minutes inside a day where the other days have blocks: info
 *     day-coverage  a weekday between the first and the last without blocks, or with very few: warning
 *     heading       the time in a cell is far from its heading's: info
 *     no-blocks     a timetable without any: warning
 */
#ifndef YOGI_VALIDATION_CHECKS_H
#define YOGI_VALIDATION_CHECKS_H

#include "roll.h"

/* Minutes: what a block of a school keeps to. */
enum { HOURS_EARLIEST = 6 * 60, HOURS_LATEST = 22 * 60, HOURS_LONGEST = 6 * 60, HOURS_SHORTEST = 2 };

/* Adds what every rule finds to dossier->checks, rule by rule, each in the order of the roll. */
void checks_run(dossier_t *dossier, const roll_t *roll);

#endif
