/* What is kept in order and found: heap (queues and timers), directory, shares, chance; each against a plain model over
 * many random deeds. */
#include "broker/job.h"
#include "broker/share.h"
#include "broker/stats.h"
#include "check.h"
#include "proto/base/chance.h"
#include "proto/base/directory.h"
#include "proto/base/heap.h"

#include <string.h>

enum { ITEMS = 200, DEEDS = 20000 };

static void test_heap(void **state)
{
    (void)state;
    heap_places_t places = {0};
    heap_t heaps[2] = {{.places = &places}, {.places = &places}}; /* an item is in one of them at most */
    uint64_t keys[ITEMS] = {0};
    int where[ITEMS], counts[2] = {0, 0};
    chance_t chance = {1};
    memset(where, 0xFF, sizeof where);
    for (int deed = 0; deed < DEEDS; deed++) {
        uint32_t item = (uint32_t)chance_below(&chance, ITEMS);
        assert_int_equal(heap_has(&heaps[0], item), where[item] >= 0);
        if (where[item] < 0) {
            where[item] = (int)chance_below(&chance, 2);
            keys[item] = chance_below(&chance, 50);
            heap_add(&heaps[where[item]], keys[item], item, item);
            counts[where[item]]++;
        } else {
            heap_remove(&heaps[where[item]], item);
            counts[where[item]]--;
            where[item] = -1;
        }
        for (int h = 0; h < 2; h++) {
            uint32_t least = ITEMS;
            for (uint32_t i = 0; i < ITEMS; i++)
                if (where[i] == h && (least == ITEMS || keys[i] < keys[least]))
                    least = i; /* the lowest number among equal keys: minor */
            const heap_entry_t *top = heap_top(&heaps[h]);
            assert_int_equal(heaps[h].count, counts[h]);
            assert_int_equal(top ? top->item : ITEMS, least);
        }
    }
    heap_free(&heaps[0]);
    heap_free(&heaps[1]);
    heap_places_free(&places);
}

static void test_directory(void **state)
{
    (void)state;
    directory_t directory = {.seed = 3};
    uint32_t values[ITEMS] = {0}, value;
    chance_t chance = {2};
    for (int deed = 0; deed < DEEDS; deed++) {
        uint64_t key = chance_below(&chance, ITEMS);
        ident_t id = {key / 10, key % 10}; /* many share a half */
        assert_int_equal(directory_get(&directory, id, &value), values[key] != 0);
        if (values[key])
            assert_int_equal(value, values[key]);
        if (chance_below(&chance, 2)) {
            values[key] = (uint32_t)deed + 1;
            directory_put(&directory, id, values[key]);
        } else {
            values[key] = 0;
            directory_remove(&directory, id);
        }
    }
    uint32_t count = 0;
    for (int i = 0; i < ITEMS; i++)
        count += values[i] != 0;
    assert_int_equal(directory.count, count);
    directory_free(&directory);
}

/* Whatever owners do, the limit holds, and each can always have what it is guaranteed. */
static void test_share(void **state)
{
    (void)state;
    enum { OWNERS = 5 };
    share_t share = {.limit = 1000};
    uint64_t own[OWNERS] = {0};
    uint32_t owners = 1;
    chance_t chance = {3};
    share_begin(&share, 1);
    share_count(&share, 0);
    assert_true(share_admits(&share, 0, 1000));
    assert_false(share_admits(&share, 0, 1001));
    for (int deed = 0; deed < DEEDS; deed++) {
        uint32_t i = (uint32_t)chance_below(&chance, owners);
        uint64_t amount = 1 + chance_below(&chance, 60), used = 0;
        if (share_admits(&share, own[i], amount))
            share_take(&share, &own[i], amount);
        else if (own[i] > 0)
            share_give(&share, &own[i], own[i] < amount ? own[i] : amount);
        for (uint32_t j = 0; j < OWNERS; j++)
            used += own[j];
        assert_int_equal(share.used, used);
        assert_in_range(used, 0, 1000);
        if (deed == 1000) { /* four more come when one has everything */
            owners = OWNERS;
            share_begin(&share, owners);
            for (uint32_t j = 0; j < owners; j++)
                share_count(&share, own[j]);
        }
        if (deed > 5000) /* what there was before has gone by then */
            for (uint32_t j = 0; j < owners; j++)
                if (own[j] < share.guarantee)
                    assert_true(share_admits(&share, own[j], share.guarantee - own[j]));
    }
}

