/* Cron patterns mean what cron-parser takes them to mean (tests/integration/cron.py asks it itself); what is none is
 * refused with its field; schedulers go on and end. */
#include "actors/bridge/cron/repeat.h"
#include "check.h"

#include <stdio.h>
#include <string.h>

/* A date of a table in Unix milliseconds. */
static int64_t at(const char *date, const zone_t *zone)
{
    fault_t fault = {0};
    int64_t ms = 0;
    if (repeat_date(date, zone, &ms, &fault) < 0)
        fail_msg("%s", fault.text);
    return ms;
}

static zones_t *system_zones(void)
{
    return zones_new(ZONE_FOLDER, "Europe/Paris");
}

static const zone_t *zone_of(zones_t *zones, const char *name)
{
    fault_t fault = {0};
    const zone_t *zone = zones_find(zones, name, &fault);
    if (!zone)
        fail_msg("%s", fault.text);
    return zone;
}

static const struct {
    const char *pattern, *tz, *after, *next; /* next NULL: there is none */
} nexts[] = {
    {"* * * * *", "UTC", "2026-03-01T09:00:30.500Z", "2026-03-01T09:01:00Z"},
    {"* * * * * *", "UTC", "2026-03-01T09:00:30.500Z", "2026-03-01T09:00:31Z"},
    {"* * * * * *", "UTC", "2026-03-01T09:00:30Z", "2026-03-01T09:00:31Z"},
    {"", "UTC", "2026-03-01T09:00:30Z", "2026-03-01T09:01:00Z"},
    {"5", "UTC", "2026-03-01T00:00:00Z", "2026-03-06T00:00:00Z"}, /* the fields in front are missing */
    {"0 9 * * 1-5", "Europe/London", "2026-03-06T09:00:00Z", "2026-03-09T09:00:00Z"},
    {"0 9 * * mon-FRI", "Europe/London", "2026-03-27T10:00:00Z", "2026-03-30T08:00:00Z"},
    {"*/20 8-9 * * *", "Asia/Kathmandu", "2026-03-01T03:41:00Z", "2026-03-01T03:55:00Z"},
    {"0 0 L * *", "UTC", "2028-02-01T00:00:00Z", "2028-02-29T00:00:00Z"},
    {"0 0 * * 5L", "UTC", "2026-11-01T00:00:00Z", "2026-11-27T00:00:00Z"},
    {"0 0 * * 5#3", "UTC", "2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z"},
    {"0 0 * * 5#5", "UTC", "2026-11-01T00:00:00Z", "2027-01-29T00:00:00Z"},
    {"0 0 13 * 5", "UTC", "2026-11-07T00:00:00Z", "2026-11-13T00:00:00Z"}, /* either day is enough */
    {"0 0 13 * 5", "UTC", "2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z"},
    {"0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
    {"0 0 ? * 7", "UTC", "2026-11-26T00:00:00Z", "2026-11-29T00:00:00Z"},
    {"0 0 31 2,4 *", "UTC", "2026-11-26T00:00:00Z", NULL},
    {"@weekdays", "UTC", "2026-11-27T12:00:00Z", "2026-11-30T00:00:00Z"},
    {"@yearly", "UTC", "2026-11-27T12:00:00Z", "2027-01-01T00:00:00Z"},
    /* clocks jump from 2:00 to 3:00: what is missed is done at once */
    {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"},
    {"0 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
    /* and come to 2:00 twice: it is done once, unless every hour counts */
    {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
    {"30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
    {"30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
    /* neither half an hour nor a midnight that is not there is made up; a day that never was is passed over */
    {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-04T15:15:00Z"},
    {"0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-24T21:00:00Z"},
    {"0 12 30 12 *", "Pacific/Apia", "2011-01-01T12:00:00Z", "2012-12-29T22:00:00Z"},
    /* by the rule of the zone, long behind what its file lists */
    {"0 9 1 7 *", "America/New_York", "2199-08-01T00:00:00Z", "2200-07-01T13:00:00Z"},
    {"0 9 1 1 *", "America/New_York", "2199-08-01T00:00:00Z", "2200-01-01T14:00:00Z"},
    {"0 9 * * *", "utc+3:30", "2026-01-01T00:00:00Z", "2026-01-01T05:30:00Z"},
    {"0 9 * * *", "-03:00", "2026-01-01T00:00:00Z", "2026-01-01T12:00:00Z"},
    {"0 9 * * *", "europe/LONDON", "2026-07-01T00:00:00Z", "2026-07-01T08:00:00Z"},
    {"0 9 * * *", NULL, "2026-07-01T00:00:00Z", "2026-07-01T07:00:00Z"}, /* this machine's own: Paris */
};

static void test_next(void **state)
{
    (void)state;
    zones_t *zones = system_zones();
    for (size_t i = 0; i < sizeof nexts / sizeof *nexts; i++) {
        const zone_t *zone = zone_of(zones, nexts[i].tz);
        cron_t cron;
        fault_t fault = {0};
        int64_t got = -1;
        if (cron_parse(nexts[i].pattern, NULL, &cron, &fault) < 0)
            fail_msg("%s", fault.text);
        bool found = cron_next(&cron, zone, &(cron_span_t){CRON_ALWAYS}, at(nexts[i].after, zone), &got);
        if (found != (nexts[i].next != NULL) || (found && got != at(nexts[i].next, zone)))
            fail_msg("\"%s\" %s after %s: %s, %lld", nexts[i].pattern, nexts[i].tz ? nexts[i].tz : "own",
                     nexts[i].after, found ? "found" : "none", (long long)got);
    }
    zones_destroy(&zones);
}

static const struct {
    const char *pattern, *why; /* a part of the sentence */
} refusals[] = {
    {"60 * * * *", "minute: \"60\" is not within 0 to 59"},
    {"* 24 * * *", "hour: \"24\" is not within 0 to 23"},
    {"* * 0 * *", "day of the month"},
    {"* * * 13 *", "month: \"13\""},
    {"* * * * 8", "day of the week: \"8\" is not within 0 to 7"},
    {"* * * foo *", "\"foo\" is no name"},
    {"5-1 * * * *", "runs backwards"},
    {"*/0 * * * *", "a step must be 1 at least"},
    {"1/2/3 * * * *", "two steps"},
    {"1,,2 * * * *", "an entry of the list is empty"},
    {"1,1 * * * *", "it names 1 twice"},
    {"0 0 * * 0,7", "it names 0 twice"},
    {"0 0 30 2 *", "the month 2 has no day 30"},
    {"0 0 * * L", "L needs the day"},
    {"0 0 LW * *", "\"W\" cannot stand there"},
    {"0 0 * * 1,2#3", "# goes with a single day alone"},
    {"0 0 * * 1#6", "behind # stands 1 to 5"},
    {"* * * * * * *", "more than 6 fields"},
    {"   ", "it has 0 of 6 fields"},
    {"@fortnightly", "day of the week: \"for\" is no name"},
    {"H(9-3) * * * *", "runs backwards"},
    {"H/0 * * * *", "step of an H is 0"},
    {"(1) * * * *", "brackets belong"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        cron_t cron;
        fault_t fault = {0};
        assert_int_equal(cron_parse(refusals[i].pattern, NULL, &cron, &fault), -1);
        assert_int_equal(fault.code, FAULT_USAGE);
        if (!strstr(fault.text, refusals[i].why))
            fail_msg("\"%s\": %s", refusals[i].pattern, fault.text);
    }
    char long_one[CRON_PATTERN_MOST + 8];
    memset(long_one, '*', sizeof long_one);
    long_one[sizeof long_one - 1] = 0;
    cron_t cron;
    fault_t fault = {0};
    assert_int_equal(cron_parse(long_one, NULL, &cron, &fault), -1);
    assert_non_null(strstr(fault.text, "longer than"));
}

static void test_hash(void **state)
{
    (void)state;
    cron_t one, other;
    fault_t fault;
    cron_ways_t ways = {.seed = "reports"};
    assert_int_equal(cron_parse("H H(8-17) * * *", &ways, &one, &fault), 0);
    assert_int_equal(cron_parse("H H(8-17) * * *", &ways, &other, &fault), 0);
    assert_memory_equal(&one, &other, sizeof one);
    assert_int_equal(one.hours & ~0x3FF00u, 0);
    int minutes = 0;
    for (uint32_t chance = 0, seen = 0; chance < 100; chance++) {
        assert_int_equal(cron_parse("H/30 * * * *", &(cron_ways_t){.chance = chance}, &one, &fault), 0);
        assert_int_equal(__builtin_popcountll(one.minutes), 2);
        uint32_t bit = 1u << __builtin_ctzll(one.minutes);
        minutes += !(seen & bit);
        seen |= bit;
    }
    assert_true(minutes > 20); /* of 30 */
}

static void test_span(void **state)
{
    (void)state;
    zones_t *zones = system_zones();
    const zone_t *utc = zone_of(zones, "UTC");
    cron_t cron;
    fault_t fault;
    int64_t next;
    cron_span_t span = {at("2026-03-01T00:00:00Z", utc), at("2026-03-03T00:00:00Z", utc)};
    assert_int_equal(cron_parse("@daily", NULL, &cron, &fault), 0);
    /* before its start, within, and with its end */
    assert_true(cron_next(&cron, utc, &span, at("2025-01-01", utc), &next));
    assert_int_equal(next, at("2026-03-02", utc));
    assert_true(cron_next(&cron, utc, &span, next, &next));
    assert_int_equal(next, at("2026-03-03", utc));
    assert_false(cron_next(&cron, utc, &span, next, &next));
    assert_false(cron_next(&cron, utc, &span, at("2027-01-01", utc), &next));
    zones_destroy(&zones);
}

static void test_repeat(void **state)
{
    (void)state;
    zones_t *zones = system_zones();
    const zone_t *utc = zone_of(zones, "UTC");
    int64_t now = at("2026-03-01T09:00:10Z", utc), next = 0;
    fault_t fault = {0};
    repeat_t repeat = REPEAT_DEFAULTS;
    assert_int_equal(repeat_next(&repeat, zones, 0, now, &next, &fault), -1);
    repeat.pattern = "*/5 * * * *";
    assert_int_equal(repeat_next(&repeat, zones, 0, now, &next, &fault), 1);
    assert_int_equal(next, at("2026-03-01T09:05:00Z", utc));
    /* a run that came early counts from when it was planned */
    assert_int_equal(repeat_next(&repeat, zones, at("2026-03-01T09:05:00Z", utc), now, &next, &fault), 1);
    assert_int_equal(next, at("2026-03-01T09:10:00Z", utc));
    repeat.limit = 3;
    repeat.count = 2;
    assert_int_equal(repeat_next(&repeat, zones, 0, now, &next, &fault), 1);
    repeat.count = 3;
    assert_int_equal(repeat_next(&repeat, zones, 0, now, &next, &fault), 0);
    repeat = (repeat_t)REPEAT_DEFAULTS;
    repeat.every_ms = 1000;
    repeat.span.last_ms = now;
    assert_int_equal(repeat_next(&repeat, zones, 0, now, &next, &fault), 1);
    assert_int_equal(repeat_next(&repeat, zones, 0, now + 1, &next, &fault), 0);
    repeat.pattern = "* * * * *";
    assert_int_equal(repeat_next(&repeat, zones, 0, now, &next, &fault), -1);
    repeat.every_ms = 0;
    repeat.tz = "Mars/Olympus";
    assert_int_equal(repeat_next(&repeat, zones, 0, now, &next, &fault), -1);
    assert_non_null(strstr(fault.text, "Mars/Olympus"));
    zones_destroy(&zones);
}

static const struct {
    const char *text;
    int64_t ms; /* -1: none */
} dates[] = {{"1970-01-02", 86400000},
             {"1970-01-01T00:00:01.5Z", 1500},
             {"1970-01-01T00:00:01.123456Z", 1123},
             {"1970-01-01T02:00+02:00", 0},
             {"1970-01-01T02:00:00-0130", 12600000},
             {"1970-01-01T02:00:00", 3600000}, /* Paris */
             {"1970-02-29", -1},
             {"1970-01-01T25:00Z", -1},
             {"1970-01-01T00:00Zulu", -1},
             {"1970-01-01T00:00:00.Z", -1},
             {"tomorrow", -1},
             {"", -1}};

static void test_dates(void **state)
{
    (void)state;
    zones_t *zones = system_zones();
    const zone_t *zone = zone_of(zones, NULL);
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        fault_t fault;
        int64_t ms = -1;
        int read = repeat_date(dates[i].text, zone, &ms, &fault);
        if (dates[i].ms < 0 ? read != -1 : read != 0 || ms != dates[i].ms)
            fail_msg("\"%s\": %d, %lld", dates[i].text, read, (long long)ms);
    }
    zones_destroy(&zones);
}

static void test_zones(void **state)
{
    (void)state;
    static const char *const none[] = {
        "Mars/Olympus", "../../etc/passwd",

        "Europe/",      "/Europe/London",
        "utc+",         "utc+333",
        "+3:3",         "Europe/Londonnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"};
    zones_t *zones = system_zones();
    fault_t fault;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (zones_find(zones, none[i], &fault))
            fail_msg("there is a zone \"%s\"", none[i]);
    /* more names than it keeps */
    for (int i = 0; i < 3000; i++) {
        char name[24];
        snprintf(name, sizeof name, "utc%+d:%02d", i % 50, i / 50);
        assert_int_equal(zone_offset(zone_of(zones, name), 0), i % 50 * 3600 + i / 50 * 60);
    }
    zones_destroy(&zones);
    zones = zones_new(ZONE_FOLDER, NULL); /* of /etc/localtime, which may be missing */
    assert_non_null(zone_of(zones, NULL));
    zones_destroy(&zones);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_next),   cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_hash),   cmocka_unit_test(test_span),
                                       cmocka_unit_test(test_repeat), cmocka_unit_test(test_dates),
                                       cmocka_unit_test(test_zones)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
