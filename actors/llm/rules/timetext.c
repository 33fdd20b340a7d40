/* timetext: see timetext.h. A text is cut into tokens (numbers, dashes, words of time, others); moments are read from numbers, ranges
 * from two moments with a dash or a word between them. */
#include "timetext.h"
#include "proto/base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { TOKENS_MOST = 160, NOON = 720, DAY = 1440, AFTERNOON_ENDS = 7 };

typedef enum { TOKEN_NUMBER, TOKEN_COLON, TOKEN_DASH, TOKEN_HALF, TOKEN_HOUR, TOKEN_NOON, TOKEN_FILL, TOKEN_MARK, TOKEN_WORD } token_kind_t;

typedef struct {
    token_kind_t kind;
    size_t from, length; /* bytes */
    int value, digits;   /* of a number */
    half_t half;         /* of am, pm */
    bool spaced;         /* white space before it */
    bool glued;          /* a number that touches letters which are no words of time */
} token_t;

typedef struct {
    const char *text;
    token_t items[TOKENS_MOST];
    size_t count;
} tokens_t;

/* A moment as tokens: items[first … next). */
typedef struct {
    moment_t moment;
    size_t first, next;
    bool bare;    /* an hour alone */
    double trust;
} reading_t;

/* Tokens. */

static const struct {
    const char *word;
    token_kind_t kind;
    half_t half;
} words[] = {
    {"am", TOKEN_HALF, HALF_AM},  {"pm", TOKEN_HALF, HALF_PM},      {"a", TOKEN_DASH, HALF_UNKNOWN},
    {"to", TOKEN_DASH, HALF_UNKNOWN}, {"until", TOKEN_DASH, HALF_UNKNOWN}, {"till", TOKEN_DASH, HALF_UNKNOWN},
    {"til", TOKEN_DASH, HALF_UNKNOWN}, {"bis", TOKEN_DASH, HALF_UNKNOWN},  {"\xc3\xa0", TOKEN_DASH, HALF_UNKNOWN},
    {"\xc3\xa0s", TOKEN_DASH, HALF_UNKNOWN}, {"as", TOKEN_DASH, HALF_UNKNOWN}, {"do", TOKEN_DASH, HALF_UNKNOWN},
    {"tot", TOKEN_DASH, HALF_UNKNOWN}, {"h", TOKEN_HOUR, HALF_UNKNOWN},    {"hrs", TOKEN_HOUR, HALF_UNKNOWN},
    {"hr", TOKEN_HOUR, HALF_UNKNOWN}, {"hours", TOKEN_HOUR, HALF_UNKNOWN}, {"uhr", TOKEN_HOUR, HALF_UNKNOWN},
    {"noon", TOKEN_NOON, HALF_UNKNOWN}, {"midday", TOKEN_NOON, HALF_UNKNOWN}, {"from", TOKEN_FILL, HALF_UNKNOWN},
    {"time", TOKEN_FILL, HALF_UNKNOWN}, {"times", TOKEN_FILL, HALF_UNKNOWN}, {"at", TOKEN_FILL, HALF_UNKNOWN},
    {"von", TOKEN_FILL, HALF_UNKNOWN}, {"de", TOKEN_FILL, HALF_UNKNOWN}, {"das", TOKEN_FILL, HALF_UNKNOWN},
    {"kl", TOKEN_FILL, HALF_UNKNOWN}, {"om", TOKEN_FILL, HALF_UNKNOWN}, {"oclock", TOKEN_FILL, HALF_UNKNOWN},
    {"o", TOKEN_FILL, HALF_UNKNOWN}, {"clock", TOKEN_FILL, HALF_UNKNOWN},
};

static bool is_dash(uint32_t p)
{
    return p == '-' || (p >= 0x2010 && p <= 0x2015) || p == 0x2212 || p == '~' || p == 0x2192 || p == 0x2022 || p == 0xAD || p == '>' || p == '=' || p == 0x2053;
}

static bool is_digit_like(uint32_t p, bool inside)
{
    return text_is_digit(p) || (inside && (p == 'O' || p == 'o' || p == 'l' || p == 'I'));
}

