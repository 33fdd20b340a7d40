/* cron_field: see cron_field.h. As cron-parser does it, * and H become text first, so that 1* is 10-59 there and here.
 */
#include "cron_field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* NUMBER_MOST: numbers above are as wrong as it. Entries with L are numbered: L is 0, 0L … 9L from 1, 00L … 99L
 * from 11.
 */
enum { NUMBER_MOST = 1000000, ONE_DIGIT = 1, TWO_DIGITS = 11 };

static const struct {
    const char *name;
    int least, most;
    const char *allowed; /* beside digits, commas, strokes, * ? / and H */
} places[CRON_FIELDS] = {{"second", 0, 59, ""},
                         {"minute", 0, 59, ""},
                         {"hour", 0, 23, ""},
                         {"month", 1, 12, ""},
                         {"day of the month", 1, 31, "L"},
                         {"day of the week", 0, 7, "L"}};

/* Of months and days; either may stand in either field, as in cron-parser. */
static const struct {
    char name[4];
    int number;
} names[] = {{"jan", 1}, {"feb", 2}, {"mar", 3},  {"apr", 4},  {"may", 5},  {"jun", 6}, {"jul", 7},
             {"aug", 8}, {"sep", 9}, {"oct", 10}, {"nov", 11}, {"dec", 12}, {"sun", 0}, {"mon", 1},
             {"tue", 2}, {"wed", 3}, {"thu", 4},  {"fri", 5},  {"sat", 6}};
enum { NAMES = sizeof names / sizeof *names };

const char *cron_field_name(cron_place_t place)
{
    return places[place].name;
}

/* ---- letters become digits ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Any three letters are a name. */
static int replace_names(const char *text, buf_t *out, fault_t *fault)
{
    while (*text) {
        if (!is_letter(text[0]) || !is_letter(text[1]) || !is_letter(text[2])) {
            buf_char(out, *text++);
            continue;
        }
        size_t i = 0;
        while (i < NAMES && strncasecmp(names[i].name, text, 3) != 0)
            i++;
        if (i == NAMES)
            return fault_set(fault, FAULT_USAGE, "\"%.3s\" is no name of a month or a day", text);
        buf_format(out, "%d", names[i].number);
        text += 3;
    }
    return 0;
}

static int check_characters(cron_place_t place, const char *text, fault_t *fault)
{
    for (const char *at = text; *at; at++)
        if (!strchr("0123456789,-/*?H()", *at) && !strchr(places[place].allowed, *at))
            return fault_set(fault, FAULT_USAGE, "\"%.1s\" cannot stand there", at);
    return *text ? 0 : fault_set(fault, FAULT_USAGE, "it is empty");
}

static void replace_stars(cron_place_t place, const char *text, buf_t *out)
{
    for (; *text; text++) {
        if (*text == '*' || *text == '?')
            buf_format(out, "%d-%d", places[place].least, places[place].most);
        else
            buf_char(out, *text);
    }
}

/* ---- entries of the list ---- */

/* The digits that a text begins with, -1 where it does not. */
static int leading_number(const char *text)
{
    int number = -1;
    for (; *text >= '0' && *text <= '9'; text++) {
        number = (number < 0 ? 0 : number * 10) + (*text - '0');
        if (number > NUMBER_MOST)
            number = NUMBER_MOST;
    }
    return number;
}

static void add_number(cron_field_t *field, int number)
{
    uint64_t bit = (uint64_t)1 << number;
    field->twice |= field->numbers & bit;
    field->numbers |= bit;
}

static int add_range(cron_place_t place, int from, int to, int step, cron_field_t *field, fault_t *fault)
{
    int least = places[place].least, most = places[place].most;
    if (from < least || to > most || to < 0)
        return fault_set(fault, FAULT_USAGE, "a range must lie within %d to %d", least, most);
    if (from > to)
        return fault_set(fault, FAULT_USAGE, "the range %d-%d runs backwards", from, to);
    if (step <= 0)
        return fault_set(fault, FAULT_USAGE, "a step must be 1 at least");
    uint64_t range = 0;
    if (place == CRON_WEEKDAY && to % 7 == 0 && (to - from) % step == 0)
        range |= 1; /* 7 is Sunday too */
    for (int i = from; i <= to; i += step)
        range |= (uint64_t)1 << i;
    field->twice |= field->numbers & range;
    field->numbers |= range;
    return 0;
}

