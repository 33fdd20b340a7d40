/* The buffer grows, stays closed with a zero, and keeps bytes of every value. */
#include "proto/base/buf.h"
#include "check.h"

#include <string.h>

static void test_empty(void **state)
{
    (void)state;
    buf_t buf = {0};
    assert_string_equal(buf_string(&buf), "");
    buf_clear(&buf);
    buf_add(&buf, NULL, 0);
    assert_int_equal(buf.size, 0);
    assert_string_equal(buf_string(&buf), "");
    buf_free(&buf);
    buf_free(&buf);
}

static void test_growth(void **state)
{
    (void)state;
    buf_t buf = {0};
    for (int i = 0; i < 10000; i++) {
        buf_char(&buf, (char)(i % 251));
        assert_int_equal(buf.bytes[buf.size], 0);
    }
    assert_int_equal(buf.size, 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal((unsigned char)buf.bytes[i], i % 251);
    buf_free(&buf);
}

static void test_format(void **state)
{
    (void)state;
    buf_t buf = {0};
    buf_text(&buf, "at ");
    buf_format(&buf, "%s", "");
    buf_format(&buf, "%0500d", 7);
    assert_int_equal(buf.size, 503);
    assert_int_equal(buf.bytes[502], '7');
    buf_clear(&buf);
    assert_string_equal(buf_string(&buf), "");
    buf_text(&buf, "again");
    assert_string_equal(buf_string(&buf), "again");
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
