/* reread: see reread.h. */
#include "reread.h"

#include "proto/base/text.h"

#include <math.h>
#include <string.h>

/* Under this confidence a word is read again. Of 490 words from 0.85 on, in lines that were read again as a whole, none
 * changed for the better; of those below 0.8 every tenth did. */
#define UNSURE 0.88

/* Under this mean confidence what makes no words is texture, not print: reading it again makes no words either (dev,
 * synth: no score changes, 6 % of the time). */
#define NOISE 0.40

/* What the first reading counts less than later ones, whose looks are wider. */
#define FIRST_LESS 0.05

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

static bool has_digit(const char *word)
{
    return strpbrk(word, "0123456789") != NULL;
}

/* Digits, or what they are taken for before am and pm ("liam" for 11am). */
static bool may_be_digits(const char *word)
{
    enum { TIME_MOST = 6 }; /* letters of "12.30am" of which digits were lost */
    size_t length = strlen(word);
    if (has_digit(word))
        return true;
    return length > 2 && length <= TIME_MOST && strchr("aApP", word[length - 2]) && strchr("mM", word[length - 1]);
}

/* Dashes alone: which of them it is does not matter. */
static bool is_dash(const char *word)
{
    for (const char *at = word; *at;) {
        uint32_t c = text_next(&at);
        if (c != '-' && c != 0x2013 && c != 0x2014)
            return false;
    }
    return true;
}

static bool is_unsure(const reading_t *word)
{
    return word->confidence < UNSURE && !is_dash(word->text);
}

int reread_most(engine_t *engine, const readings_t *first)
{
    for (int i = 0; i < first->count; i++)
        if (may_be_digits(first->items[i].text))
            return REREAD_MOST;
    if (first->count == 0)
        return 1;
    return first->confidence >= NOISE || reread_likely(engine, first) >= 0.5 ? REREAD_MOST : 0;
}

bool reread_unsure(const readings_t *reading, int before, int *from, int *to)
{
    int last = before - 1;
    while (last >= 0 && !is_unsure(&reading->items[last]))
        last--;
    *to = last + 1;
    while (last >= 0 && (is_unsure(&reading->items[last]) || (last > 0 && is_unsure(&reading->items[last - 1]))))
        last--;
    *from = last + 1;
    return *from < *to;
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
    bool digits = false;
    for (int k = 0; k < count; k++)
        for (int i = 0; i < readings[k].count; i++)
            digits |= may_be_digits(readings[k].items[i].text);
    if (!digits && count > 1 && last->count > 0)
        return true;
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
        double score = top + 0.35 * (sum - top) + 0.25 * reread_likely(engine, &readings[i]) - (i ? 0 : FIRST_LESS);
        if (score > most + 1e-9)
            most = score, best = i;
    }
    for (int k = 0; k < count && most >= 0; k++) /* of the same text, the surest */
        if (same(&readings[k], &readings[best]) && readings[k].confidence > readings[best].confidence)
            best = k;
    return best;
}
