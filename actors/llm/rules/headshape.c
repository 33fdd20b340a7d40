/* Patterns of numbers, years and codes, matched by hand. Used by headword alone; a pure function. */
#include "headshape.h"
#include "headword.h"
#include "proto/base/text.h"

#include <string.h>

enum {
    SHAPE_BYTES = 24, /* longer words have no shape */
    YEAR_FIRST = 1990,
    YEAR_LAST = 2099,
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Digits at *at, at most `most` of them; returns how many and moves on. */
static size_t digits(const char **at, size_t most, int *value)
{
    size_t n = 0;
    *value = 0;
    for (; n < most && is_digit(**at); n++)
        *value = *value * 10 + (*(*at)++ - '0');
    return n;
}

static bool is_year(int value)
{
    return value >= YEAR_FIRST && value <= YEAR_LAST;
}

/* 2024, 2024-25, 2024/2025; 0 where it is none. */
static int year_of(const char *text)
{
    int year, next;
    if (digits(&text, 4, &year) != 4 || !is_year(year))
        return 0;
    if (!*text)
        return year;
    if (*text != '-' && *text != '/')
        return 0;
    text++;
    size_t n = digits(&text, 4, &next);
    bool follows = n == 4 ? next == year + 1 : n == 2 && next == (year + 1) % 100;
    return follows && !*text ? year : 0;
}

/* The year of 12/08/2024, 12.8.24, 2024-08-12, 17-Oct-16; 0 where it is no date. */
static int date_year(const char *text)
{
    int part[3];
    size_t n[3];
    char mark = 0;
    for (int i = 0; i < 3; i++) {
        if (i && (!*text || !strchr("/.-", *text) || (mark && *text != mark)))
            return 0;
        if (i)
            mark = *text++;
        n[i] = digits(&text, 4, &part[i]);
        if (i == 1 && !n[1]) { /* a month's name */
            for (; is_upper(*text) || is_lower(*text); text++)
                n[1]++;
            part[1] = n[1] >= 3 ? 1 : 0;
        }
    }
    int year = n[0] == 4 ? part[0] : part[2] + (n[2] == 2 ? 2000 : 0);
    bool sound = (n[0] == 4 || n[0] <= 2) && n[0] && n[1] && (n[2] == 2 || (n[2] == 4 && n[0] <= 2));
    return !*text && sound && part[1] >= 1 && part[1] <= 31 && is_year(year) ? year : 0;
}

static int roman_of(const char *text)
{
    static const char *const numerals[] = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};
    for (int i = 0; i < 12; i++)
        if (!strcmp(text, numerals[i]))
            return i + 1;
    return 0;
}

/* 1st, 3rd, 2º; also what OCR makes of them (Sth, lst), as no word looks like that. */
static bool is_ordinal(const char *text)
{
    static const char *const endings[] = {"st", "nd", "rd",  "th",  "º",   "ª",  "°", "er",
                                          "re", "e",  "ème", "eme", "éme", ".º", ".ª"};
    if (!strcmp(text, "Sth") || !strcmp(text, "lst") || !strcmp(text, "Ist") || !strcmp(text, "Znd"))
        return true;
    int value;
    if (!digits(&text, 2, &value) || !value)
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_same(text, endings[i]))
            return true;
    return false;
}

/* V-A, XII/B */
static bool is_roman_code(const char *text)
{
    size_t size = strlen(text);
    char numeral[8] = "";
    if (size < 3 || size > sizeof numeral + 1 || !is_upper(text[size - 1]) || !strchr("-/.", text[size - 2]))
        return false;
    memcpy(numeral, text, size - 2);
    return roman_of(numeral) > 0;
}

/* H3b, V4a: stream, year and group of Dutch classes. */
static bool is_stream(const char *text)
{
    return is_upper(text[0]) && is_digit(text[1]) && is_lower(text[2]) && !text[3] && !strchr("hx", text[2]);
}

/* 4M, 2EJ, 1R1, 7b, 3/4W, 6-B, 9.A, BSE-6A, Y5; not 9am, 2nd, 9h, 2x, TL-113, CFG100. P5 and S3 may be classes or
 * periods: HEAD_WEAK. */
static unsigned code_of(const char *text)
{
    const char *at = text;
    size_t before = 0, after = 0;
    int value;
    for (; is_upper(*at) || (*at == 'r' && before == 1); at++)
        before++;
    bool year = *text == 'Y' && (before == 1 || (before == 2 && text[1] == 'r'));
    if (before > 4 || (before && !year && text[1] == 'r'))
        return 0;
    at += before && *at == '-';
    if (!digits(&at, 2, &value) || !value || is_digit(*at))
        return 0;
    if (*at == '/' && at++ && !digits(&at, 2, &value))
        return 0;
    at += *at && strchr("-.", *at) && is_upper(at[1]);
    for (; is_upper(*at) && after < 3; at++)
        after++;
    if (!after && !before && is_lower(*at) && *at != 'h' && *at != 'x' && !at[1])
        at++, after++;
    if (after && is_digit(*at) && !before)
        at++;
    bool whole = !*at && strcmp(text, "AM") && strcmp(text, "PM");
    if (whole && (after || year))
        return HEAD_CODE;
    return whole && before == 1 && strchr("PSFKGJ", *text) ? HEAD_CODE | HEAD_WEAK : 0;
}

/* A copy with every dash a hyphen, so that a pattern needs one; false for what is too long. */
static bool shape_text(const char *text, size_t size, char out[SHAPE_BYTES])
{
    size_t n = 0;
    const char *end = text + size;
    while (text < end) {
        const char *from = text;
        uint32_t point = text_next(&text);
        size_t bytes = (size_t)(text - from);
        if (n + bytes + 1 > SHAPE_BYTES)
            return false;
        if (point >= 0x2010 && point <= 0x2015)
            out[n++] = '-';
        else
            for (size_t i = 0; i < bytes; i++)
                out[n++] = from[i];
    }
    out[n] = 0;
    return true;
}

unsigned headshape_of(const char *text, size_t size, int *number)
{
    char shape[SHAPE_BYTES];
    *number = 0;
    if (!shape_text(text, size, shape))
        return 0;
    const char *at = shape;
    unsigned can = 0;
    int value;
    size_t n = digits(&at, 4, &value);
    if (n && n <= 2 && !*at && value)
        can |= HEAD_NUMBER, *number = value;
    if (can & HEAD_NUMBER && text[size] == '.')
        can |= HEAD_ORDINAL; /* 7. Klasse */
    if (is_upper(shape[0]) && !shape[1])
        can |= HEAD_LETTER;
    if ((value = roman_of(shape)))
        can |= HEAD_ROMAN, *number = value;
    if (is_ordinal(shape))
        can |= HEAD_ORDINAL;
    else
        can |= is_roman_code(shape) ? HEAD_CODE : is_stream(shape) ? HEAD_CODE | HEAD_WEAK : code_of(shape);
    if ((value = year_of(shape)))
        can |= HEAD_YEAR, *number = value;
    else if ((value = date_year(shape)))
        can |= HEAD_DATE, *number = value;
    return can;
}
