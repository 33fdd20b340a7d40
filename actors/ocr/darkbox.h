/* darkbox: dark areas of a pale page that no cell covers, such as a column of headings without lines between them:
 * their pale print is lost on who looks for dark print. Found for outside, which reads each by itself.
 */
#ifndef YOGI_OCR_DARKBOX_H
#define YOGI_OCR_DARKBOX_H

#include "proto/page.h"
#include "sheet.h"

/* Dark areas of one page that are looked at: seven days, two axes, a few banners. */
enum { DARKBOXES_MOST = 32 };

/* Fills boxes, px, and their number. There are none on dark pages and where paper is less than half of the picture, as
 * what is dark beside it is no heading. -1 when memory is refused. */
int darkboxes_find(const sheet_t *sheet, const page_t *page, box_t boxes[DARKBOXES_MOST], int *count)
    __attribute__((warn_unused_result));

/* Whether a point, px, lies in one of them. */
bool darkboxes_hold(const box_t *boxes, int count, int x, int y);

#endif
