/* print: a piece of the page made ready to be read: upright, dark ink on white, background evened, rules gone.
 */
#ifndef YOGI_OCR_PRINT_H
#define YOGI_OCR_PRINT_H

#include "actors/picture/picture_components.h"
#include "sheet.h"

/* Plain data; free with print_free. */
typedef struct {
    picture_t *even;    /* grey, 0 ink … 255 paper; NULL when there is no ink */
    picture_t *mask;    /* 255 where there is ink */
    components_t parts; /* of the mask */
    box_t box;          /* what it shows, px of the page */
    int turned;         /* clockwise degrees by which the page's pixels were turned to be upright here */
    double text;        /* height of a typical letter in it, px */
    bool flipped;       /* pale print on dark ground */
} print_t;

/* Prepares a box of the sheet, not turned. even is NULL when it is blank. -1 when memory is refused. */
int print_open(print_t *print, const sheet_t *sheet, box_t box) __attribute__((warn_unused_result));

/* The same where the print is known to be dark on pale paper, whatever else the box shows. */
int print_open_pale(print_t *print, const sheet_t *sheet, box_t box) __attribute__((warn_unused_result));

/* The same print turned clockwise by degrees; copy is freed on its own. */
int print_turn(const print_t *print, int degrees, print_t *copy) __attribute__((warn_unused_result));

/* Makes white every part whose kind is not the wanted one; kinds has one entry for each part. parts is out of date
 * then. */
void print_erase_parts(print_t *print, const unsigned char *kinds, int wanted);

void print_free(print_t *print);

/* A rectangle of the print as a box on the page. */
box_t print_to_page(const print_t *print, int x, int y, int w, int h);

#endif