static void push(tokens_t *t, token_t token)
{
    if (t->count < TOKENS_MOST)
        t->items[t->count++] = token;
}

/* A number, with letters that OCR took for digits where digits or a colon stand beside them ("l0:30", "9:OO"). */
static const char *take_number(tokens_t *t, const char *at, bool spaced, bool glued)
{
    token_t token = {.kind = TOKEN_NUMBER, .from = (size_t)(at - t->text), .spaced = spaced, .glued = glued};
    for (const char *next = at;; at = next) {
        uint32_t p = text_next(&next);
        if (!is_digit_like(p, true) || token.digits > 6)
            break;
        if (!text_is_digit(p)) { /* only where digits or the end of a number follow, and not the h of hours */
            const char *after = next;
            uint32_t q = text_next(&after);
            if (text_is_letter(q) && !is_digit_like(q, true))
                break;
        }
        token.value = token.value * 10 + (text_is_digit(p) ? (int)(p - '0') : p == 'O' || p == 'o' ? 0 : 1);
        token.digits++;
    }
    token.length = (size_t)(at - t->text) - token.from;
    push(t, token);
    return at;
}

static void push_word(tokens_t *t, const char *from, const char *to, bool spaced)
{
    char word[16] = "";
    token_t token = {.kind = TOKEN_WORD, .from = (size_t)(from - t->text), .length = (size_t)(to - from), .spaced = spaced};
    if (token.length < sizeof word) {
        char raw[16];
        memcpy(raw, from, token.length);
        raw[token.length] = 0;
        size_t n = 0;
        for (const char *at = raw; *at;) {
            char out[4];
            size_t length = text_encode(text_lower(text_next(&at)), out);
            if (n + length < sizeof word)
                memcpy(word + n, out, length), n += length;
        }
        word[n] = 0;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strcmp(words[i].word, word) == 0)
                token.kind = words[i].kind, token.half = words[i].half;
    }
    push(t, token);
}

/* "a.m.", "p. m.": returns behind it, or NULL. */
static const char *take_dotted_half(tokens_t *t, const char *at, bool spaced)
{
    char c = (char)(*at | 32);
    const char *next = at + 1;
    if (c != 'a' && c != 'p')
        return NULL;
    if (*next != '.')
        return NULL;
    next += next[1] == ' ' ? 2 : 1;
    if ((*next | 32) != 'm')
        return NULL;
    next += next[1] == '.' ? 2 : 1;
    const char *after = next;
    if (text_is_letter(text_next(&after)))
        return NULL;
    push(t, (token_t){.kind = TOKEN_HALF, .half = c == 'a' ? HALF_AM : HALF_PM, .from = (size_t)(at - t->text),
                      .length = (size_t)(next - at), .spaced = spaced});
    return next;
}

/* "lam" behind a 1, "Tlam", "llam": eleven or one o'clock with letters for its ones. Returns behind it, or NULL. */
static const char *take_misread_hour(tokens_t *t, const char *at, bool spaced)
{
    size_t ones = strspn(at, "lIT");
    const char *half = at + ones, *end = half + 2;
    bool behind = !spaced && t->count && t->items[t->count - 1].kind == TOKEN_NUMBER && t->items[t->count - 1].digits == 1;
    if (ones < 1 || ones > 2 || ((*half | 32) != 'a' && (*half | 32) != 'p') || (half[1] | 32) != 'm' || (ones == 1 && !behind && *at == 'T'))
        return NULL;
    const char *after = end;
    uint32_t next = text_next(&after);
    if (text_is_letter(next) || text_is_digit(next))
        return NULL;
    token_t hour = {.kind = TOKEN_NUMBER, .from = (size_t)(at - t->text), .length = ones, .value = ones == 2 ? 11 : 1, .digits = (int)ones, .spaced = spaced};
    if (behind) { /* the 1 before it and its own */
        token_t *number = &t->items[t->count - 1];
        number->value = number->value * 10 + 1;
        number->digits++;
        number->length++;
    } else {
        push(t, hour);
    }
    push(t, (token_t){.kind = TOKEN_HALF, .half = (*half | 32) == 'a' ? HALF_AM : HALF_PM, .from = (size_t)(half - t->text), .length = 2});
    return end;
}

