/* What a producer asks for with a job, what becomes of one that has failed, what noop does, when queues are asked. */
#include "actors/bridge/bridge_plan.h"
#include "actors/bridge/fetching.h"
#include "actors/bridge/noop.h"
#include "actors/bridge/retry.h"
#include "check.h"

#include <string.h>

static job_options_t options_of(const char *json)
{
    job_options_t options;
    fault_t fault = {0};
    if (job_options_parse(json, strlen(json), &options, &fault) < 0)
        fail_msg("%s: %s", json, fault.text);
    return options;
}

static void options(void **state)
{
    (void)state;
    job_options_t o = options_of("{\"attempts\":4,\"lifo\":true,\"kl\":7,\"stackTraceLimit\":0,\"fpof\":true,"
                                 "\"removeOnComplete\":true,\"removeOnFail\":{\"age\":60,\"count\":5},"
                                 "\"backoff\":{\"type\":\"exponential\",\"delay\":100,\"jitter\":0.5}}");
    assert_int_equal(o.attempts, 4);
    assert_true(o.lifo && o.fail_parent && !o.continue_parent);
    assert_int_equal(o.keep_logs, 7);
    assert_int_equal(o.stack_limit, 0);
    assert_true(o.keeps_completed && o.keep_completed.count == 0);
    assert_true(o.keeps_failed && o.keep_failed.count == 5 && o.keep_failed.age_s == 60);
    assert_int_equal(o.backoff, BACKOFF_IS_EXPONENTIAL);
    assert_true(o.backoff_ms == 100 && o.jitter == 0.5);
}

/* What makes no sense counts as absent. */
static void strange_options(void **state)
{
    (void)state;
    fault_t fault;
    job_options_t o = options_of("{\"attempts\":\"many\",\"backoff\":[],\"removeOnComplete\":\"x\",\"kl\":-5,"
                                 "\"stackTraceLimit\":1e300,\"lifo\":1}");
    assert_int_equal(o.attempts, 0);
    assert_int_equal(o.backoff, BACKOFF_IS_NONE);
    assert_false(o.keeps_completed || o.lifo);
    assert_int_equal(o.keep_logs, 0);
    assert_int_equal(o.stack_limit, -1);
    assert_int_equal(options_of("").backoff, BACKOFF_IS_NONE);
    assert_int_equal(options_of("{\"backoff\":50}").backoff, BACKOFF_IS_FIXED);
    assert_int_equal(options_of("{\"backoff\":{\"type\":\"mine\"}}").backoff, BACKOFF_IS_UNKNOWN);
    assert_int_equal(job_options_parse("[1", 2, &o, &fault), -1);
    assert_int_equal(job_options_parse("[]", 2, &o, &fault), -1);
}

static void retries(void **state)
{
    (void)state;
    chance_t chance = {7};
    job_options_t o = options_of("{\"attempts\":3}");
    assert_int_equal(retry_decide(&o, 0, false, &chance).kind, RETRY_NOW);
    assert_int_equal(retry_decide(&o, 1, false, &chance).kind, RETRY_NOW);
    assert_int_equal(retry_decide(&o, 2, false, &chance).kind, RETRY_NEVER);
    assert_int_equal(retry_decide(&o, 0, true, &chance).kind, RETRY_NEVER);
    o = options_of("{}");
    assert_int_equal(retry_decide(&o, 0, false, &chance).kind, RETRY_NEVER);
    o = options_of("{\"attempts\":9,\"backoff\":{\"type\":\"exponential\",\"delay\":100}}");
    assert_int_equal(retry_decide(&o, 0, false, &chance).delay_ms, 100);
    assert_int_equal(retry_decide(&o, 3, false, &chance).delay_ms, 800);
    o = options_of("{\"attempts\":9,\"backoff\":{\"type\":\"mine\",\"delay\":100}}");
    assert_int_equal(retry_decide(&o, 0, false, &chance).kind, RETRY_NEVER);
    assert_true(retry_decide(&o, 0, false, &chance).unknown);
    o = options_of("{\"attempts\":1e9,\"backoff\":{\"type\":\"exponential\",\"delay\":1e9}}");
    assert_true(retry_decide(&o, 5000, false, &chance).delay_ms > 0); /* beyond any number */
}

