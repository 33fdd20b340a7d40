/* What several brokers tell of their queues, added up. */
#include "gateway/outbox/queues.h"
#include "check.h"

#include "proto/base/buf.h"
#include "proto/pack.h"
#include "proto/report.h"

enum { NOW = 1000000, SLOTS_EACH = 2 };

static void tell(queues_t *queues, uint32_t broker, int64_t runnable, int64_t hosts, int64_t at_us)
{
    stats_stage_t ocr = {
        .stage = "ocr", .runnable = runnable, .oldest_ms = 10 * runnable, .actors = hosts, .slots = SLOTS_EACH * hosts};
    stats_t stats = {.jobs = runnable, .stages = {.items = &ocr, .count = 1}};
    buf_t body = {0};
    pack_encode(&stats_schema, &stats, &body);
    queues_take(queues, broker, body.bytes, body.size, at_us);
    buf_free(&body);
}

static void test_two_brokers(void **state)
{
    (void)state;
    queues_t *queues = queues_new();
    queues_sum_t sum;
    tell(queues, 0, 3, 2, NOW);
    tell(queues, 1, 4, 2, NOW);
    queues_add_up(queues, NOW, &sum);
    assert_int_equal(sum.heard, 2);
    assert_int_equal(sum.count, 1);
    assert_int_equal(sum.jobs, 7);
    assert_int_equal(sum.stages[0].runnable, 7);
    assert_int_equal(sum.stages[0].oldest_ms, 40);
    assert_int_equal(sum.stages[0].hosts, 2);   /* the same two */
    assert_int_equal(sum.stages[0].workers, 8); /* they divide theirs */
    queues_destroy(&queues);
}

static void test_old_news(void **state)
{
    (void)state;
    queues_t *queues = queues_new();
    queues_sum_t sum;
    tell(queues, 0, 3, 1, NOW);
    tell(queues, 1, 4, 1, NOW + QUEUES_STALE_US);
    queues_take(queues, 1, "no report", 9, NOW + QUEUES_STALE_US);
    queues_add_up(queues, NOW + QUEUES_STALE_US + 1, &sum);
    assert_int_equal(sum.heard, 1);
    assert_int_equal(sum.stages[0].runnable, 4);
    queues_destroy(&queues);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_brokers), cmocka_unit_test(test_old_news)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
