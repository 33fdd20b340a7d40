/* Pictures of pages: one for a page and its layers, kept with its blob as long as it is somebody's. */
#include "gateway/store/pictures.h"
#include "trial.h"

#include <stdio.h>
#include <stdlib.h>

/* A digest of its own for each letter, which differs from test to test. */
static const char *digest_of(trial_t *t, char letter)
{
    return arena_format(t->arena, "%.32s%c%031d", t->tenant, letter, 0);
}

static picture_place_t place_of(trial_t *t, const accept_t *accept, int page, unsigned layers)
{
    return (picture_place_t){t->tenant, view_of(accept->id), page, layers};
}

/* Holds a blob and puts it in as the picture; the verdict of the second. */
static verdict_t put(trial_t *t, const picture_place_t *place, const char *print, const char *sha256)
{
    hold_t hold;
    picture_row_t row = {.print = print, .sha256 = sha256, .bytes = 7};
    VERDICT(t,
            holds_take(&t->session, t->tenant, sha256, 7, 60000, trial_id(t), t->arena, &hold, &t->verdict, &t->fault),
            VERDICT_DONE);
    DO(t, pictures_put(&t->session, place, &row, hold.birth, &t->verdict, &t->fault));
    return t->verdict;
}

static picture_row_t get(trial_t *t, const picture_place_t *place)
{
    picture_row_t row;
    VERDICT(t, pictures_get(&t->session, place, t->arena, &row, &t->verdict, &t->fault), VERDICT_DONE);
    return row;
}

/* "present", or "" where there is no such blob. */
static const char *state_of(trial_t *t, const char *sha256)
{
    sql_rows_t rows = trial_ask(t, "SELECT state FROM blobs WHERE tenant = '%s' AND sha256 = '%s'", t->tenant, sha256);
    return rows.rows ? sql_cell(&rows, 0, 0) : "";
}

static void end_hold(trial_t *t, const char *sha256)
{
    trial_ask(t, "UPDATE blobs SET held_until = '2020-01-01 00:00:00' WHERE sha256 = '%s'", sha256);
}

