/* jsonform: see jsonform.h. */
#include "jsonform.h"
#include "proto/base/memory.h"
#include "proto/base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* PLAIN: digits that a number may have before or behind its point in the plain form. EXPONENT: powers of ten beyond
 * which no database holds it. */
enum { PLAIN_MOST = 24, EXPONENT_MOST = 10000 };

typedef struct {
    const char *at, *end;
    buf_t *out;
    int depth;
    const char *why; /* it cannot be read; NULL = it can so far */
} scan_t;

/* A member of an object in the out buffer. */
typedef struct {
    size_t name, name_size; /* offset and bytes of its name, with the quotes */
    size_t size;            /* bytes of name, colon and value */
} member_t;

static bool scan_value(scan_t *scan);

static bool refuse(scan_t *scan, const char *why)
{
    if (!scan->why)
        scan->why = why;
    return false;
}

static void skip_space(scan_t *scan)
{
    while (scan->at < scan->end && strchr(" \t\n\r", *scan->at) && *scan->at)
        scan->at++;
}

static bool take(scan_t *scan, char c)
{
    bool is = scan->at < scan->end && *scan->at == c;
    scan->at += is;
    return is;
}

static bool scan_word(scan_t *scan, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, word, size) != 0)
        return refuse(scan, "it is no JSON");
    buf_add(scan->out, word, size);
    scan->at += size;
    return true;
}

/* ---- texts ---- */

static bool scan_hex(scan_t *scan, uint32_t *point)
{
    *point = 0;
    for (int i = 0; i < 4; i++, scan->at++) {
        char c = scan->at < scan->end ? *scan->at : 0;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return refuse(scan, "it has a broken \\u in it");
        *point = *point << 4 | (uint32_t)digit;
    }
    return true;
}

static void put_point(buf_t *out, uint32_t point)
{
    char bytes[4];
    if (point == '"' || point == '\\') {
        buf_char(out, '\\');
        buf_char(out, (char)point);
    } else if (point < 0x20) {
        buf_format(out, "\\u%04x", (unsigned)point);
    } else {
        buf_add(out, bytes, text_encode(point, bytes));
    }
}

/* Behind "\u". */
static bool scan_point(scan_t *scan)
{
    uint32_t point, low;
    if (!scan_hex(scan, &point))
        return false;
    if (point == 0)
        return refuse(scan, "it has \\u0000 in it, which PostgreSQL does not hold");
    if (point >= 0xDC00 && point < 0xE000)
        return refuse(scan, "it has half a character (a lone surrogate) in it");
    if (point >= 0xD800 && point < 0xDC00) {
        if (!take(scan, '\\') || !take(scan, 'u') || !scan_hex(scan, &low) || low < 0xDC00 || low >= 0xE000)
            return refuse(scan, "it has half a character (a lone surrogate) in it");
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    put_point(scan->out, point);
    return true;
}

static bool scan_escape(scan_t *scan)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    if (scan->at == scan->end)
        return refuse(scan, "it is cut off");
    char c = *scan->at++;
    const char *known = c ? strchr(letters, c) : NULL;
    if (c == 'u')
        return scan_point(scan);
    if (!known)
        return refuse(scan, "it has an unknown escape in it");
    put_point(scan->out, (uint32_t)meant[known - letters]);
    return true;
}

static bool scan_text(scan_t *scan)
{
    if (!take(scan, '"'))
        return refuse(scan, "it is no JSON");
    buf_char(scan->out, '"');
    for (;;) {
        const char *plain = scan->at;
        while (scan->at < scan->end && *scan->at != '"' && *scan->at != '\\' && (unsigned char)*scan->at >= 0x20)
            scan->at++;
        buf_add(scan->out, plain, (size_t)(scan->at - plain));
        if (scan->at == scan->end)
            return refuse(scan, "it is cut off");
        if (take(scan, '"'))
            break;
        if (!take(scan, '\\'))
            return refuse(scan, "it has a control character in a text");
        if (!scan_escape(scan))
            return false;
    }
    buf_char(scan->out, '"');
    return true;
}

