/* squash: see squash.h. */
#include "squash.h"

static void fill(squash_step_t *table, double (*function)(double))
{
    for (int i = 0; i <= SQUASH_LAST; i++)
        table[i].value = (float)function((double)i / SQUASH_STEPS);
    for (int i = 0; i < SQUASH_LAST; i++)
        table[i].rise = table[i + 1].value - table[i].value;
    table[SQUASH_LAST] = (squash_step_t){1, 0};
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

void squash_fill(squash_t *squash)
{
    fill(squash->tanh, tanh);
    fill(squash->logistic, logistic);
}
