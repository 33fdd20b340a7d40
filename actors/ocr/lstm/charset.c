/* charset: see charset.h. Formats: tesseract 5.3, UNICHARSET::load_via_fgets in src/ccutil/unicharset.cpp and
 * UnicharCompress::DeSerialize in src/ccutil/unicharcompress.cpp. */
#include "charset.h"

#include "proto/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Most signs: the largest model of one script has 250, of all that are read here. Most bytes of one. */
enum { SIGNS_MOST = 2000, TEXT_MOST = 31 };

typedef struct {
    char text[TEXT_MOST + 1]; /* UTF-8 */
    bool digit;               /* a digit */
} sign_t;

struct charset {
    sign_t *signs; /* by number */
    int size;      /* how many */
    int *of_code;  /* sign of each code */
    int *order;    /* codes in the order of the signs */
    int *rank;     /* backwards */
    int codes;     /* codes, of which some may have no sign */
    int ordered;   /* entries of order */
};

/* The next word of a line, copied to out; false at its end. */
static bool next_word(const char **at, const char *end, char *out, size_t size)
{
    while (*at < end && (**at == ' ' || **at == '\t'))
        ++*at;
    size_t length = 0;
    for (; *at < end && **at != ' ' && **at != '\t' && **at != '\r'; ++*at)
        if (length + 1 < size)
            out[length++] = **at;
    out[length] = '\0';
    return length > 0;
}

static bool is_spaced(const char *script)
{
    static const char *const without[] = {"Han", "Thai", "Hangul", "Hiragana", "Katakana"};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (strcmp(script, without[i]) == 0)
            return false;
    return true;
}

/* One sign: what it is written as, its properties in hexadecimal, its measures (perhaps none), script, other case,
 * direction. */
static int parse_sign(const char *line, size_t length, sign_t *sign)
{
    enum { DIGIT = 8, RIGHT_TO_LEFT = 1, ARABIC = 13 };
    char text[64], properties[32], script[200], other[64], direction[64] = "0";
    const char *end = line + length;
    if (!next_word(&line, end, text, sizeof text) || !next_word(&line, end, properties, sizeof properties) ||
        !next_word(&line, end, script, sizeof script) || strlen(text) > TEXT_MOST)
        return -1;
    if (strchr(script, ',') && !next_word(&line, end, script, sizeof script)) /* that were the measures */
        return -1;
    if (next_word(&line, end, other, sizeof other))
        (void)next_word(&line, end, direction, sizeof direction);
    int way = atoi(direction);
    if (!is_spaced(script) || way == RIGHT_TO_LEFT || way == ARABIC)
        return -1;
    strcpy(sign->text, strcmp(text, "NULL") == 0 ? " " : text);
    sign->digit = strtoul(properties, NULL, 16) & DIGIT;
    return 0;
}

static int parse_signs(bytes_t *bytes, charset_t *charset)
{
    char number[32];
    size_t length;
    const char *line = bytes_line(bytes, &length);
    if (!line || !next_word(&line, line + length, number, sizeof number))
        return -1;
    int size = atoi(number);
    if (size <= CHARSET_BROKEN || size > SIGNS_MOST)
        return -1;
    charset->signs = memory_new((size_t)size, sizeof *charset->signs);
    for (; charset->size < size; charset->size++) {
        line = bytes_line(bytes, &length);
        if (!line || parse_sign(line, length, &charset->signs[charset->size]))
            return -1;
    }
    return strcmp(charset->signs[CHARSET_SPACE].text, " ") == 0 ? 0 : -1;
}

/* A code for each sign; of signs with the same the last is read. */
static int parse_codes(bytes_t *bytes, charset_t *charset)
{
    if (bytes_i32(bytes) != charset->size)
        return -1;
    size_t most = (size_t)charset->size;
    charset->of_code = memory_new(most, sizeof *charset->of_code);
    charset->rank = memory_new(most, sizeof *charset->rank);
    charset->order = memory_new(most, sizeof *charset->order);
    for (int code = 0; code < charset->size; code++)
        charset->of_code[code] = CHARSET_NONE, charset->rank[code] = -1;
    for (int sign = 0; sign < charset->size; sign++) {
        bytes_u8(bytes); /* whether it is the main one of those with its code */
        int length = bytes_i32(bytes), code = bytes_i32(bytes);
        if (bytes->failed || length != 1 || code < 0 || code >= charset->size || (sign == CHARSET_SPACE && code != 0))
            return -1;
        if (charset->of_code[code] == CHARSET_NONE) {
            charset->rank[code] = charset->ordered;
            charset->order[charset->ordered++] = code;
        }
        charset->of_code[code] = sign;
        charset->codes = code >= charset->codes ? code + 1 : charset->codes;
    }
    return 0;
}

charset_t *charset_parse(bytes_t signs, bytes_t codes)
{
    charset_t *charset = memory_new(1, sizeof *charset);
    if (parse_signs(&signs, charset) || parse_codes(&codes, charset))
        charset_destroy(&charset);
    return charset;
}

void charset_destroy(charset_t **charset)
{
    if (!charset || !*charset)
        return;
    free((*charset)->signs);
    free((*charset)->of_code);
    free((*charset)->order);
    free((*charset)->rank);
    free(*charset);
    *charset = NULL;
}

int charset_codes(const charset_t *charset)
{
    return charset->codes;
}

int charset_code(const charset_t *charset, int rank)
{
    return rank < charset->ordered ? charset->order[rank] : -1;
}

int charset_rank(const charset_t *charset, int code)
{
    return charset->rank[code];
}

int charset_sign(const charset_t *charset, int code)
{
    return charset->of_code[code];
}

bool charset_digit(const charset_t *charset, int sign)
{
    return charset->signs[sign].digit;
}

const char *charset_text(const charset_t *charset, int sign)
{
    return charset->signs[sign].text;
}

int charset_find(const charset_t *charset, const char **text)
{
    size_t longest = 0;
    int found = CHARSET_NONE;
    for (int i = 0; i < charset->size; i++) {
        size_t length = strlen(charset->signs[i].text);
        if (length > longest && strncmp(*text, charset->signs[i].text, length) == 0)
            longest = length, found = i;
    }
    *text += longest;
    return found;
}
