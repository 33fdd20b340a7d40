/* What is given to workers of BullMQ: ids, options and marks of jobs, whose results and failures mean what; settings.
 */
#include "actors/bridge/giving/giving_plan.h"
#include "actors/bridge/giving/handover.h"
#include "check.h"
#include "proto/dossier.h"
#include "proto/redis/worker_name.h"

#include <string.h>

static message_t message_of(buf_t *body, uint32_t attempt)
{
    dossier_t *dossier = dossier_new();
    dossier->document.id = "week 17";
    dossier->document.source = "file:///srv/up%20loads/a%c3%a9.png";
    buf_clear(body);
    dossier_encode(dossier, body);
    dossier_destroy(&dossier);
    return (message_t){
        .command = COMMAND_JOB, .job = {1, 2}, .attempt = attempt, .body = {body->bytes, (uint32_t)body->size}};
}

static void test_ids_and_places(void **state)
{
    (void)state;
    desk_t desk;
    buf_t body = {0};
    desk_init(&desk, "bull", "theirs", "llm", 0, 2);
    message_t message = message_of(&body, 1);
    gift_t *one = desk_take(&desk, &message, 7);
    message.attempt = 2;
    gift_t *two = desk_take(&desk, &message, 8);
    assert_string_equal(one->id, "00000000-0000-0001-0000-000000000002-llm-1");
    assert_string_equal(two->id, "00000000-0000-0001-0000-000000000002-llm-2");
    assert_null(desk_take(&desk, &message, 9));
    assert_ptr_equal(desk_find(&desk, two->id), two);
    assert_ptr_equal(desk_of_duty(&desk, 7), one);
    assert_null(desk_find(&desk, "other"));
    desk_set(&desk, one, GIFT_FREE);
    assert_null(desk_find(&desk, "00000000-0000-0001-0000-000000000002-llm-1"));
    assert_int_equal(desk_out(&desk), 1);
    uint32_t turn = one->turn;
    assert_ptr_equal(desk_take(&desk, &message, 10), one);
    assert_int_equal(one->turn, turn + 1); /* answers to the last one are told apart */
    desk_free(&desk);
    buf_free(&body);
}

/* The same attempt given by two brokers, and a full table: each is found, whoever goes first. */
static void test_twins_and_many(void **state)
{
    (void)state;
    enum { PLACES = 100 };
    desk_t desk;
    buf_t body = {0};
    gift_t *gifts[PLACES];
    desk_init(&desk, "bull", "theirs", "llm", 0, PLACES);
    message_t message = message_of(&body, 1);
    for (uint32_t i = 0; i < PLACES; i++) {
        message.job.low = i / 2; /* each twice */
        assert_non_null(gifts[i] = desk_take(&desk, &message, i));
    }
    for (uint32_t i = 0; i < PLACES; i += 2) {
        assert_ptr_equal(desk_find(&desk, gifts[i]->id), gifts[i + 1]); /* the last that came */
        assert_ptr_equal(desk_twin(&desk, gifts[i + 1]), gifts[i]);
        assert_null(desk_twin(&desk, gifts[i]));
        desk_set(&desk, gifts[i + i / 2 % 2], GIFT_FREE);
        assert_ptr_equal(desk_find(&desk, gifts[i]->id), gifts[i + 1 - i / 2 % 2]);
        assert_null(desk_twin(&desk, gifts[i + 1 - i / 2 % 2]));
    }
    assert_int_equal(desk_out(&desk), PLACES / 2);
    for (uint32_t i = 0; i < PLACES / 2; i++) {
        message.job.low = PLACES + i;
        assert_non_null(desk_take(&desk, &message, PLACES + i));
    }
    assert_null(desk_take(&desk, &message, 0));
    for (uint32_t i = PLACES / 2; i < PLACES; i++)
        assert_non_null(desk_of_duty(&desk, PLACES / 2 + i));
    desk_free(&desk);
    buf_free(&body);
}

/* When the first one is due is known without looking at all. */
static void test_dues(void **state)
{
    (void)state;
    desk_t desk;
    buf_t body = {0};
    desk_init(&desk, "bull", "theirs", "llm", 0, 2);
    message_t message = message_of(&body, 1);
    gift_t *one = desk_take(&desk, &message, 7), *two = desk_take(&desk, &message, 8);
    assert_int_equal(desk.due_us, INT64_MAX);
    desk_due(&desk, one, 300);
    desk_due(&desk, two, 200);
    desk_due(&desk, one, 400);
    assert_int_equal(desk.due_us, 200);
    assert_int_equal(one->due_us, 400);
    desk_free(&desk);
    buf_free(&body);
}

static void test_data(void **state)
{
    (void)state;
    desk_t desk;
    buf_t body = {0}, data = {0};
    fault_t fault;
    desk_init(&desk, "bull", "theirs", "llm", 0, 1);
    message_t message = message_of(&body, 3);
    gift_t *gift = desk_take(&desk, &message, 0);
    assert_int_equal(handover_data(&desk, gift, &data, &fault), 0);
    assert_non_null(
        strstr(buf_string(&data), "{\"documentId\":\"week 17\",\"imagePath\":\"/srv/up loads/a\u00e9.png\""));
    assert_non_null(strstr(buf_string(&data),
                           "\"yogi\":{\"stage\":\"llm\",\"run\":\"00000000-0000-0001-0000-000000000002\","
                           "\"attempt\":3}}"));
    gift->message.body = (slice_t){"garbage", 7};
    assert_int_equal(handover_data(&desk, gift, &data, &fault), -1);
    desk_free(&desk);
    buf_free(&body);
    buf_free(&data);
}

