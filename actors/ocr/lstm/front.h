/* front: the first layers of the network, from the pixels of a line to strokes: what each sign of 3 x 3 px looks like,
 * the strongest of each square of them. */
#ifndef YOGI_OCR_LSTM_FRONT_H
#define YOGI_OCR_LSTM_FRONT_H

#include "matrix.h"
#include "noise.h"

/* Plain data. */
typedef struct {
    kernel_matrix_t matrix; /* of a pixel and its neighbours */
    int32_t *starts;        /* [width] */
    float *scales;          /* [width], none below 0 */
    int height;             /* px of a line */
    int across, down;       /* px of a square */
    int outputs, width;     /* strokes; as kernels count them */
    noise_t noise;          /* beyond the edges */
    int8_t *columns;        /* the line with an edge around it, column by column; owned */
    size_t room;            /* bytes in columns */
    int8_t *patches;        /* neighbours of the pixels of one column of squares */
    int32_t *sums;          /* and what they weigh */
} front_t;

/* Takes the weights of the convolution; height and the square are set before. */
void front_open(front_t *front, const matrix_file_t *weights);
void front_free(front_t *front);

/* Rows and columns of squares in a line. */
int front_rows(const front_t *front);
int front_columns(const front_t *front, int width);

/* Writes width bytes for each square, column by column, to out. */
void front_run(front_t *front, const kernel_t *kernel, const squash_t *squash, const uint8_t *pixels, int width,
               size_t stride, int8_t *out);

#endif