static void jitter(void **state)
{
    (void)state;
    chance_t chance = {7};
    int64_t least = INT64_MAX, most = 0;
    job_options_t o = options_of("{\"attempts\":9,\"backoff\":{\"type\":\"fixed\",\"delay\":1000,\"jitter\":0.25}}");
    for (int i = 0; i < 1000; i++) {
        int64_t ms = retry_decide(&o, 0, false, &chance).delay_ms;
        least = ms < least ? ms : least;
        most = ms > most ? ms : most;
    }
    assert_in_range(least, 750, 760);
    assert_in_range(most, 990, 1000);
}

static void traces(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        int64_t limit;
        const char *after;
    } rows[] = {{"", -1, "[\"c\\n\"]"},
                {"[\"a\",\"b\"]", -1, "[\"a\",\"b\",\"c\\n\"]"},
                {"[\"a\",\"b\"]", 2, "[\"b\",\"c\\n\"]"},
                {"[\"a\"]", 0, "[]"},
                {"{broken", -1, "[\"c\\n\"]"},
                {"[\"a\",\"b\"]", 1, "[\"c\\n\"]"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_t out = {0};
        retry_trace(rows[i].before, strlen(rows[i].before), span_text("c\n"), rows[i].limit, &out);
        assert_string_equal(out.bytes, rows[i].after);
        buf_free(&out);
    }
}

static void noops(void **state)
{
    (void)state;
    static const struct {
        const char *data, *text;
        noop_kind_t kind;
        int64_t count;
    } rows[] = {
        {"{\"op\":\"ok\"}", "{}", NOOP_OK, 0},
        {"{\"op\":\"echo\",\"value\":[1,{\"a\":null}]}", "[1,{\"a\":null}]", NOOP_ECHO, 0},
        {"{\"op\":\"echo\",\"value\":123456789012345678901234567890}", "123456789012345678901234567890", NOOP_ECHO, 0},
        {"{\"op\":\"echo\"}", "null", NOOP_ECHO, 0},
        {" {\"a\" : {\"value\":[1,\"}\"]}, \"op\":\"echo\" , \"value\" : 1.50 }", "1.50", NOOP_ECHO, 0},
        {"{\"value\":\"\\ud83d \\\"\",\"op\":\"echo\"}", "\"\\ud83d \\\"\"", NOOP_ECHO, 0},
        {"{\"value\":{\"\\u0000\":\"\\ud83d\\ude00\"},\"op\":\"echo\"}", "{\"\\u0000\":\"\\ud83d\\ude00\"}", NOOP_ECHO,
         0},
        {"{\"op\":\"echo\",\"value\":[[],{\"b\":{}}]\n}", "[[],{\"b\":{}}]", NOOP_ECHO, 0},
        {"{\"op\":\"fail\",\"message\":\"\\udc00cut\"}",
         "\xef\xbf\xbd"
         "cut",
         NOOP_FAIL, 0},
        {"{\"op\":\"slow\",\"ms\":250}", "null", NOOP_SLOW, 250},
        {"{\"op\":\"fail\",\"message\":\"torn\"}", "torn", NOOP_FAIL, 0},
        {"{\"op\":\"failTimes\"}", "failed as asked", NOOP_FAIL_TIMES, 1},
        {"{\"op\":\"progress\",\"steps\":-4}", "{}", NOOP_PROGRESS, 0},
        {"{\"op\":\"log\",\"lines\":1e30}", "{}", NOOP_LOG, NOOP_STEPS_MOST},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        noop_t noop;
        fault_t fault = {0};
        buf_t text = {0};
        if (noop_parse(rows[i].data, strlen(rows[i].data), &noop, &text, &fault) < 0)
            fail_msg("%s: %s", rows[i].data, fault.text);
        assert_string_equal(buf_string(&text), rows[i].text);
        assert_int_equal(noop.kind, rows[i].kind);
        assert_int_equal(noop.count, rows[i].count);
        buf_free(&text);
    }
}