static void tokenize(tokens_t *t, const char *text)
{
    *t = (tokens_t){.text = text};
    bool spaced = true, after_word = false;
    for (const char *at = text; *at;) {
        const char *next = at;
        uint32_t p = text_next(&next);
        const char *dotted;
        uint32_t q = 0;
        const char *peek = next;
        if (*peek)
            q = text_next(&peek);
        if (text_is_space(p)) {
            spaced = true, after_word = false;
            at = next;
            continue;
        }
        if (text_is_digit(p) || (!after_word && (p == 'l' || p == 'I' || p == 'O') && text_is_digit(q))) {
            bool currency = t->count && !spaced && t->items[t->count - 1].kind == TOKEN_MARK &&
                            strchr("$#", text[t->items[t->count - 1].from]) != NULL;
            at = take_number(t, at, spaced, after_word || currency);
            after_word = false;
        } else if ((dotted = take_dotted_half(t, at, spaced)) != NULL) {
            at = dotted;
            after_word = true;
        } else if (text_is_letter(p) && (dotted = take_misread_hour(t, at, spaced)) != NULL) {
            at = dotted;
            after_word = true;
        } else if (text_is_letter(p)) {
            const char *end = next;
            while (*end) {
                const char *probe = end;
                uint32_t r = text_next(&probe);
                if (!text_is_letter(r) && r != '_' && r != '\'')
                    break;
                end = probe;
            }
            push_word(t, at, end, spaced);
            token_t *word = &t->items[t->count - 1];
            if (word->kind == TOKEN_WORD && !spaced && t->count > 1 && t->items[t->count - 2].kind == TOKEN_NUMBER)
                t->items[t->count - 2].glued = true;
            at = end;
            after_word = word->kind == TOKEN_WORD || word->kind == TOKEN_FILL;
        } else {
            token_kind_t kind = is_dash(p) ? TOKEN_DASH : p == ':' || p == '.' || p == ';' || (p == ',' && text_is_digit(q)) || p == 0xB7 || p == 0x2236 ? TOKEN_COLON : TOKEN_MARK;
            push(t, (token_t){.kind = kind, .from = (size_t)(at - text), .length = (size_t)(next - at), .spaced = spaced});
            after_word = p == '_' || p == '/' || p == '+' || p == 0xA3 || p == 0x20AC;
            if ((p == '/' || p == '_') && t->count > 1 && t->items[t->count - 2].kind == TOKEN_NUMBER && !spaced)
                t->items[t->count - 2].glued = true;
            at = next;
        }
        spaced = false;
    }
}

/* Moments. */

static bool is_kind(const tokens_t *t, size_t i, token_kind_t kind)
{
    return i < t->count && t->items[i].kind == kind;
}

static bool is_free_number(const tokens_t *t, size_t i)
{
    return is_kind(t, i, TOKEN_NUMBER) && !t->items[i].glued;
}

static half_t clock_of(int hour, bool leading_zero)
{
    return hour >= 13 || hour == 0 || (leading_zero && hour >= AFTERNOON_ENDS) ? HALF_DAY : HALF_UNKNOWN;
}

/* Hour and minute with a colon, a dot or an h between them. Returns whether there is one at i. */
static bool read_parted(const tokens_t *t, size_t i, reading_t *out)
{
    const token_t *hour = &t->items[i];
    size_t sep = i + 1, minute = i + 2;
    if (!is_free_number(t, i) || hour->digits > 2 || hour->value > 24)
        return false;
    bool colon = is_kind(t, sep, TOKEN_COLON), h = is_kind(t, sep, TOKEN_HOUR) && t->items[sep].length == 1;
    if ((!colon && !h) || !is_kind(t, minute, TOKEN_NUMBER) || (t->items[sep].spaced && colon && hour->digits > 2))
        return false;
    const token_t *m = &t->items[minute];
    int value = m->value, digits = m->digits;
    size_t next = minute + 1;
    if (m->glued)
        return false;
    if (digits == 1 && is_free_number(t, next) && t->items[next].digits == 1 && t->items[next].spaced) /* "17:0 0" */
        value = value * 10 + t->items[next].value, digits = 2, next++;
    if (digits != 2 || value > 59)
        return false;
    if (is_kind(t, next, TOKEN_COLON) && is_kind(t, next + 1, TOKEN_NUMBER) && !t->items[next].spaced && !t->items[next + 1].spaced &&
        t->items[next + 1].digits <= 4) {
        bool colons = t->text[t->items[next].from] == ':' && t->items[next + 1].digits == 2;
        if (!colons)
            return false; /* a date */
        next += 2; /* seconds */
    }
    *out = (reading_t){.first = i, .next = next, .trust = 1};
    out->moment.minute = (hour->value % 24) * 60 + value;
    out->moment.half = clock_of(hour->value, hour->digits == 2 && t->text[hour->from] == '0');
    return true;
}

