/* What Redis is told and answers as bytes, and where it is by the settings. */
#include "check.h"
#include "proto/redis/redis_place.h"
#include "proto/redis/reply.h"
#include "proto/redis/resp.h"

#include <string.h>

/* ---- commands ---- */

static void commands(void **state)
{
    (void)state;
    buf_t out = {0};
    RESP_COMMAND(&out, "SET", "k", "");
    assert_string_equal(out.bytes, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
    buf_clear(&out);
    resp_begin(&out, 3);
    resp_pair(&out, "bull:ocr:", 9, "17", 2);
    resp_number(&out, -1234567890123);
    resp_word(&out, "a\0b", 3);
    static const char expected[] = "*3\r\n$11\r\nbull:ocr:17\r\n$14\r\n-1234567890123\r\n$3\r\na\0b\r\n";
    assert_int_equal(out.size, sizeof expected - 1);
    assert_memory_equal(out.bytes, expected, out.size);
    buf_free(&out);
}

/* ---- replies ---- */

/* Feeds the text in pieces of so many bytes and returns the first reply; NULL when there is none. */
static const reply_t *read_in(reply_reader_t *reader, const char *text, size_t piece)
{
    fault_t fault;
    const reply_t *reply = NULL;
    for (size_t at = 0, size = strlen(text); at < size; at += piece) {
        assert_null(reply);
        assert_int_equal(reply_feed(reader, text + at, size - at < piece ? size - at : piece, &fault), 0);
        assert_true(reply_next(reader, &reply, &fault) >= 0);
    }
    return reply;
}

static void replies(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 20; piece++) {
        reply_reader_t *reader = reply_reader_new();
        const reply_t *reply = read_in(reader, "*4\r\n*2\r\n$4\r\nname\r\n$0\r\n\r\n$-1\r\n:-7\r\n+OK\r\n", piece);
        assert_non_null(reply);
        assert_int_equal(reply->kind, REPLY_LIST);
        assert_int_equal(reply->count, 4);
        assert_string_equal(reply_text(reply_item(reply_item(reply, 0), 0)), "name");
        assert_int_equal(reply_item(reply_item(reply, 0), 1)->size, 0);
        assert_int_equal(reply_item(reply, 1)->kind, REPLY_NIL);
        assert_int_equal(reply_number(reply_item(reply, 2)), -7);
        assert_int_equal(reply_item(reply, 3)->kind, REPLY_STATUS);
        assert_int_equal(reply_item(reply, 4)->kind, REPLY_NIL); /* beyond its end */
        reply_reader_destroy(&reader);
    }
}

static void several_at_once(void **state)
{
    (void)state;
    fault_t fault;
    const reply_t *reply;
    arena_t *arena = arena_new();
    reply_reader_t *reader = reply_reader_new();
    assert_int_equal(reply_feed(reader, "-NOSCRIPT none\r\n$3\r\n123\r\n*0\r\n$5\r\nab", 36, &fault), 0);
    assert_int_equal(reply_next(reader, &reply, &fault), 1);
    assert_true(reply_is_error(reply, "NOSCRIPT"));
    assert_false(reply_is_error(reply, "NOS"));
    const reply_t *kept = reply_copy(arena, reply);
    assert_int_equal(reply_next(reader, &reply, &fault), 1);
    assert_int_equal(reply_number(reply), 123);
    assert_int_equal(reply_next(reader, &reply, &fault), 1);
    assert_int_equal(reply->count, 0);
    assert_int_equal(reply_next(reader, &reply, &fault), 0);
    assert_string_equal(reply_text(kept), "NOSCRIPT none");
    reply_reader_destroy(&reader);
    arena_destroy(&arena);
}

static void no_replies(void **state)
{
    (void)state;
    static const char *const bad[] = {"HTTP/1.1 400 Bad Request\r\n", "*99999999999\r\n", "*1000000000\r\n",
                                      "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fault_t fault = {0};
        const reply_t *reply;
        reply_reader_t *reader = reply_reader_new();
        assert_int_equal(reply_feed(reader, bad[i], strlen(bad[i]), &fault), 0);
        assert_int_equal(reply_next(reader, &reply, &fault), -1);
        assert_true(fault.text[0]);
        reply_reader_destroy(&reader);
    }
}