/* ---- numbers ---- */

/* Appends digits times ten to the power. digits has no zeros at its ends. */
static void put_number(buf_t *out, bool minus, const char *digits, size_t count, long power)
{
    if (minus)
        buf_char(out, '-');
    if (power > PLAIN_MOST || power < -PLAIN_MOST) {
        buf_add(out, digits, count);
        buf_format(out, "e%ld", power);
    } else if (power >= 0) {
        buf_add(out, digits, count);
        for (long i = 0; i < power; i++)
            buf_char(out, '0');
    } else if ((long)count > -power) {
        buf_add(out, digits, count - (size_t)-power);
        buf_char(out, '.');
        buf_add(out, digits + count - (size_t)-power, (size_t)-power);
    } else {
        buf_text(out, "0.");
        for (long i = (long)count; i < -power; i++)
            buf_char(out, '0');
        buf_add(out, digits, count);
    }
}

static size_t count_digits(const scan_t *scan)
{
    size_t count = 0;
    while (scan->at + count < scan->end && scan->at[count] >= '0' && scan->at[count] <= '9')
        count++;
    return count;
}

/* "e-12"; false where it is broken or beyond what is held. */
static bool scan_exponent(scan_t *scan, long *power)
{
    *power = 0;
    if (!take(scan, 'e') && !take(scan, 'E'))
        return true;
    bool minus = take(scan, '-');
    if (!minus)
        take(scan, '+');
    size_t count = count_digits(scan);
    if (!count)
        return refuse(scan, "it has a broken number in it");
    for (; count; count--, scan->at++)
        if (*power <= EXPONENT_MOST)
            *power = *power * 10 + (*scan->at - '0');
    *power = minus ? -*power : *power;
    return true;
}

static bool scan_number(scan_t *scan)
{
    bool minus = take(scan, '-');
    buf_t digits = {0};
    long power = 0, fraction = 0;
    size_t count = count_digits(scan), from = 0;
    bool good = count && (count == 1 || *scan->at != '0');
    buf_add(&digits, scan->at, count);
    scan->at += count;
    if (good && take(scan, '.')) {
        count = count_digits(scan);
        good = count > 0;
        buf_add(&digits, scan->at, count);
        scan->at += count;
        fraction = (long)count;
    }
    good = (good || refuse(scan, "it has a broken number in it")) && scan_exponent(scan, &power);
    power -= fraction;
    while (digits.size && digits.bytes[digits.size - 1] == '0')
        digits.size--, power++;
    while (from < digits.size && digits.bytes[from] == '0')
        from++;
    if (good && from < digits.size && (power > EXPONENT_MOST || power < -EXPONENT_MOST))
        good = refuse(scan, "it has a number in it that no database holds");
    if (good && from == digits.size)
        buf_char(scan->out, '0');
    else if (good)
        put_number(scan->out, minus, digits.bytes + from, digits.size - from, power);
    buf_free(&digits);
    return good;
}

/* ---- arrays and objects ---- */

static bool scan_array(scan_t *scan)
{
    scan->at++;
    buf_char(scan->out, '[');
    skip_space(scan);
    for (bool first = true; !take(scan, ']'); first = false) {
        if (!first && !take(scan, ','))
            return refuse(scan, "it is no JSON");
        if (!first)
            buf_char(scan->out, ',');
        if (!scan_value(scan))
            return false;
        skip_space(scan);
    }
    buf_char(scan->out, ']');
    return true;
}

static int compare_names(const member_t *a, const member_t *b, const char *bytes)
{
    /* without the quotes: a closing one would be compared with a letter */
    size_t x = a->name_size - 2, y = b->name_size - 2;
    int order = memcmp(bytes + a->name + 1, bytes + b->name + 1, x < y ? x : y);
    return order ? order : (x > y) - (x < y);
}