static void test_results(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int read;
        bool last;
    } rows[] = {{"{\"timetables\":[{\"timeblocks\":[{\"day\":\"Monday\",\"name\":\"Maths\"}]}]}", 0, false},
                {"{\"timetables\":[]}", 0, false},
                {"{\"error\":\"not-a-timetable\",\"message\":\"a cat\"}", 0, true},
                {"{}", -1, false},
                {"null", -1, false},
                {"", -1, false},
                {"{\"timetables\":[{\"timeblocks\":[{\"name\":\"no day\"}]}]}", -1, false}};
    desk_t desk;
    buf_t body = {0}, out = {0};
    desk_init(&desk, "bull", "theirs", "llm", 0, 1);
    message_t message = message_of(&body, 2);
    gift_t *gift = desk_take(&desk, &message, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fault_t fault = {0};
        bool last = false;
        buf_clear(&out);
        int read = handover_result(&desk, gift, rows[i].json, strlen(rows[i].json), 0, &out, &last, &fault);
        if (read != rows[i].read || last != rows[i].last)
            fail_msg("%s: %d %d %s", rows[i].json, read, last, fault.text);
        if (read < 0) {
            assert_int_equal(fault.code, FAULT_INPUT);
            continue;
        }
        dossier_t *dossier = dossier_decode(out.bytes, out.size, &fault);
        const trail_t *trail = dossier_trail(dossier, "llm");
        assert_string_equal(trail->engine, "bullmq");
        assert_string_equal(trail->host, "theirs");
        assert_int_equal(trail->attempt, 2);
        assert_string_equal(dossier->document.id, "week 17");
        dossier_destroy(&dossier);
    }
    desk_free(&desk);
    buf_free(&body);
    buf_free(&out);
}

static void test_ends(void **state)
{
    (void)state;
    assert_true(handover_is_final("[\"UnrecoverableError: no\\n    at work\"]"));
    assert_false(handover_is_final("[\"Error: UnrecoverableError\"]"));
    assert_false(handover_is_final("[]"));
    assert_false(handover_is_final(""));
    static const char url[] = "https://s3.example/b/k?X-Amz-Date=20260301T090000Z&X-Amz-Expires=3600&X-Amz-Signature=0";
    int64_t nine_ms = 1772355600000; /* 2026-03-01T09:00:00Z */
    assert_false(handover_is_over(url, nine_ms + 3600000));
    assert_true(handover_is_over(url, nine_ms + 3600001));
    assert_false(handover_is_over("https://s3.example/b/k", nine_ms));
    assert_false(handover_is_over("https://s3.example/b/k?X-Amz-Date=yesterday&X-Amz-Expires=1", nine_ms));
    assert_false(handover_is_over("file:///srv/X-Amz-Date=20200301T090000Z&X-Amz-Expires=1", nine_ms));
}

static void test_plan(void **state)
{
    (void)state;
    fault_t fault = {0};
    giving_plan_t plan;
    settings_t settings = {
        .stage_llm = "bullmq", .stage_ocr = "bullmq:theirs", .stage_noop = "actors", .bullmq_given = 9};
    assert_int_equal(giving_plan_read(&settings, &plan, &fault), 0);
    assert_int_equal(plan.count, 2);
    assert_int_equal(plan.window, 9);
    assert_string_equal(plan.stages[0].queue, "theirs");
    assert_string_equal(plan.stages[1].queue, "llm");
    assert_int_equal(giving_plan_allows(&plan, "llm", "ocr", &fault), 0);
    assert_int_equal(giving_plan_allows(&plan, "ocr", "ocr", &fault), 0);
    assert_int_equal(giving_plan_allows(&plan, "theirs", "ocr", &fault), -1);
    static const char *const wrong[] = {"bull", "bullmq:", "bullmq:a:b", "bullmqs", "BULLMQ"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        settings = (settings_t){.stage_validation = wrong[i]};
        assert_int_equal(giving_plan_read(&settings, &plan, &fault), -1);
        assert_non_null(strstr(fault.text, "YOGI_STAGE_VALIDATION"));
    }
}

static void test_worker_names(void **state)
{
    (void)state;
    static const struct {
        const char *queue, *name;
    } rows[] = {{"ocr", "bull:b2Ny"}, {"oc", "bull:b2M="}, {"o", "bull:bw=="}, {"llm?>", "bull:bGxtPz4="}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_t name = {0};
        worker_name_add("bull", rows[i].queue, NULL, &name);
        assert_string_equal(buf_string(&name), rows[i].name);
        assert_true(worker_name_is(rows[i].name, buf_string(&name)));
        buf_free(&name);
    }
    buf_t name = {0};
    worker_name_add("bull", "ocr", "desk 1", &name);
    assert_string_equal(buf_string(&name), "bull:b2Ny:w:desk-1");
    assert_true(worker_name_is(buf_string(&name), "bull:b2Ny"));
    assert_false(worker_name_is("bull:b2Ny:qe", "bull:b2Ny"));
    assert_false(worker_name_is("bull:b2NyMg==", "bull:b2Ny"));
    buf_free(&name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ids_and_places), cmocka_unit_test(test_twins_and_many),
                                       cmocka_unit_test(test_dues),           cmocka_unit_test(test_data),
                                       cmocka_unit_test(test_results),        cmocka_unit_test(test_ends),
                                       cmocka_unit_test(test_plan),           cmocka_unit_test(test_worker_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
