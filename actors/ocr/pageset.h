/* pageset: page numbers as people write them, "1-3,5". */
#ifndef YOGI_OCR_PAGESET_H
#define YOGI_OCR_PAGESET_H

#include <stdbool.h>

/* Whether the page (from 1) is in the set; NULL and "" have every page. "3-" goes on to the end, "-2" begins at 1; what
 * is not a number or a range has no page. */
bool pageset_has(const char *set, int page);

#endif
