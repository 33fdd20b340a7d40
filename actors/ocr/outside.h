/* outside: print that lies in no cell: titles, notes, and whole tables without rules. Each phrase is read in its own
 * direction; letters vote with their neighbours.
 */
#ifndef YOGI_OCR_OUTSIDE_H
#define YOGI_OCR_OUTSIDE_H

#include "region.h"

/* Reads what the cells leave. -1 with the fault. */
int outside_read(reader_t *reader, fault_t *fault) __attribute__((warn_unused_result));

#endif
