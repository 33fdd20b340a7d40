/* kernel_avx2: see kernel.h. x86-64 with AVX2.
 *
 * There is no sum of products of signed bytes, but one of unsigned with signed ones, in 16 bits: |x| times w with the
 * sign of x does not overflow there, as neither is -128.
 */
#if defined(__x86_64__)
#include "kernel_avx2.h"
#include "kernel_kinds.h"

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define TILE AVX2 __attribute__((always_inline)) static inline

enum { HALVES = 2, BLOCK = KERNEL_OUTPUTS * KERNEL_INPUTS }; /* registers, and bytes of weights, of a block's group */

TILE __m256i inputs(const int8_t *in)
{
    int32_t four;
    memcpy(&four, in, sizeof four);
    return _mm256_set1_epi32(four);
}

/* Some blocks of outputs for one row of inputs. */
TILE void tile(const kernel_matrix_t *m, const int8_t *weights, const int8_t *in, int32_t *sums, int blocks)
{
    __m256i sum[4 * HALVES];
    const __m256i ones = _mm256_set1_epi16(1);
    for (int i = 0; i < blocks * HALVES; i++)
        sum[i] = _mm256_loadu_si256((const __m256i *)(sums + i * 8));
    for (int group = 0; group < m->groups; group++, weights += BLOCK) {
        __m256i x = inputs(in + (size_t)group * KERNEL_INPUTS), size = _mm256_abs_epi8(x);
        for (int i = 0; i < blocks * HALVES; i++) {
            const int8_t *at = weights + (size_t)(i / HALVES) * (size_t)m->groups * BLOCK + i % HALVES * 32;
            __m256i w = _mm256_sign_epi8(_mm256_load_si256((const __m256i *)at), x);
            sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(_mm256_maddubs_epi16(size, w), ones));
        }
    }
    for (int i = 0; i < blocks * HALVES; i++)
        _mm256_storeu_si256((__m256i *)(sums + i * 8), sum[i]);
}

AVX2 static void multiply(const kernel_matrix_t *m, const int8_t *in, size_t in_stride, int count, int32_t *sums,
                          size_t stride)
{
    size_t block_bytes = (size_t)m->groups * BLOCK;
    for (int row = 0; row < count; row++, in += in_stride, sums += stride) {
        int block = 0;
        for (; block + 4 <= m->blocks; block += 4)
            tile(m, m->weights + (size_t)block * block_bytes, in, sums + block * KERNEL_OUTPUTS, 4);
        for (; block < m->blocks; block++)
            tile(m, m->weights + (size_t)block * block_bytes, in, sums + block * KERNEL_OUTPUTS, 1);
    }
}

/* Two steps of a table side by side: value, rise, value, rise. */
TILE __m128 two(const squash_step_t *table, int32_t first, int32_t second)
{
    __m128 steps = _mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)&table[first]);
    return _mm_loadh_pi(steps, (const __m64 *)&table[second]);
}

/* Eight values of a table. The instruction that gathers numbers takes three times as long as loading them one by one.
 */
TILE __m256 look_up(const squash_step_t *table, __m256 x)
{
    __m256 steps = _mm256_mul_ps(x, _mm256_set1_ps(SQUASH_STEPS));
    steps = _mm256_min_ps(steps, _mm256_set1_ps(SQUASH_LAST));
    __m256i step = _mm256_cvttps_epi32(steps);
    int32_t at[8] __attribute__((aligned(32)));
    _mm256_store_si256((__m256i *)at, step);
    __m256 even = _mm256_set_m128(two(table, at[4], at[5]), two(table, at[0], at[1]));
    __m256 odd = _mm256_set_m128(two(table, at[6], at[7]), two(table, at[2], at[3]));
    __m256 value = _mm256_shuffle_ps(even, odd, 0x88), rise = _mm256_shuffle_ps(even, odd, 0xDD);
    return _mm256_add_ps(value, _mm256_mul_ps(rise, _mm256_sub_ps(steps, _mm256_cvtepi32_ps(step))));
}

TILE __m256 squashed_tanh(const squash_t *squash, __m256 x)
{
    const __m256 sign = _mm256_set1_ps(-0.0F);
    return _mm256_or_ps(look_up(squash->tanh, _mm256_andnot_ps(sign, x)), _mm256_and_ps(sign, x));
}

TILE __m256 squashed_logistic(const squash_t *squash, __m256 x)
{
    __m256 y = look_up(squash->logistic, _mm256_andnot_ps(_mm256_set1_ps(-0.0F), x));
    __m256 negative = _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ);
    return _mm256_blendv_ps(y, _mm256_sub_ps(_mm256_set1_ps(1), y), negative);
}

TILE __m256 gate(const kernel_cells_t *c, int which, int i)
{
    __m256i sum = _mm256_loadu_si256((const __m256i *)(c->sums + which * c->width + i));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_loadu_ps(c->scales + which * c->width + i));
}

/* Eight numbers to bytes as squash_byte does. */
TILE void put_bytes(__m256 x, int8_t *out)
{
    const __m256 sign = _mm256_set1_ps(-0.0F);
    __m256 size = _mm256_andnot_ps(sign, _mm256_mul_ps(x, _mm256_set1_ps(127)));
    __m256i steps = _mm256_cvttps_epi32(_mm256_add_ps(size, _mm256_set1_ps(0.5F)));
    steps = _mm256_min_epi32(steps, _mm256_set1_epi32(127));
    __m256i minus = _mm256_srai_epi32(_mm256_castps_si256(x), 31);
    steps = _mm256_sub_epi32(_mm256_xor_si256(steps, minus), minus);
    __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(steps), _mm256_extracti128_si256(steps, 1));
    _mm_storel_epi64((__m128i *)out, _mm_packs_epi16(words, words));
}

AVX2 void kernel_avx2_cells(const kernel_cells_t *c)
{
    const squash_t *squash = c->squash;
    const __m256 most = _mm256_set1_ps(KERNEL_STATE_MOST), least = _mm256_set1_ps(-KERNEL_STATE_MOST);
    for (int i = 0; i < c->width; i += 8) {
        __m256 taken = _mm256_mul_ps(squashed_tanh(squash, gate(c, 0, i)), squashed_logistic(squash, gate(c, 1, i)));
        __m256 kept = _mm256_mul_ps(_mm256_loadu_ps(c->state + i), squashed_logistic(squash, gate(c, 2, i)));
        __m256 state = _mm256_max_ps(least, _mm256_min_ps(most, _mm256_add_ps(kept, taken)));
        _mm256_storeu_ps(c->state + i, state);
        put_bytes(_mm256_mul_ps(squashed_tanh(squash, state), squashed_logistic(squash, gate(c, 3, i))), c->out + i);
    }
}

const kernel_t kernel_avx2 = {"avx2", multiply, kernel_avx2_cells};
#endif
