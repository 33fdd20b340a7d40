/* The jobs in a worker's hands: in order, taken back, dropped. */
#include "proto/hand.h"
#include "check.h"

static void test_order(void **state)
{
    (void)state;
    hand_t hand = {0};
    assert_null(hand_first(&hand));
    for (uint64_t round = 0; round < 5; round++) { /* around the ring */
        for (uint64_t i = 0; i < HAND_MOST; i++)
            hand_add(&hand, 100 * round + i, INT64_MAX, 1000 + (int64_t)i);
        assert_int_equal(hand.since_us, 1000); /* the first is begun when it comes, the others later */
        for (uint64_t i = 0; i < HAND_MOST; i++) {
            assert_int_equal(hand_first(&hand)->key, 100 * round + i);
            assert_int_equal(hand_place(&hand, 100 * round + HAND_MOST - 1), (int)(HAND_MOST - 1 - i));
            assert_int_equal(hand_end(&hand, 2000 + (int64_t)i).key, 100 * round + i);
            assert_int_equal(hand.since_us, 2000 + (int64_t)i);
        }
        assert_int_equal(hand_place(&hand, 100 * round), -1);
    }
}

static void test_taken_back(void **state)
{
    (void)state;
    hand_t hand = {0};
    uint64_t key;
    for (uint64_t i = 1; i <= 4; i++)
        hand_add(&hand, i, INT64_MAX, 0);
    assert_true(hand_is_queued(&hand));
    assert_true(hand_take_back(&hand, 2)); /* 3 and 4 */
    assert_true(hand_is_queued(&hand));
    assert_true(hand_take_back(&hand, 1)); /* 2 too */
    assert_false(hand_is_queued(&hand));
    assert_true(hand_is_late(&hand));
    assert_false(hand_take_back(&hand, 1)); /* each once */
    uint64_t wanted[] = {3, 4, 2};
    for (int i = 0; i < 3; i++) {
        assert_true(hand_next_back(&hand, &key));
        assert_int_equal(key, wanted[i]);
    }
    assert_false(hand_next_back(&hand, &key));
    assert_int_equal(hand_place(&hand, 1), 0);
    assert_int_equal(hand_place(&hand, 2), -1); /* nobody waits for it */
    assert_false(hand_end(&hand, 0).is_back);
    for (int i = 0; i < 3; i++)
        assert_true(hand_end(&hand, 0).is_back); /* they keep their places */
    hand_add(&hand, 5, INT64_MAX, 0);
    assert_false(hand_first(&hand)->is_back);
}

/* The same key again, behind its own forsaken twin. */
static void test_again(void **state)
{
    (void)state;
    hand_t hand = {0};
    uint64_t key;
    hand_add(&hand, 1, INT64_MAX, 0);
    hand_add(&hand, 2, INT64_MAX, 0);
    hand_take_back(&hand, 1);
    assert_true(hand_next_back(&hand, &key));
    hand_add(&hand, 2, INT64_MAX, 0);
    assert_int_equal(hand_place(&hand, 2), 2);
    hand_end(&hand, 0);
    assert_true(hand_end(&hand, 0).is_back);
    assert_int_equal(hand_place(&hand, 2), 0);
    assert_false(hand_end(&hand, 0).is_back);
}

static void test_dropped(void **state)
{
    (void)state;
    hand_t hand = {0};
    uint64_t key;
    for (uint64_t i = 0; i < HAND_MOST; i++)
        hand_add(&hand, i, INT64_MAX, 0);
    hand_end(&hand, 0);
    hand_drop(&hand);
    assert_null(hand_first(&hand));
    for (uint64_t i = 1; i < HAND_MOST; i++) {
        assert_true(hand_next_back(&hand, &key));
        assert_int_equal(key, i);
    }
    assert_false(hand_next_back(&hand, &key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
