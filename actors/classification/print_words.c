/* print_words: see print_words.h. */
#include "print_words.h"

#include "proto/base/text.h"

#include <math.h>
#include <string.h>

/* First letters of the names of days, folded and without diacritics, in English, German, French, Spanish, Italian,
 * Portuguese, Dutch, Polish, Swedish/Danish/Norwegian, Turkish, Romanian, Russian, Ukrainian, Greek. A word counts when
 * it begins so and is no longer than a name: "monday", "mon", "montag". */
static const char *const beginnings[] = {
    "mon",   "tue",   "wed",   "thu",   "fri",  "sat",  "sun",  "mont", "dien", "mittw", "donn",  "freit", "sams",
    "lun",   "mar",   "mer",   "jeu",   "ven",  "sam",  "dim",  "mie",  "jue",  "vie",   "sab",   "gio",   "seg",
    "segun", "terca", "quar",  "quin",  "sext", "maan", "dins", "woen", "dond", "vrij",  "zat",   "ponie", "wtor",
    "srod",  "czwa",  "piat",  "mand",  "tirs", "onsd", "tors", "fred", "paza", "sali",  "cars",  "pers",  "cuma",
    "joi",   "mart",  "понед", "вторн", "сред", "четв", "пятн", "субб", "δευτ", "τριτ",  "τεταρ", "πεμπ",  "παρασ",
};

enum { DAY_LETTERS_MOST = 13 };

static bool is_day(const char *text)
{
    char plain[64];
    text_plain(text, plain, sizeof plain);
    size_t length = text_length(plain);
    for (size_t i = 0; length <= DAY_LETTERS_MOST && i < sizeof beginnings / sizeof *beginnings; i++)
        if (strncmp(plain, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

/* One or two digits, a mark, two digits; or digits before am, pm, h, Uhr. */
static bool is_time(const char *text)
{
    const char *at = text;
    while (*at && !(*at >= '0' && *at <= '9'))
        at++;
    size_t digits = strspn(at, "0123456789");
    if (digits == 1 || digits == 2) {
        const char *mark = at + digits;
        if (strchr(":.hHuU", *mark ? *mark : ' ') && strspn(mark + 1, "0123456789") == 2)
            return true;
        return (*mark == 'a' || *mark == 'p' || *mark == 'A' || *mark == 'P') && (mark[1] | 32) == 'm';
    }
    return digits == 4 && (at[4] == '-' || strncmp(at + 4, "–", 3) == 0);
}

void print_words_count(const page_t *page, print_words_t *count)
{
    *count = (print_words_t){.words = (int)page->words.count, .cells = (int)page->cells.count};
    for (size_t i = 0; i < page->words.count; i++) {
        const char *text = LIST_AT(word_t, page->words, i)->text;
        count->times += is_time(text);
        count->days += is_day(text);
    }
}

void print_words_add(print_words_t *sum, const print_words_t *more)
{
    sum->words += more->words;
    sum->days += more->days;
    sum->times += more->times;
    sum->cells += more->cells;
}

double print_words_likelihood(const print_words_t *count)
{
    double days = fmin(count->days / 5.0, 1), times = fmin(count->times / 8.0, 1), cells = fmin(count->cells / 30.0, 1);
    return fmin(0.1 + 0.4 * days + 0.4 * times + 0.2 * cells, 1);
}
