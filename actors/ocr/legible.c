/* legible: see legible.h. */
#include "legible.h"

#include "proto/base/text.h"

#include <string.h>

/* WORDS_LEAST: words of LETTERS_LEAST letters from which chance is ruled out. Georgian, Greek and Cyrillic tables read
 * by the English model have a mean confidence of 0.24 to 0.38, and 0.66 and more of their words are below UNSURE; the
 * worst photo of print has 0.75 and 0.22, handwriting 0.60 and 0.41. */
enum { WORDS_LEAST = 12, LETTERS_LEAST = 3 };
static const double UNSURE = 0.5, MEAN_LEAST = 0.48, UNSURE_MOST = 0.6;

static int letters(const char *text)
{
    int count = 0;
    for (uint32_t point; (point = text_next(&text));)
        count += text_is_letter(point);
    return count;
}

bool legible(const dossier_t *dossier)
{
    int words = 0, unsure = 0;
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
            unsure += word->confidence < UNSURE;
        }
    }
    return words < WORDS_LEAST || sum >= MEAN_LEAST * words || unsure <= UNSURE_MOST * words;
}
