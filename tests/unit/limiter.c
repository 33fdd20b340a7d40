/* Calls of a key against its bucket, by a clock of the test's own. */
#include "gateway/access/limiter.h"
#include "check.h"

#include <stdio.h>

enum { SECOND_US = 1000000, START_US = 5 * SECOND_US };

static int64_t take(limiter_t *limiter, const char *key, int64_t now_us, int count)
{
    int64_t allowed = 0;
    for (int i = 0; i < count; i++)
        allowed += limiter_take(limiter, key, now_us).allowed;
    return allowed;
}

static void test_burst_and_refill(void **state)
{
    (void)state;
    limiter_t *limiter = limiter_new(60);
    allowance_t first = limiter_take(limiter, "a", START_US);
    assert_true(first.allowed);
    assert_int_equal(first.limit, 60);
    assert_int_equal(first.remaining, 59);
    assert_int_equal(first.reset_s, 1);
    assert_int_equal(take(limiter, "a", START_US, 100), 59);
    allowance_t refused = limiter_take(limiter, "a", START_US);
    assert_false(refused.allowed);
    assert_int_equal(refused.remaining, 0);
    assert_int_equal(refused.retry_s, 1);
    assert_int_equal(refused.reset_s, 60);
    assert_int_equal(take(limiter, "b", START_US, 100), 60); /* another's */
    assert_int_equal(take(limiter, "a", START_US + SECOND_US - 1, 5), 0);
    assert_int_equal(take(limiter, "a", START_US + SECOND_US, 5), 1);
    assert_int_equal(take(limiter, "a", START_US + 11 * SECOND_US, 50), 10);
    assert_int_equal(take(limiter, "a", START_US + 1000 * SECOND_US, 100), 60); /* never more than a bucket */
    limiter_destroy(&limiter);
    assert_null(limiter);
}

/* Over any stretch a key gets its rate, and one bucket more. */
static void test_steady(void **state)
{
    (void)state;
    static const int64_t rates[] = {1, 7, 60, 6000, 1000000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        limiter_t *limiter = limiter_new(rates[i]);
        int64_t allowed = 0;
        for (int64_t second = 0; second < 600; second++)
            allowed += take(limiter, "a", START_US + second * SECOND_US, (int)(rates[i] < 1000 ? 3 * rates[i] : 200));
        int64_t most = 11 * rates[i] + 1, asked = 600 * (rates[i] < 1000 ? 3 * rates[i] : 200);
        assert_true(allowed <= most);
        assert_true(allowed >= (asked < 10 * rates[i] ? asked : 10 * rates[i] - 1));
        limiter_destroy(&limiter);
    }
}

/* Full buckets make room for new ones; where there is none the new key is refused and the old ones go on. */
static void test_many_keys(void **state)
{
    (void)state;
    char key[32];
    limiter_t *limiter = limiter_new(60);
    for (int i = 0; i < LIMITER_KEYS_MOST; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_true(limiter_take(limiter, key, START_US).allowed);
    }
    assert_false(limiter_take(limiter, "one more", START_US).allowed);
    assert_true(limiter_take(limiter, "k7", START_US).allowed);
    assert_true(limiter_take(limiter, "one more", START_US + SECOND_US).allowed);
    limiter_destroy(&limiter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_burst_and_refill), cmocka_unit_test(test_steady),
                                       cmocka_unit_test(test_many_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
