/* Timetables: edited with an optimistic lock, every edit a version; saved under names; listed. */
#include "trial.h"

#include <math.h>

static edit_t edit_of(trial_t *t, const char *id, int64_t version, const char *class_name)
{
    return (edit_t){.tenant = t->tenant,
                    .id = view_of(id),
                    .version = version,
                    .edit = trial_id(t),
                    .teacher_name = view_of("Mr O\"Brien; DROP TABLE timetables"),
                    .class_name = view_of(class_name),
                    .year = 2027,
                    .timeblocks = view_of("[{\"day\": \"Friday\", \"name\": \"Art \\u00e9 \\\\u0000\"}]"),
                    .validated = true};
}

static const char *first_of(trial_t *t, const accept_t *accept)
{
    timetable_list_t list;
    DO(t, timetables_of(&t->session, t->tenant, view_of(accept->id), t->arena, &list, &t->fault));
    assert_true(list.count > 0);
    return list.rows[0].id;
}

static void test_put(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    reading_t reading = trial_reading(t, "2B");
    finish_t end = trial_finish(t, &accept, &reading);
    timetable_row_t row;
    end.status = STATE_NEEDS_REVIEW;
    VERDICT(t, runs_finish(&t->session, &end, &t->verdict, &t->fault), VERDICT_DONE);
    edit_t edit = edit_of(t, first_of(t, &accept), 1, "2C"), late = edit_of(t, reading.id, 1, "late");
    VERDICT(t, timetables_put(&t->session, &edit, t->arena, &row, &t->verdict, &t->fault), VERDICT_DONE);
    assert_int_equal(row.version, 2);
    assert_string_equal(row.class_name, "2C");
    assert_string_equal(row.teacher_name, "Mr O\"Brien; DROP TABLE timetables");
    assert_int_equal(row.year, 2027);
    assert_true(row.validated);
    assert_null(row.term);
    assert_true(fabs(row.confidence - 0.93) < 1e-6); /* how sure the machine was does not change */
    assert_int_equal(trial_document(t, &accept).status, STATE_COMPLETED);
    VERDICT(t, timetables_put(&t->session, &edit, t->arena, &row, &t->verdict, &t->fault), VERDICT_ALREADY);
    assert_int_equal(row.version, 2);
    VERDICT(t, timetables_put(&t->session, &late, t->arena, &row, &t->verdict, &t->fault), VERDICT_STALE);
    assert_string_equal(row.class_name, "2C"); /* what is there instead is shown */
    late.tenant = t->other;
    VERDICT(t, timetables_put(&t->session, &late, t->arena, &row, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    edit = edit_of(t, reading.id, 2, "2D");
    edit.validated = false;
    VERDICT(t, timetables_put(&t->session, &edit, t->arena, &row, &t->verdict, &t->fault), VERDICT_DONE);
    version_list_t versions;
    DO(t, timetables_versions(&t->session, t->tenant, edit.id, 10, t->arena, &versions, &t->fault));
    assert_int_equal(versions.count, 2);
    assert_int_equal(versions.rows[0].version, 2);
    assert_non_null(strstr(versions.rows[0].content, "2C"));
    assert_int_equal(versions.rows[1].version, 1);
    assert_non_null(strstr(versions.rows[1].content, "Maths"));
    assert_null(versions.rows[1].edit);
    DO(t, timetables_versions(&t->session, t->other, edit.id, 10, t->arena, &versions, &t->fault));
    assert_int_equal(versions.count, 0);
}

static void test_bad_blocks(void **state)
{
    trial_t *t = *state;
    static const char *const bad[] = {"{}", "null", "\"text\"", "[", "", "[1,]", "[\"\\u0000\"]"};
    accept_t accept = trial_read(t, "week.png", "2B");
    const char *id = first_of(t, &accept);
    timetable_row_t row;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        edit_t edit = edit_of(t, id, 1, "2C");
        edit.timeblocks = view_of(bad[i]);
        REFUSED(t, timetables_put(&t->session, &edit, t->arena, &row, &t->verdict, &t->fault), FAULT_INPUT);
    }
    VERDICT(t, timetables_get(&t->session, t->tenant, view_of(id), t->arena, &row, &t->verdict, &t->fault),
            VERDICT_DONE);
    assert_int_equal(row.version, 1);
}

static void test_save_as(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_read(t, "week.png", "2B");
    timetable_row_t row;
    edit_t named = edit_of(t, trial_id(t), 0, "mine"), loose = edit_of(t, trial_id(t), 0, "loose");
    named.saved_name = loose.saved_name = view_of("My week");
    for (int i = 0; i < 2; i++) {
        VERDICT(t, timetables_save_as(&t->session, &named, view_of(accept.id), t->arena, &row, &t->verdict, &t->fault),
                VERDICT_DONE);
        assert_string_equal(row.saved_name, "My week");
        assert_string_equal(row.document, accept.id);
        assert_int_equal(row.position, -1);
    }
    VERDICT(t, timetables_save_as(&t->session, &loose, view_of(NULL), t->arena, &row, &t->verdict, &t->fault),
            VERDICT_DONE);
    assert_null(row.document);
    edit_t foreign = edit_of(t, trial_id(t), 0, "foreign");
    foreign.tenant = t->other;
    VERDICT(t, timetables_save_as(&t->session, &foreign, view_of(accept.id), t->arena, &row, &t->verdict, &t->fault),
            VERDICT_NOT_FOUND);
    timetable_list_t list;
    DO(t, timetables_of(&t->session, t->tenant, view_of(accept.id), t->arena, &list, &t->fault));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.rows[0].class_name, "2B"); /* what was read stands first */
    /* all of the tenant's, newest first, walked one by one */
    const char *cursor = NULL, *after = NULL;
    int count = 0;
    for (;; count++) {
        DO(t, timetables_list(&t->session, t->tenant, cursor, after, 1, 0, t->arena, &list, &t->fault));
        if (!list.count)
            break;
        cursor = list.rows[0].cursor;
        after = list.rows[0].id;
    }
    assert_int_equal(count, 3);
    DO(t, timetables_list(&t->session, t->tenant, NULL, NULL, 10, 1, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 2);
    DO(t, timetables_list(&t->session, t->other, NULL, NULL, 10, 0, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 0);
    VERDICT(t, timetables_get(&t->session, t->other, named.id, t->arena, &row, &t->verdict, &t->fault),
            VERDICT_NOT_FOUND);
}

int test_timetables(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)
    const struct CMUnitTest timetables[] = {TEST(test_put), TEST(test_bad_blocks), TEST(test_save_as)};
    return cmocka_run_group_tests(timetables, trial_begin_group, trial_end_group);
}
