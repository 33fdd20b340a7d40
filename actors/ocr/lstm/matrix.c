/* matrix: see matrix.h. Format: tesseract 5.3, WeightMatrix::Serialize in src/lstm/weightmatrix.cpp. */
#include "matrix.h"

#include <stdlib.h>
#include <string.h>

enum { MODE_BYTES = 1, MODE_DOUBLES = 128 }; /* weights are bytes; the numbers beside them are doubles */

/* What a weight of 127 may be at most; the fast models' are under 100. */
#define SCALE_MOST 1e6

int matrix_parse(bytes_t *bytes, matrix_file_t *file)
{
    int mode = bytes_u8(bytes), outputs = bytes_i32(bytes), columns = bytes_i32(bytes);
    bytes_u8(bytes); /* what a place would hold that has no weight */
    if (bytes->failed || !(mode & MODE_BYTES) || !(mode & MODE_DOUBLES) || outputs < 1 || columns < 2 ||
        outputs > MATRIX_SIDE_MOST || columns > MATRIX_SIDE_MOST)
        return -1;
    size_t count = (size_t)outputs * (size_t)columns;
    *file = (matrix_file_t){.outputs = outputs, .inputs = columns - 1};
    file->weights = (const int8_t *)bytes_take(bytes, count);
    if (bytes_i32(bytes) != outputs)
        return -1;
    bytes_t scales = *bytes;
    file->scales = bytes_take(bytes, (size_t)outputs * sizeof(double));
    if (bytes->failed || memchr(file->weights, 0x80, count))
        return -1;
    for (int i = 0; i < outputs; i++) {
        double scale = bytes_f64(&scales);
        if (!(scale >= 0 && scale <= SCALE_MOST))
            return -1;
    }
    return 0;
}

int matrix_width(const matrix_file_t *file)
{
    return (file->outputs + KERNEL_OUTPUTS - 1) / KERNEL_OUTPUTS * KERNEL_OUTPUTS;
}

/* Where a weight goes. */
static size_t place(const kernel_matrix_t *m, int output, int input)
{
    size_t group = (size_t)(output / KERNEL_OUTPUTS) * (size_t)m->groups + (size_t)(input / KERNEL_INPUTS);
    return (group * KERNEL_OUTPUTS + (size_t)(output % KERNEL_OUTPUTS)) * KERNEL_INPUTS +
           (size_t)(input % KERNEL_INPUTS);
}

void matrix_pack(const matrix_file_t *files, int count, int from, int to, kernel_matrix_t *out)
{
    enum { CACHE_LINE = 64 };
    int width = matrix_width(files);
    out->blocks = count * width / KERNEL_OUTPUTS;
    out->groups = (to - from + KERNEL_INPUTS - 1) / KERNEL_INPUTS;
    size_t size = (size_t)out->blocks * (size_t)out->groups * KERNEL_OUTPUTS * KERNEL_INPUTS;
    out->weights = aligned_alloc(CACHE_LINE, size); /* a multiple of a cache line, as a block's group is one */
    out->sums = calloc((size_t)(count * width), sizeof *out->sums);
    if (!out->weights || !out->sums)
        abort(); /* as memory */
    memset(out->weights, 0, size);
    for (int k = 0; k < count; k++)
        for (int o = 0; o < files[k].outputs; o++)
            for (int i = from; i < to; i++) {
                int8_t weight = files[k].weights[(size_t)o * (size_t)(files[k].inputs + 1) + (size_t)i];
                out->weights[place(out, k * width + o, i - from)] = weight;
                out->sums[k * width + o] += weight;
            }
}

void matrix_free(kernel_matrix_t *matrix)
{
    free(matrix->weights);
    free(matrix->sums);
    *matrix = (kernel_matrix_t){0};
}

void matrix_starts(const matrix_file_t *files, int count, int32_t *starts)
{
    int width = matrix_width(files);
    memset(starts, 0, (size_t)(count * width) * sizeof *starts);
    for (int k = 0; k < count; k++)
        for (int o = 0; o < files[k].outputs; o++) /* the input of the bias is 1, which is 127 */
            starts[k * width + o] = 127 * files[k].weights[(size_t)(o + 1) * (size_t)(files[k].inputs + 1) - 1];
}

void matrix_scales(const matrix_file_t *files, int count, float *scales)
{
    int width = matrix_width(files);
    memset(scales, 0, (size_t)(count * width) * sizeof *scales);
    for (int k = 0; k < count; k++) {
        bytes_t bytes = {files[k].scales, files[k].scales + (size_t)files[k].outputs * sizeof(double), false};
        for (int o = 0; o < files[k].outputs; o++)
            scales[k * width + o] = (float)(bytes_f64(&bytes) / 127);
    }
}
