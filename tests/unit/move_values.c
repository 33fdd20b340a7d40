/* The canonical forms of a move: times, JSON, and values of every kind from either database. */
#include "check.h"
#include "gateway/move/jsonform.h"
#include "gateway/move/stamp.h"
#include "gateway/move/value.h"

#include <math.h>
#include <string.h>

/* ---- times ---- */

static void is_stamp(const char *text, const char *want)
{
    char out[STAMP_BYTES] = "";
    bool good = stamp_parse(text, strlen(text), out);
    assert_string_equal(good ? out : "none", want ? want : "none");
}

static void test_stamps(void **state)
{
    (void)state;
    is_stamp("2025-03-09 08:07:06", "2025-03-09 08:07:06");
    is_stamp("2025-03-09T08:07:06.120Z", "2025-03-09 08:07:06.12");
    is_stamp("2025-03-09 08:07:06.000", "2025-03-09 08:07:06");
    is_stamp("2025-03-09 08:07:06.1234567", "2025-03-09 08:07:06.123456");
    is_stamp("2025-03-09 08:07", "2025-03-09 08:07:00");
    is_stamp("2025-03-09", "2025-03-09 00:00:00");
    is_stamp("2025-01-01T00:30:00+02:00", "2024-12-31 22:30:00");
    is_stamp("2025-01-01 00:30:00.5+0530", "2024-12-31 19:00:00.5");
    is_stamp("2024-12-31 23:30:00-01", "2025-01-01 00:30:00");
    is_stamp("2025-03-09 08:07:06 +00", "2025-03-09 08:07:06");
    is_stamp("2024-02-29 00:00:00", "2024-02-29 00:00:00");
    is_stamp("0001-01-01 00:00:00", "0001-01-01 00:00:00");
    const char *const none[] = {"",
                                "yesterday",
                                "2025-02-30 00:00:00",
                                "2025-13-01",
                                "2025-00-10",
                                "2025-01-01 24:00:00",
                                "2025-01-01 10:60:00",
                                "2025-1-1",
                                "2025-01-01 10:00:00.",
                                "2025-01-01 10:00:00+2",
                                "2025-01-01 10:00:00 UTC",
                                "infinity",
                                "0001-01-01 00:00:00+01",
                                "12025-01-01 00:00:00"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        is_stamp(none[i], NULL);
}

static void test_stamps_of_numbers(void **state)
{
    (void)state;
    char out[STAMP_BYTES];
    assert_true(stamp_number(1740823200123, out));
    assert_string_equal(out, "2025-03-01 10:00:00.123");
    assert_true(stamp_number(1740823200, out));
    assert_string_equal(out, "2025-03-01 10:00:00");
    assert_true(stamp_number(0, out));
    assert_string_equal(out, "1970-01-01 00:00:00");
    assert_true(stamp_number(-1500, out));
    assert_string_equal(out, "1969-12-31 23:35:00");
    assert_false(stamp_number(INT64_MAX, out));
    assert_false(stamp_number(INT64_MIN, out));
}

/* ---- JSON ---- */

static void is_form(const char *text, const char *want)
{
    buf_t out = {0};
    char first = 0;
    buf_text(&out, "before");
    const char *why = jsonform(text, strlen(text), &out, &first);
    assert_string_equal(why ? "none" : out.bytes + 6, want ? want : "none");
    if (why)
        assert_int_equal(out.size, 6);
    else
        assert_int_equal(first, want[0]);
    buf_free(&out);
}

static void test_json(void **state)
{
    (void)state;
    is_form(" { \"b\" : 1 , \"a\" : [ true , null , false ] } ", "{\"a\":[true,null,false],\"b\":1}");
    is_form("{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2}");
    is_form("{\"a\":1,\"a\":2}", "{\"a\":2}");
    is_form("{\"b\":{},\"a\":[],\"b\":3,\"a\":4}", "{\"a\":4,\"b\":3}");
    is_form("{\"ab\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"ab\":1}");
    is_form("\"\\u00e9\\u20AC\\ud83c\\udfbb\\/\\n\\\"\\\\\"", "\"é€🎻/\\u000a\\\"\\\\\"");
    is_form("[]", "[]");
    is_form("7", "7");
    const char *const none[] = {"",      "{",   "[1,]",      "[1 2]",       "{\"a\"}",     "{\"a\":1,}",   "{a:1}",
                                "'a'",   "\"a", "\"\\u00\"", "\"\\u0000\"", "\"\\ud83c\"", "\"\\x\"",      "\"\t\"",
                                "[1] 2", "nul", "\"\xff\"",  "[1",          "\"\\udfbb\"", "\"\\ud83cx\"", "tru"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        is_form(none[i], NULL);
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const same[][6] = {
        {"0", "-0", "0.0", "-0.00e7", "0e-3", NULL},
        {"1.5", "1.50", "15e-1", "0.15E+1", "1.500000", NULL},
        {"100", "1e2", "100.0", "1.00E2", NULL},
        {"-0.00012", "-1.2e-4", "-12e-5", NULL},
        {"12345678901234567890.5", "1234567890123456789.05e1", NULL},
        {"1e30", "1000000000000000000000000000000", NULL},
        {"10", "1e1", "100e-1", NULL},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        buf_t want = {0}, got = {0};
        char first;
        assert_null(jsonform(same[i][0], strlen(same[i][0]), &want, &first));
        for (size_t j = 1; same[i][j]; j++) {
            buf_clear(&got);
            assert_null(jsonform(same[i][j], strlen(same[i][j]), &got, &first));
            assert_string_equal(got.bytes, want.bytes);
        }
        buf_free(&want);
        buf_free(&got);
    }
    const char *const none[] = {"01", "1.", ".5", "+1", "1e", "1e+", "--1", "-", "1e999999999999", "NaN", "0x10"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        is_form(none[i], NULL);
}

/* Deep and wide ones end, with an answer. */
static void test_large_json(void **state)
{
    (void)state;
    buf_t text = {0}, out = {0};
    char first;
    for (int i = 0; i < JSONFORM_DEPTH_MOST; i++)
        buf_char(&text, '[');
    for (int i = 0; i < JSONFORM_DEPTH_MOST; i++)
        buf_char(&text, ']');
    assert_null(jsonform(text.bytes, text.size, &out, &first));
    buf_clear(&text);
    for (int i = 0; i < 100000; i++)
        buf_text(&text, "[{\"a\":");
    assert_non_null(jsonform(text.bytes, text.size, &out, &first));
    buf_clear(&text);
    buf_clear(&out);
    for (int i = 20000; i > 0; i--)
        buf_format(&text, "%s\"%07d\":%d", i == 20000 ? "{" : ",", i, i);
    buf_char(&text, '}');
    assert_null(jsonform(text.bytes, text.size, &out, &first));
    assert_memory_equal(out.bytes, "{\"0000001\":1,\"0000002\":2,", 24);
    assert_int_equal(out.size, text.size);
    buf_free(&text);
    buf_free(&out);
}

/* ---- values ---- */

#define TEXT(text)   ((sql_value_t){.kind = SQL_TEXT, .view = view_of(text)})
#define INT(value)   ((sql_value_t){.kind = SQL_INT, .number = (value)})
#define REAL(value)  ((sql_value_t){.kind = SQL_REAL, .real = (value)})
#define BYTES(bytes) ((sql_value_t){.kind = SQL_BYTES, .view = {(bytes), sizeof(bytes) - 1}})

static void is_value(value_kind_t kind, sql_value_t value, const char *want)
{
    buf_t out = {0};
    column_t column = {.name = "x", .kind = kind};
    buf_text(&out, "");
    const char *why = value_take(&column, &value, &out);
    assert_string_equal(why ? "none" : out.bytes, want ? want : "none");
    if (why)
        assert_int_equal(out.size, 0);
    buf_free(&out);
}

static void test_values(void **state)
{
    (void)state;
    is_value(VALUE_INT4, INT(2025), "2025");
    is_value(VALUE_INT4, TEXT("-7"), "-7");
    is_value(VALUE_INT4, REAL(3.0), "3");
    is_value(VALUE_INT4, REAL(3.5), NULL);
    is_value(VALUE_INT4, INT(3000000000), NULL);
    is_value(VALUE_INT8, INT(3000000000), "3000000000");
    is_value(VALUE_INT8, TEXT("2025/26"), NULL);
    is_value(VALUE_INT8, TEXT(""), NULL);
    is_value(VALUE_INT8, REAL(INFINITY), NULL);
    is_value(VALUE_COUNT, INT(-1), NULL);
    is_value(VALUE_REAL, TEXT("0.95"), "0.94999999999999996");
    is_value(VALUE_REAL, REAL(0.95), "0.94999999999999996");
    is_value(VALUE_REAL, INT(1), "1");
    is_value(VALUE_REAL, REAL(-0.0), "0");
    is_value(VALUE_REAL, TEXT("NaN"), NULL);
    is_value(VALUE_REAL, TEXT("high"), NULL);
    is_value(VALUE_BOOL, TEXT("t"), "1");
    is_value(VALUE_BOOL, INT(0), "0");
    is_value(VALUE_BOOL, TEXT("false"), "0");
    is_value(VALUE_BOOL, INT(2), NULL);
    is_value(VALUE_BOOL, TEXT("yes"), NULL);
    is_value(VALUE_TIME, INT(1740823200123), "2025-03-01 10:00:00.123");
    is_value(VALUE_TIME, TEXT("2025-03-01 10:00:00.123+00"), "2025-03-01 10:00:00.123");
    is_value(VALUE_TEXT, TEXT("ü\n\t\\"), "ü\n\t\\");
    is_value(VALUE_TEXT, INT(5), "5");
    is_value(VALUE_TEXT, TEXT("\xc3"), NULL);
    is_value(VALUE_TEXT, BYTES("ab"), NULL);
    is_value(VALUE_STATUS, TEXT("completed"), "completed");
    is_value(VALUE_STATUS, TEXT("complete"), NULL);
    is_value(VALUE_ARRAY, TEXT("[1, 2]"), "[1,2]");
    is_value(VALUE_ARRAY, TEXT("{}"), NULL);
    is_value(VALUE_OBJECT, TEXT("[]"), NULL);
    is_value(VALUE_JSON, INT(5), "5");
    is_value(VALUE_JSON, TEXT("{\"a\":"), NULL);
    is_value(VALUE_BYTES, TEXT("\\x0aff"), "\x0a\xff");
    is_value(VALUE_BYTES, BYTES("ab"), "ab");
    is_value(VALUE_BYTES, TEXT("\\x0"), NULL);
    is_value(VALUE_BYTES, TEXT("0a"), NULL);
}

static void test_long_keys(void **state)
{
    (void)state;
    char key[VALUE_KEY_MOST + 2];
    memset(key, 'k', sizeof key);
    key[VALUE_KEY_MOST] = 0;
    is_value(VALUE_KEY, TEXT(key), key);
    key[VALUE_KEY_MOST] = 'k';
    key[VALUE_KEY_MOST + 1] = 0;
    is_value(VALUE_KEY, TEXT(key), NULL);
}

/* Times as each place writes them. */
static void test_times_out(void **state)
{
    (void)state;
    static const struct {
        const char *canonical, *want[3]; /* of value_place_t */
    } rows[] = {
        {"2025-03-01 10:00:00", {"2025-03-01 10:00:00", "2025-03-01 10:00:00.000", "2025-03-01 10:00:00"}},
        {"2025-03-01 10:00:00.5", {"2025-03-01 10:00:00.5", "2025-03-01 10:00:00.500", "2025-03-01 10:00:00.500"}},
        {"2025-03-01 10:00:00.123456",
         {"2025-03-01 10:00:00.123456", "2025-03-01 10:00:00.123456", "2025-03-01 10:00:00.123456"}},
    };
    column_t column = {.name = "x", .kind = VALUE_TIME};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int place = 0; place < 3; place++) {
            char room[40];
            sql_value_t value = value_put(&column, view_of(rows[i].canonical), (value_place_t)place, room);
            assert_int_equal(value.view.size, strlen(rows[i].want[place]));
            assert_memory_equal(value.view.at, rows[i].want[place], value.view.size);
        }
}

static void test_order(void **state)
{
    (void)state;
    column_t number = {.kind = VALUE_INT8}, key = {.kind = VALUE_KEY};
    assert_true(value_compare(&number, view_of("9"), view_of("10")) < 0);
    assert_true(value_compare(&number, view_of("-9"), view_of("-10")) > 0);
    assert_true(value_compare(&key, view_of("9"), view_of("10")) > 0);
    assert_true(value_compare(&key, view_of("a"), view_of("aa")) < 0);
    assert_true(value_compare(&key, view_of("\xc3\xa9"), view_of("z")) > 0);
    assert_int_equal(value_compare(&key, view_of("a"), view_of("a")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stamps),    cmocka_unit_test(test_stamps_of_numbers), cmocka_unit_test(test_json),
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_large_json),        cmocka_unit_test(test_values),
        cmocka_unit_test(test_long_keys), cmocka_unit_test(test_times_out),         cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