/* ---- places ---- */

static int place_of(settings_t settings, redis_place_t *place, fault_t *fault, arena_t *arena)
{
    settings.redis_port = settings.redis_port ? settings.redis_port : 6379;
    return redis_place_read(&settings, arena, place, fault);
}

static void urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *address, *user, *password;
        int64_t database;
        bool tls;
    } rows[] = {
        {"redis://redis.example", "redis.example:6379", NULL, NULL, 0, false},
        {"rediss://h:1/3", "h:1", NULL, NULL, 3, true},
        {"redis://:p%40ss@h", "h:6379", NULL, "p@ss", 0, false},
        {"redis://u:a@b@h:7?db=2", "h:7", "u", "a@b", 2, false},
        {"redis://u:p@[::1]:7/0", "[::1]:7", "u", "p", 0, false},
        {"unix:///run/redis.sock?db=5", "/run/redis.sock", NULL, NULL, 5, false},
        {"unix://u:p@/run/r", "/run/r", "u", "p", 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[REDIS_ADDRESS_TEXT];
        fault_t fault = {0};
        redis_place_t place;
        arena_t *arena = arena_new();
        if (place_of((settings_t){.redis_url = rows[i].url}, &place, &fault, arena) < 0)
            fail_msg("%s: %s", rows[i].url, fault.text);
        assert_string_equal(redis_address_format(&place.addresses[0], text), rows[i].address);
        assert_int_equal(place.database, rows[i].database);
        assert_int_equal(place.tls, rows[i].tls);
        assert_true(!rows[i].user == !place.user && (!place.user || strcmp(place.user, rows[i].user) == 0));
        assert_true(!rows[i].password == !place.password &&
                    (!place.password || strcmp(place.password, rows[i].password) == 0));
        arena_destroy(&arena);
    }
}

static void wrong_places(void **state)
{
    (void)state;
    static const settings_t rows[] = {
        {.redis_url = "http://h"},      {.redis_url = "redis://h:0"},    {.redis_url = "redis://h:99999"},
        {.redis_url = "redis://h/x"},   {.redis_url = "unix://run/r"},   {.redis_url = "redis://h?db=x"},
        {.redis_url = "redis://:%4@h"}, {.redis_url = "redis://:%00@h"}, {.redis_host = "h:x"},
        {.redis_sentinels = " "},       {.redis_sentinels = "a:1 b:x"},  {.redis_cluster = "a:1", .redis_database = 1},
        {.redis_username = "u"},        {.redis_tls_cert = "c"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fault_t fault = {0};
        redis_place_t place;
        arena_t *arena = arena_new();
        assert_int_equal(place_of(rows[i], &place, &fault, arena), -1);
        assert_int_equal(fault.code, FAULT_SETTING);
        assert_non_null(strstr(fault.text, "REDIS_"));
        arena_destroy(&arena);
    }
}

static void several_addresses(void **state)
{
    (void)state;
    fault_t fault = {0};
    redis_place_t place;
    arena_t *arena = arena_new();
    settings_t settings = {.redis_sentinels = "10.0.0.1, [::1]:5 s3:26380", .redis_sentinel_master = "main"};
    assert_int_equal(place_of(settings, &place, &fault, arena), 0);
    assert_int_equal(place.manner, REDIS_SENTINEL);
    assert_int_equal(place.count, 3);
    assert_int_equal(place.addresses[0].port, 26379);
    assert_string_equal(place.addresses[1].host, "::1");
    assert_int_equal(place.addresses[2].port, 26380);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands),          cmocka_unit_test(replies), cmocka_unit_test(several_at_once),
        cmocka_unit_test(no_replies),        cmocka_unit_test(urls),    cmocka_unit_test(wrong_places),
        cmocka_unit_test(several_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
