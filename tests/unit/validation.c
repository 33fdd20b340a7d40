/* validation: normal forms, checks, confidence and the gate, on dossiers made by hand. */
#include "check.h"

#include "actors/stage.h"
#include "actors/validation/evidence.h"
#include "actors/validation/finding.h"
#include "actors/validation/normal.h"

#include <math.h>
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
        {"overlap",
         "warning",
         {{"Monday", "09:00", "10:00", "Maths"}, {"Monday", "09:15", NULL, "PE"}, {"Monday", "09:30", "10:30", "Art"}}},
        {"parallel", "info", {{"Monday", "09:00", "10:00", "French"}, {"Monday", "09:00", "10:00", "German"}}},
        {"order", "error", {{"Monday", "10:00", "09:00", "Maths"}}},
        {"duplicate", "warning", {{"Monday", "09:00", "10:00", "Maths"}, {"Monday", "09:00", "10:00", "Maths"}}},
        {"missing-time", "info", {{"Monday", NULL, "10:00", "Maths"}}},
        {"hours", "warning", {{"Monday", "03:00", "04:00", "Maths"}}},
        {"hours", "warning", {{"Monday", "08:00", "15:30", "Trip"}}},
        {"hours", "warning", {{"Monday", "08:00", "08:01", "Bell"}}},
        {"hours", "warning", {{"Monday", "22:30", NULL, "Astronomy"}}},
        {"missing-day", "warning", {{NULL, "09:00", "10:00", "Maths"}}},
        {"missing-name", "warning", {{"Monday", "09:00", "10:00", ""}}},
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
        for (size_t k = 0; k < 3 && rows[i].blocks[k][3]; k++)
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

