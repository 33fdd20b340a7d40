/* momentpart: see momentpart.h. */
#include "momentpart.h"
#include "proto/base/text.h"
#include "vocabulary.h"

#include <string.h>

/* Bytes of a word that is looked up before a number. */
enum { WORD_MOST = 64 };

/* ---- characters and words */

const char *momentpart_skip_space(const char *at)
{
    for (const char *next = at; text_is_space(text_next(&next)); at = next)
        ;
    return at;
}

uint32_t momentpart_point(const char *at)
{
    return text_next(&at);
}

const char *momentpart_step_back(const char *text, const char *at)
{
    do
        at--;
    while (at > text && ((unsigned char)*at & 0xC0) == 0x80);
    return at;
}

static bool is_number(char c)
{
    return c >= '0' && c <= '9';
}

bool momentpart_is_glue(uint32_t point)
{
    return point == '_' || text_is_digit(point) || text_is_letter(point);
}

const char *momentpart_take_word(const char *at, const char *section)
{
    size_t length;
    if (!text_is_letter(momentpart_point(at)) || vocabulary_prefix(section, at, &length) < 0)
        return NULL;
    return momentpart_is_glue(momentpart_point(at + length)) ? NULL : at + length;
}

const char *momentpart_word_before(const char *text, const char *at, const char **end)
{
    while (at > text && (at[-1] == ' ' || at[-1] == '.'))
        at--;
    *end = at;
    while (at > text && momentpart_is_glue(momentpart_point(momentpart_step_back(text, at))))
        at = momentpart_step_back(text, at);
    return at;
}

bool momentpart_is_after(const char *text, const char *at, const char *section)
{
    char word[WORD_MOST];
    const char *end, *from = momentpart_word_before(text, at, &end);
    size_t bytes = (size_t)(end - from);
    if (bytes == 0 || bytes >= sizeof word)
        return false;
    memcpy(word, from, bytes);
    word[bytes] = '\0';
    return vocabulary_find(section, word) >= 0;
}

/* ---- digits */

/* What OCR makes of digits. The rarer ones only where a colon says that it is a time: "4B.12" is a room. */
static int digit_of(char c, bool loose, bool *mended)
{
    static const char taken[] = "lIiOoSsBZ", meant[] = "111005582";
    if (is_number(c))
        return c - '0';
    const char *found = loose && c ? strchr(taken, c) : NULL;
    if (!found)
        return -1;
    *mended = true;
    return meant[found - taken] - '0';
}

int momentpart_digits(const char *at, int most, bool loose, int *value, bool *mended)
{
    int count = 0, digit;
    for (*value = 0; (digit = digit_of(at[count], loose, mended)) >= 0; count++) {
        if (count == most)
            return 0;
        *value = *value * 10 + digit;
    }
    return count;
}

bool momentpart_set(reading_t *out, int hour, int minute, bool zero)
{
    if (hour > 23 || minute > 59)
        return false;
    out->zero = zero;
    bool day = hour > 12 || hour == 0 || (zero && hour >= 7);
    out->moment = (moment_t){hour * HOUR + minute, day ? HALF_DAY : HALF_UNKNOWN};
    return true;
}

const char *momentpart_take_half(const char *at, half_t *half)
{
    char first = (char)(*at | 0x20);
    if (first != 'a' && first != 'p')
        return NULL;
    at++;
    if (*at == '.')
        at = at[1] == ' ' ? at + 2 : at + 1;
    if ((*at | 0x20) != 'm' || momentpart_is_glue(momentpart_point(at + 1)))
        return NULL;
    *half = first == 'a' ? HALF_AM : HALF_PM;
    return at[1] == '.' ? at + 2 : at + 1;
}
