/* Calls of BullMQ's scripts as bytes: msgpack, keys in their order, arguments; for both majors. */
#include "actors/bridge/calls.h"
#include "actors/bridge/packing.h"
#include "check.h"
#include "proto/redis/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static keys_t *keys;

static int set_up(void **state)
{
    (void)state;
    keys = keys_new("bull", "ocr");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keys_destroy(&keys);
    return 0;
}

static call_scene_t scene_of(major_t major)
{
    return (call_scene_t){.major = major, .keys = keys, .token = "t", .worker = "w", .lock_ms = 30000};
}

static char *hex(const char *bytes, size_t size)
{
    char *text = calloc(2 * size + 1, 1);
    for (size_t i = 0; i < size; i++)
        sprintf(text + 2 * i, "%02x", (unsigned char)bytes[i]);
    return text;
}

static void assert_bytes(const buf_t *buf, const char *expected)
{
    char *text = hex(buf->bytes, buf->size);
    assert_string_equal(text, expected);
    free(text);
}

/* By the specification of msgpack; texts are str, never bin. */
static void msgpack(void **state)
{
    (void)state;
    buf_t out = {0};
    packing_map(&out, 2);
    packing_name(&out, "a");
    packing_int(&out, 127);
    packing_name(&out, "b");
    packing_array(&out, 3);
    packing_bool(&out, true);
    packing_nil(&out);
    packing_real(&out, 0.5);
    assert_bytes(&out, "82a1617fa16293c3c0cb3fe0000000000000");
    buf_clear(&out);
    packing_int(&out, 1796000000000);
    packing_int(&out, -1);
    packing_int(&out, 65535);
    packing_map(&out, 16);
    assert_bytes(&out, "cf000001a229f12800d3ffffffffffffffffcdffffde0010");
    buf_clear(&out);
    char text[40];
    memset(text, 'x', sizeof text);
    packing_text(&out, text, sizeof text);
    assert_memory_equal(out.bytes, "\xd9\x28xx", 4);
    buf_free(&out);
}

/* The words of a command, as Redis would read them. */
typedef struct {
    reply_reader_t *reader;
    const reply_t *words;
} words_t;

static words_t read_words(const buf_t *command)
{
    fault_t fault;
    words_t words = {.reader = reply_reader_new()};
    assert_int_equal(reply_feed(words.reader, command->bytes, command->size, &fault), 0);
    assert_int_equal(reply_next(words.reader, &words.words, &fault), 1);
    assert_int_equal(words.words->kind, REPLY_LIST);
    return words;
}

static void assert_words(const buf_t *command, const char *const *expected, size_t from)
{
    words_t words = read_words(command);
    for (size_t i = 0; expected[i]; i++)
        assert_string_equal(reply_text(reply_item(words.words, from + i)), expected[i]);
    reply_reader_destroy(&words.reader);
}
#define WORDS(command, from, ...) assert_words(command, (const char *const[]){__VA_ARGS__, NULL}, from)

static void fetch(void **state)
{
    (void)state;
    for (major_t major = MAJOR_5; major < MAJOR_COUNT; major++) {
        buf_t out = {0};
        call_scene_t scene = scene_of(major);
        call_move_to_active(&out, &scene, 1796000000000);
        WORDS(&out, 0, "EVALSHA", scripts[major][SCRIPT_MOVE_TO_ACTIVE].sha1, "11", "bull:ocr:wait", "bull:ocr:active",
              "bull:ocr:prioritized", "bull:ocr:events", "bull:ocr:stalled", "bull:ocr:limiter", "bull:ocr:delayed",
              "bull:ocr:paused", "bull:ocr:meta", "bull:ocr:pc", "bull:ocr:marker", "bull:ocr:", "1796000000000");
        words_t words = read_words(&out);
        assert_int_equal(words.words->count, 17);
        const reply_t *packed = reply_item(words.words, 16);
        char *text = hex(packed->text, packed->size);
        assert_string_equal(text, "83a5746f6b656ea174ac6c6f636b4475726174696f6ecd7530a46e616d65a177");
        free(text);
        reply_reader_destroy(&words.reader);
        buf_free(&out);
    }
}