/* What is no cause for a check of that rule. */
static void test_rules_keep_quiet(void **state)
{
    static const struct {
        const char *rule;
        const char *blocks[3][5]; /* day, start, end, name, notes */
    } rows[] = {
        {"overlap", {{"Monday", "09:00", "10:00", "Maths"}, {"Monday", "10:00", "11:00", "Art"}}},
        {"overlap", {{"Monday", "09:00", "10:00", "French"}, {"Monday", "09:00", "10:00", "German"}}},
        {"overlap", {{"Monday", "09:00", "10:00", "Maths"}, {"Tuesday", "09:30", "10:30", "Art"}}},
        {"duplicate", {{"Monday", "09:00", "10:00", "PE", "Hall"}, {"Monday", "09:00", "10:00", "PE", "Field"}}},
        {"parallel", {{"Monday", "09:00", "10:00", "Maths"}, {"Monday", "09:00", "10:00", "Maths"}}},
        /* no other day has anything there */
        {"gap",
         {{"Monday", "09:00", "10:00", "Maths"},
          {"Monday", "12:00", "13:00", "Art"},
          {"Tuesday", "09:00", "10:00", "PE"}}},
        /* a week that begins on Sunday */
        {"day-coverage", {{"Sunday", "09:00", "10:00", "Maths"}, {"Monday", "09:00", "10:00", "Art"}}},
        /* nothing between them but the weekend */
        {"day-coverage", {{"Friday", "09:00", "10:00", "Maths"}, {"Saturday", "09:00", "10:00", "Art"}}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dossier_t *dossier = dossier_new();
        for (size_t k = 0; k < 3 && rows[i].blocks[k][0]; k++)
            add_block(dossier, rows[i].blocks[k][0], rows[i].blocks[k][1], rows[i].blocks[k][2], rows[i].blocks[k][3])
                ->notes = rows[i].blocks[k][4];
        assert_int_equal(validate(dossier), STAGE_NEXT);
        if (check_of(dossier, rows[i].rule))
            fail_msg("row %zu: \"%s\"", i, check_of(dossier, rows[i].rule)->message);
        dossier_destroy(&dossier);
    }
}

/* A block without a start may fill the hole before its end. */
static void test_gap_that_may_be_filled(void **state)
{
    (void)state;
    for (int half_timed = 0; half_timed < 2; half_timed++) {
        dossier_t *dossier = dossier_new();
        add_block(dossier, "Monday", "09:00", "10:00", "Maths");
        add_block(dossier, "Monday", "12:00", "13:00", "Art");
        add_block(dossier, "Tuesday", "09:00", "13:00", "Trip");
        if (half_timed)
            add_block(dossier, "Monday", NULL, "11:45", "Reading");
        validate(dossier);
        assert_int_equal(check_of(dossier, "gap") == NULL, half_timed);
        dossier_destroy(&dossier);
    }
}

static void test_week_from_sunday_without_a_day(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    add_block(dossier, "Sunday", "09:00", "10:00", "Maths");
    add_block(dossier, "Tuesday", "09:00", "10:00", "Art");
    validate(dossier);
    assert_non_null(strstr(check_of(dossier, "day-coverage")->message, "Monday"));
    dossier_destroy(&dossier);
}

/* One check for all that hang together, not one for each pair. */
static void test_one_check_for_each_cluster(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    for (int i = 0; i < 5; i++)
        add_block(dossier, "Monday", arena_format(dossier->arena, "09:%02d", i), "10:00", "Maths");
    add_block(dossier, "Monday", "10:00", "11:00", "Art");
    validate(dossier);
    size_t overlaps = 0;
    for (size_t i = 0; i < dossier->checks.count; i++)
        overlaps += strcmp(LIST_AT(check_t, dossier->checks, i)->rule, "overlap") == 0;
    assert_int_equal(overlaps, 1);
    assert_int_equal(check_of(dossier, "overlap")->blocks.count, 5);
    dossier_destroy(&dossier);
}

static void test_checks_have_a_limit(void **state)
{
    enum { BLOCKS = 250 };
    (void)state;
    dossier_t *dossier = dossier_new();
    for (int i = 0; i < BLOCKS; i++)
        add_block(dossier, "Monday", "10:00", "09:00", "Maths");
    validate(dossier);
    size_t order = 0;
    for (size_t i = 0; i < dossier->checks.count; i++)
        order += strcmp(LIST_AT(check_t, dossier->checks, i)->rule, "order") == 0;
    assert_int_equal(order, FINDINGS_MOST + 1);
    dossier_destroy(&dossier);
}

/* A page that prints starts alone is told so once, not for each block. */
static void test_missing_times_are_told_together(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    add_block(dossier, "Monday", "09:00", NULL, "Maths");
    add_block(dossier, "Tuesday", "09:00", NULL, "Art");
    add_block(dossier, "Tuesday", NULL, "11:00", "Music");
    validate(dossier);
    assert_int_equal(dossier->checks.count, 2);
    assert_int_equal(LIST_AT(check_t, dossier->checks, 0)->blocks.count, 1);
    assert_string_equal(LIST_AT(check_t, dossier->checks, 0)->message, "the page gives no start of these");
    assert_int_equal(LIST_AT(check_t, dossier->checks, 1)->blocks.count, 2);
    dossier_destroy(&dossier);
}

static void test_a_timetable_without_blocks(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    add_block(dossier, "Monday", "09:00", "10:00", "Maths");
    list_push(dossier->arena, &dossier->timetables, sizeof(timetable_t));
    assert_int_equal(validate(dossier), STAGE_NEXT);
    assert_string_equal(check_of(dossier, "no-blocks")->severity, "warning");
    assert_true(LIST_AT(timetable_t, dossier->timetables, 1)->confidence == 0);
    dossier_destroy(&dossier);
}

/* Weeks of one timetable have nothing to do with one another. */
static void test_weeks_apart(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    add_block(dossier, "Monday", "09:00", "10:00", "Maths")->week = "A";
    add_block(dossier, "Monday", "09:30", "10:30", "Art")->week = "B";
    validate(dossier);
    assert_null(check_of(dossier, "overlap"));
    dossier_destroy(&dossier);
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

/* The sentence says what the pages have instead. */
static void test_why_it_is_no_timetable(void **state)
{
    static const struct {
        const char *words[4];
        const char *says;
    } rows[] = {
        {{NULL}, "nothing on its pages could be read"},
        {{"We", "are", "10"}, "no row or column of days and no times were found among its 3 words"},
        {{"(9:00", "until", "10:30-11:00"}, "2 times, but no row or column of days"},
        {{"Monday", "closed"}, "name days (1)"},
        {{"Monday", "Tues", "9:00"}, "2 names of days and 1 time,"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dossier_t *dossier = dossier_new();
        page_t *page = list_push(dossier->arena, &dossier->pages, sizeof *page);
        for (size_t w = 0; w < 4 && rows[i].words[w]; w++)
            ((word_t *)list_push(dossier->arena, &page->words, sizeof(word_t)))->text = rows[i].words[w];
        assert_int_equal(validate(dossier), STAGE_END);
        if (!strstr(dossier->outcome.message, rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", dossier->outcome.message, rows[i].says);
        dossier_destroy(&dossier);
    }
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

static double value_of(const dossier_t *dossier, size_t block, const char *name)
{
    return evidence_value(block_at(dossier, block), name, -1);
}

static void test_features(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    add_block(dossier, "Monday", "09:00", "10:00", "Maths");
    add_block(dossier, "Monday", "10:00", "11:00", "|~ $");
    add_block(dossier, "Monday", "10:30", "11:30", "Art");
    add_block(dossier, "Tuesday", "09:00", "10:30", "PE");
    validate(dossier);
    static const struct {
        size_t block;
        const char *name;
        double value;
    } rows[] = {
        {0, "joined", 1},       {1, "joined", 0.5},   {2, "joined", 0.5},   {3, "joined", 1},
        {0, "overlaps", 0},     {1, "overlaps", 1},   {2, "overlaps", 1},   {0, "same_slots", 0},
        {0, "same_edges", 0.5}, {1, "same_edges", 0}, {0, "clean", 1},      {1, "clean", 0.25},
        {1, "short_name", 1},   {3, "short_name", 1}, {0, "short_name", 0}, {0, "balance", 2 / 3.0},
        {3, "balance", 0.5},    {0, "complete", 1},   {0, "few_blocks", 1}, {0, "covered", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double value = value_of(dossier, rows[i].block, rows[i].name);
        if (fabs(value - rows[i].value) > 1e-9)
            fail_msg("block %zu: %s is %f, wanted %f", rows[i].block, rows[i].name, value, rows[i].value);
    }
    dossier_destroy(&dossier);
}

/* Of the words between the blocks, those in none count against the timetable; words elsewhere do not. */
static void test_covered(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    add_block(dossier, "Monday", "09:00", "10:00", "Maths");
    add_block(dossier, "Tuesday", "09:00", "10:00", "Art");
    timetable_t *table = LIST_AT(timetable_t, dossier->timetables, 0);
    LIST_AT(timeblock_t, table->timeblocks, 0)->box = (box_t){.x = 100, .y = 100, .w = 100, .h = 50};
    LIST_AT(timeblock_t, table->timeblocks, 1)->box = (box_t){.x = 300, .y = 100, .w = 100, .h = 50};
    page_t *page = list_push(dossier->arena, &dossier->pages, sizeof *page);
    static const int places[][2] = {{110, 110}, {310, 110}, {210, 110}, {10, 10}, {210, 300}};
    for (size_t w = 0; w < sizeof places / sizeof *places; w++)
        *(word_t *)list_push(dossier->arena, &page->words, sizeof(word_t)) =
            (word_t){.text = "word", .box = {.x = places[w][0], .y = places[w][1], .w = 40, .h = 10}};
    validate(dossier);
    assert_true(fabs(value_of(dossier, 0, "covered") - 2 / 3.0) < 1e-9);
    dossier_destroy(&dossier);
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

/* An error is for a person, however sure the rest is; the outcome says what to look at. */
static void test_review(void **state)
{
    (void)state;
    dossier_t *dossier = week(1);
    dossier->options.gate = 0.5;
    add_block(dossier, "Monday", "14:00", "13:00", "Maths");
    validate(dossier);
    assert_string_equal(dossier->outcome.status, "needs_review");
    assert_non_null(strstr(dossier->outcome.message, "1 error"));
    dossier_destroy(&dossier);
}

static void test_default_gate(void **state)
{
    (void)state;
    dossier_t *dossier = week(0.1);
    dossier->options.gate = 0;
    validate(dossier);
    assert_string_equal(dossier->outcome.status, "needs_review");
    assert_non_null(strstr(dossier->outcome.message, "15 of 15 blocks less than 90 % sure"));
    dossier_destroy(&dossier);
}

/* A dossier that comes through the stage again leaves it as before, by the bytes. */
static void test_again_gives_the_same(void **state)
{
    (void)state;
    buf_t first = {0}, second = {0};
    dossier_t *dossier = week(0.6);
    add_block(dossier, "Monday", "14:00", "13:00", "Maths");
    validate(dossier);
    dossier_encode(dossier, &first);
    for (int i = 0; i < 5; i++)
        validate(dossier);
    dossier_encode(dossier, &second);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.bytes, second.bytes, first.size);
    buf_free(&first);
    buf_free(&second);
    dossier_destroy(&dossier);
}

/* What the wire allows and no engine of ours sends: no names, no ids, evidence without a name, more of it than there is
 * room for. */
static void test_bare_blocks(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    timeblock_t *block = add_block(dossier, NULL, NULL, NULL, NULL);
    block->id = NULL;
    add_evidence(dossier, block, NULL, 1);
    for (int i = 0; i < 63; i++)
        add_evidence(dossier, block, "of_another", 1);
    assert_int_equal(validate(dossier), STAGE_NEXT);
    assert_non_null(block_at(dossier, 0)->id);
    buf_t packed = {0};
    fault_t fault = {0};
    dossier_encode(dossier, &packed);
    dossier_t *back = dossier_decode(packed.bytes, packed.size, &fault);
    assert_non_null(back);
    dossier_destroy(&back);
    buf_free(&packed);
    dossier_destroy(&dossier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_normal_forms),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_rules_keep_quiet),
        cmocka_unit_test(test_gap_that_may_be_filled),
        cmocka_unit_test(test_week_from_sunday_without_a_day),
        cmocka_unit_test(test_one_check_for_each_cluster),
        cmocka_unit_test(test_checks_have_a_limit),
        cmocka_unit_test(test_missing_times_are_told_together),
        cmocka_unit_test(test_a_timetable_without_blocks),
        cmocka_unit_test(test_weeks_apart),
        cmocka_unit_test(test_overlaps_are_kept_and_named),
        cmocka_unit_test(test_nothing_found_is_no_timetable),
        cmocka_unit_test(test_why_it_is_no_timetable),
        cmocka_unit_test(test_confidence_follows_the_evidence),
        cmocka_unit_test(test_features),
        cmocka_unit_test(test_covered),
        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_review),
        cmocka_unit_test(test_default_gate),
        cmocka_unit_test(test_again_gives_the_same),
        cmocka_unit_test(test_bare_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