/* "0900", "830", "09 00". */
static bool read_military(const tokens_t *t, size_t i, reading_t *out)
{
    const token_t *n = &t->items[i];
    if (!is_free_number(t, i))
        return false;
    int value = n->value, digits = n->digits;
    size_t next = i + 1;
    if (digits == 2 && t->text[n->from] == '0' && is_free_number(t, next) && t->items[next].digits == 2 && t->items[next].spaced)
        value = value * 100 + t->items[next].value, digits = 4, next++;
    if ((digits != 4 && digits != 3) || value / 100 > 23 || value % 100 > 59)
        return false;
    if (is_kind(t, next, TOKEN_COLON) && is_kind(t, next + 1, TOKEN_NUMBER) && !t->items[next + 1].spaced && !t->items[next].spaced)
        return false;
    *out = (reading_t){.first = i, .next = next, .trust = digits == 4 ? 0.8 : 0.6};
    out->moment.minute = value / 100 * 60 + value % 100;
    out->moment.half = clock_of(value / 100, digits == 4 && t->text[n->from] == '0');
    if (out->moment.half == HALF_DAY && t->text[n->from] == '0')
        out->trust = 0.9;
    return true;
}

static bool read_hour(const tokens_t *t, size_t i, reading_t *out)
{
    const token_t *n = &t->items[i];
    if (!is_free_number(t, i) || n->digits > 2 || n->value > 23 || n->value < 1)
        return false;
    if (is_kind(t, i + 1, TOKEN_COLON) && is_kind(t, i + 2, TOKEN_NUMBER) && !t->items[i + 2].spaced)
        return false;
    *out = (reading_t){.first = i, .next = i + 1, .trust = 0.4, .bare = true};
    out->moment.minute = n->value * 60;
    out->moment.half = clock_of(n->value, false);
    if (is_kind(t, i + 1, TOKEN_HOUR))
        out->next++, out->bare = false, out->trust = 0.9;
    return true;
}

static bool read_moment(const tokens_t *t, size_t i, reading_t *out)
{
    if (is_kind(t, i, TOKEN_NOON)) {
        *out = (reading_t){.first = i, .next = i + 1, .trust = 0.9, .moment = {NOON, HALF_PM}};
        return true;
    }
    if (!read_parted(t, i, out) && !read_military(t, i, out) && !read_hour(t, i, out))
        return false;
    size_t next = out->next;
    if (is_kind(t, next, TOKEN_HOUR))
        next++;
    if (is_kind(t, next, TOKEN_NOON))
        out->next = next + 1, out->bare = false, out->trust = 0.9;
    if (is_kind(t, next, TOKEN_HALF)) {
        int hour = out->moment.minute / 60;
        out->next = next + 1;
        out->bare = false;
        out->trust = out->trust < 0.95 ? 0.95 : out->trust;
        if (hour >= 1 && hour <= 12) {
            out->moment.half = t->items[next].half;
            out->moment.minute = out->moment.minute % NOON + (out->moment.half == HALF_PM ? NOON : 0);
        }
    } else if (next > out->next) {
        out->next = next;
    }
    return true;
}

