/* paper: where the sheet of paper lies in a photo, which shows the table or the wall behind it as well: nothing is read
 * there.
 *
 * A pale rectangle that stands out from darker surroundings, by N. Otsu's threshold (1979) of the picture at an eighth
 * of its size.
 */
#ifndef YOGI_OCR_PAPER_H
#define YOGI_OCR_PAPER_H

#include "actors/picture/picture.h"
#include "proto/page.h"

/* The paper of an upright, rectified photo, px; the whole picture where none stands out. -1 when memory is refused. */
int paper_find(const picture_t *grey, box_t *paper) __attribute__((warn_unused_result));

#endif
