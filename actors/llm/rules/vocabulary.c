/* vocabulary: see vocabulary.h. The lists come sorted from the build, so everything here is a search. */
#include "vocabulary.h"

#include "proto/base/text.h"
#include "vocabulary_table.h"

#include <string.h>

/* Longest text that is looked up, in bytes, folded; a longer one is cut, and matches no form. */
enum { TEXT_MOST = 256, WORDS_MOST = 16 };

static const vocabulary_section_t *section_of(const char *name)
{
    for (size_t i = 0; i < vocabulary_table_section_count; i++)
        if (vocabulary_table_sections[i].name[0] == name[0] && strcmp(vocabulary_table_sections[i].name, name) == 0)
            return &vocabulary_table_sections[i];
    return NULL;
}

/* The first of the forms that equal the folded text; form_count where there is none. */
static size_t form_at(const vocabulary_section_t *section, const char *folded)
{
    size_t low = section->starts[(unsigned char)*folded], end = section->starts[(unsigned char)*folded + 1], high = end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(section->forms[middle].form, folded) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && strcmp(section->forms[low].form, folded) == 0 ? low : section->form_count;
}

static size_t readings_in(const vocabulary_section_t *section, const char *text, vocabulary_reading_t *out, size_t room)
{
    char folded[TEXT_MOST];
    size_t count = 0;
    text_plain(text, folded, sizeof folded);
    for (size_t i = form_at(section, folded); i < section->form_count && count < room; i++) {
        const vocabulary_form_t *form = &section->forms[i];
        if (strcmp(form->form, folded) != 0)
            break;
        out[count++] = (vocabulary_reading_t){form->entry, form->language};
    }
    return count;
}

int vocabulary_find(const char *section_name, const char *text)
{
    vocabulary_reading_t reading;
    return vocabulary_readings(section_name, text, &reading, 1) ? reading.entry : -1;
}

size_t vocabulary_readings(const char *section_name, const char *text, vocabulary_reading_t *out, size_t room)
{
    const vocabulary_section_t *section = section_of(section_name);
    return section ? readings_in(section, text, out, room) : 0;
}

/* Ends of the first words of a text, in bytes from its beginning; words as text_plain parts them. */
static size_t word_ends(const char *text, size_t ends[], size_t most)
{
    size_t count = 0;
    bool inside = false;
    for (const char *at = text, *before = at;; before = at) {
        uint32_t point = text_next(&at);
        bool in = point && (text_is_letter(point) || text_is_digit(point));
        if (inside && !in) {
            if (count == most)
                return count;
            ends[count++] = (size_t)(before - text);
        }
        inside = in;
        if (!point)
            return count;
    }
}

int vocabulary_prefix(const char *section_name, const char *text, size_t *length)
{
    size_t ends[WORDS_MOST];
    char part[TEXT_MOST];
    const vocabulary_section_t *section = section_of(section_name);
    if (!section)
        return -1;
    size_t most = (size_t)section->words_most < WORDS_MOST ? (size_t)section->words_most : WORDS_MOST;
    for (size_t count = word_ends(text, ends, most); count > 0; count--) {
        size_t bytes = ends[count - 1];
        if (bytes >= sizeof part)
            continue;
        memcpy(part, text, bytes);
        part[bytes] = 0;
        vocabulary_reading_t reading;
        if (readings_in(section, part, &reading, 1)) {
            *length = bytes;
            return reading.entry;
        }
    }
    return -1;
}

const char *vocabulary_name(const char *section_name, int entry)
{
    const vocabulary_section_t *section = section_of(section_name);
    return section && entry >= 0 && (size_t)entry < section->entry_count ? section->entries[entry] : NULL;
}

int vocabulary_nearest(const char *section_name, const char *text, int limit, size_t shortest, int *entry)
{
    char folded[TEXT_MOST];
    const vocabulary_section_t *section = section_of(section_name);
    int best = limit + 1;
    *entry = -1;
    text_plain(text, folded, sizeof folded);
    for (size_t i = 0; section && i < section->form_count && best > 0; i++) {
        if (text_length(section->forms[i].form) < shortest)
            continue;
        int distance = text_distance(folded, section->forms[i].form, best - 1);
        if (distance < best) {
            best = distance;
            *entry = section->forms[i].entry;
        }
    }
    return best;
}

static bool word_known(const char *word)
{
    size_t low = vocabulary_table_word_starts[(unsigned char)*word],
           high = vocabulary_table_word_starts[(unsigned char)*word + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(vocabulary_table_words[middle], word);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool vocabulary_knows(const char *text)
{
    char folded[TEXT_MOST * 4], *rest;
    bool any = false;
    text_plain(text, folded, sizeof folded);
    for (char *word = strtok_r(folded, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (text_length(word) < 2)
            continue;
        if (!word_known(word))
            return false;
        any = true;
    }
    return any;
}

int vocabulary_languages(void)
{
    return (int)vocabulary_table_language_count;
}

const char *vocabulary_language(int language)
{
    return language >= 0 && language < vocabulary_languages() ? vocabulary_table_languages[language] : NULL;
}