/* A range or a lone moment at token i. */
static bool read_span(const tokens_t *t, size_t i, timespan_t *out, size_t *next, bool *bare)
{
    reading_t a, b;
    if (!read_moment(t, i, &a))
        return false;
    size_t dash = a.next, dashes = 0;
    while (is_kind(t, dash, TOKEN_DASH) && dashes < 3)
        dash++, dashes++;
    while (dashes && is_kind(t, dash, TOKEN_MARK) && t->text[t->items[dash].from] == '>')
        dash++;
    bool parted = dashes && read_moment(t, dash, &b);
    if (parted && b.moment.minute >= 0) { /* "11:20-11-35": the colon misread for a dash */
        if (b.bare && is_kind(t, b.next, TOKEN_DASH) && !t->items[b.next].spaced && is_free_number(t, b.next + 1) && !a.bare &&
            t->items[b.next + 1].digits == 2 && t->items[b.next + 1].value < 60 && !t->items[b.next + 1].spaced) {
            b.moment.minute += t->items[b.next + 1].value;
            b.next += 2;
            b.bare = false;
            b.trust = 0.8;
        }
    }
    const token_t *first = &t->items[i];
    size_t last = parted ? b.next - 1 : a.next - 1;
    *out = (timespan_t){.start = a.moment, .end = {-1, HALF_UNKNOWN}, .from = first->from, .trust = a.trust};
    out->length = t->items[last].from + t->items[last].length - first->from;
    if (parted) {
        out->end = b.moment;
        bool both_bare = a.bare && b.bare;
        out->trust = both_bare ? 0.4 : a.bare || b.bare ? 0.9 : a.trust < b.trust ? a.trust : b.trust;
    } else if (a.bare) {
        out->trust = 0.3;
    }
    *bare = parted ? a.bare && b.bare : a.bare;
    *next = parted ? b.next : a.next;
    return true;
}

/* Numbers that touch a dash on the other side belong to something else: "COM1-0206", "17-Oct-16", "10-11-2022". */
static bool is_part_of_more(const tokens_t *t, size_t i, size_t next)
{
    if (i > 0 && t->items[i - 1].kind == TOKEN_DASH && !t->items[i].spaced && i > 1 &&
        (t->items[i - 2].kind == TOKEN_WORD || t->items[i - 2].kind == TOKEN_NUMBER) && !t->items[i - 1].spaced)
        return true;
    if (i > 0 && t->items[i - 1].kind == TOKEN_MARK && !t->items[i].spaced && strchr("/$#@+", t->text[t->items[i - 1].from]))
        return true;
    if (i > 0 && t->items[i - 1].kind == TOKEN_MARK && !t->items[i].spaced && (unsigned char)t->text[t->items[i - 1].from] >= 0x80)
        return true; /* a currency */
    if (next + 1 < t->count && t->items[next].kind == TOKEN_DASH && !t->items[next].spaced && !t->items[next + 1].spaced &&
        t->items[next + 1].kind == TOKEN_WORD)
        return true;
    return next < t->count && t->items[next].kind == TOKEN_MARK && t->text[t->items[next].from] == '/' && !t->items[next].spaced;
}

size_t timetext_find(const char *text, timespan_t *out, size_t room)
{
    tokens_t t;
    size_t found = 0;
    tokenize(&t, text);
    for (size_t i = 0; i < t.count && found < room;) {
        timespan_t span;
        size_t next;
        bool bare;
        bool lone_military;
        if (!read_span(&t, i, &span, &next, &bare) || bare || is_part_of_more(&t, i, next)) {
            i++;
            continue;
        }
        lone_military = span.end.minute < 0 && span.trust < 0.85;
        bool years = span.end.minute >= 0 && span.trust < 0.85 && t.items[i].digits == 4 && t.items[i].value >= 1900 && t.items[i].value < 2100;
        if (lone_military || years) {
            i = years ? next : i + 1;
            continue;
        }
        out[found++] = span;
        i = next;
    }
    return found;
}

/* Numbering before a time: "7", "I", "1.", "P1". */
static bool is_numbering(const tokens_t *t, size_t i, size_t first)
{
    const token_t *token = &t->items[i];
    if (i + 1 < first && t->items[i + 1].kind == TOKEN_DASH)
        return false;
    if (token->kind == TOKEN_NUMBER)
        return token->digits <= 2 && i == 0;
    return token->kind == TOKEN_WORD && i == 0 && token->length <= 4 && strspn(t->text + token->from, "IVXivx") >= token->length;
}