static void no_noops(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "{",
                                      "[]",
                                      "7",
                                      "{}",
                                      "\\ud800",
                                      "{\"op\":\"ok\\ud80\"}",
                                      "{\"op\":\"ok\"}\\",
                                      "{\"op\":7}",
                                      "{\"op\":\"dance\"}",
                                      "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        noop_t noop;
        fault_t fault = {0};
        buf_t text = {0};
        assert_int_equal(noop_parse(bad[i], strlen(bad[i]), &noop, &text, &fault), -1);
        assert_int_equal(fault.code, FAULT_USAGE);
        buf_free(&text);
    }
}

/* ---- fetching ---- */

static const fetched_t a_job = {.has_job = true}, nothing = {0};

static fetching_step_t step(fetching_t *fetching, uint32_t free, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    return fetching_next(fetching, free, true, now_ms, &next_ms);
}

/* One fetch at first, more while jobs come; then the marker; then one fetch again. */
static void asks(void **state)
{
    (void)state;
    fetching_t f = {.drain_ms = 5000};
    assert_int_equal(step(&f, 10, 0).count, 1);
    fetching_sent(&f, 1, 0);
    assert_int_equal(step(&f, 9, 0).kind, FETCHING_NOTHING);
    f.fetches--;
    fetching_answered(&f, &a_job, 0);
    assert_int_equal(step(&f, 9, 0).count, 2);
    assert_int_equal(step(&f, 1, 0).count, 1);
    assert_int_equal(step(&f, 0, 0).kind, FETCHING_NOTHING);
    fetching_answered(&f, &nothing, 0);
    fetching_step_t wait = step(&f, 9, 0);
    assert_int_equal(wait.kind, FETCHING_WAIT);
    assert_int_equal(wait.wait_ms, 5000);
    fetching_waits(&f);
    assert_int_equal(step(&f, 9, 4000).kind, FETCHING_NOTHING);
    fetching_told(&f, true, 0, 4000);
    assert_int_equal(step(&f, 9, 4000).count, 1);
}

/* A wait that ends without a marker is followed by a fetch: the marker may be gone. */
static void asks_after_silence(void **state)
{
    (void)state;
    fetching_t f = {.drain_ms = 5000};
    fetching_answered(&f, &nothing, 0);
    assert_int_equal(step(&f, 1, 0).kind, FETCHING_WAIT);
    fetching_waits(&f);
    fetching_told(&f, false, 0, 5000);
    assert_int_equal(step(&f, 1, 5000).kind, FETCHING_TAKE);
    fetching_answered(&f, &nothing, 0);
    fetching_again(&f); /* a connection was lost */
    assert_int_equal(step(&f, 1, 5000).kind, FETCHING_TAKE);
}

static void waits_for_delayed(void **state)
{
    (void)state;
    fetching_t f = {.drain_ms = 5000};
    fetching_answered(&f, &(fetched_t){.delayed_ms = 1300}, 1000);
    assert_int_equal(step(&f, 1, 1000).wait_ms, 300);
    fetching_answered(&f, &(fetched_t){.delayed_ms = 60000}, 1000);
    assert_int_equal(step(&f, 1, 1000).wait_ms, FETCHING_BLOCK_MOST_MS);
    fetching_waits(&f);
    fetching_told(&f, true, 1500, 1000); /* an earlier one was added */
    assert_int_equal(step(&f, 1, 1000).wait_ms, 500);
    assert_int_equal(step(&f, 1, 1500).kind, FETCHING_TAKE);
}

static void obeys_limits(void **state)
{
    (void)state;
    int64_t next_ms = INT64_MAX;
    fetching_t f = {.drain_ms = 5000};
    fetching_answered(&f, &(fetched_t){.limited_ms = 700}, 1000);
    assert_int_equal(fetching_next(&f, 1, true, 1000, &next_ms).kind, FETCHING_NOTHING);
    assert_int_equal(next_ms, 1700);
    assert_int_equal(step(&f, 1, 1700).kind, FETCHING_TAKE);
    fetching_answered(&f, &(fetched_t){.limited_ms = 3600000}, 1000);
    assert_int_equal(step(&f, 1, 1000 + FETCHING_LIMITED_MOST_MS).kind, FETCHING_TAKE);
}

