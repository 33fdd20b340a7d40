/* layer: one layer of memory cells (LSTM). */
#ifndef YOGI_OCR_LSTM_LAYER_H
#define YOGI_OCR_LSTM_LAYER_H

#include "matrix.h"

enum { LAYER_GATES = 4 };

/* Plain data; {0} is empty. */
typedef struct {
    kernel_matrix_t in, back; /* weights of the layer before, and of what this one said a step before */
    int32_t *starts;          /* [LAYER_GATES][width] */
    float *scales;            /* the same */
    int inputs, outputs;      /* cells of the layer before, and of this one */
    int width;                /* outputs, as kernels count them */
    bool backwards;           /* from right to left */
} layer_t;

/* Reads what is behind the head of a layer. 0, or -1 where it cannot be run here. */
int layer_parse(bytes_t *bytes, int inputs, layer_t *layer) __attribute__((warn_unused_result));
void layer_free(layer_t *layer);

/* What running needs, for several columns at once; see layer_work_need. */
typedef struct {
    int32_t *sums; /* [rows][LAYER_GATES * width] */
    float *states; /* [rows][width] */
    int8_t *said;  /* [rows][width] */
    size_t room;   /* numbers in each, LAYER_GATES * width times rows */
} layer_work_t;

void layer_work_need(layer_work_t *work, const layer_t *layer, int rows);
void layer_work_free(layer_work_t *work);

/* What layers are run with. */
typedef struct {
    const kernel_t *kernel;
    const squash_t *squash;
    layer_work_t *work;
} layer_run_t;

/* Runs steps steps of inputs along a line, in_stride bytes apart; writes width bytes for each, out_stride apart. */
void layer_along(const layer_t *layer, const layer_run_t *run, const int8_t *in, size_t in_stride, int steps,
                 int8_t *out, size_t out_stride);

/* Runs columns columns of steps steps each, column by column in memory, a step in_stride bytes behind the other; writes
 * width bytes for each column: what was said last. */
void layer_across(const layer_t *layer, const layer_run_t *run, const int8_t *in, size_t in_stride, int columns,
                  int steps, int8_t *out, size_t out_stride);

#endif
