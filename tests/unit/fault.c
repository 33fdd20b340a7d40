/* The table of faults: names lead back to codes, sentences are harmless and bounded. */
#include "proto/base/fault.h"
#include "check.h"

#include <string.h>

static void test_table(void **state)
{
    (void)state;
    for (int code = 0; code < FAULT_COUNT; code++) {
        assert_int_equal(fault_code_of(fault_name((fault_code_t)code)), code);
        assert_true(*fault_summary((fault_code_t)code));
        assert_int_equal(fault_exit((fault_code_t)code) == 0, code == FAULT_NONE);
        for (int other = 0; other < code; other++)
            assert_string_not_equal(fault_name((fault_code_t)code), fault_name((fault_code_t)other));
    }
    assert_int_equal(fault_code_of("no such name"), FAULT_SYSTEM);
}

static void test_sentence(void **state)
{
    (void)state;
    fault_t fault;
    assert_int_equal(fault_set(&fault, FAULT_DAMAGED, "page %d \x1b[2J", 7), -1);
    assert_int_equal(fault.code, FAULT_DAMAGED);
    assert_string_equal(fault.text, "page 7 ?[2J");
    fault_prefix(&fault, "week.pdf");
    assert_string_equal(fault.text, "week.pdf: page 7 ?[2J");
    char lengthy[3000];
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = 0;
    fault_set(&fault, FAULT_INPUT, "%s", lengthy);
    assert_int_equal(strlen(fault.text), FAULT_TEXT_BYTES - 1);
    fault_prefix(&fault, lengthy);
    assert_true(strlen(fault.text) < FAULT_TEXT_BYTES);
    assert_int_equal(fault_set(NULL, FAULT_INPUT, "nobody asks"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_sentence)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
