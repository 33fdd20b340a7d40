/* data: see data.h. */
#include "data.h"

#include <string.h>

/* ---- loading ---- */

/* The code of the escape \uXXXX at this place; -1 when there is none. */
static int32_t escape_at(const char *text, size_t size, size_t at)
{
    int32_t code = 0;
    if (at + 6 > size || text[at] != '\\' || text[at + 1] != 'u')
        return -1;
    for (size_t i = at + 2; i < at + 6; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

static bool is_half(int32_t code, bool first)
{
    int32_t from = first ? 0xD800 : 0xDC00;
    return code >= from && code < from + 0x400;
}

/* The text with U+FFFD for each half of a pair that is alone, and for U+0000. */
static void mend(const char *text, size_t size, buf_t *out)
{
    for (size_t i = 0, step; i < size; i += step) {
        int32_t code = escape_at(text, size, i);
        bool pair = is_half(code, true) && is_half(escape_at(text, size, i + 6), false);
        bool lost = code == 0 || (!pair && (is_half(code, true) || is_half(code, false)));
        step = pair ? 12 : code >= 0 ? 6 : text[i] == '\\' && i + 1 < size ? 2 : 1;
        if (lost)
            buf_text(out, "\\ufffd");
        else
            buf_add(out, text + i, step);
    }
}

static json_t *load(const char *text, size_t size, size_t flags, json_error_t *error)
{
    json_t *json = json_loadb(text, size, flags, error);
    if (!json && json_error_code(error) == json_error_numeric_overflow)
        json = json_loadb(text, size, flags | JSON_DECODE_INT_AS_REAL, error);
    return json;
}

json_t *data_load(const char *text, size_t size, size_t flags, json_error_t *error)
{
    json_error_t after;
    buf_t mended = {0};
    json_t *json = load(text, size, flags | JSON_DECODE_ANY, error);
    if (!json && size && memchr(text, '\\', size)) {
        mend(text, size, &mended);
        json = load(buf_string(&mended), mended.size, flags | JSON_DECODE_ANY, &after);
        buf_free(&mended);
    }
    return json;
}

/* ---- members as they stand ---- */

static size_t skip_space(const char *text, size_t size, size_t at)
{
    while (at < size && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
        at++;
    return at;
}

/* Behind the text that begins here with a quote. */
static size_t skip_text(const char *text, size_t size, size_t at)
{
    for (at++; at < size && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at + 1;
}

/* Behind the value that begins here: at the comma or bracket that ends it, or at the space before that. */
static size_t skip_value(const char *text, size_t size, size_t at)
{
    for (int depth = 0; at < size;) {
        char c = text[at];
        if (c == '"') {
            at = skip_text(text, size, at);
            continue;
        }
        depth += c == '{' || c == '[';
        if (depth == 0 && strchr(",}] \t\r\n", c))
            return at;
        depth -= c == '}' || c == ']';
        at++;
        if (depth == 0 && (c == '}' || c == ']'))
            return at;
    }
    return at;
}

span_t data_member(const char *text, size_t size, const char *name)
{
    span_t found = {NULL, 0};
    size_t length = strlen(name), at = skip_space(text, size, 0);
    if (at >= size || text[at] != '{')
        return found;
    while (at < size && text[at] != '}') { /* at a brace or a comma before a member */
        size_t key = skip_space(text, size, at + 1);
        if (key >= size || text[key] != '"')
            break;
        size_t behind = skip_text(text, size, key), colon = skip_space(text, size, behind);
        size_t value = skip_space(text, size, colon + 1), end = skip_value(text, size, value);
        if (end <= size && behind - key == length + 2 && memcmp(text + key + 1, name, length) == 0)
            found = (span_t){text + value, end - value};
        at = skip_space(text, size, end);
    }
    return found;
}
