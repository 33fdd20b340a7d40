/* sheet: one page while it is being read: its pixels in the forms that the parts of the stage share.
 *
 * Everything is in px of the upright, rectified page.
 */
#ifndef YOGI_OCR_SHEET_H
#define YOGI_OCR_SHEET_H

#include "actors/picture/picture.h"
#include "proto/page.h"

#include <stdbool.h>

typedef struct {
    picture_t *picture; /* as it was drawn, 1 or 3 channels; owned */
    picture_t *grey;    /* its luminance; owned */
    double text;        /* height of a typical letter (median component), px */
    double noise;       /* picture_noise of it */
    bool blocks;        /* JPEG's blocks of 8 px show: weak steps on their borders mean nothing */
    bool dark;          /* pale print on dark paper */
    double contrast;    /* of its print: how much darker letters are than the paper around them, shares of the paper */
    int letters;        /* components that looked like letters */
    box_t paper;        /* where it lies in the picture, px; all of it but for a photo */
} sheet_t;

/* Measures a picture and takes it over (nulls the caller's). -1 when memory is refused. */
int sheet_open(sheet_t *sheet, picture_t **picture) __attribute__((warn_unused_result));
void sheet_close(sheet_t *sheet);

/* The same for a picture that was drawn here: it has neither noise nor JPEG's blocks, and is not searched for them. */
int sheet_open_drawn(sheet_t *sheet, picture_t **picture) __attribute__((warn_unused_result));

/* The typical size of letters, px, of parts of a print: count[size] parts have each size up to most. Large letters
 * count more than specks; a few parts far larger than all others count nothing. 0 where there are none. */
int sheet_letter_size(const size_t *count, int most);

/* A typical letter's height in px where there is nothing to measure. */
enum { SHEET_TEXT_DEFAULT = 14, SHEET_TEXT_LEAST = 5, SHEET_TEXT_MOST = 120 };

/* Noise above which a page is treated as a photo: drawings have 0 to 0.2; soft photos and scans, 0.3 to 0.7, read as
 * they are. */
#define SHEET_NOISE_PHOTO 0.8
/* What is no clean drawing has more than this. */
#define SHEET_NOISE_GRAIN 0.06

#endif