static bool is_clutter(const tokens_t *t, size_t i)
{
    token_kind_t kind = t->items[i].kind;
    return kind == TOKEN_MARK || kind == TOKEN_COLON || kind == TOKEN_FILL || kind == TOKEN_DASH || kind == TOKEN_HALF || kind == TOKEN_HOUR;
}

static bool all_clutter(const tokens_t *t, size_t from, size_t to, size_t numbered_until)
{
    for (size_t i = from; i < to; i++)
        if (!is_clutter(t, i) && !(i < numbered_until && is_numbering(t, i, numbered_until)))
            return false;
    return true;
}

bool timetext_only(const char *text, timespan_t *out)
{
    tokens_t t;
    tokenize(&t, text);
    bool found = false;
    for (size_t i = 0; i < t.count; i++) {
        timespan_t span, second;
        size_t next, after;
        bool bare, second_bare;
        if (!read_span(&t, i, &span, &next, &bare) || !all_clutter(&t, 0, i, i) || is_part_of_more(&t, i, next))
            continue;
        if (all_clutter(&t, next, t.count, 0)) {
            if (found && span.trust <= out->trust)
                continue;
            *out = span;
            found = true;
            if (span.end.minute >= 0)
                break;
            continue;
        }
        /* a start above an end */
        if (!bare && span.end.minute < 0 && read_span(&t, next, &second, &after, &second_bare) && !second_bare && second.end.minute < 0 &&
            all_clutter(&t, after, t.count, 0) && second.start.minute != span.start.minute) {
            *out = span;
            out->end = second.start;
            out->length = second.from + second.length - span.from;
            out->trust = 0.9;
            found = true;
        }
    }
    if (found && out->end.minute < 0 && out->trust < 0.85 && out->trust > 0.5 && out->start.minute >= 18 * 60)
        out->trust = 0.2; /* a year */
    if (found && out->end.minute >= 0 && out->trust < 0.85 && out->start.minute >= 19 * 60)
        return false; /* "2022-2023" */
    return found;
}

/* Minutes. */

int timetext_minute(moment_t moment, int earliest)
{
    if (moment.minute < 0)
        return -1;
    int minute = moment.minute % DAY;
    if (moment.half == HALF_UNKNOWN && minute < NOON && minute < (earliest > 0 ? earliest + 60 : AFTERNOON_ENDS * 60))
        minute += NOON;
    return minute;
}

void timetext_settle(const timespan_t *span, int earliest, int *start, int *end)
{
    moment_t a = span->start, b = span->end;
    *start = timetext_minute(a, earliest);
    *end = timetext_minute(b, earliest);
    if (a.minute < 0 || b.minute < 0)
        return;
    if (a.half == HALF_UNKNOWN && (b.half == HALF_AM || b.half == HALF_PM)) { /* one am or pm for both, where it fits */
        int morning = a.minute % NOON, afternoon = morning + NOON;
        if (b.half == HALF_PM)
            *start = afternoon < *end && *end - afternoon <= *end - morning && (*end - morning > 240 || morning < 7 * 60) ? afternoon : morning < *end ? morning : afternoon;
        else
            *start = morning;
    }
    if (b.half == HALF_UNKNOWN && a.half == HALF_PM && b.minute < NOON)
        *end = b.minute + NOON;
    if (b.half == HALF_UNKNOWN && *end <= *start && b.minute + NOON > *start && b.minute < NOON)
        *end = b.minute + NOON;
    if (b.half == HALF_UNKNOWN && a.half == HALF_AM && b.minute > *start && b.minute < NOON)
        *end = b.minute;
    if (*end >= DAY)
        *end -= DAY;
}

char *timetext_format(int minute, char out[6])
{
    int hour = minute / 60 % 24;
    out[0] = (char)('0' + hour / 10);
    out[1] = (char)('0' + hour % 10);
    out[2] = ':';
    out[3] = (char)('0' + minute % 60 / 10);
    out[4] = (char)('0' + minute % 10);
    out[5] = 0;
    return out;
}
