/* readings: the words of a line as they were read, whoever has read them, and how a reader is given the line. */
#ifndef YOGI_OCR_READINGS_H
#define YOGI_OCR_READINGS_H

#include "proto/base/arena.h"

/* One word as read; boxes in px of the line's picture. */
typedef struct {
    const char *text;  /* UTF-8; the arena's */
    int x0, x1;        /* px, x1 behind the last */
    double confidence; /* 0 … 1 */
} reading_t;

typedef struct {
    reading_t *items; /* left to right; the arena's */
    int count;
    double confidence; /* mean over the letters, 0 … 1; 0 where nothing was read */
} readings_t;

/* Adds a word at the end, without its confidence to that of all. */
void readings_add(readings_t *readings, arena_t *arena, reading_t word);

/* What of a picture the model is given. */
typedef enum {
    ENGINE_AS_IS,    /* all of it, scaled to the height of the model (36 px): its margins matter */
    ENGINE_FIND_LINE /* the line that tesseract finds in it, with the white that it is used to */
} engine_way_t;

#endif