/* Without a connection that waits the queue is still asked now and then, never all the time. */
static void asks_without_waiter(void **state)
{
    (void)state;
    int64_t next_ms = INT64_MAX;
    fetching_t f = {.drain_ms = 5000};
    fetching_sent(&f, 1, 1000);
    f.fetches--;
    fetching_answered(&f, &nothing, 1000);
    assert_int_equal(fetching_next(&f, 1, false, 1000, &next_ms).kind, FETCHING_NOTHING);
    assert_int_equal(next_ms, 6000);
    assert_int_equal(fetching_next(&f, 1, false, 6000, &next_ms).kind, FETCHING_TAKE);
}

static void rests_after_refusals(void **state)
{
    (void)state;
    fetching_t f = {.drain_ms = 5000};
    int64_t before = 0;
    for (int i = 0; i < 12; i++) {
        fetching_failed(&f, 0);
        assert_true(f.until_ms >= before && f.until_ms <= 1000);
        before = f.until_ms;
    }
    assert_int_equal(before, 1000);
    fetching_answered(&f, &a_job, 0);
    fetching_failed(&f, 0);
    assert_true(f.until_ms < 100);
}

/* ---- the plan ---- */

static int plan_of(const char *queues, const char *concurrency, bridge_plan_t *plan, fault_t *fault, arena_t *arena)
{
    settings_t settings = {.bullmq_queues = queues,
                           .bullmq_concurrency = concurrency,
                           .bullmq_prefix = "bull",
                           .broker_stages = "classification ocr llm validation render noop store:60"};
    return bridge_plan_read(&settings, arena, plan, fault);
}

static void plans(void **state)
{
    (void)state;
    fault_t fault = {0};
    bridge_plan_t plan;
    arena_t *arena = arena_new();
    assert_int_equal(plan_of("ocr=ocr, a b=classification:through,x=y=noop", "20, ocr=4", &plan, &fault, arena), 0);
    assert_int_equal(plan.count, 3);
    assert_int_equal(plan.queues[0].slots, 4);
    assert_string_equal(plan.queues[1].name, "a b");
    assert_string_equal(plan.queues[1].stage, "classification");
    assert_true(plan.queues[1].through && plan.queues[1].slots == 20);
    assert_string_equal(plan.queues[2].name, "x=y");
    arena_destroy(&arena);
}

static void wrong_plans(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"ocr", "1"},         {"=ocr", "1"},    {"ocr=", "1"},       {"ocr=orc", "1"},
        {"a=ocr,a=llm", "1"}, {"a:b=ocr", "1"}, {"a=ocr:thru", "1"}, {"a=ocr", "0"},
        {"a=ocr", "many"},    {"a=ocr", "b=3"}, {"a=ocr", "10001"},  {"a=ocr,b=ocr", "a=1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fault_t fault = {0};
        bridge_plan_t plan;
        arena_t *arena = arena_new();
        if (plan_of(rows[i][0], rows[i][1], &plan, &fault, arena) == 0)
            fail_msg("%s with %s is taken", rows[i][0], rows[i][1]);
        assert_non_null(strstr(fault.text, "YOGI_BULLMQ_"));
        arena_destroy(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options),
        cmocka_unit_test(strange_options),
        cmocka_unit_test(retries),
        cmocka_unit_test(jitter),
        cmocka_unit_test(traces),
        cmocka_unit_test(noops),
        cmocka_unit_test(no_noops),
        cmocka_unit_test(asks),
        cmocka_unit_test(asks_after_silence),
        cmocka_unit_test(waits_for_delayed),
        cmocka_unit_test(obeys_limits),
        cmocka_unit_test(asks_without_waiter),
        cmocka_unit_test(rests_after_refusals),
        cmocka_unit_test(plans),
        cmocka_unit_test(wrong_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