/* The table of jobs finds what is in it and nothing else, and reuses numbers. */
static void test_jobs(void **state)
{
    (void)state;
    job_table_t *table = job_table_new(5);
    uint32_t numbers[ITEMS], count = 0;
    chance_t chance = {4};
    memset(numbers, 0xFF, sizeof numbers);
    for (int deed = 0; deed < DEEDS; deed++) {
        uint32_t item = (uint32_t)chance_below(&chance, ITEMS);
        ident_t id = {1, item + 1};
        job_t *job = job_find(table, id);
        assert_int_equal(job != NULL, numbers[item] != JOB_NONE);
        if (job) {
            assert_int_equal(job->number, numbers[item]);
            assert_ptr_equal(job_at(table, numbers[item]), job);
            job_remove(table, job);
            numbers[item] = JOB_NONE;
            count--;
        } else {
            job = job_add(table, id);
            assert_int_equal(job->state, JOB_NEW);
            assert_in_range(job->number, 0, ITEMS - 1); /* never more than were there at once */
            numbers[item] = job->number;
            count++;
        }
        assert_int_equal(job_count(table), count);
    }
    uint32_t walked = 0;
    for (const job_t *job = job_next(table, NULL); job; job = job_next(table, job))
        walked++;
    assert_int_equal(walked, count);
    job_table_destroy(&table);
    job_table_destroy(&table);
}

static void test_edges(void **state)
{
    (void)state;
    assert_true(job_may_become(JOB_QUEUED, JOB_RUNNING));
    assert_true(job_may_become(JOB_RUNNING, JOB_OFFERED));
    assert_false(job_may_become(JOB_ENDED, JOB_RUNNING)); /* an end is an end */
    assert_false(job_may_become(JOB_HELD, JOB_RUNNING));  /* not past its queue */
    for (int to = 0; to < JOB_STATES; to++) {
        assert_false(job_may_become(JOB_ENDED, (job_state_t)to));
        assert_false(job_may_become((job_state_t)to, JOB_NEW));
        assert_non_null(job_state_name((job_state_t)to));
    }
}

static void test_chance(void **state)
{
    (void)state;
    chance_t a = {7}, b = {7}, other = {8};
    uint32_t seen[10] = {0};
    for (int i = 0; i < 10000; i++) {
        uint64_t number = chance_below(&a, 10);
        assert_int_equal(number, chance_below(&b, 10));
        seen[number]++;
    }
    assert_int_not_equal(chance_next(&a), chance_next(&other));
    for (int i = 0; i < 10; i++)
        assert_in_range(seen[i], 850, 1150);
}

static void test_histogram(void **state)
{
    (void)state;
    histogram_t histogram = {0};
    static const int64_t us[] = {-5, 0, 999, 1000, 1999, 2000, 4000, INT64_MAX / 2};
    for (size_t i = 0; i < sizeof us / sizeof *us; i++)
        histogram_add(&histogram, us[i]);
    assert_int_equal(histogram.counts[0], 3);
    assert_int_equal(histogram.counts[1], 2);
    assert_int_equal(histogram.counts[2], 1);
    assert_int_equal(histogram.counts[3], 1);
    assert_int_equal(histogram.counts[STATS_BUCKETS - 1], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_heap),     cmocka_unit_test(test_directory),
                                       cmocka_unit_test(test_share),    cmocka_unit_test(test_jobs),
                                       cmocka_unit_test(test_edges),    cmocka_unit_test(test_chance),
                                       cmocka_unit_test(test_histogram)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