static void test_put_and_get(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    picture_place_t place = place_of(t, &accept, 2, 5), other = place_of(t, &accept, 2, 4);
    picture_row_t row;
    VERDICT(t, pictures_get(&t->session, &place, t->arena, &row, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    accept = trial_read(t, "week.png", "2B");
    place = place_of(t, &accept, 2, 5), other = place_of(t, &accept, 2, 4);
    row = get(t, &place);
    assert_string_equal(row.run, accept.run); /* it has been read, and nothing was drawn */
    assert_null(row.print);
    assert_int_equal(put(t, &place, "first", digest_of(t, 'a')), VERDICT_DONE);
    row = get(t, &place);
    assert_string_equal(row.print, "first");
    assert_string_equal(row.sha256, digest_of(t, 'a'));
    assert_int_equal(row.bytes, 7);
    assert_string_equal(state_of(t, digest_of(t, 'a')), "present");
    assert_null(get(t, &other).print);
    place.tenant = t->other;
    VERDICT(t, pictures_get(&t->session, &place, t->arena, &row, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    VERDICT(t, pictures_put(&t->session, &place, &row, "x", &t->verdict, &t->fault), VERDICT_NOT_FOUND);
}

/* The next picture takes the place of the one before, whose blob goes when nobody else has it. */
static void test_replace(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_read(t, "week.png", "2B");
    picture_place_t one = place_of(t, &accept, 1, 5), two = place_of(t, &accept, 2, 5);
    const char *first = digest_of(t, 'a'), *second = digest_of(t, 'b');
    assert_int_equal(put(t, &one, "v1", first), VERDICT_DONE);
    assert_int_equal(put(t, &two, "v1", first), VERDICT_DONE);
    assert_int_equal(put(t, &one, "v2", second), VERDICT_DONE);
    assert_string_equal(get(t, &one).print, "v2");
    assert_string_equal(state_of(t, first), "present"); /* the other page's */
    assert_int_equal(put(t, &two, "v2", second), VERDICT_DONE);
    assert_string_equal(state_of(t, first), "pending"); /* held for a moment yet */
    assert_int_equal(put(t, &two, "v3", second), VERDICT_DONE);
    assert_string_equal(get(t, &two).print, "v3"); /* it looks the same */
    assert_string_equal(state_of(t, second), "present");
    end_hold(t, second);
    assert_int_equal(put(t, &one, "v4", first), VERDICT_DONE);
    end_hold(t, second);
    assert_int_equal(put(t, &two, "v4", first), VERDICT_DONE);
    assert_string_equal(state_of(t, second), "deleting");
}

/* An object that was removed between its hold and now is not relied on. */
static void test_blob_away(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_read(t, "week.png", "2B");
    picture_place_t place = place_of(t, &accept, 1, 0);
    picture_row_t row = {.print = "p", .sha256 = digest_of(t, 'a'), .bytes = 7};
    hold_t hold;
    VERDICT(
        t,
        holds_take(&t->session, t->tenant, row.sha256, 7, 60000, trial_id(t), t->arena, &hold, &t->verdict, &t->fault),
        VERDICT_DONE);
    VERDICT(t, pictures_put(&t->session, &place, &row, trial_id(t), &t->verdict, &t->fault), VERDICT_BLOB_AWAY);
    trial_ask(t, "UPDATE blobs SET state = 'deleting' WHERE sha256 = '%s'", row.sha256);
    VERDICT(t, pictures_put(&t->session, &place, &row, hold.birth, &t->verdict, &t->fault), VERDICT_BLOB_AWAY);
    assert_null(get(t, &place).print);
}

/* With a document go its pictures; a blob that a document or another's picture has as well stays. */
static void test_delete(void **state)
{
    trial_t *t = *state;
    accept_t one = trial_read(t, "a.png", "2B"), two = trial_read(t, "b.png", "2B");
    picture_place_t of_one = place_of(t, &one, 1, 0), of_two = place_of(t, &two, 1, 0), more = place_of(t, &one, 2, 0);
    const char *shared = digest_of(t, 'a'), *own = digest_of(t, 'b');
    assert_int_equal(put(t, &of_one, "p", shared), VERDICT_DONE);
    assert_int_equal(put(t, &of_two, "p", shared), VERDICT_DONE);
    assert_int_equal(put(t, &more, "p", own), VERDICT_DONE);
    picture_place_t same = place_of(t, &two, 3, 0);
    assert_int_equal(put(t, &same, "p", one.sha256), VERDICT_DONE); /* it looks like somebody's document */
    end_hold(t, shared);
    end_hold(t, own);
    end_hold(t, one.sha256);
    /* the schema itself does not let them go */
    database_t *database = t->session.database;
    assert_int_equal(database->driver->script(
                         database, arena_format(t->arena, "DELETE FROM blobs WHERE sha256 = '%s'", own), &t->fault),
                     -1);
    assert_non_null(strstr(t->fault.text, trial_is_postgres(t) ? "pictures_blob_fkey" : "FOREIGN KEY"));
    VERDICT(t, documents_delete(&t->session, t->tenant, view_of(one.id), &t->verdict, &t->fault), VERDICT_DONE);
    assert_string_equal(state_of(t, shared), "present");
    assert_string_equal(state_of(t, own), "deleting");
    assert_string_equal(state_of(t, one.sha256), "present");
    picture_row_t row = {.print = "p", .sha256 = shared, .bytes = 7};
    VERDICT(t, pictures_put(&t->session, &of_one, &row, "x", &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    VERDICT(t, documents_delete(&t->session, t->tenant, view_of(two.id), &t->verdict, &t->fault), VERDICT_DONE);
    assert_string_equal(state_of(t, shared), "deleting");
    assert_string_equal(state_of(t, one.sha256), "deleting");
    sql_rows_t rows = trial_ask(t, "SELECT count(*) FROM pictures WHERE tenant = '%s'", t->tenant);
    assert_string_equal(sql_cell(&rows, 0, 0), "0");
}

static void test_sweep(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_read(t, "week.png", "2B");
    picture_place_t old = place_of(t, &accept, 1, 0), young = place_of(t, &accept, 2, 0);
    int64_t forgotten;
    assert_int_equal(put(t, &old, "p", digest_of(t, 'a')), VERDICT_DONE);
    assert_int_equal(put(t, &young, "p", digest_of(t, 'b')), VERDICT_DONE);
    trial_ask(t, "UPDATE pictures SET created_at = '2020-01-01 00:00:00' WHERE document_id = '%s' AND page = 1",
              accept.id);
    end_hold(t, digest_of(t, 'a'));
    DO(t, pictures_sweep(&t->session, 3600000, &forgotten, &t->fault));
    assert_int_equal(forgotten, 1);
    assert_null(get(t, &old).print);
    assert_string_equal(get(t, &young).print, "p");
    assert_string_equal(state_of(t, digest_of(t, 'a')), "deleting");
    DO(t, pictures_sweep(&t->session, 3600000, &forgotten, &t->fault));
    assert_int_equal(forgotten, 0);
}

int test_pictures(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)
    const struct CMUnitTest pictures[] = {
        TEST(test_put_and_get), TEST(test_replace), TEST(test_blob_away), TEST(test_delete), TEST(test_sweep),
    };
    return cmocka_run_group_tests(pictures, trial_begin_group, trial_end_group);
}
