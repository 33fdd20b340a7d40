/* text: see text.h. */
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Longest text that is compared, in code points; a name on a timetable is far shorter, and the table is quadratic. */
enum { COMPARE_MOST = 512 };

uint32_t text_next(const char **at)
{
    const unsigned char *p = (const unsigned char *)*at;
    if (!*p)
        return 0;
    uint32_t point = *p;
    if (point < 0x80) {
        ++*at;
        return point;
    }
    int more = point >= 0xF0 && point < 0xF5 ? 3 : point >= 0xE0 ? 2 : point >= 0xC2 ? 1 : -1;
    if (point >= 0xF5)
        more = -1;
    if (more > 0)
        point &= 0x3Fu >> more;
    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            more = -1;
            break;
        }
        point = point << 6 | (p[i] & 0x3F);
    }
    bool bad = more < 0 || (more == 2 && point < 0x800) || (more == 3 && (point < 0x10000 || point > 0x10FFFF)) ||
               (point >= 0xD800 && point < 0xE000);
    *at += bad ? 1 : more + 1;
    return bad ? 0xFFFD : point;
}

size_t text_encode(uint32_t point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

size_t text_length(const char *text)
{
    size_t length = 0;
    while (text_next(&text))
        length++;
    return length;
}

static bool is_combining(uint32_t c)
{
    return (c >= 0x300 && c < 0x370) || (c >= 0x200B && c <= 0x200F) || c == 0xFE0F || (c >= 0x483 && c <= 0x489);
}

size_t text_letters(const char *text)
{
    size_t letters = 0;
    for (uint32_t point; (point = text_next(&text));)
        letters += text_is_letter(point);
    return letters;
}

size_t text_columns(const char *text)
{
    size_t columns = 0;
    for (uint32_t c; (c = text_next(&text));) {
        if (is_combining(c))
            continue;
        bool wide = (c >= 0x1100 && c < 0x1160) || (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xAC00 && c < 0xD7A4) ||
                    (c >= 0xF900 && c < 0xFB00) || (c >= 0xFE30 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF61) ||
                    (c >= 0x1F300 && c < 0x1FA00) || (c >= 0x20000 && c < 0x30000);
        columns += wide ? 2 : 1;
    }
    return columns;
}

bool text_valid(const char *text, size_t size)
{
    if (size == 0)
        return true; /* text may be NULL */
    const char *at = text, *end = text + size;
    while (at < end) {
        unsigned char lead = (unsigned char)*at;
        if (lead > 0 && lead < 0x80) {
            at++;
            continue;
        }
        int need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (!lead || end - at < need) /* cut off: nothing behind the end is looked at */
            return false;
        const char *before = at;
        if (text_next(&at) == 0xFFFD && !(at - before == 3 && memcmp(before, "\xEF\xBF\xBD", 3) == 0))
            return false;
    }
    return at == end;
}

bool text_is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

bool text_is_space(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool text_is_letter(uint32_t c)
{
    if (c < 0x80)
        return (c | 32) >= 'a' && (c | 32) <= 'z';
    if (c < 0xC0)
        return c == 0xAA || c == 0xB5 || c == 0xBA;
    if (c < 0x2000)
        return c != 0xD7 && c != 0xF7 && !is_combining(c);
    return (c >= 0x2C00 && c < 0x2E00) || (c >= 0x3040 && c < 0xD7A4) || (c >= 0xF900 && c < 0xFE00) ||
           (c >= 0xFE70 && c < 0xFEFF) || (c >= 0xFF21 && c < 0xFFDD) || c >= 0x20000;
}

uint32_t text_lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c >= 0xC0 && c <= 0xDE)
        return c == 0xD7 ? c : c + 32;
    if (c == 0x130)
        return 'i';
    if (c == 0x178)
        return 0xFF;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
        return c % 2 ? c + 1 : c;
    if ((c >= 0x100 && c <= 0x177) || (c >= 0x218 && c <= 0x21B) || (c >= 0x460 && c <= 0x481) ||
        (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1EFF))
        return c % 2 ? c : c + 1;
    if (c == 0x386)
        return 0x3AC;
    if (c >= 0x388 && c <= 0x38A)
        return c + 37;
    if (c >= 0x391 && c <= 0x3AB)
        return c + 32;
    if (c >= 0x410 && c <= 0x42F)
        return c + 32;
    if (c >= 0x400 && c <= 0x40F)
        return c + 80;
    if (c >= 0x531 && c <= 0x556)
        return c + 48;
    return c;
}

bool text_is_upper(uint32_t c)
{
    return text_lower(c) != c;
}

