/* Settings: defaults, ranges, secrets from files, and one clear line for each mistake. */
#include "proto/settings.h"
#include "check.h"
#include "proto/worker.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *text, *secret;
    int64_t count, bytes;
    double part;
    int level;
} target_t;

static const setting_t table[] = {
    {"T_TEXT", SETTING_TEXT, offsetof(target_t, text), "blue", 0, 0, "blue|red", "a colour"},
    {"T_SECRET", SETTING_SECRET, offsetof(target_t, secret), NULL, 0, 0, NULL, "a key"},
    {"T_COUNT", SETTING_INT, offsetof(target_t, count), "3", 1, 10, NULL, "a number"},
    {"T_BYTES", SETTING_BYTES, offsetof(target_t, bytes), "1M", 1024, 1e12, NULL, "a size"},
    {"T_PART", SETTING_REAL, offsetof(target_t, part), "0.5", 0, 1, NULL, "a share"},
    {"T_LEVEL", SETTING_CHOICE, offsetof(target_t, level), "low", 0, 0, "low|middle|high", "a level"},
};
enum { COUNT = sizeof table / sizeof *table };

/* Loads one environment; returns the number of problems. */
static size_t load(char *const *environment, arena_t *arena, target_t *target, buf_t *problems)
{
    *target = (target_t){0};
    return settings_load(table, COUNT, "T_", environment, arena, target, problems);
}

static void test_defaults(void **state)
{
    (void)state;
    char *environment[] = {(char[]){"HOME=/nowhere"}, NULL};
    arena_t *arena = arena_new();
    buf_t problems = {0};
    target_t target;
    assert_int_equal(load(environment, arena, &target, &problems), 0);
    assert_string_equal(target.text, "blue");
    assert_null(target.secret);
    assert_int_equal(target.count, 3);
    assert_int_equal(target.bytes, 1048576);
    assert_true(target.part == 0.5);
    assert_int_equal(target.level, 0);
    buf_free(&problems);
    arena_destroy(&arena);
}

static void test_values(void **state)
{
    (void)state;
    char *environment[] = {
        (char[]){"T_TEXT=red"},   (char[]){"T_COUNT=10"},   (char[]){"T_BYTES=2G"},    (char[]){"T_PART=0.25"},
        (char[]){"T_LEVEL=high"}, (char[]){"T_SECRET=xyz"}, (char[]){"TX_OTHER=fine"}, NULL};
    arena_t *arena = arena_new();
    buf_t problems = {0}, printed = {0};
    target_t target;
    assert_int_equal(load(environment, arena, &target, &problems), 0);
    assert_string_equal(target.text, "red");
    assert_int_equal(target.count, 10);
    assert_int_equal(target.bytes, 2147483648);
    assert_true(target.part == 0.25);
    assert_int_equal(target.level, 2);
    settings_print(table, COUNT, &target, &printed);
    assert_non_null(strstr(printed.bytes, "T_LEVEL=high\n"));
    assert_non_null(strstr(printed.bytes, "T_BYTES=2048M\n"));
    assert_non_null(strstr(printed.bytes, "T_SECRET=********\n"));
    assert_null(strstr(printed.bytes, "xyz"));
    buf_free(&problems);
    buf_free(&printed);
    arena_destroy(&arena);
}

