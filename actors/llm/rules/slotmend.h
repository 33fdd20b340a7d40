/* slotmend: times of a table's slots that OCR misread by one digit, mended by what their neighbours say: a school day
 * runs forward, most of its times are whole fives, and where most slots meet each other all do.
 */
#ifndef YOGI_RULES_SLOTMEND_H
#define YOGI_RULES_SLOTMEND_H

#include "slots.h"

/* Mends the times of all slots, which slottime_read has read. */
void slotmend(slots_t *slots);

#endif
