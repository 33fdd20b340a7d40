/* scale: see scale.h. */
#include "scale.h"

#include <math.h>

bool scale_fits(const matrix_t *m, double *a, double *b, int *step)
{
    const slots_t *s = &m->slots;
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, worst = 0;
    size_t printed_ends = 0;
    *step = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (!s->items[i].label || s->items[i].start.minute < 0)
            continue;
        double x = extent_middle(s->items[i].ink), y = s->items[i].start.minute;
        printed_ends += s->items[i].label->timed && s->items[i].label->time.end.minute >= 0;
        *step = i && !*step ? s->items[i].start.minute - s->items[i - 1].start.minute : *step;
        n++, sx += x, sy += y, sxx += x * x, sxy += x * y;
    }
    if (n < 4 || printed_ends || n * sxx - sx * sx <= 0)
        return false;
    *b = (n * sxy - sx * sy) / (n * sxx - sx * sx), *a = (sy - *b * sx) / n;
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].label && s->items[i].start.minute >= 0)
            worst = fmax(worst, fabs(*a + *b * extent_middle(s->items[i].ink) - s->items[i].start.minute));
    return *b > 0 && worst <= 0.12 * *step;
}

static double off_grid(double minute, double grid)
{
    return fabs(minute - grid * floor(minute / grid + 0.5));
}

/* How far the edges of cells lie off the clock, minutes: entries keep to quarters of an hour, the lines between empty
 * cells to the steps of the scale. */
static double scale_cost(const matrix_t *m, double a, double b, int step)
{
    double cost = 0, lines = step >= 60 ? step / 2 : step;
    for (size_t i = 0; i < m->count; i++) {
        const unit_t *unit = m->pieces[i].unit;
        if (unit->drawn && unit->count)
            cost += off_grid(a + b * unit->t.lo, 15) + off_grid(a + b * unit->t.hi, 15);
        else if (unit->drawn)
            cost += off_grid(a + b * unit->t.lo, lines);
    }
    return cost;
}

/* Where the scale begins: whether the middle of the print, its head or its foot stands for the time. */
static double scale_start(const matrix_t *m, double a, double b, int step)
{
    double best = 1e9, at_best = a, half = 0;
    for (size_t i = 0; i < m->slots.count; i++)
        half = fmax(half, extent_size(m->slots.items[i].ink) / 2.0);
    for (int shift = -1; shift <= 1; shift++) {
        double cost = scale_cost(m, a - b * half * shift, b, step);
        if (cost < best - 0.5)
            best = cost, at_best = a - b * half * shift;
    }
    return at_best;
}

/* Whether nearly all entries begin and end about a quarter of an hour: then what is off it is their frame. */
static bool keeps_to_quarters(const matrix_t *m)
{
    size_t edges = 0, near = 0;
    for (size_t i = 0; i < m->count; i++) {
        const unit_t *unit = m->pieces[i].unit;
        if (!unit->drawn || !unit->count)
            continue;
        edges += 2;
        near += off_grid(m->slots.a + m->slots.b * unit->t.lo, 15) < 4.5;
        near += off_grid(m->slots.a + m->slots.b * unit->t.hi, 15) < 4.5;
    }
    return near * 10 >= edges * 9;
}

void scale_set(matrix_t *m, double a, double b, int step)
{
    m->slots.scale = true, m->slots.b = b;
    m->slots.a = scale_start(m, a, b, step);
    m->slots.snap = keeps_to_quarters(m) ? 15 : 5;
}

instant_t scale_time(const matrix_t *m, int at)
{
    instant_t time = {.origin = FROM_SCALE, .read = 1, .why = "its place on the scale of times"};
    double minute = m->slots.a + m->slots.b * at;
    time.minute = (int)(m->slots.snap * floor(minute / m->slots.snap + 0.5));
    if (time.minute < 0 || time.minute >= 24 * 60)
        time.minute = -1;
    return time;
}