/* An entry with L: L, 5L or 15L. */
static int add_last(cron_place_t place, const char *entry, cron_field_t *field, fault_t *fault)
{
    size_t digits = strspn(entry, "0123456789");
    if (digits > 2 || strcmp(entry + digits, "L") != 0)
        return fault_set(fault, FAULT_USAGE, "\"%.20s\" is no last day: write L or 5L", entry);
    if (place == CRON_WEEKDAY && digits == 0)
        return fault_set(fault, FAULT_USAGE, "L needs the day that it is the last of: 5L");
    int number = digits == 0 ? 0 : leading_number(entry) + (digits == 1 ? ONE_DIGIT : TWO_DIGITS);
    uint64_t bit = (uint64_t)1 << number % 64, *lasts = &field->lasts[number / 64];
    if (*lasts & bit)
        return fault_set(fault, FAULT_USAGE, "it names \"%.20s\" twice", entry);
    *lasts |= bit;
    if (digits)
        field->digits |= 1u << (entry[0] - '0');
    return 0;
}

static int add_single(cron_place_t place, const char *entry, cron_field_t *field, fault_t *fault)
{
    if (places[place].allowed[0] && strchr(entry, 'L'))
        return add_last(place, entry, field, fault);
    int number = leading_number(entry);
    if (number < places[place].least || number > places[place].most || entry[strspn(entry, "0123456789")])
        return fault_set(fault, FAULT_USAGE, "\"%.20s\" is not within %d to %d", entry, places[place].least,
                         places[place].most);
    add_number(field, place == CRON_WEEKDAY ? number % 7 : number);
    return 0;
}

/* One entry of the list: a number, a range, either with a step. What follows a second stroke is passed over, as there.
 */
static int add_entry(cron_place_t place, char *entry, cron_field_t *field, fault_t *fault)
{
    char *slash = strchr(entry, '/'), *stroke = strchr(entry, '-');
    if (!*entry)
        return fault_set(fault, FAULT_USAGE, "an entry of the list is empty");
    if (slash && strchr(slash + 1, '/'))
        return fault_set(fault, FAULT_USAGE, "\"%.20s\" has two steps", entry);
    if (!slash && !stroke)
        return add_single(place, entry, field, fault);
    int step = 1;
    if (slash) {
        *slash = 0;
        step = leading_number(slash + 1);
        stroke = strchr(entry, '-');
    }
    int from = leading_number(entry), to = stroke ? leading_number(stroke + 1) : places[place].most;
    return add_range(place, from, to, step, field, fault);
}

static int add_entries(cron_place_t place, char *list, cron_field_t *field, fault_t *fault)
{
    for (char *entry = list, *next; entry; entry = next) {
        if ((next = strchr(entry, ',')))
            *next++ = 0;
        if (add_entry(place, entry, field, fault) < 0)
            return -1;
    }
    return 0;
}

int cron_field_parse(cron_place_t place, const char *text, const cron_hash_t *hash, cron_field_t *field, fault_t *fault)
{
    buf_t named = {0}, starred = {0}, whole = {0};
    int parsed = -1;
    *field = (cron_field_t){.any = strcmp(text, "*") == 0 || strcmp(text, "?") == 0, .last = strchr(text, 'L') != NULL};
    if (place != CRON_MONTH && place != CRON_WEEKDAY)
        buf_text(&named, text);
    else if (replace_names(text, &named, fault) < 0)
        goto done;
    if (check_characters(place, buf_string(&named), fault) < 0)
        goto done;
    replace_stars(place, buf_string(&named), &starred);
    if (cron_hash_expand(hash, buf_string(&starred), places[place].least, places[place].most, &whole, fault) < 0)
        goto done;
    if (strpbrk(buf_string(&whole), "()"))
        fault_set(fault, FAULT_USAGE, "brackets belong to H(a-b) alone");
    else
        parsed = add_entries(place, whole.bytes, field, fault);
done:
    if (parsed < 0)
        fault_prefix(fault, places[place].name);
    buf_free(&named);
    buf_free(&starred);
    buf_free(&whole);
    return parsed;
}