static void test_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *variable, *says;
    } rows[] = {
        {"T_COUNT=0", "T_COUNT: must be a whole number from 1 to 10, not \"0\""},
        {"T_COUNT=11", "T_COUNT: must be"},
        {"T_COUNT=3x", "T_COUNT: must be"},
        {"T_COUNT=2.5", "T_COUNT: must be"},
        {"T_COUNT=nan", "T_COUNT: must be"},
        {"T_PART=1.5", "T_PART: must be a number from 0 to 1"},
        {"T_PART=nan", "T_PART: must be"},
        {"T_BYTES=12Q", "T_BYTES: must be a size"},
        {"T_BYTES=-1", "T_BYTES: must be a size"},
        {"T_TEXT=green", "T_TEXT: must be one of blue|red, not \"green\""},
        {"T_LEVEL=lo", "T_LEVEL: must be one of low|middle|high"},
        {"T_CUONT=3", "T_CUONT: there is no such setting"},
        {"T_COUNT_FILE=/does/not/exist", "T_COUNT_FILE: the file /does/not/exist cannot be read"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char variable[64];
        snprintf(variable, sizeof variable, "%s", rows[i].variable);
        char *environment[] = {variable, NULL};
        arena_t *arena = arena_new();
        buf_t problems = {0};
        target_t target;
        assert_int_equal(load(environment, arena, &target, &problems), 1);
        if (strncmp(problems.bytes, rows[i].says, strlen(rows[i].says)) != 0)
            fail_msg("%s gave: %s", rows[i].variable, problems.bytes);
        assert_true(strchr(problems.bytes, '\n') == problems.bytes + problems.size - 1);
        buf_free(&problems);
        arena_destroy(&arena);
    }
}

static void test_each_mistake_has_a_line(void **state)
{
    (void)state;
    char *environment[] = {(char[]){"T_COUNT=x"}, (char[]){"T_PART=y"}, (char[]){"T_NEW=1"}, NULL};
    arena_t *arena = arena_new();
    buf_t problems = {0};
    target_t target;
    assert_int_equal(load(environment, arena, &target, &problems), 3);
    int lines = 0;
    for (const char *p = problems.bytes; (p = strchr(p, '\n')); p++)
        lines++;
    assert_int_equal(lines, 3);
    buf_free(&problems);
    arena_destroy(&arena);
}

static void test_secret_from_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/yogi-setting-XXXXXX", variable[100];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "s3cret\n", 7), 7);
    close(fd);
    snprintf(variable, sizeof variable, "T_SECRET_FILE=%s", path);
    char *environment[] = {variable, NULL}, *both[] = {variable, (char[]){"T_SECRET=other"}, NULL};
    arena_t *arena = arena_new();
    buf_t problems = {0};
    target_t target;
    assert_int_equal(load(environment, arena, &target, &problems), 0);
    assert_string_equal(target.secret, "s3cret");
    assert_int_equal(load(both, arena, &target, &problems), 1);
    assert_non_null(strstr(problems.bytes, "given twice"));
    assert_null(strstr(problems.bytes, "other"));
    unlink(path);
    buf_free(&problems);
    arena_destroy(&arena);
}

/* The project's own table: every default passes its own check. */
static void test_own_table(void **state)
{
    (void)state;
    char *environment[] = {(char[]){"YOGI_WORKERS=4"}, (char[]){"YOGI_LOG_LEVEL=debug"}, NULL};
    arena_t *arena = arena_new();
    buf_t problems = {0};
    settings_t settings;
    assert_int_equal(yogi_settings_load(environment, arena, &settings, &problems), 0);
    assert_int_equal(settings.workers, 4);
    assert_int_equal(settings.log_level, 0);
    assert_int_equal(settings.job_seconds, 120);
    assert_int_equal(settings.worker_memory, 2147483648);
    assert_string_equal(settings.engine, "rules");
    assert_int_equal(settings.sandbox, WORKER_SHUT); /* the order of the choices is that of worker_sandbox_t */
    assert_int_equal(settings.job_cpu_seconds, 1800);
    assert_null(settings.source_roots); /* nothing may be fetched unless it is said */
    assert_null(settings.source_endpoints);
    assert_null(settings.source_networks);
    assert_int_equal(settings.source_bytes, 268435456);
    char *modes[][2] = {{(char[]){"YOGI_SANDBOX=strict"}, NULL}, {(char[]){"YOGI_SANDBOX=off"}, NULL}};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(yogi_settings_load(modes[i], arena, &settings, &problems), 0);
        assert_int_equal(settings.sandbox, i == 0 ? WORKER_STRICT : WORKER_OPEN);
    }
    buf_free(&problems);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),           cmocka_unit_test(test_values),
        cmocka_unit_test(test_mistakes),           cmocka_unit_test(test_each_mistake_has_a_line),
        cmocka_unit_test(test_secret_from_a_file), cmocka_unit_test(test_own_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
