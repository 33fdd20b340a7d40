/* validation: normal forms, checks, confidence and the gate, on dossiers made by hand. */
#include "check.h"

#include "actors/stage.h"
#include "actors/validation/confidence.h"
#include "actors/validation/normal.h"

#include <string.h>

static void lap(stage_job_t *job, const char *name)
{
    (void)job;
    (void)name;
}

static void progress(stage_job_t *job, int done, int total)
{
    (void)job;
    (void)done;
    (void)total;
}

/* Runs the stage on a dossier. */
static stage_end_t validate(dossier_t *dossier)
{
    fault_t fault = {0};
    stage_job_t job = {.dossier = dossier, .lap = lap, .progress = progress};
    return stage_validation.run(&job, &fault);
}

static timeblock_t *add_block(dossier_t *dossier, const char *day, const char *start, const char *end, const char *name)
{
    if (!dossier->timetables.count)
        list_push(dossier->arena, &dossier->timetables, sizeof(timetable_t));
    timetable_t *table = LIST_AT(timetable_t, dossier->timetables, 0);
    timeblock_t *block = list_push(dossier->arena, &table->timeblocks, sizeof *block);
    *block = (timeblock_t){.day = day, .start_time = start, .end_time = end, .name = name};
    block->id = arena_format(dossier->arena, "b%zu", table->timeblocks.count);
    return block;
}

static const timeblock_t *block_at(const dossier_t *dossier, size_t i)
{
    return LIST_AT(timeblock_t, LIST_AT(timetable_t, dossier->timetables, 0)->timeblocks, i);
}

/* The first check of a rule, or NULL. */
static const check_t *check_of(const dossier_t *dossier, const char *rule)
{
    for (size_t i = 0; i < dossier->checks.count; i++)
        if (strcmp(LIST_AT(check_t, dossier->checks, i)->rule, rule) == 0)
            return LIST_AT(check_t, dossier->checks, i);
    return NULL;
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        int minutes;
    } rows[] = {{"9:05", 545}, {"09.05", 545},      {"9h05", 545},  {"0905", 545},    {"9:05:00", 545},
                {"9 am", 540}, {"9.05 p.m.", 1265}, {"12 pm", 720}, {"12:30 am", 30}, {"23:59", 1439},
                {"24:00", -1}, {"9", -1},           {"", -1},       {"noon", -1},     {"9:60", -1},
                {"9:5", -1},   {"13 pm", -1},       {"9:05 x", -1}, {NULL, -1}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (normal_minutes(rows[i].text) != rows[i].minutes)
            fail_msg("\"%s\": %d, wanted %d", rows[i].text ? rows[i].text : "(none)", normal_minutes(rows[i].text),
                     rows[i].minutes);
}

static void test_normal_forms(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    add_block(dossier, "mon", "9.05", "10h00", "Maths");
    add_block(dossier, "Funday", "nine", NULL, "Play");
    assert_int_equal(validate(dossier), STAGE_NEXT);
    assert_string_equal(block_at(dossier, 0)->day, "Monday");
    assert_string_equal(block_at(dossier, 0)->start_time, "09:05");
    assert_string_equal(block_at(dossier, 0)->end_time, "10:00");
    assert_null(block_at(dossier, 1)->day);
    assert_null(block_at(dossier, 1)->start_time);
    assert_non_null(check_of(dossier, "day-form"));
    assert_non_null(check_of(dossier, "time-form"));
    dossier_destroy(&dossier);
}