/* Of equal names the one that was written first comes first. */
static int compare_members(const void *a, const void *b, void *bytes)
{
    const member_t *one = a, *other = b;
    int order = compare_names(one, other, bytes);
    return order ? order : (one->name > other->name) - (one->name < other->name);
}

static bool is_sorted(const buf_t *out, const member_t *members, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare_names(&members[i - 1], &members[i], out->bytes) >= 0)
            return false;
    return true;
}

/* Writes the members anew in their order; begin is where the first one stood. */
static void put_members(buf_t *out, size_t begin, member_t *members, size_t count)
{
    buf_t sorted = {0};
    if (is_sorted(out, members, count))
        return;
    qsort_r(members, count, sizeof *members, compare_members, out->bytes);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && compare_names(&members[i], &members[i + 1], out->bytes) == 0)
            continue; /* the last one of a name counts */
        if (sorted.size)
            buf_char(&sorted, ',');
        buf_add(&sorted, out->bytes + members[i].name, members[i].size);
    }
    out->size = begin;
    buf_add(out, buf_string(&sorted), sorted.size);
    buf_free(&sorted);
}

static bool scan_member(scan_t *scan, member_t *member)
{
    skip_space(scan);
    member->name = scan->out->size;
    if (!scan_text(scan))
        return false;
    member->name_size = scan->out->size - member->name;
    skip_space(scan);
    if (!take(scan, ':'))
        return refuse(scan, "it is no JSON");
    buf_char(scan->out, ':');
    if (!scan_value(scan))
        return false;
    member->size = scan->out->size - member->name;
    skip_space(scan);
    return true;
}

static bool scan_object(scan_t *scan)
{
    member_t few[16], *members = few;
    size_t count = 0, room = sizeof few / sizeof *few;
    bool good = true;
    scan->at++;
    buf_char(scan->out, '{');
    size_t begin = scan->out->size;
    skip_space(scan);
    while (good && !take(scan, '}')) {
        if (count && !take(scan, ',')) {
            good = refuse(scan, "it is no JSON");
            break;
        }
        if (count == room) {
            member_t *more = memory_grow(members == few ? NULL : members, room * 2, sizeof *more);
            if (members == few)
                memcpy(more, few, sizeof few);
            members = more;
            room *= 2;
        }
        if (count)
            buf_char(scan->out, ',');
        good = scan_member(scan, &members[count++]);
    }
    if (good) {
        put_members(scan->out, begin, members, count);
        buf_char(scan->out, '}');
    }
    if (members != few)
        free(members);
    return good;
}

static bool scan_value(scan_t *scan)
{
    bool good;
    skip_space(scan);
    if (scan->at == scan->end)
        return refuse(scan, "it is cut off");
    if (++scan->depth > JSONFORM_DEPTH_MOST)
        return refuse(scan, "it is nested too deep");
    switch (*scan->at) {
    case '{':
        good = scan_object(scan);
        break;
    case '[':
        good = scan_array(scan);
        break;
    case '"':
        good = scan_text(scan);
        break;
    case 't':
        good = scan_word(scan, "true");
        break;
    case 'f':
        good = scan_word(scan, "false");
        break;
    case 'n':
        good = scan_word(scan, "null");
        break;
    default:
        good = scan_number(scan);
    }
    scan->depth--;
    return good;
}

const char *jsonform(const char *text, size_t size, buf_t *out, char *first)
{
    scan_t scan = {.at = text, .end = text + size, .out = out};
    size_t begin = out->size;
    bool good = text_valid(text, size) ? scan_value(&scan) : refuse(&scan, "it is no UTF-8, or has zeros in it");
    skip_space(&scan);
    if (good && scan.at != scan.end)
        good = refuse(&scan, "something stands behind its end");
    if (!good)
        out->size = begin;
    else
        *first = out->bytes[begin];
    return good ? NULL : scan.why;
}
