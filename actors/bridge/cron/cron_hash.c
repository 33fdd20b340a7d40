/* cron_hash: see cron_hash.h. */
#include "cron_hash.h"

#include "proto/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint32_t fold(uint32_t hash, uint32_t unit)
{
    return (hash ^ unit) * 16777619u;
}

uint32_t cron_hash_seed(const char *text)
{
    uint32_t hash = 2166136261u;
    for (uint32_t c; (c = text_next(&text));) {
        if (c >= 0x10000)
            hash = fold(fold(hash, 0xD800 + ((c - 0x10000) >> 10)), 0xDC00 + ((c - 0x10000) & 0x3FF));
        else
            hash = fold(hash, c);
    }
    return hash;
}

double cron_hash_next(uint32_t *state)
{
    uint32_t t = *state += 0x6D2B79F5u;
    t = (t ^ (t >> 15)) * (t | 1);
    t ^= t + (t ^ (t >> 7)) * (t | 61);
    return (double)(t ^ (t >> 14)) / 4294967296.0;
}

/* One H of a text: what stands behind it. */
typedef struct {
    double least, most; /* of its range */
    double step;        /* NAN: none */
    bool ranged;        /* the range was given */
} letter_t;

/* Digits at *at as a number, which moves behind them; false where there are none. */
static bool read_digits(const char **at, double *number)
{
    const char *from = *at;
    *number = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++)
        *number = *number * 10 + (**at - '0');
    return *at > from;
}

/* What stands behind an H, as far as it belongs to it: (a-b) and /step, each only if it is whole. */
static letter_t read_letter(const char **at, int least, int most)
{
    letter_t letter = {least, most, NAN, false};
    const char *look = *at;
    double a, b, step;
    if (*look == '(' && (look++, read_digits(&look, &a)) && *look == '-' && (look++, read_digits(&look, &b)) &&
        *look == ')') {
        letter = (letter_t){a, b, NAN, true};
        *at = look + 1;
    }
    look = *at;
    if (*look == '/' && (look++, read_digits(&look, &step))) {
        letter.step = step;
        *at = look;
    }
    return letter;
}

/* A range that was given, within what the field can hold. */
static int narrow(letter_t *letter, const cron_hash_t *hash, int least, int most, fault_t *fault)
{
    if (letter->least > letter->most)
        return fault_set(fault, FAULT_USAGE, "H(%.0f-%.0f) runs backwards", letter->least, letter->most);
    bool over = letter->least < least || letter->most > most;
    if ((hash->strict && over) || letter->least > most || letter->most < least)
        return fault_set(fault, FAULT_USAGE, "H(%.0f-%.0f) is outside %d to %d", letter->least, letter->most, least,
                         most);
    letter->least = fmax(letter->least, least);
    letter->most = fmin(letter->most, most);
    return 0;
}

static void add_one(const cron_hash_t *hash, const letter_t *letter, buf_t *out)
{
    buf_format(out, "%.0f", floor(hash->random * (letter->most - letter->least + 1)) + letter->least);
}

static void add_steps(const cron_hash_t *hash, const letter_t *letter, buf_t *out)
{
    bool first = true;
    double from = floor(letter->least / letter->step) * letter->step + floor(hash->random * letter->step);
    for (double i = from; i <= letter->most; i += letter->step)
        if (i >= letter->least) {
            buf_format(out, first ? "%.0f" : ",%.0f", i);
            first = false;
        }
    if (first) /* the step is wider than the range: one number of it */
        add_one(hash, letter, out);
}

int cron_hash_expand(const cron_hash_t *hash, const char *text, int least, int most, buf_t *out, fault_t *fault)
{
    while (*text) {
        if (*text != 'H') {
            buf_char(out, *text++);
            continue;
        }
        text++;
        letter_t letter = read_letter(&text, least, most);
        if (letter.step <= 0)
            return fault_set(fault, FAULT_USAGE, "the step of an H is 0");
        if (letter.ranged && narrow(&letter, hash, least, most, fault) < 0)
            return -1;
        if (hash->strict && letter.step > letter.most - letter.least + 1)
            return fault_set(fault, FAULT_USAGE, "H/%.0f is a wider step than its range", letter.step);
        if (isnan(letter.step))
            add_one(hash, &letter, out);
        else
            add_steps(hash, &letter, out);
    }
    return 0;
}
