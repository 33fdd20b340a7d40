/* kernel_plain: see kernel.h. What every processor can do; the others are measured by it. */
#include "kernel_kinds.h"

static void multiply(const kernel_matrix_t *m, const int8_t *in, size_t in_stride, int count, int32_t *sums,
                     size_t stride)
{
    for (int row = 0; row < count; row++, in += in_stride, sums += stride) {
        const int8_t *w = m->weights;
        for (int block = 0; block < m->blocks; block++) {
            int32_t *out = sums + (size_t)block * KERNEL_OUTPUTS;
            for (int group = 0; group < m->groups; group++) {
                const int8_t *x = in + (size_t)group * KERNEL_INPUTS;
                for (int i = 0; i < KERNEL_OUTPUTS; i++, w += KERNEL_INPUTS)
                    out[i] += w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3] * x[3];
            }
        }
    }
}

static void cells(const kernel_cells_t *c)
{
    const squash_t *squash = c->squash;
    int width = c->width;
    for (int i = 0; i < width; i++) {
        float gate[4];
        for (int k = 0; k < 4; k++)
            gate[k] = (float)c->sums[k * width + i] * c->scales[k * width + i];
        float kept = c->state[i] * squash_logistic(squash, gate[2]);
        float state = kept + squash_tanh(squash, gate[0]) * squash_logistic(squash, gate[1]);
        state = state < -KERNEL_STATE_MOST ? -KERNEL_STATE_MOST : state > KERNEL_STATE_MOST ? KERNEL_STATE_MOST : state;
        c->state[i] = state;
        c->out[i] = (int8_t)squash_byte(squash_tanh(squash, state) * squash_logistic(squash, gate[3]));
    }
}

const kernel_t kernel_plain = {"plain", multiply, cells};
