/* cron_parse: from a pattern to its sets of numbers; see cron.h. */
#include "cron.h"
#include "cron_field.h"

#include "proto/base/arena.h"
#include "proto/base/text.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *pattern;
} predefined[] = {{"@yearly", "0 0 0 1 1 *"},    {"@annually", "0 0 0 1 1 *"}, {"@monthly", "0 0 0 1 * *"},
                  {"@weekly", "0 0 0 * * 0"},    {"@daily", "0 0 0 * * *"},    {"@hourly", "0 0 * * * *"},
                  {"@minutely", "0 * * * * *"},  {"@secondly", "* * * * * *"}, {"@weekdays", "0 0 0 * * 1-5"},
                  {"@weekends", "0 0 0 * * 0,6"}};
enum { PREDEFINED = sizeof predefined / sizeof *predefined };

/* Days that a month has at most. */
static const int longest[13] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

/* Where the fields stand in a pattern. */
enum { AT_SECOND, AT_MINUTE, AT_HOUR, AT_DAY, AT_MONTH, AT_WEEKDAY, AT_COUNT };
static const int place_at[CRON_FIELDS] = {AT_SECOND, AT_MINUTE, AT_HOUR, AT_MONTH, AT_DAY, AT_WEEKDAY};

static const char *without_name(const char *pattern)
{
    for (size_t i = 0; i < PREDEFINED; i++)
        if (strcmp(predefined[i].name, pattern) == 0)
            return predefined[i].pattern;
    return *pattern ? pattern : predefined[6].pattern;
}

static bool is_space(uint32_t point)
{
    return text_is_space(point) || point == 0xFEFF; /* as JavaScript has it */
}

/* The words of a text, of which there are AT_COUNT at most; -1: more. */
static int split(arena_t *arena, const char *text, const char *words[AT_COUNT])
{
    int count = 0;
    while (true) {
        const char *from = text, *after = text;
        uint32_t point;
        while (is_space(point = text_next(&after)))
            from = after;
        if (!point)
            return count;
        for (text = from; (after = text, point = text_next(&after)) && !is_space(point);)
            text = after;
        if (count == AT_COUNT)
            return -1;
        words[count++] = arena_text_n(arena, from, (size_t)(text - from));
    }
}

/* The fields of a pattern, those in front that are missing filled in. */
static int take_fields(arena_t *arena, const char *pattern, bool strict, const char *fields[AT_COUNT], fault_t *fault)
{
    static const char *const defaults[AT_COUNT] = {"0", "*", "*", "*", "*", "*"};
    const char *words[AT_COUNT];
    if (strlen(pattern) > CRON_PATTERN_MOST)
        return fault_set(fault, FAULT_USAGE, "it is longer than %d bytes", CRON_PATTERN_MOST);
    int count = split(arena, pattern, words);
    if (count < 0)
        return fault_set(fault, FAULT_USAGE, "it has more than %d fields", AT_COUNT);
    if (count == 0 || (strict && count < AT_COUNT))
        return fault_set(fault, FAULT_USAGE, "it has %d of %d fields", count, AT_COUNT);
    for (int i = 0; i < AT_COUNT; i++)
        fields[i] = i < AT_COUNT - count ? defaults[i] : words[i - (AT_COUNT - count)];
    if (strict && strcmp(fields[AT_DAY], "*") != 0 && strcmp(fields[AT_WEEKDAY], "*") != 0)
        return fault_set(fault, FAULT_USAGE, "strict: it has days of the month and days of the week");
    return 0;
}

/* Takes the #3 of 5#3 off. */
static int take_nth(arena_t *arena, const char **weekday, int *nth, fault_t *fault)
{
    const char *mark = strchr(*weekday, '#');
    *nth = 0;
    if (!mark)
        return 0;
    const char *number = mark + 1 + strspn(mark + 1, "0");
    if (strpbrk(*weekday, ",-/"))
        return fault_set(fault, FAULT_USAGE, "day of the week: # goes with a single day alone");
    if (number[0] < '1' || number[0] > '5' || number[1])
        return fault_set(fault, FAULT_USAGE, "day of the week: behind # stands 1 to 5");
    *nth = number[0] - '0';
    *weekday = arena_text_n(arena, *weekday, (size_t)(mark - *weekday));
    return 0;
}

