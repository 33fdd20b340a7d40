/* reread: see reread.h. */
#include "reread.h"

#include "proto/base/text.h"

#include <math.h>
#include <string.h>

/* Under this mean confidence a line is read again; print that is read well has 0.90 and more. */
#define UNSURE 0.82

/* Under this mean confidence what makes no words is texture, not print: reading it again makes no words either. */
#define NOISE 0.40

/* Ink height in px under which digits are voted on: at 10 px one reading in five is wrong, at 14 px none. */
#define SMALL_DIGITS 12.0

/* Mean confidence of two equal readings from which a third changed none of 180 lines of small print. */
#define AGREED 0.75

/* Digits with the signs that times and numbers have. */
static bool is_number(const char *word)
{
    int digits = 0, others = 0;
    for (const char *at = word; *at;) {
        uint32_t c = text_next(&at);
        if (text_is_digit(c))
            digits++;
        else if (!(c < 128 && strchr(":.-,/()&+", (int)c)) && c != 0x2013 && c != 0x2014)
            others++;
    }
    return digits > 0 && others <= 2;
}

static bool is_likely(engine_t *engine, const char *word)
{
    char folded[80];
    if (is_number(word))
        return true;
    text_fold(word, folded, sizeof folded);
    if (text_length(folded) <= 2)
        return true;
    return engine_knows(engine, word) || engine_knows(engine, folded);
}

double reread_likely(engine_t *engine, const readings_t *reading)
{
    double good = 0, all = 0;
    for (int i = 0; i < reading->count; i++) {
        double n = (double)text_length(reading->items[i].text);
        good += is_likely(engine, reading->items[i].text) ? n : 0;
        all += n;
    }
    return all > 0 ? good / all : 0;
}

static bool has_digit(const readings_t *reading)
{
    for (int i = 0; i < reading->count; i++)
        if (strpbrk(reading->items[i].text, "0123456789"))
            return true;
    return false;
}

int reread_wanted(engine_t *engine, const readings_t *first, double tall)
{
    if (first->count == 0)
        return 1;
    if (has_digit(first) && (tall < SMALL_DIGITS || first->confidence < UNSURE))
        return first->confidence >= 0.93 ? 0 : 3;
    if (first->confidence < NOISE && reread_likely(engine, first) < 0.5)
        return 0;
    if (first->confidence < UNSURE)
        return 2;
    double least = 1;
    for (int i = 0; i < first->count; i++)
        least = fmin(least, first->items[i].confidence);
    return least < 0.6 && reread_likely(engine, first) < 0.7 ? 1 : 0;
}

/* The same words. */
static bool same(const readings_t *a, const readings_t *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++)
        if (strcmp(a->items[i].text, b->items[i].text) != 0)
            return false;
    return true;
}

bool reread_settled(const readings_t *readings, int count)
{
    const readings_t *last = &readings[count - 1];
    for (int i = 0; i < count - 1; i++)
        if (last->count && same(&readings[i], last) && readings[i].confidence + last->confidence >= 2 * AGREED)
            return true;
    return false;
}

int reread_best(engine_t *engine, const readings_t *readings, int count)
{
    int best = 0;
    double most = -1;
    for (int i = 0; i < count; i++) {
        double sum = 0, top = 0;
        if (readings[i].count == 0)
            continue;
        for (int k = 0; k < count; k++)
            if (same(&readings[i], &readings[k])) {
                sum += readings[k].confidence;
                top = fmax(top, readings[k].confidence);
            }
        /* votes count, but a confident reading beats two doubtful ones */
        double score = top + 0.35 * (sum - top) + 0.25 * reread_likely(engine, &readings[i]);
        if (score > most + 1e-9)
            most = score, best = i;
    }
    for (int k = 0; k < count && most >= 0; k++) /* of the same text, the surest */
        if (same(&readings[k], &readings[best]) && readings[k].confidence > readings[best].confidence)
            best = k;
    return best;
}