static void finish(void **state)
{
    (void)state;
    buf_t out = {0};
    call_scene_t scene = scene_of(MAJOR_6);
    scene.limit_max = 5;
    scene.limit_ms = 1000;
    call_finish_t call = {.id = span_text("17"),
                          .completed = false,
                          .value = span_text("torn"),
                          .keep = {.count = -1, .age_s = 60},
                          .attempts = 3,
                          .fetch = true,
                          .fail_parent = true};
    call_finish(&out, &scene, &call, 5);
    WORDS(&out, 2, "14", "bull:ocr:wait", "bull:ocr:active", "bull:ocr:prioritized", "bull:ocr:events",
          "bull:ocr:stalled", "bull:ocr:limiter", "bull:ocr:delayed", "bull:ocr:paused", "bull:ocr:meta", "bull:ocr:pc",
          "bull:ocr:failed", "bull:ocr:17", "bull:ocr:metrics:failed", "bull:ocr:marker", "17", "5", "failedReason",
          "torn", "failed", "1", "bull:ocr:");
    words_t words = read_words(&out);
    assert_int_equal(words.words->count, 26);
    char *text = hex(reply_item(words.words, 24)->text, reply_item(words.words, 24)->size);
    assert_string_equal(text, "8b"
                              "a5746f6b656ea174"
                              "ac6c6f636b4475726174696f6ecd7530"
                              "a76c696d6974657282a36d617805a86475726174696f6ecd03e8"
                              "a46e616d65a177"
                              "a86b6565704a6f627381a36167653c"
                              "a8617474656d70747303"
                              "ae6d61784d65747269637353697a65a0"
                              "a466706f66c3a463706f66c2a469646f66c2a472646f66c2");
    free(text);
    reply_reader_destroy(&words.reader);
    buf_free(&out);
}

/* The order of keys is the major's own. */
static void delay(void **state)
{
    (void)state;
    buf_t out = {0};
    call_scene_t five = scene_of(MAJOR_5), six = scene_of(MAJOR_6);
    call_delay(&out, &five, span_text("1"), 20, (span_t){0}, false, 5);
    WORDS(&out, 2, "12", "bull:ocr:marker", "bull:ocr:active", "bull:ocr:prioritized", "bull:ocr:delayed", "bull:ocr:1",
          "bull:ocr:events", "bull:ocr:meta", "bull:ocr:stalled", "bull:ocr:wait", "bull:ocr:limiter",
          "bull:ocr:paused", "bull:ocr:pc", "bull:ocr:", "5", "1", "t", "20", "0", "", "0");
    buf_clear(&out);
    call_delay(&out, &six, span_text("1"), 20, (span_t){0}, true, 5);
    WORDS(&out, 2, "11", "bull:ocr:marker", "bull:ocr:active", "bull:ocr:prioritized", "bull:ocr:delayed", "bull:ocr:1",
          "bull:ocr:events", "bull:ocr:meta", "bull:ocr:stalled", "bull:ocr:wait", "bull:ocr:limiter", "bull:ocr:pc",
          "bull:ocr:", "5", "1", "t", "20", "0", "", "1");
    buf_free(&out);
}

/* Its arguments once stood in another order in a port, and nothing was ever reclaimed. */
static void stalled(void **state)
{
    (void)state;
    buf_t out = {0};
    call_scene_t scene = scene_of(MAJOR_5);
    call_stalled(&out, &scene, 10, 30000, 7);
    WORDS(&out, 2, "9", "bull:ocr:stalled", "bull:ocr:wait", "bull:ocr:active", "bull:ocr:stalled-check",
          "bull:ocr:meta", "bull:ocr:paused", "bull:ocr:marker", "bull:ocr:events", "bull:ocr:repeat", "10",
          "bull:ocr:", "7", "30000");
    buf_free(&out);
}

