/* What is said over and over: told at once, each minute, and when it is something else. */
#include "proto/base/refrain.h"
#include "check.h"

#include <stdio.h>

enum { SECOND = 1000000 };

static void the_same(void **state)
{
    (void)state;
    refrain_t refrain = {0};
    int told = 0;
    for (int64_t us = 5; us < 181 * (int64_t)SECOND; us += SECOND / 10)
        told += refrain_is_due(&refrain, "no such key", us);
    assert_int_equal(told, 4);
}

static void others(void **state)
{
    (void)state;
    refrain_t refrain = {0};
    assert_true(refrain_is_due(&refrain, "no such key", 10));
    assert_false(refrain_is_due(&refrain, "no such key", 2 * SECOND));
    assert_true(refrain_is_due(&refrain, "taken off the list", 2 * SECOND));
    assert_true(refrain_is_due(&refrain, "no such stage", 2 * SECOND + 1));
    assert_false(refrain_is_due(&refrain, "no such stage", 3 * SECOND));
}

/* Two brokers with words of their own, at every try of each. */
static void in_turns(void **state)
{
    (void)state;
    refrain_t refrain = {0};
    int told = 0;
    for (int i = 0; i < 1000; i++)
        told += refrain_is_due(&refrain, i % 2 ? "no such key" : "no such stage", 1 + i * (int64_t)SECOND / 10);
    assert_int_equal(told, 4); /* each in the first minute and in the second */
}

/* Words that are others each time, such as with a number in them. */
static void never_the_same(void **state)
{
    (void)state;
    refrain_t refrain = {0};
    char words[32];
    int told = 0;
    for (int i = 0; i < 1000; i++) {
        snprintf(words, sizeof words, "try %d", i);
        told += refrain_is_due(&refrain, words, 1 + i * (int64_t)SECOND / 100);
    }
    assert_in_range(told, REFRAIN_LINES + 8, REFRAIN_LINES + 10); /* and then one a second */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same),
        cmocka_unit_test(others),
        cmocka_unit_test(in_turns),
        cmocka_unit_test(never_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
