/* kernel: the arithmetic that reading a line consists of, once in plain C and once for each kind of processor that does
 * it faster. All of them give the same results to the last bit: sums of whole numbers are exact in any order, and what
 * follows is done number by number without fused operations.
 *
 * Diagnostics: none; sizes are the caller's.
 */
#ifndef YOGI_OCR_LSTM_KERNEL_H
#define YOGI_OCR_LSTM_KERNEL_H

#include "squash.h"

#include <stddef.h>
#include <stdint.h>

/* Outputs that are computed together, and inputs that are taken together. */
enum { KERNEL_OUTPUTS = 16, KERNEL_INPUTS = 4 };

/* Weights as kernels want them. No weight and no input is -128. */
typedef struct {
    int8_t *weights;    /* [blocks][groups][KERNEL_OUTPUTS][KERNEL_INPUTS], at a cache line's border */
    int32_t *sums;      /* by output: the sum of its weights */
    int blocks, groups; /* outputs / KERNEL_OUTPUTS and inputs / KERNEL_INPUTS, rounded up */
} kernel_matrix_t;

/* One step of a layer of memory cells; width is a multiple of KERNEL_OUTPUTS. */
typedef struct {
    const squash_t *squash;
    const int32_t *sums; /* [4][width]: input, gate of input, of forgetting, of output, weighed */
    const float *scales; /* the same; what a sum is multiplied by */
    float *state;        /* [width]: what the cells remember; changed */
    int8_t *out;         /* [width]: what they say */
    int width;           /* cells */
} kernel_cells_t;

typedef struct {
    const char *name; /* "plain", "avx2", "vnni" */
    /* Adds to count rows of sums, stride numbers apart, the products of the matrix with count rows of inputs. */
    void (*multiply)(const kernel_matrix_t *matrix, const int8_t *in, size_t in_stride, int count, int32_t *sums,
                     size_t stride);
    void (*cells)(const kernel_cells_t *cells);
} kernel_t;

/* The fastest one for this processor. */
const kernel_t *kernel_best(void);

/* Those that this processor can run, from the plain one (0) to the fastest; NULL behind it. */
const kernel_t *kernel_at(int index);

/* What a cell remembers is kept within this. */
#define KERNEL_STATE_MOST 100.0F

#endif
