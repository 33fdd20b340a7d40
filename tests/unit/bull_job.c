/* What a job of Bull is taken for, from fields as they are and as nobody would write them. */
#include "deploy/migrate/bull/bull_job.h"
#include "check.h"

#include <stdio.h>
#include <string.h>

/* HMGET's answer: texts in the order of bull_job_fields; NULL is a field that is not there. */
static void read_job(bull_job_t *job, arena_t *arena, const char *const fields[6])
{
    reply_t items[6] = {0};
    for (size_t i = 0; i < 6; i++)
        if (fields[i])
            items[i] = (reply_t){.kind = REPLY_TEXT, .text = fields[i], .size = strlen(fields[i])};
    reply_t list = {.kind = REPLY_LIST, .count = 6, .items = items};
    *job = (bull_job_t){.id = "7", .place = BULL_WAITING};
    bull_job_read(job, &list, arena);
}
#define READ(job, arena, ...) read_job(job, arena, (const char *const[6]){__VA_ARGS__})

static void test_the_demos(void **state)
{
    (void)state;
    bull_job_t job;
    arena_t *arena = arena_new();
    READ(&job, arena, "__default__", "{\"documentId\":\"d\",\"filePath\":\"./x\",\"sessionId\":null}",
         "{\"attempts\":3,\"backoff\":{\"type\":\"exponential\",\"delay\":2000},\"timeout\":600000,\"delay\":0}",
         "1700000000123", "0", "1");
    assert_null(job.why);
    assert_string_equal(job.document, "d");
    assert_int_equal(job.added_ms, 1700000000123);
    assert_int_equal(job.attempts, 3);
    assert_int_equal(bull_job_left(&job), 2);
    assert_string_equal(job.backoff, "exponential");
    assert_int_equal(job.backoff_ms, 2000);
    READ(&job, arena, "x", "{\"documentId\":12}", "{\"attempts\":1,\"backoff\":500}", "5", "9", "4");
    assert_null(job.why);
    assert_string_equal(job.document, "12");
    assert_int_equal(job.priority, 9);
    assert_string_equal(job.backoff, "fixed");
    assert_int_equal(bull_job_left(&job), 1); /* it waits, so it is to be tried */
    arena_destroy(&arena);
}

static void test_what_makes_no_sense(void **state)
{
    (void)state;
    static const struct {
        const char *data, *options, *why; /* why NULL: it is carried all the same */
    } rows[] = {
        {"{\"documentId\":", "{}", "no JSON"},
        {"", "{}", "no JSON"},
        {"null", "{}", "name no document"},
        {"[1]", "{}", "name no document"},
        {"{}", "{}", "name no document"},
        {"{\"documentId\":null}", "{}", "documentId is none"},
        {"{\"documentId\":\"\"}", "{}", "documentId is none"},
        {"{\"documentId\":1.5}", "{}", "documentId is none"},
        {"{\"documentId\":{}}", "{}", "documentId is none"},
        {"{\"documentId\":\"a\\u0000b\"}", "{}", "documentId is none"},
        {"{\"documentId\":\"d\"}", "{\"repeat\":{\"every\":5}}", "reads a document once"},
        {"{\"documentId\":\"d\"}", "{", NULL},
        {"{\"documentId\":\"d\"}", "[]", NULL},
        {"{\"documentId\":\"d\"}", "{\"attempts\":null,\"backoff\":{\"type\":\"mine\",\"delay\":5}}", NULL},
        {"{\"documentId\":\"d\"}", "{\"attempts\":-4,\"backoff\":{\"type\":\"fixed\",\"delay\":1e300}}", NULL},
        {"{\"documentId\":\"d\"}", "{\"attempts\":1e9,\"backoff\":1e300,\"repeat\":null}", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bull_job_t job;
        arena_t *arena = arena_new();
        READ(&job, arena, "n", rows[i].data, rows[i].options, "x", "-1", "99999999999999999999");
        if (rows[i].why ? !job.why || !strstr(job.why, rows[i].why) : job.why != NULL)
            fail_msg("%s %s: got %s, want %s", rows[i].data, rows[i].options, job.why ? job.why : "nothing",
                     rows[i].why ? rows[i].why : "nothing");
        assert_int_equal(job.attempts, 1);
        assert_int_equal(job.priority, 0);
        assert_string_equal(job.backoff, "");
        assert_int_equal(bull_job_left(&job), 1);
        arena_destroy(&arena);
    }
}

static void test_what_is_no_hash(void **state)
{
    (void)state;
    static const char wrong[] = "WRONGTYPE Operation against a key holding the wrong kind of value";
    arena_t *arena = arena_new();
    bull_job_t job = {.id = "7"};
    bull_job_read(&job, &(reply_t){.kind = REPLY_ERROR, .text = wrong, .size = sizeof wrong - 1}, arena);
    assert_non_null(strstr(job.why, "no hash"));
    READ(&job, arena, NULL, NULL, NULL, NULL, NULL, NULL);
    assert_non_null(strstr(job.why, "but its number"));
    bull_job_read(&job, &(reply_t){.kind = REPLY_LIST}, arena); /* shorter than asked for */
    assert_non_null(strstr(job.why, "but its number"));
    char id[BULL_DOCUMENT_MOST + 40];
    for (int over = 0; over < 2; over++) {
        snprintf(id, sizeof id, "{\"documentId\":\"%0*d\"}", BULL_DOCUMENT_MOST + over, 0);
        READ(&job, arena, "n", id, "{}", NULL, NULL, NULL);
        assert_int_equal(job.why != NULL, over);
    }
    arena_destroy(&arena);
}

static void test_when_it_is_due(void **state)
{
    (void)state;
    assert_int_equal(bull_job_due_ms(1700000000123.0 * 4096 + 17), 1700000000123);
    assert_int_equal(bull_job_due_ms(0), 0);
    assert_int_equal(bull_job_due_ms(-5), 0);
    assert_int_equal(bull_job_due_ms(1e300), 0);
    assert_int_equal(bull_job_due_ms(__builtin_nan("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_demos), cmocka_unit_test(test_what_makes_no_sense),
                                       cmocka_unit_test(test_what_is_no_hash), cmocka_unit_test(test_when_it_is_due)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
