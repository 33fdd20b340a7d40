/* Every script of BullMQ that is built in, of both majors, once on a real Redis, through the connection of the bridge:
 * keys and arguments that stand in a wrong order fail silently otherwise. The Redis is this program's own child, on a
 * socket in a folder of its own.
 */
#include "actors/bridge/calls.h"
#include "actors/bridge/job.h"
#include "actors/bridge/packing.h"
#include "proto/base/clock.h"
#include "proto/redis/redis.h"
#include "tests/unit/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000 };

static char folder[] = "/tmp/yogi-scripts-XXXXXX";
static char path[100];
static pid_t server;
static redis_place_t place;
static redis_t *redis;
static arena_t *arena;
static keys_t *keys;
static call_scene_t scene; /* of the major that is tested */

/* ---- the server ---- */

static int begin(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/redis", folder);
    server = fork();
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder,
               "--logfile", "log", (char *)NULL);
        _exit(127);
    }
    place = (redis_place_t){.count = 1};
    snprintf(place.addresses[0].host, sizeof place.addresses[0].host, "%s", path);
    redis_plan_t plan = {.place = &place, .name = "test"};
    fault_t fault;
    redis = redis_new(&plan);
    if (redis_join(redis, PATIENCE_MS, &fault) < 0)
        fail_msg("%s", fault.text);
    arena = arena_new();
    keys = keys_new("bull", "ocr");
    return 0;
}

