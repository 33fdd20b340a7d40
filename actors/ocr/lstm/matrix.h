/* matrix: the weights of one layer, or of the gates of one, out of a model file, for the kernels. */
#ifndef YOGI_OCR_LSTM_MATRIX_H
#define YOGI_OCR_LSTM_MATRIX_H

#include "bytes.h"
#include "kernel.h"

/* Weights as they stand in the file; borrowed from it. */
typedef struct {
    const int8_t *weights; /* [outputs][inputs + 1], the last of a row is its bias */
    const uint8_t *scales; /* [outputs] doubles, little-endian */
    int outputs, inputs;
} matrix_file_t;

/* Most outputs and inputs of a matrix: the largest models have 512 cells and 600 signs. */
enum { MATRIX_SIDE_MOST = 4096 };

/* Reads the next matrix. 0, or -1 where it is no matrix of bytes (then the model has to be read by tesseract). */
int matrix_parse(bytes_t *bytes, matrix_file_t *file) __attribute__((warn_unused_result));

/* Outputs as the kernels count them. */
int matrix_width(const matrix_file_t *file);

/* Packs the columns from … to of some matrices with the same outputs, one below the other, each filled up with zeros to
 * matrix_width. Owned by the caller. */
void matrix_pack(const matrix_file_t *files, int count, int from, int to, kernel_matrix_t *out);
void matrix_free(kernel_matrix_t *matrix);

/* What the sums of the same outputs begin with: [count][width], and what they are multiplied by. */
void matrix_starts(const matrix_file_t *files, int count, int32_t *starts);
void matrix_scales(const matrix_file_t *files, int count, float *scales);

#endif
