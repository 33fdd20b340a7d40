/* legible: see legible.h. */
#include "legible.h"

#include "proto/base/text.h"

#include <string.h>

/* WORDS_LEAST: words of LETTERS_LEAST letters from which chance is ruled out. Tables in Georgian, Greek, Cyrillic and
 * Devanagari read by the English model have a mean confidence of 0.24 to 0.48, and 0.81 and more of their words are
 * below SURE; the worst photo of print has 0.79 and 0.25, handwriting 0.59 and 0.59. Cyrillic in some faces is surer
 * (0.63), but more than half of its words are MIXED ("PucoBaHue", "Anre6pa"): of print 0.24 and less, a page of codes
 * aside, which has 0.40 and a mean of 0.90. */
enum { WORDS_LEAST = 12, LETTERS_LEAST = 3 };
static const double SURE = 0.8, MEAN_LEAST = 0.535, UNSURE_MOST = 0.7, MIXED_MOST = 0.4, MIXED_MEAN = 0.8;

static int letters(const char *text)
{
    int count = 0;
    for (uint32_t point; (point = text_next(&text));)
        count += text_is_letter(point);
    return count;
}

/* A capital behind a small letter, or digits between letters. */
static bool is_mixed(const char *text)
{
    bool small = false, letter = false, digits = false;
    for (uint32_t point; (point = text_next(&text));) {
        bool is_letter = text_is_letter(point), upper = is_letter && text_is_upper(point);
        if ((small && upper) || (digits && is_letter))
            return true;
        digits = text_is_digit(point) && (letter || digits);
        small = is_letter && !upper;
        letter = is_letter;
    }
    return false;
}

bool legible(const dossier_t *dossier)
{
    int words = 0, unsure = 0, mixed = 0;
    double sum = 0;
    for (size_t i = 0; i < dossier->pages.count; i++) {
        const page_t *page = LIST_AT(page_t, dossier->pages, i);
        if (!page->origin || strcmp(page->origin, "ocr") != 0)
            continue;
        for (size_t j = 0; j < page->words.count; j++) {
            const word_t *word = LIST_AT(word_t, page->words, j);
            if (letters(word->text) < LETTERS_LEAST)
                continue;
            words++;
            sum += word->confidence;
            unsure += word->confidence < SURE;
            mixed += is_mixed(word->text);
        }
    }
    bool rubbish = sum < MEAN_LEAST * words && unsure > UNSURE_MOST * words;
    rubbish = rubbish || (sum < MIXED_MEAN * words && mixed > MIXED_MOST * words);
    return words < WORDS_LEAST || !rubbish;
}
