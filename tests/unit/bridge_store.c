/* Whether a gateway serves the stage `store`: as it is set, or as a broker's figures say, which are waited for a while.
 */
#include "actors/bridge/store_watch.h"
#include "check.h"
#include "proto/dossier.h"
#include "proto/pack.h"
#include "proto/report.h"

static log_t quiet(void)
{
    return (log_t){.fd = -1, .least = LOG_ERROR, .process = "test"};
}

/* Takes figures of a broker at which so many actors serve this stage. */
static void hear(store_watch_t *watch, const char *name, int64_t actors)
{
    log_t log = quiet();
    stats_t stats = {0};
    buf_t body = {0};
    arena_t *arena = arena_new();
    stats_stage_t *stage = list_push(arena, &stats.stages, sizeof *stage);
    *stage = (stats_stage_t){.stage = name, .actors = actors};
    pack_encode(&stats_schema, &stats, &body);
    message_t message = {.command = COMMAND_STATS, .body = {body.bytes, (uint32_t)body.size}};
    store_watch_take(watch, &message, &log);
    buf_free(&body);
    arena_destroy(&arena);
}

static void test_set(void **state)
{
    (void)state;
    for (int there = 0; there < 2; there++) {
        store_watch_t watch;
        int64_t next_us = 77;
        store_watch_open(&watch, there ? BRIDGE_STORE_ALWAYS : BRIDGE_STORE_NEVER);
        store_watch_begin(&watch, 0);
        assert_true(store_watch_knows(&watch, 0));
        assert_int_equal(watch.is_there, there);
        assert_false(store_watch_asks(&watch, 1000000000, &next_us));
        assert_int_equal(next_us, 77);
    }
}

static void test_asked(void **state)
{
    (void)state;
    store_watch_t watch;
    int64_t next_us = INT64_MAX;
    store_watch_open(&watch, BRIDGE_STORE_AUTO);
    store_watch_begin(&watch, 1000000);
    assert_true(store_watch_asks(&watch, 1000000, &next_us));
    assert_int_equal(next_us, 1200000); /* often, until it is known */
    assert_false(store_watch_asks(&watch, 1199999, &next_us));
    assert_false(store_watch_knows(&watch, 3999999));
    assert_true(store_watch_knows(&watch, 4000000)); /* nobody answers: jobs go on without */
    assert_false(watch.is_there);
    hear(&watch, "store", 1);
    assert_true(store_watch_knows(&watch, 1000001));
    assert_true(watch.is_there);
    assert_true(store_watch_asks(&watch, 4000000, &next_us));
    next_us = INT64_MAX;
    assert_false(store_watch_asks(&watch, 4000001, &next_us));
    assert_int_equal(next_us, 14000000); /* now and then */
    assert_int_equal(watch.questions, 2);
    hear(&watch, "store", 0);
    assert_false(watch.is_there);
    hear(&watch, "stores", 3);
    assert_false(watch.is_there);
}

/* What is no figures says that there is none. */
static void test_garbage(void **state)
{
    (void)state;
    store_watch_t watch;
    log_t log = quiet();
    message_t message = {.command = COMMAND_STATS, .body = {"\xc1", 1}};
    store_watch_open(&watch, BRIDGE_STORE_AUTO);
    store_watch_take(&watch, &message, &log);
    assert_false(watch.is_there);
    assert_true(store_watch_knows(&watch, INT64_MIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_set), cmocka_unit_test(test_asked),
                                       cmocka_unit_test(test_garbage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