static void test_rules(void **state)
{
    static const struct {
        const char *rule; /* that one of the blocks breaks; NULL for none */
        const char *severity;
        const char *blocks[3][4]; /* day, start, end, name */
    } rows[] = {
        {"overlap", "warning", {{"Monday", "09:00", "10:00", "Maths"}, {"Monday", "09:30", "10:30", "Art"}}},
        {"parallel", "info", {{"Monday", "09:00", "10:00", "French"}, {"Monday", "09:00", "10:00", "German"}}},
        {"order", "error", {{"Monday", "10:00", "09:00", "Maths"}}},
        {"duplicate", "warning", {{"Monday", "09:00", "10:00", "Maths"}, {"Monday", "09:00", "10:00", "Maths"}}},
        {"missing-time", "info", {{"Monday", NULL, "10:00", "Maths"}}},
        {"hours", "warning", {{"Monday", "03:00", "04:00", "Maths"}}},
        {"hours", "warning", {{"Monday", "08:00", "15:30", "Trip"}}},
        {"day-coverage", "warning", {{"Monday", "09:00", "10:00", "Maths"}, {"Wednesday", "09:00", "10:00", "Art"}}},
        {"gap",
         "info",
         {{"Monday", "09:00", "10:00", "Maths"},
          {"Monday", "12:00", "13:00", "Art"},
          {"Tuesday", "09:00", "13:00", "Trip"}}},
        {NULL,
         NULL,
         {{"Monday", "09:00", "10:00", "Maths"},
          {"Monday", "10:00", "11:00", "Art"},
          {"Tuesday", "09:00", "11:00", "PE"}}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dossier_t *dossier = dossier_new();
        for (size_t k = 0; k < 3 && rows[i].blocks[k][0]; k++)
            add_block(dossier, rows[i].blocks[k][0], rows[i].blocks[k][1], rows[i].blocks[k][2], rows[i].blocks[k][3]);
        assert_int_equal(validate(dossier), STAGE_NEXT);
        if (!rows[i].rule) {
            assert_int_equal(dossier->checks.count, 0);
        } else {
            const check_t *check = check_of(dossier, rows[i].rule);
            if (!check)
                fail_msg("no check \"%s\"", rows[i].rule);
            assert_string_equal(check->severity, rows[i].severity);
            assert_true(*check->message);
        }
        dossier_destroy(&dossier);
    }
}

static void test_overlaps_are_kept_and_named(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    add_block(dossier, "Monday", "09:00", "10:00", "Maths");
    add_block(dossier, "Monday", "09:30", "10:30", "Art");
    assert_int_equal(validate(dossier), STAGE_NEXT);
    const check_t *check = check_of(dossier, "overlap");
    assert_int_equal(check->blocks.count, 2);
    assert_string_equal(check->blocks.items[0], "b1");
    assert_string_equal(check->blocks.items[1], "b2");
    assert_string_equal(block_at(dossier, 0)->end_time, "10:00");
    assert_string_equal(block_at(dossier, 1)->start_time, "09:30");
    dossier_destroy(&dossier);
}

static void test_nothing_found_is_no_timetable(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    assert_int_equal(validate(dossier), STAGE_END);
    assert_string_equal(dossier->outcome.status, "failed");
    assert_string_equal(dossier->outcome.error, "not-a-timetable");
    assert_non_null(strstr(dossier->outcome.message, "not a timetable"));
    dossier_destroy(&dossier);
}

static void add_evidence(dossier_t *dossier, timeblock_t *block, const char *name, double value)
{
    evidence_t *evidence = list_push(dossier->arena, &block->evidence, sizeof *evidence);
    evidence->name = name;
    evidence->value = value;
}

/* A week whose evidence is all good, or all bad. */
static dossier_t *week(double value)
{
    static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"};
    static const char *const times[] = {"09:00", "10:00", "11:00", "12:00"};
    static const char *const names[] = {"read",     "read_mean", "heading_read", "day_read", "start_from",
                                        "end_from", "day_from",  "edges",        "cell",     "table",
                                        "margin",   "known",     "digital"};
    dossier_t *dossier = dossier_new();
    for (size_t d = 0; d < 5; d++)
        for (size_t t = 0; t < 3; t++) {
            timeblock_t *block = add_block(dossier, days[d], times[t], times[t + 1], "Maths");
            for (size_t e = 0; e < sizeof names / sizeof *names; e++)
                add_evidence(dossier, block, names[e], value);
        }
    return dossier;
}

static void test_confidence_follows_the_evidence(void **state)
{
    (void)state;
    dossier_t *good = week(1), *bad = week(0.1);
    validate(good);
    validate(bad);
    assert_true(good->outcome.confidence > 0.95);
    assert_true(bad->outcome.confidence < 0.5);
    assert_true(block_at(good, 0)->confidence <= 1);
    dossier_destroy(&good);
    dossier_destroy(&bad);
}

static void test_gate(void **state)
{
    (void)state;
    dossier_t *dossier = week(1);
    dossier->options.gate = 0.5;
    validate(dossier);
    assert_string_equal(dossier->outcome.status, "completed");
    dossier_destroy(&dossier);
    dossier = week(0.1);
    validate(dossier);
    assert_string_equal(dossier->outcome.status, "needs_review");
    dossier_destroy(&dossier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_normal_forms),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_overlaps_are_kept_and_named),
        cmocka_unit_test(test_nothing_found_is_no_timetable),
        cmocka_unit_test(test_confidence_follows_the_evidence),
        cmocka_unit_test(test_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