/* With a single month, days that it never has are left out, unless there are no others. */
static void leave_out(cron_field_t *day, uint64_t months)
{
    if (!months || (months & (months - 1)))
        return;
    uint64_t had = ((uint64_t)2 << longest[__builtin_ctzll(months)]) - 1;
    if (!(day->numbers & had) && !day->lasts[0] && !day->lasts[1])
        return;
    day->numbers &= had;
    day->twice &= had;
}

/* What no field shows by itself. */
static int check(const cron_field_t fields[CRON_FIELDS], fault_t *fault)
{
    for (int i = 0; i < CRON_FIELDS; i++)
        if (fields[i].twice)
            return fault_set(fault, FAULT_USAGE, "%s: it names %d twice", cron_field_name((cron_place_t)i),
                             __builtin_ctzll(fields[i].twice));
    uint64_t months = fields[CRON_MONTH].numbers, days = fields[CRON_DAY].numbers;
    if ((months & (months - 1)) || fields[CRON_DAY].last || !fields[CRON_WEEKDAY].any)
        return 0;
    int first = __builtin_ctzll(days), month = __builtin_ctzll(months);
    if (first > longest[month])
        return fault_set(fault, FAULT_USAGE, "day of the month: the month %d has no day %d", month, first);
    return 0;
}

static void fill(cron_t *cron, const cron_field_t fields[CRON_FIELDS], int nth)
{
    const cron_field_t *weekday = &fields[CRON_WEEKDAY];
    *cron = (cron_t){.seconds = fields[CRON_SECOND].numbers,
                     .minutes = fields[CRON_MINUTE].numbers,
                     .hours = (uint32_t)fields[CRON_HOUR].numbers,
                     .days = (uint32_t)fields[CRON_DAY].numbers,
                     .months = (uint32_t)fields[CRON_MONTH].numbers,
                     .weekdays = (uint32_t)weekday->numbers,
                     .nth = nth,
                     .last_day = fields[CRON_DAY].last,
                     .any_day = fields[CRON_DAY].any,
                     .any_weekday = weekday->any && !nth};
    for (int digit = 0; weekday->last && digit < 10; digit++)
        if (weekday->digits & 1u << digit || weekday->numbers & 1u << digit)
            cron->last_weekdays |= 1u << digit % 7;
}

int cron_parse(const char *pattern, const cron_ways_t *ways, cron_t *cron, fault_t *fault)
{
    cron_field_t fields[CRON_FIELDS];
    const char *texts[AT_COUNT];
    int nth, parsed = -1;
    arena_t *arena = arena_new();
    cron_hash_t hash = {.strict = ways && ways->strict};
    uint32_t state = !ways ? 0 : ways->seed && *ways->seed ? cron_hash_seed(ways->seed) : ways->chance;
    if (take_fields(arena, without_name(pattern), hash.strict, texts, fault) < 0 ||
        take_nth(arena, &texts[AT_WEEKDAY], &nth, fault) < 0)
        goto done;
    for (int i = 0; i < CRON_FIELDS; i++) {
        hash.random = cron_hash_next(&state);
        if (cron_field_parse((cron_place_t)i, texts[place_at[i]], &hash, &fields[i], fault) < 0)
            goto done;
    }
    leave_out(&fields[CRON_DAY], fields[CRON_MONTH].numbers);
    fields[CRON_WEEKDAY].any = fields[CRON_WEEKDAY].any && !nth;
    if ((parsed = check(fields, fault)) == 0)
        fill(cron, fields, nth);
done:
    if (parsed < 0) {
        char context[FAULT_TEXT_BYTES / 4];
        snprintf(context, sizeof context, "the cron pattern \"%.60s\"", pattern);
        fault_prefix(fault, context);
    }
    arena_destroy(&arena);
    return parsed;
}
