/* The setting YOGI_BROKER_STAGES. */
#include "broker/loop/stages.h"
#include "check.h"

#include <string.h>

static void test_reads(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    scheduler_options_t options = {0};
    fault_t fault = {0};
    assert_int_equal(stages_parse("ocr, llm store:60", arena, &options, &fault), 0);
    assert_int_equal(options.stage_count, 3);
    assert_string_equal(options.stages[0].name, "ocr");
    assert_int_equal(options.stages[0].patience_ms, 0);
    assert_string_equal(options.stages[2].name, "store");
    assert_int_equal(options.stages[2].patience_ms, 60000);
    arena_destroy(&arena);
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"", "names no stage"},
        {"a a", "twice"},
        {"a:60 a", "twice"},
        {"OCR", "no name"},
        {"a:", "seconds"},
        {"a:0", "seconds"},
        {"a:86401", "seconds"},
        {"a:-1", "seconds"},
        {"a:1x", "seconds"},
        {"a:999999", "seconds"},
        {":5", "no name"},
        {"a b c d e f g h i j k l m n o p q", "more than 16"},
        {"abcdefghijklmnopqrstuvwxyz0123456", "no name"},
    };
    arena_t *arena = arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        scheduler_options_t options = {0};
        fault_t fault = {0};
        if (stages_parse(bad[i][0], arena, &options, &fault) == 0)
            fail_msg("\"%s\" was taken", bad[i][0]);
        if (!strstr(fault.text, bad[i][1]) || !strstr(fault.text, "YOGI_BROKER_STAGES"))
            fail_msg("\"%s\": %s", bad[i][0], fault.text);
    }
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reads), cmocka_unit_test(test_refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