/* The Latin letter without its mark, for U+00C0 to U+017F after lower-casing. */
static uint32_t without_mark(uint32_t c)
{
    static const struct {
        uint32_t first, last; /* code points, lower case */
        char plain;           /* what they stand for */
    } rows[] = {{0xE0, 0xE6, 'a'},   {0xE7, 0xE7, 'c'},   {0xE8, 0xEB, 'e'},   {0xEC, 0xEF, 'i'},   {0xF0, 0xF0, 'd'},
                {0xF1, 0xF1, 'n'},   {0xF2, 0xF6, 'o'},   {0xF8, 0xF8, 'o'},   {0xF9, 0xFC, 'u'},   {0xFD, 0xFF, 'y'},
                {0x100, 0x105, 'a'}, {0x106, 0x10D, 'c'}, {0x10E, 0x111, 'd'}, {0x112, 0x11B, 'e'}, {0x11C, 0x123, 'g'},
                {0x124, 0x127, 'h'}, {0x128, 0x131, 'i'}, {0x134, 0x135, 'j'}, {0x136, 0x138, 'k'}, {0x139, 0x142, 'l'},
                {0x143, 0x14B, 'n'}, {0x14C, 0x153, 'o'}, {0x154, 0x159, 'r'}, {0x15A, 0x161, 's'}, {0x162, 0x167, 't'},
                {0x168, 0x173, 'u'}, {0x174, 0x175, 'w'}, {0x176, 0x178, 'y'}, {0x179, 0x17E, 'z'}, {0x218, 0x219, 's'},
                {0x21A, 0x21B, 't'}};
    for (size_t i = 0; c >= rows[0].first && i < sizeof rows / sizeof *rows; i++)
        if (c >= rows[i].first && c <= rows[i].last)
            return (uint32_t)rows[i].plain;
    return c;
}

static char *fold(const char *text, char *out, size_t size, bool plain)
{
    size_t used = 0;
    bool gap = false;
    for (uint32_t c; (c = text_next(&text));) {
        if (is_combining(c))
            continue;
        if (!text_is_letter(c) && !text_is_digit(c)) {
            gap = used > 0;
            continue;
        }
        c = text_lower(c);
        if (plain)
            c = without_mark(c);
        char bytes[4];
        size_t n = text_encode(c, bytes);
        if (used + gap + n + 1 > size)
            break;
        if (gap)
            out[used++] = ' ';
        memcpy(out + used, bytes, n);
        used += n;
        gap = false;
    }
    if (size)
        out[used] = 0;
    return out;
}

char *text_fold(const char *text, char *out, size_t size)
{
    return fold(text, out, size, false);
}

char *text_plain(const char *text, char *out, size_t size)
{
    return fold(text, out, size, true);
}

static int points_of(const char *text, uint32_t points[COMPARE_MOST])
{
    int count = 0;
    while (count < COMPARE_MOST && (points[count] = text_next(&text)))
        count++;
    return count;
}

int text_distance(const char *a, const char *b, int limit)
{
    uint32_t pa[COMPARE_MOST], pb[COMPARE_MOST];
    int na = points_of(a, pa), nb = points_of(b, pb);
    if (abs(na - nb) > limit)
        return limit + 1;
    int row[COMPARE_MOST + 1];
    for (int j = 0; j <= nb; j++)
        row[j] = j;
    for (int i = 1; i <= na; i++) {
        int diagonal = row[0], least = row[0] = i;
        for (int j = 1; j <= nb; j++) {
            int cost = diagonal + (pa[i - 1] != pb[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < cost)
                cost = row[j] + 1;
            if (row[j - 1] + 1 < cost)
                cost = row[j - 1] + 1;
            row[j] = cost;
            if (cost < least)
                least = cost;
        }
        if (least > limit)
            return limit + 1;
    }
    return row[nb] <= limit ? row[nb] : limit + 1;
}

double text_likeness(const char *a, const char *b)
{
    char fa[COMPARE_MOST * 4], fb[COMPARE_MOST * 4];
    text_fold(a, fa, sizeof fa);
    text_fold(b, fb, sizeof fb);
    size_t na = text_length(fa), nb = text_length(fb), longer = na > nb ? na : nb;
    return longer ? 1.0 - (double)text_distance(fa, fb, COMPARE_MOST) / (double)longer : 1.0;
}

bool text_same(const char *a, const char *b)
{
    for (uint32_t ca, cb;;) {
        ca = text_lower(text_next(&a));
        cb = text_lower(text_next(&b));
        if (ca != cb)
            return false;
        if (!ca)
            return true;
    }
}

char *text_squeeze(char *text)
{
    const char *from = text;
    char *to = text;
    bool gap = false;
    for (uint32_t c;;) {
        const char *before = from;
        if (!(c = text_next(&from)))
            break;
        if (text_is_space(c)) {
            gap = to > text;
            continue;
        }
        if (gap)
            *to++ = ' ';
        gap = false;
        memmove(to, before, (size_t)(from - before));
        to += from - before;
    }
    *to = 0;
    return text;
}

void text_neuter(char *text)
{
    const char *from = text;
    char *to = text;
    for (uint32_t c;;) {
        const char *before = from;
        if (!(c = text_next(&from)))
            break;
        size_t size = (size_t)(from - before);
        bool well = size > 1 || (unsigned char)*before < 0x80;
        bool hidden = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || (c >= 0x80 && c < 0xA0);
        if (!well || hidden || c < 32 || c == 127) {
            *to++ = c == '\n' || c == '\t' ? ' ' : '?';
            continue;
        }
        memmove(to, before, size);
        to += size;
    }
    *to = 0;
}
