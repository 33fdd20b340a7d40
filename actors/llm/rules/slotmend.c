/* slotmend: see slotmend.h. */
#include "slotmend.h"

#include <stdlib.h>
#include <string.h>

/* Print of which no digit is doubted. */
static const double READ_WELL = 0.8;

/* Print misread by one digit. A page whose times all are whole fives, or whose headings meet each other, says so
 * itself. */

static bool one_digit_apart(int a, int b)
{
    char x[6], y[6];
    int differ = 0;
    timetext_format(a, x);
    timetext_format(b, y);
    for (int i = 0; i < 5; i++)
        differ += x[i] != y[i];
    timetext_format(a >= 780 ? a - 720 : a, x); /* as printed on the 12-hour clock */
    timetext_format(b >= 780 ? b - 720 : b, y);
    int other = 0;
    for (int i = 0; i < 5; i++)
        other += x[i] != y[i];
    return differ <= 1 || other <= 1;
}

/* "1.36" among fives: 6, 8 and 9 are misread noughts. */
static void mend_fives(slots_t *slots)
{
    int fives = 0, odd = 0;
    for (size_t i = 0; i < slots->count; i++) {
        instant_t *both[] = {&slots->items[i].start, &slots->items[i].end};
        for (int k = 0; k < 2; k++)
            if (both[k]->minute >= 0)
                both[k]->minute % 5 ? odd++ : fives++;
    }
    if (fives < 6 || odd * 6 > fives)
        return;
    for (size_t i = 0; i < slots->count; i++) {
        instant_t *both[] = {&slots->items[i].start, &slots->items[i].end};
        for (int k = 0; k < 2; k++)
            if (both[k]->minute >= 0 && both[k]->minute % 5 && both[k]->minute % 10 >= 6)
                both[k]->minute -= both[k]->minute % 10;
    }
}

static bool in_order(int a, int b)
{
    return a < 0 || b < 0 || a < b;
}

/* Where headings meet each other but for one that misses by a digit, one of both is misread: the one that is out of
 * order, or that was read with less confidence. */
static void mend_meetings(slots_t *slots)
{
    size_t meet = 0, part = 0;
    for (size_t i = 0; i + 1 < slots->count; i++) {
        int end = slots->items[i].end.minute, next = slots->items[i + 1].start.minute;
        if (end >= 0 && next >= 0)
            end == next ? meet++ : part++;
    }
    if (meet < 3 || part * 2 > meet)
        return;
    for (size_t i = 0; i + 1 < slots->count; i++) {
        slot_t *a = &slots->items[i], *b = a + 1;
        int end = a->end.minute, next = b->start.minute;
        if (end < 0 || next < 0 || end == next || !one_digit_apart(end, next))
            continue;
        bool end_fits = in_order(a->start.minute, end) && in_order(end, b->end.minute);
        bool next_fits = in_order(a->start.minute, next) && in_order(next, b->end.minute);
        bool plain = end % 5 == 0 && next % 5 == 0 && a->end.read >= READ_WELL && b->start.read >= READ_WELL;
        if (end_fits && next_fits && plain)
            continue; /* a real gap */
        if (next_fits && (!end_fits || a->end.read <= b->start.read))
            a->end.minute = next;
        else if (end_fits)
            b->start.minute = end;
    }
}

/* Digits that blurred print makes of one another. */
static bool is_taken_for(char digit, char other)
{
    static const char *const alike[] = {"0689", "17", "3589", "56", "27"};
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
        if (strchr(alike[i], digit) && strchr(alike[i], other))
            return true;
    return false;
}

enum { READINGS_MOST = 12 };

typedef struct {
    int items[READINGS_MOST];
    size_t count;
} minutes_t;

/* Minutes between `after` and `before` (both included) that `minute` may have been before one of its digits was
 * misread, on either half of the day. Whole fives, as nearly all times of schools are. */
static minutes_t readings_between(int minute, int after, int before)
{
    enum { TWELVE_HOURS = 12 * 60 };
    static const struct {
        int unit, base;
    } digits[] = {{1, 10}, {10, 6}, {60, 10}}; /* minutes of one step of the digit; its values */
    minutes_t out = {.count = 0};
    int clock = minute % TWELVE_HOURS;
    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++) {
        int digit = clock / digits[i].unit % digits[i].base;
        for (int other = 0; other < digits[i].base; other++) {
            int read = clock + (other - digit) * digits[i].unit;
            read += read < after ? TWELVE_HOURS : 0;
            if (other != digit && is_taken_for((char)('0' + digit), (char)('0' + other)) && read % 5 == 0 &&
                read >= after && read <= before && out.count < READINGS_MOST)
                out.items[out.count++] = read;
        }
    }
    return out;
}

/* Slots other than i that last so many minutes. */
static size_t lasting(const slots_t *slots, size_t i, int minutes)
{
    size_t count = 0;
    for (size_t k = 0; k < slots->count; k++)
        count += k != i && slots->items[k].start.minute >= 0 && slots->items[k].end.minute >= 0 &&
                 slots->items[k].end.minute - slots->items[k].start.minute == minutes;
    return count;
}

/* The reading that is the only one, or the only one that makes slot i as long as another; `anchor` is the slot's other
 * end, -1 for none. -1 where there is none. */
static int choose_reading(const slots_t *slots, size_t i, const minutes_t *readings, int anchor)
{
    int found = -1;
    size_t fit = 0;
    if (readings->count == 1)
        return readings->items[0];
    for (size_t k = 0; k < readings->count && anchor >= 0; k++)
        if (lasting(slots, i, abs(readings->items[k] - anchor)))
            found = readings->items[k], fit++;
    return fit == 1 ? found : -1;
}

/* The nearest start before slot i, and behind it; -1 for none. */
static int start_before(const slots_t *slots, size_t i)
{
    for (size_t j = i; j-- > 0;)
        if (slots->items[j].start.minute >= 0)
            return slots->items[j].start.minute;
    return -1;
}

static int start_behind(const slots_t *slots, size_t i)
{
    for (size_t j = i + 1; j < slots->count; j++)
        if (slots->items[j].start.minute >= 0)
            return slots->items[j].start.minute;
    return -1;
}

/* A start that is not later than the one before it, or an end that lies hours beyond the next start, where one other
 * reading of a digit puts it in order. */
static void mend_order(slots_t *slots)
{
    enum { SHORTEST = 5, OVERLAP = 120 }; /* minutes */
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        int before = start_before(slots, i), behind = start_behind(slots, i), end = slot->end.minute;
        int last = end >= 0 && (behind < 0 || end < behind) ? end : behind;
        if (slot->start.minute < 0 || before < 0 || last < 0 || slot->start.minute > before)
            continue;
        minutes_t readings = readings_between(slot->start.minute, before + SHORTEST, last - SHORTEST);
        int read = choose_reading(slots, i, &readings, end);
        slot->start.minute = read >= 0 ? read : slot->start.minute;
    }
    for (size_t i = 0; i < slots->count; i++) {
        slot_t *slot = &slots->items[i];
        int behind = start_behind(slots, i);
        if (slot->start.minute < 0 || behind <= slot->start.minute || slot->end.minute < behind + OVERLAP)
            continue;
        minutes_t readings = readings_between(slot->end.minute, slot->start.minute + SHORTEST, behind);
        int read = choose_reading(slots, i, &readings, slot->start.minute);
        slot->end.minute = read >= 0 ? read : slot->end.minute;
    }
}

void slotmend(slots_t *slots)
{
    mend_order(slots);
    mend_meetings(slots); /* before the fives: a meeting tells which was meant */
    mend_fives(slots);
    mend_meetings(slots);
}