static int end(void **state)
{
    (void)state;
    char command[100];
    keys_destroy(&keys);
    arena_destroy(&arena);
    redis_destroy(&redis);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* The answer to a command, which is emptied; an error of Redis fails the test. */
static const reply_t *ask(buf_t *command)
{
    fault_t fault;
    buf_t whole = {0};
    const reply_t *reply = redis_ask(redis, command, PATIENCE_MS, &fault);
    if (reply && reply_is_error(reply, "NOSCRIPT")) {
        assert_true(call_with_text(command->bytes, command->size, &whole));
        reply = redis_ask(redis, &whole, PATIENCE_MS, &fault);
    }
    if (!reply)
        fail_msg("%s", fault.text);
    if (reply->kind == REPLY_ERROR)
        fail_msg("%.60s: %s", strstr(command->bytes, "bull"), reply->text);
    buf_free(command);
    buf_free(&whole);
    return reply;
}

/* A command of Redis's own. */
static const reply_t *ask_words(const char *const *words)
{
    buf_t command = {0};
    resp_command(&command, words);
    return ask(&command);
}

static int64_t now(void)
{
    return clock_wall_ms();
}

/* ---- what the tests are made of ---- */

static void start(major_t major)
{
    const char *const flush[] = {"FLUSHALL", NULL};
    ask_words(flush);
    scene = (call_scene_t){
        .major = major, .keys = keys, .token = "tok", .worker = "w", .lock_ms = 30000, .metrics_points = 5};
}

static void add(const char *id, int64_t delay_ms, int64_t priority)
{
    buf_t command = {0}, options = {0};
    packing_map(&options, 1 + (delay_ms > 0) + (priority > 0));
    packing_name(&options, "attempts");
    packing_int(&options, 3);
    if (delay_ms) {
        packing_name(&options, "delay");
        packing_int(&options, delay_ms);
    }
    if (priority) {
        packing_name(&options, "priority");
        packing_int(&options, priority);
    }
    call_add_t call = {.id = span_text(id),
                       .name = span_text("n"),
                       .data = span_text("{\"a\":1}"),
                       .options = span_of(&options),
                       .delay_ms = delay_ms,
                       .priority = priority};
    call_add(&command, &scene, &call, now());
    assert_string_equal(reply_text(ask(&command)), id);
    buf_free(&options);
}

/* Takes a job, which must be this one; NULL: there must be none. */
static job_t take(const char *id)
{
    buf_t command = {0};
    fetched_t fetched = {0};
    job_t job = {0};
    call_move_to_active(&command, &scene, now());
    assert_true(job_read(ask(&command), arena, &fetched, &job));
    assert_int_equal(fetched.has_job, id != NULL);
    if (id)
        assert_string_equal(job.id.at, id);
    return job;
}

static const reply_t *finish(const char *id, bool completed, bool fetch)
{
    buf_t command = {0}, fields = {0};
    packing_array(&fields, 2);
    packing_name(&fields, "failedReason");
    packing_name(&fields, "torn");
    call_finish_t call = {.id = span_text(id),
                          .completed = completed,
                          .value = span_text(completed ? "{\"x\":1}" : "torn"),
                          .fields = completed ? (span_t){0} : span_of(&fields),
                          .keep = {.count = -1},
                          .attempts = 3,
                          .fetch = fetch};
    call_finish(&command, &scene, &call, now());
    const reply_t *reply = ask(&command);
    buf_free(&fields);
    return reply;
}

static int64_t count_of(const char *command, const char *key)
{
    const char *const words[] = {command, key, NULL};
    return ask_words(words)->number;
}

static const char *field_of(const char *key, const char *field)
{
    const char *const words[] = {"HGET", key, field, NULL};
    return reply_text(ask_words(words));
}

/* ---- tests, for each major ---- */

static void add_and_take(void)
{
    add("low", 0, 9);
    add("plain", 0, 0);
    add("high", 0, 1);
    add("later", 3600000, 0);
    job_t job = take("plain");
    assert_string_equal(job.name.at, "n");
    assert_string_equal(job.data.at, "{\"a\":1}");
    assert_int_equal(job.options.attempts, 3);
    assert_int_equal(job.started, 1);
    assert_int_equal(job.made, 0);
    take("high");
    take("low");
    take(NULL);
    assert_string_equal(field_of("bull:ocr:plain", "pb"), "w");
    assert_int_equal(count_of("LLEN", "bull:ocr:active"), 3);
    assert_int_equal(count_of("ZCARD", "bull:ocr:delayed"), 1);
}

static void complete_and_fail(void)
{
    fetched_t fetched;
    job_t job;
    add("1", 0, 0);
    add("2", 0, 0);
    take("1");
    assert_true(job_read(finish("1", true, true), arena, &fetched, &job));
    assert_true(fetched.has_job);
    assert_string_equal(job.id.at, "2");
    assert_int_equal(finish("2", false, false)->number, 0);
    assert_string_equal(field_of("bull:ocr:1", "returnvalue"), "{\"x\":1}");
    assert_string_equal(field_of("bull:ocr:2", "failedReason"), "torn");
    assert_int_equal(count_of("ZCARD", "bull:ocr:completed"), 1);
    assert_int_equal(count_of("ZCARD", "bull:ocr:failed"), 1);
    assert_string_equal(field_of("bull:ocr:metrics:completed", "count"), "1");
    assert_int_equal(finish("1", true, false)->number, REFUSAL_NO_LOCK);
    assert_int_equal(finish("nobody", true, false)->number, REFUSAL_NO_JOB);
    buf_t command = {0};
    call_is_finished(&command, &scene, span_text("1"));
    const reply_t *reply = ask(&command);
    assert_int_equal(reply_number(reply_item(reply, 0)), 1);
    assert_string_equal(reply_text(reply_item(reply, 1)), "{\"x\":1}");
}

static void put_back(void)
{
    buf_t command = {0};
    add("1", 0, 0);
    take("1");
    call_retry(&command, &scene, span_text("1"), false, (span_t){0}, now());
    assert_int_equal(ask(&command)->number, 0);
    assert_int_equal(take("1").made, 1);
    call_delay(&command, &scene, span_text("1"), 3600000, (span_t){0}, false, now());
    assert_int_equal(ask(&command)->number, 0);
    assert_int_equal(count_of("ZCARD", "bull:ocr:delayed"), 1);
    assert_string_equal(field_of("bull:ocr:1", "atm"), "2");
    add("2", 0, 0);
    take("2");
    call_give_back(&command, &scene, span_text("2"));
    assert_int_equal(ask(&command)->number, 0);
    assert_int_equal(take("2").made, 0);
}

/* With the next job at once. */
static void delay_and_take(void)
{
    buf_t command = {0};
    fetched_t fetched;
    job_t job;
    add("1", 0, 0);
    add("2", 0, 0);
    take("1");
    call_delay(&command, &scene, span_text("1"), 3600000, (span_t){0}, true, now());
    assert_true(job_read(ask(&command), arena, &fetched, &job));
    assert_true(fetched.has_job);
    assert_string_equal(job.id.at, "2");
}

/* A job with a lock is not taken for stalled, one without is; the second look finds it. */
static void stalled(void)
{
    buf_t command = {0};
    const char *const unlock[] = {"DEL", "bull:ocr:1:lock", NULL};
    const char *const look[] = {"DEL", "bull:ocr:stalled-check", NULL};
    add("1", 0, 0);
    add("2", 0, 0);
    take("1");
    take("2");
    ask_words(unlock);
    for (int i = 0; i < 2; i++) {
        ask_words(look);
        call_stalled(&command, &scene, 10, 30000, now());
        const reply_t *moved = ask(&command);
        assert_int_equal(moved->kind, REPLY_LIST);
        assert_int_equal(moved->count, i);
        if (i)
            assert_string_equal(reply_text(&moved->items[0]), "1");
    }
    assert_int_equal(take("1").stalled, 1);
    assert_int_equal(count_of("LLEN", "bull:ocr:active"), 2);
}

static void renew(void)
{
    buf_t command = {0};
    const char *const shorten[] = {"PEXPIRE", "bull:ocr:1:lock", "500", NULL};
    add("1", 0, 0);
    take("1");
    ask_words(shorten);
    call_extend(&command, &scene, (const span_t[]){{"1", 1}, {"gone", 4}}, 2);
    const reply_t *lost = ask(&command);
    assert_int_equal(lost->count, 1);
    assert_string_equal(reply_text(&lost->items[0]), "gone");
    assert_true(count_of("PTTL", "bull:ocr:1:lock") > 10000);
}

static void notes(void)
{
    buf_t command = {0};
    add("1", 0, 0);
    call_progress(&command, &scene, span_text("1"), span_text("{\"part\":1}"));
    assert_int_equal(ask(&command)->number, 0);
    assert_string_equal(field_of("bull:ocr:1", "progress"), "{\"part\":1}");
    for (int i = 1; i <= 4; i++) {
        call_log(&command, &scene, span_text("1"), span_text("row"), 2);
        assert_int_equal(ask(&command)->number, i < 2 ? i : 2);
    }
    call_progress(&command, &scene, span_text("nobody"), span_text("1"));
    assert_int_equal(ask(&command)->number, REFUSAL_NO_JOB);
}

/* As a scheduler stands in Redis, with its present run; the next one comes of it. */
static void schedule(void)
{
    buf_t command = {0}, options = {0};
    const char *const zadd[] = {"ZADD", "bull:ocr:repeat", "1000", "s", NULL};
    const char *const hset[] = {
        "HSET", "bull:ocr:repeat:s", "name", "n", "data", "{\"d\":1}", "every", "60000", "ic", "1", NULL};
    const char *const run[] = {"HSET", "bull:ocr:repeat:s:1000", "name", "n", NULL};
    ask_words(zadd);
    ask_words(hset);
    ask_words(run);
    packing_map(&options, 2);
    packing_name(&options, "attempts");
    packing_int(&options, 0);
    packing_name(&options, "repeat");
    packing_map(&options, 2);
    packing_name(&options, "every");
    packing_int(&options, 60000);
    packing_name(&options, "count");
    packing_int(&options, 2);
    call_schedule_t call = {.scheduler = span_text("s"),
                            .producer = span_text("repeat:s:1000"),
                            .next_ms = now(),
                            .data = span_text("{}"),
                            .options = span_of(&options)};
    call_schedule(&command, &scene, &call, now());
    const reply_t *id = ask(&command);
    assert_int_equal(id->kind, REPLY_TEXT);
    assert_memory_equal(id->text, "repeat:s:", 9);
    assert_int_equal(count_of("ZCARD", "bull:ocr:delayed") + count_of("LLEN", "bull:ocr:wait"), 1);
    buf_free(&options);
}

static void each(void (*test)(void))
{
    for (major_t major = MAJOR_5; major < MAJOR_COUNT; major++) {
        start(major);
        test();
    }
}

#define CASE(name)                                                                                                     \
    static void test_##name(void **state)                                                                              \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        each(name);                                                                                                    \
    }
CASE(add_and_take)
CASE(complete_and_fail)
CASE(put_back)
CASE(delay_and_take)
CASE(stalled)
CASE(renew)
CASE(notes)
CASE(schedule)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_and_take), cmocka_unit_test(test_complete_and_fail),
        cmocka_unit_test(test_put_back),     cmocka_unit_test(test_delay_and_take),
        cmocka_unit_test(test_stalled),      cmocka_unit_test(test_renew),
        cmocka_unit_test(test_notes),        cmocka_unit_test(test_schedule),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
