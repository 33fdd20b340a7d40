/* spelt: see spelt.h. */
#include "spelt.h"
#include "proto/base/text.h"
#include "vocabulary.h"

#include <string.h>

/* Letters of the shortest and the longest that is looked at: "TEA", "AFTERNOON REGISTRATION". */
enum { LETTERS_LEAST = 3, LETTERS_MOST = 24, WORD_LEAST = 2 };

/* A line of single letters without its spaces: at[i] is where the i-th begins, at[count] where the text ends. */
typedef struct {
    char text[LETTERS_MOST * 4 + 1];
    size_t at[LETTERS_MOST + 1], count;
} letters_t;

/* False where the line holds anything but single letters. */
static bool letters_of(const char *text, letters_t *letters)
{
    *letters = (letters_t){.count = 0};
    char *end = letters->text;
    while (*text) {
        const char *from = text;
        if (!text_is_letter(text_next(&text)) || letters->count == LETTERS_MOST || (*text && *text != ' '))
            return false;
        letters->at[letters->count++] = (size_t)(end - letters->text);
        memcpy(end, from, (size_t)(text - from));
        end += text - from;
        text += strspn(text, " ");
    }
    letters->at[letters->count] = (size_t)(end - letters->text);
    return letters->count >= LETTERS_LEAST;
}

const char *spelt_word(arena_t *arena, const char *text)
{
    letters_t letters;
    if (!letters_of(text, &letters))
        return text;
    if (vocabulary_knows(letters.text))
        return arena_text(arena, letters.text);
    for (size_t i = WORD_LEAST; i + WORD_LEAST <= letters.count; i++) {
        int cut = (int)letters.at[i];
        const char *two = arena_format(arena, "%.*s %s", cut, letters.text, letters.text + cut);
        if (vocabulary_knows(two))
            return two;
    }
    return text;
}