static void extend(void **state)
{
    (void)state;
    buf_t out = {0};
    call_scene_t scene = scene_of(MAJOR_6);
    call_extend(&out, &scene, (const span_t[]){{"1", 1}, {"ab", 2}}, 2);
    WORDS(&out, 2, "1", "bull:ocr:stalled", "bull:ocr:", "\x92\xa1t\xa1t", "\x92\xa1\x31\xa2\x61\x62", "30000");
    buf_free(&out);
}

static void notes(void **state)
{
    (void)state;
    buf_t out = {0};
    call_scene_t scene = scene_of(MAJOR_6);
    call_log(&out, &scene, span_text("1"), span_text("row"), 0);
    WORDS(&out, 2, "2", "bull:ocr:1", "bull:ocr:1:logs", "1", "row", "");
    buf_clear(&out);
    call_log(&out, &scene, span_text("1"), span_text("row"), 9);
    WORDS(&out, 2, "2", "bull:ocr:1", "bull:ocr:1:logs", "1", "row", "9");
    buf_clear(&out);
    call_retry(&out, &scene, span_text("1"), true, span_text("f"), 5);
    WORDS(&out, 2, "11", "bull:ocr:active", "bull:ocr:wait", "bull:ocr:paused", "bull:ocr:1", "bull:ocr:meta",
          "bull:ocr:events", "bull:ocr:delayed", "bull:ocr:prioritized", "bull:ocr:pc", "bull:ocr:marker",
          "bull:ocr:stalled", "bull:ocr:", "5", "RPUSH", "1", "t", "f");
    buf_clear(&out);
    call_give_back(&out, &scene, span_text("1"));
    WORDS(&out, 2, "9", "bull:ocr:active", "bull:ocr:wait", "bull:ocr:stalled", "bull:ocr:paused", "bull:ocr:meta",
          "bull:ocr:limiter", "bull:ocr:prioritized", "bull:ocr:marker", "bull:ocr:events", "1", "t", "bull:ocr:1");
    buf_free(&out);
}

/* The same command with the text in place of the hash. */
static void fallback(void **state)
{
    (void)state;
    buf_t out = {0}, whole = {0};
    call_scene_t scene = scene_of(MAJOR_5);
    call_progress(&out, &scene, span_text("1"), span_text("50"));
    assert_true(call_with_text(out.bytes, out.size, &whole));
    WORDS(&whole, 0, "EVAL", scripts[MAJOR_5][SCRIPT_UPDATE_PROGRESS].text, "3", "bull:ocr:1", "bull:ocr:events",
          "bull:ocr:meta", "1", "50");
    assert_false(call_with_text("*1\r\n$4\r\nPING\r\n", 14, &whole));
    assert_false(call_with_text(whole.bytes, whole.size, &out));
    assert_false(call_with_text(out.bytes, 20, &whole));
    buf_free(&out);
    buf_free(&whole);
}

/* Every script that is used is there for every major, and takes what the table says. */
static void table(void **state)
{
    (void)state;
    for (size_t major = 0; major < MAJOR_COUNT; major++)
        for (size_t i = 0; i < SCRIPT_COUNT; i++) {
            const script_t *script = &scripts[major][i];
            assert_non_null(script->name);
            assert_int_equal(strlen(script->text), script->size);
            assert_int_equal(strlen(script->sha1), 40);
            assert_in_range(script->key_count, 1, SCRIPT_KEYS_MOST);
        }
    assert_non_null(strstr(scripts_notice, "MIT"));
    assert_memory_equal(scripts_version[MAJOR_5], "5.", 2);
    assert_memory_equal(scripts_version[MAJOR_6], "6.", 2);
    assert_string_equal(call_refusal(-2), "missing-lock");
    assert_null(call_refusal(-99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(msgpack), cmocka_unit_test(fetch),    cmocka_unit_test(finish),
        cmocka_unit_test(delay),   cmocka_unit_test(stalled),  cmocka_unit_test(extend),
        cmocka_unit_test(notes),   cmocka_unit_test(fallback), cmocka_unit_test(table),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
