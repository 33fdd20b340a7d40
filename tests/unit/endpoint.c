/* Endpoints as settings name them: what is read, what is beyond loopback, and each refusal. */
#include "proto/wire/endpoint.h"
#include "check.h"

#include <stdbool.h>
#include <string.h>

static void test_what_is_loopback(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        endpoint_kind_t kind;
        bool loopback;
    } rows[] = {
        {"tcp://127.0.0.1:4010", ENDPOINT_TCP, true},    {"tcp://127.9.9.9:1", ENDPOINT_TCP, true},
        {"tcp://[::1]:4010", ENDPOINT_TCP, true},        {"tcp://localhost:65535", ENDPOINT_TCP, true},
        {"tcp://127.0.0.1:*", ENDPOINT_TCP, true},       {"tcp://*:4010", ENDPOINT_TCP, false},
        {"tcp://0.0.0.0:4010", ENDPOINT_TCP, false},     {"tcp://10.0.0.1:4010", ENDPOINT_TCP, false},
        {"tcp://[::]:4010", ENDPOINT_TCP, false},        {"tcp://[fd00::1]:4010", ENDPOINT_TCP, false},
        {"tcp://localhost.evil:1", ENDPOINT_TCP, false}, {"tcp://127.0.0.1.evil:1", ENDPOINT_TCP, false},
        {"tcp://eth0:4010", ENDPOINT_TCP, false},        {"ipc:///run/yogi/broker", ENDPOINT_IPC, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        endpoint_t endpoint;
        fault_t fault = {0};
        if (endpoint_parse(rows[i].text, &endpoint, &fault) < 0)
            fail_msg("%s", fault.text);
        if (endpoint.kind != rows[i].kind || endpoint.loopback != rows[i].loopback)
            fail_msg("%s: kind %d, loopback %d", rows[i].text, endpoint.kind, endpoint.loopback);
        assert_string_equal(endpoint.text, rows[i].text);
    }
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "4010",
        "http://127.0.0.1:4010",
        "inproc://x",
        "tcp://",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:",
        "tcp://127.0.0.1:0",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:123456",
        "tcp://127.0.0.1:40x",
        "tcp://:4010",
        "tcp://::1:4010",
        "tcp://[::1:4010",
        "tcp://[nonsense]:4010",
        "tcp://eth0;127.0.0.1:4010",
        "tcp://a/b:4010",
        "ipc://",
        "ipc://relative",
        ("ipc:///0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
         "01234567"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        endpoint_t endpoint;
        fault_t fault = {0};
        if (endpoint_parse(bad[i], &endpoint, &fault) == 0)
            fail_msg("%s was taken", bad[i]);
        assert_int_equal(fault.code, FAULT_SETTING);
        assert_true(strlen(fault.text) > 10);
    }
}

static void test_lists(void **state)
{
    (void)state;
    endpoint_t list[ENDPOINTS_MOST];
    fault_t fault = {0};
    assert_int_equal(endpoints_parse(" tcp://127.0.0.1:1, ipc:///a,tcp://127.0.0.1:2 ", list, &fault), 3);
    assert_string_equal(list[1].text, "ipc:///a");
    assert_string_equal(list[2].text, "tcp://127.0.0.1:2");
    assert_int_equal(endpoints_parse(" , ", list, &fault), -1);
    assert_int_equal(endpoints_parse("ipc:///a ipc:///a", list, &fault), -1);
    assert_non_null(strstr(fault.text, "twice"));
    assert_int_equal(endpoints_parse("ipc:///a nonsense", list, &fault), -1);
    char many[ENDPOINTS_MOST * 16 + 32] = "";
    for (int i = 0; i <= ENDPOINTS_MOST; i++)
        strcat(strcat(many, " ipc:///"), (char[]){(char)('a' + i), 0});
    assert_int_equal(endpoints_parse(many, list, &fault), -1);
    assert_non_null(strstr(fault.text, "more than 16"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_loopback),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
