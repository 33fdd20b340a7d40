/* kernel_vnni: see kernel.h. x86-64 with AVX-512 and its sums of byte products.
 *
 * The instruction multiplies unsigned with signed bytes: inputs are moved up by 128, and 128 times the sum of the
 * weights is taken off again.
 */
#if defined(__x86_64__)
#include "kernel_avx2.h"
#include "kernel_kinds.h"

#include <immintrin.h>
#include <string.h>

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define TILE VNNI __attribute__((always_inline)) static inline

enum { BLOCK = KERNEL_OUTPUTS * KERNEL_INPUTS }; /* bytes of weights of a block's group: one register */

TILE __m512i inputs(const int8_t *in)
{
    int32_t four;
    memcpy(&four, in, sizeof four);
    return _mm512_set1_epi32(four ^ (int32_t)0x80808080);
}

/* Some blocks of outputs for some rows of inputs: weights and inputs are loaded once for all of them. */
TILE void tile(const kernel_matrix_t *m, int block, const int8_t *in, size_t in_stride, int32_t *sums, size_t stride,
               int rows, int blocks)
{
    __m512i sum[4][8];
    const int8_t *weights = m->weights + (size_t)block * (size_t)m->groups * BLOCK;
    sums += block * KERNEL_OUTPUTS;
    for (int b = 0; b < blocks; b++) {
        __m512i moved = _mm512_slli_epi32(_mm512_loadu_si512(m->sums + (block + b) * KERNEL_OUTPUTS), 7);
        for (int r = 0; r < rows; r++)
            sum[r][b] = _mm512_sub_epi32(_mm512_loadu_si512(sums + (size_t)r * stride + b * KERNEL_OUTPUTS), moved);
    }
    for (int group = 0; group < m->groups; group++, weights += BLOCK, in += KERNEL_INPUTS) {
        __m512i x[4];
        for (int r = 0; r < rows; r++)
            x[r] = inputs(in + (size_t)r * in_stride);
        for (int b = 0; b < blocks; b++) {
            __m512i w = _mm512_load_si512(weights + (size_t)b * (size_t)m->groups * BLOCK);
            for (int r = 0; r < rows; r++)
                sum[r][b] = _mm512_dpbusd_epi32(sum[r][b], x[r], w);
        }
    }
    for (int b = 0; b < blocks; b++)
        for (int r = 0; r < rows; r++)
            _mm512_storeu_si512(sums + (size_t)r * stride + b * KERNEL_OUTPUTS, sum[r][b]);
}

/* All blocks for some rows. */
TILE void band(const kernel_matrix_t *m, const int8_t *in, size_t in_stride, int32_t *sums, size_t stride, int rows,
               int blocks)
{
    int block = 0;
    for (; block + blocks <= m->blocks; block += blocks)
        tile(m, block, in, in_stride, sums, stride, rows, blocks);
    for (; block < m->blocks; block++)
        tile(m, block, in, in_stride, sums, stride, rows, 1);
}

VNNI static void multiply(const kernel_matrix_t *m, const int8_t *in, size_t in_stride, int count, int32_t *sums,
                          size_t stride)
{
    int row = 0;
    for (; row + 4 <= count; row += 4)
        band(m, in + (size_t)row * in_stride, in_stride, sums + (size_t)row * stride, stride, 4, 4);
    for (; row < count; row++)
        band(m, in + (size_t)row * in_stride, in_stride, sums + (size_t)row * stride, stride, 1, 8);
}

const kernel_t kernel_vnni = {"vnni", multiply, kernel_avx2_cells};
#endif
