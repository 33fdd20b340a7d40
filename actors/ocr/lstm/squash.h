/* squash: tanh and the logistic function as the models were made with, read off tables with straight lines between.
 *
 * 256 steps to 1, up to 16; the tables are tesseract's to the last bit, so that its models give what they give there.
 */
#ifndef YOGI_OCR_LSTM_SQUASH_H
#define YOGI_OCR_LSTM_SQUASH_H

#include <math.h>

enum { SQUASH_STEPS = 256, SQUASH_LAST = 4095 };

/* Value at a step and the rise to the next. */
typedef struct {
    float value, rise;
} squash_step_t;

typedef struct {
    squash_step_t tanh[SQUASH_LAST + 1];     /* from 0 on; the last is 1 */
    squash_step_t logistic[SQUASH_LAST + 1]; /* the same */
} squash_t;

void squash_fill(squash_t *squash);

/* Value of a table at x >= 0. */
static inline float squash_at(const squash_step_t *table, float x)
{
    float steps = x * SQUASH_STEPS;
    steps = steps < SQUASH_LAST ? steps : SQUASH_LAST;
    int step = (int)steps;
    return table[step].value + table[step].rise * (steps - (float)step);
}

static inline float squash_tanh(const squash_t *squash, float x)
{
    return copysignf(squash_at(squash->tanh, fabsf(x)), x);
}

static inline float squash_logistic(const squash_t *squash, float x)
{
    float y = squash_at(squash->logistic, fabsf(x));
    return x < 0 ? 1 - y : y;
}

/* A number from -1 to 1 in the 255 steps that layers hand on; half a step is rounded away from 0. */
static inline int squash_byte(float x)
{
    int steps = (int)(fabsf(x * 127) + 0.5F);
    steps = steps < 127 ? steps : 127;
    return x < 0 ? -steps : steps;
}

#endif
