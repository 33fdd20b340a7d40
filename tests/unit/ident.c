/* Ids: the layout of RFC 9562, text both ways, and order. */
#include "proto/base/ident.h"
#include "check.h"

#include <string.h>

static void test_layout(void **state)
{
    (void)state;
    char text[IDENT_TEXT];
    /* RFC 9562, appendix A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F */
    ident_t ident = ident_of(0x017F22E279B0, 0xCC3, (UINT64_C(0x18C4DC0C0C07398F) << 2) | 3);
    assert_string_equal(ident_format(ident, text), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_int_equal(ident_of(1, UINT64_MAX, UINT64_MAX).high >> 12 & 15, 7); /* version */
    assert_int_equal(ident_of(1, 0, UINT64_MAX).low >> 62, 2);                /* variant */
}

static void test_text(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                                      "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
                                      "017f22e279b0-7cc3-98c4-dc0c0c07398fabcd",
                                      "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                                      "017f22e2 79b0-7cc3-98c4-dc0c0c07398f"};
    ident_t ident, same;
    char text[IDENT_TEXT];
    uint8_t bytes[IDENT_BYTES];
    assert_true(ident_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", &ident));
    assert_string_equal(ident_format(ident, text), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    ident_write(ident, bytes);
    assert_int_equal(bytes[0], 0x01);
    assert_int_equal(bytes[15], 0x8F);
    same = ident_read(bytes);
    assert_true(ident_equal(ident, same));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(ident_parse(bad[i], &same));
}

static void test_new(void **state)
{
    (void)state;
    ident_t last = {0}, next;
    fault_t fault = {0};
    for (int i = 0; i < 20000; i++) {
        assert_int_equal(ident_new(&next, &fault), 0);
        assert_true(next.high > last.high); /* in the order of their making, however many a millisecond has */
        last = next;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_layout), cmocka_unit_test(test_text),
                                       cmocka_unit_test(test_new)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
