/* daytext: days as pages print them. */
#include "check.h"

#include "actors/llm/rules/daytext.h"

#include <stdio.h>
#include <string.h>

enum { MON = 1, TUE = 2, WED = 4, THU = 8, FRI = 16, SAT = 32, SUN = 64, WEEK = 31 };

static void test_days(void **state)
{
    static const struct {
        const char *text;
        unsigned days;
        bool only;
        double trust_least;
    } rows[] = {
        {"Monday", MON, true, 1},
        {"TUESDAY", TUE, true, 1},
        {"Weds", WED, true, 0.9},
        {"Thurs.", THU, true, 0.9},
        {"Fri", FRI, true, 0.9},
        {"Sat", SAT, true, 0.9},
        {"Sunday", SUN, true, 1},
        {"Mo", MON, true, 0.5},
        {"Th", THU, true, 0.5},
        {"M", MON, true, 0.2},
        {"w", WED, true, 0.2},
        {"Monday, Tuesday, Thursday", MON | TUE | THU, true, 1},
        {"Tuesday & Thursday", TUE | THU, true, 1},
        {"MON and WED", MON | WED, true, 0.9},
        {"Mon/Wed/Fri", MON | WED | FRI, true, 0.9},
        {"MWF", MON | WED | FRI, true, 0.7},
        {"Mon - Thu", MON | TUE | WED | THU, true, 0.9},
        {"Monday to Friday", WEEK, true, 1},
        {"Mon–Fri", WEEK, true, 0.9},
        {"Daily", WEEK, true, 0.8},
        {"Every day", WEEK, true, 0.8},
        {"Monday 17-Oct-16", MON, true, 1},
        {"Mon 4 Sept", MON, true, 0.9},
        {"Friday 2/6", FRI, true, 1},
        {"FriA", FRI, true, 0.9},
        {"Tue B", TUE, true, 0.9},
        {"Friday SIP (Flex Day)", FRI, false, 0.85},
        {"Minimum Day - Wednesday", WED, false, 0.85},
        {"Regular Schedule (Monday – Thursday)", MON | TUE | WED | THU, false, 0.85},
        {"Wednes\nday", WED, true, 0.8},
        {"Thur sday", THU, true, 0.8},
        {"Vednesday", WED, true, 0.6},
        {"Mondav", MON, true, 0.6},
        {"Montag", MON, true, 1},
        {"Donnerstag", THU, true, 1},
        {"mercredi", WED, true, 1},
        {"viernes", FRI, true, 1},
        {"venerdì", FRI, true, 1},
        {"quarta-feira", WED, true, 0.9},
        {"woensdag", WED, true, 1},
        {"środa", WED, true, 1},
        {"torsdag", THU, true, 1},
        {"Perşembe", THU, true, 1},
        {"Dé hAoine", FRI, true, 0.8},
    };
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        daytext_t got = daytext_read(rows[i].text);
        if (got.days != rows[i].days || got.only != rows[i].only || got.trust < rows[i].trust_least)
            print_error("\"%s\": days %x only %d trust %.2f, wanted %x %d %.2f\n", rows[i].text, got.days, got.only,
                        got.trust, rows[i].days, rows[i].only, rows[i].trust_least),
                wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void test_no_days(void **state)
{
    static const char *const rows[] = {"",
                                       "Maths",
                                       "Wedding",
                                       "Sunny",
                                       "Art",
                                       "Lunch",
                                       "9.00 – 9.30",
                                       "Week 3",
                                       "Period",
                                       "Day / Time",
                                       "Days",
                                       "L U N C H",
                                       "Room 12",
                                       "Homework club after school for everybody who asked on a Friday before noon"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (daytext_read(rows[i]).days)
            fail_msg("\"%s\" names no day", rows[i]);
}

static void test_short_foreign_forms_are_doubted(void **state)
{
    (void)state;
    assert_true(daytext_read("Di").trust < 0.5);
    assert_true(daytext_read("PE").days == 0 || daytext_read("PE").trust < 0.5);
    assert_true(daytext_read("ND").days == 0 || daytext_read("ND").trust < 0.5);
}

static void test_likeness_of_misread_print(void **state)
{
    (void)state;
    assert_true(daytext_like("Vednesda", DAY_WEDNESDAY) > 0.7);
    assert_true(daytext_like("Fridav", DAY_FRIDAY) > daytext_like("Fridav", DAY_MONDAY));
    assert_string_equal(daytext_name(DAY_SUNDAY), "Sunday");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_no_days),
        cmocka_unit_test(test_short_foreign_forms_are_doubted),
        cmocka_unit_test(test_likeness_of_misread_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
