/* letters: what a glance at a picture says of the print on it: letters in lines, their direction, ruling lines.
 *
 * Used by the stage classification. Nothing is read: connected components of the reduced picture are counted, each with
 * its nearest neighbour. Sources: L. O'Gorman 1993 (docstrum: neighbours tell the direction of lines); R. S. Caprari
 * 2000 and J. M. van Beusekom et al. 2010 (ascenders are more frequent than descenders in Latin text).
 */
#ifndef YOGI_CLASSIFICATION_LETTERS_H
#define YOGI_CLASSIFICATION_LETTERS_H

#include "actors/picture/picture.h"

/* Side to which a picture is reduced: letters of 10 px on a page of 1600 keep 8. */
enum { LETTERS_SIDE = 1280 };

typedef struct {
    int marks;       /* components of any size */
    int letters;     /* of the size of letters */
    int in_lines;    /* letters with a like one beside them, or below where lines run down */
    int rules;       /* long thin lines */
    int beside;      /* letters whose nearest like one is beside them … */
    int below;       /* … or above or below */
    int upright;     /* neighbours with feet on one line and heads apart, lines taken as they run … */
    int overturned;  /* … or the other way round */
    int orientation; /* clockwise degrees to turn the picture by; 0 unless sure */
} letters_t;

/* Looks at a picture. -1 when memory is refused. */
int letters_look(const picture_t *picture, letters_t *letters);

/* 0 … 1 that print as on a page is to be seen. */
double letters_likelihood(const letters_t *letters);

#endif
