/* Documents: accepted once, found by list and search, deleted with everything; their blobs. */
#include "trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void test_accept(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_upload(t, "week.png");
    accepted_t accepted;
    run_t run;
    accept.name = view_of("Our week");
    accept.options = view_of("{\"languages\": [\"eng\"]}");
    for (int i = 0; i < 2; i++) { /* the second time, as after a commit whose answer was lost, changes nothing */
        DO(t, documents_accept(&t->session, &accept, t->arena, &accepted, &t->fault));
        assert_int_equal(accepted.verdict, VERDICT_DONE);
        assert_string_equal(accepted.id, accept.id);
        assert_null(accepted.reused_from);
    }
    document_row_t row = trial_document(t, &accept);
    assert_string_equal(row.filename, "week.png");
    assert_string_equal(row.file_type, "image");
    assert_int_equal(row.file_size, 1234);
    assert_int_equal(row.status, STATE_UPLOADED);
    assert_string_equal(row.name, "Our week");
    assert_string_equal(row.run, accept.run);
    assert_true(isnan(row.confidence));
    assert_true(row.created_ms > 1700000000000 && row.created_ms <= row.updated_ms);
    VERDICT(t, runs_get(&t->session, accept.run, t->arena, &run, &t->verdict, &t->fault), VERDICT_DONE);
    assert_string_equal(run.document, accept.id);
    assert_string_equal(run.owner, t->owner);
    assert_string_equal(run.route, "classification ocr llm validation");
    assert_int_equal(run.epoch, 1);
    assert_int_equal(run.place, -1);
    assert_null(run.dossier.at);
    assert_string_equal(run.row.filename, "week.png");
}

/* A repetition after the run has ended must not begin it again. */
static void test_accept_after_the_end(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_read(t, "late.png", "2B");
    accepted_t accepted;
    run_t run;
    accept.fresh = true;
    DO(t, documents_accept(&t->session, &accept, t->arena, &accepted, &t->fault));
    VERDICT(t, runs_get(&t->session, accept.run, t->arena, &run, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    assert_int_equal(trial_document(t, &accept).status, STATE_COMPLETED);
    accept.fresh = false; /* nor may it be a copy of itself */
    DO(t, documents_accept(&t->session, &accept, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_ALREADY);
    assert_null(trial_document(t, &accept).reused_from);
}

static void test_idempotency(void **state)
{
    trial_t *t = *state;
    accept_t first = trial_upload(t, "a.png"), second = trial_upload(t, "a.png"), third = trial_upload(t, "b.png");
    accepted_t accepted;
    first.key = second.key = third.key = view_of("key-1");
    first.fingerprint = second.fingerprint = "same";
    third.fingerprint = "different";
    DO(t, documents_accept(&t->session, &first, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_DONE);
    DO(t, documents_accept(&t->session, &second, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_ALREADY);
    assert_string_equal(accepted.id, first.id);
    DO(t, documents_accept(&t->session, &third, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_CONFLICT);
    /* the blobs of those that came to nothing are nobody's, and go */
    sql_rows_t rows = trial_ask(t, "SELECT state FROM blobs WHERE sha256 = '%s'", second.sha256);
    assert_string_equal(sql_cell(&rows, 0, 0), "pending");
    /* another tenant's same key is another key */
    third.tenant = t->other;
    third.sha256 = NULL;
    DO(t, documents_accept(&t->session, &third, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_DONE);
    /* after its time the key is free again */
    DO(t, documents_sweep(&t->session, -1000, &t->fault));
    DO(t, documents_accept(&t->session, &second, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_DONE);
    assert_string_equal(accepted.id, second.id);
}

static accept_t again(trial_t *t, const accept_t *first)
{
    accept_t second = *first;
    second.id = trial_id(t);
    second.run = trial_id(t);
    return second;
}

static void test_reuse(void **state)
{
    trial_t *t = *state;
    accept_t first = trial_accept(t, "week.png"), early = again(t, &first);
    accepted_t accepted;
    DO(t, documents_accept(&t->session, &early, t->arena, &accepted, &t->fault));
    assert_null(accepted.reused_from); /* there is no result yet */
    reading_t reading = trial_reading(t, "2B");
    finish_t finish = trial_finish(t, &first, &reading);
    VERDICT(t, runs_finish(&t->session, &finish, &t->verdict, &t->fault), VERDICT_DONE);
    accept_t same = again(t, &first), other = again(t, &first), fresh = again(t, &first);
    DO(t, documents_accept(&t->session, &same, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_DONE);
    assert_string_equal(accepted.reused_from, first.id);
    assert_int_equal(accepted.status, STATE_COMPLETED);
    document_row_t row = trial_document(t, &same);
    assert_int_equal(row.status, STATE_COMPLETED);
    assert_string_equal(row.reused_from, first.id);
    assert_true(fabs(row.confidence - 0.95) < 1e-9);
    timetable_list_t list;
    DO(t, timetables_of(&t->session, t->tenant, view_of(same.id), t->arena, &list, &t->fault));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.rows[0].class_name, "2B");
    assert_string_not_equal(list.rows[0].id, reading.id);
    view_t dossier;
    VERDICT(t, documents_dossier(&t->session, t->tenant, view_of(same.id), t->arena, &dossier, &t->verdict, &t->fault),
            VERDICT_DONE);
    assert_int_equal(dossier.size, 3);
    assert_memory_equal(dossier.at, "\x81\0\xff", 3);
    other.options_hash = "other";
    DO(t, documents_accept(&t->session, &other, t->arena, &accepted, &t->fault));
    assert_null(accepted.reused_from);
    fresh.fresh = true;
    DO(t, documents_accept(&t->session, &fresh, t->arena, &accepted, &t->fault));
    assert_null(accepted.reused_from);
}

/* What people made of a timetable is theirs; the copy is as it was read. */
static void test_reuse_of_edited(void **state)
{
    trial_t *t = *state;
    accept_t first = trial_read(t, "week.png", "2B"), same = again(t, &first);
    timetable_list_t list;
    timetable_row_t row;
    accepted_t accepted;
    DO(t, timetables_of(&t->session, t->tenant, view_of(first.id), t->arena, &list, &t->fault));
    for (int i = 1; i <= 2; i++) {
        edit_t edit = {.tenant = t->tenant,
                       .id = view_of(list.rows[0].id),
                       .version = i,
                       .edit = trial_id(t),
                       .class_name = view_of("edited"),
                       .timeblocks = view_of("[]"),
                       .validated = true};
        VERDICT(t, timetables_put(&t->session, &edit, t->arena, &row, &t->verdict, &t->fault), VERDICT_DONE);
    }
    DO(t, documents_accept(&t->session, &same, t->arena, &accepted, &t->fault));
    assert_string_equal(accepted.reused_from, first.id);
    DO(t, timetables_of(&t->session, t->tenant, view_of(same.id), t->arena, &list, &t->fault));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.rows[0].class_name, "2B");
    assert_string_equal(list.rows[0].teacher_name, "Ms Ó Súilleabháin");
    assert_int_equal(list.rows[0].year, 2026);
    assert_true(fabs(list.rows[0].confidence - 0.93) < 1e-6);
    assert_non_null(strstr(list.rows[0].timeblocks, "Maths"));
    assert_false(list.rows[0].validated);
    assert_int_equal(list.rows[0].version, 1);
}

/* ---- lists ---- */

static size_t walk(trial_t *t, const char *status, const char *search, size_t most, const char **ids)
{
    document_filter_t filter = {.limit = 3, .status = status, .search = view_of(search)};
    size_t count = 0;
    for (;;) {
        document_list_t list;
        DO(t, documents_list(&t->session, t->tenant, &filter, t->arena, &list, &t->fault));
        for (size_t i = 0; i < list.count; i++, count++) {
            assert_true(count < most);
            ids[count] = list.rows[i].id;
        }
        if (list.count < 3)
            return count;
        filter.cursor = list.rows[list.count - 1].cursor;
        filter.after = list.rows[list.count - 1].id;
    }
}

static void test_list(void **state)
{
    trial_t *t = *state;
    const char *ids[20];
    accept_t accepts[10];
    for (int i = 0; i < 10; i++)
        accepts[i] = i % 3 ? trial_accept(t, "a.png") : trial_read(t, "b.png", "2B");
    /* several of the same moment: the cursor must neither pass one over nor give one twice */
    trial_ask(t,
              "UPDATE documents SET created_at = (SELECT max(created_at) FROM documents WHERE tenant = '%s') WHERE "
              "tenant = '%s' AND id < '%s'",
              t->tenant, t->tenant, accepts[7].id);
    assert_int_equal(walk(t, NULL, NULL, 20, ids), 10);
    for (int i = 0; i < 10; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(ids[i], ids[j]);
    assert_int_equal(walk(t, "completed", NULL, 20, ids), 4);
    assert_int_equal(walk(t, "uploaded", NULL, 20, ids), 6);
    assert_int_equal(walk(t, "failed", NULL, 20, ids), 0);
    document_list_t list;
    document_filter_t filter = {.limit = 4, .offset = 8};
    DO(t, documents_list(&t->session, t->tenant, &filter, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 2);
    DO(t, documents_list(&t->session, t->other, &filter, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 0);
}

static void test_newest_first(void **state)
{
    trial_t *t = *state;
    const char *ids[4];
    accept_t accepts[3];
    for (int i = 0; i < 3; i++) {
        accepts[i] = trial_accept(t, "a.png");
        trial_ask(t, "UPDATE documents SET created_at = '2026-01-0%d 10:00:00' WHERE id = '%s'", 5 - i, accepts[i].id);
    }
    assert_int_equal(walk(t, NULL, NULL, 4, ids), 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(ids[i], accepts[i].id);
}

static void test_search(void **state)
{
    trial_t *t = *state;
    const char *ids[10];
    accept_t first = trial_upload(t, "Música Año 2026.pdf");
    accepted_t accepted;
    first.teacher_name = view_of("Ms O'Neill");
    DO(t, documents_accept(&t->session, &first, t->arena, &accepted, &t->fault));
    trial_read(t, "music room.png", "2B");
    for (int i = 0; i < 5; i++)
        trial_accept(t, "timetable 2026.png");
    assert_int_equal(walk(t, NULL, "musica", 10, ids), 1);
    assert_int_equal(walk(t, NULL, "MUSI", 10, ids), 2);
    assert_int_equal(walk(t, NULL, "mus ano", 10, ids), 1);
    assert_string_equal(ids[0], first.id);
    assert_int_equal(walk(t, NULL, "neill", 10, ids), 1);
    assert_int_equal(walk(t, NULL, "2026", 10, ids), 6);
    assert_int_equal(walk(t, NULL, "2026 timet", 10, ids), 5);
    assert_int_equal(walk(t, "completed", "room", 10, ids), 1);
    assert_int_equal(walk(t, "uploaded", "room", 10, ids), 0);
    assert_int_equal(walk(t, NULL, "2b", 10, ids), 1); /* read off the page */
    assert_int_equal(walk(t, NULL, "suill", 10, ids), 1);
    assert_int_equal(walk(t, NULL, "history", 10, ids), 0);
    assert_int_equal(walk(t, NULL, "%", 10, ids), 0);
    assert_int_equal(walk(t, NULL, "_usic", 10, ids), 0);
}

static void test_bad_cursors(void **state)
{
    trial_t *t = *state;
    static const char *const bad[] = {"",
                                      "yesterday",
                                      "2026-01-01",
                                      "2026-01-01 10:00:00; DROP TABLE documents",
                                      "2026-01-01 10:00:00.12x",
                                      "2026-01-01T10:00:00Z",
                                      "2026-01-01 10:00:00.0000000000000000000000000"};
    document_list_t list;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        document_filter_t filter = {.limit = 1, .cursor = bad[i], .after = "x"};
        REFUSED(t, documents_list(&t->session, t->tenant, &filter, t->arena, &list, &t->fault), FAULT_INPUT);
    }
    document_filter_t half = {.limit = 1, .cursor = "2026-01-01 10:00:00"};
    REFUSED(t, documents_list(&t->session, t->tenant, &half, t->arena, &list, &t->fault), FAULT_INPUT);
    if (!trial_is_postgres(t))
        return;                 /* SQLite compares texts, and finds nothing */
    trial_accept(t, "one.png"); /* or nothing would be compared */
    document_filter_t day = {.limit = 1, .cursor = "2026-99-99 10:00:00", .after = "x"};
    REFUSED(t, documents_list(&t->session, t->tenant, &day, t->arena, &list, &t->fault), FAULT_INPUT);
}

/* ---- deletion and blobs ---- */

static int64_t rows_of(trial_t *t, const char *id)
{
    static const char *const tables[] = {"processing_jobs", "timetables",     "processing_events", "outbox",
                                         "dossiers",        "document_words", "dead_letters",      "feed_tokens"};
    int64_t count = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        sql_rows_t rows = trial_ask(t, "SELECT count(*) FROM %s WHERE document_id = '%s'", tables[i], id);
        count += sql_cell_int(&rows, 0, 0);
    }
    return count;
}

static void test_delete(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_read(t, "week.png", "2B");
    assert_true(rows_of(t, accept.id) >= 4);
    VERDICT(t, documents_delete(&t->session, t->other, view_of(accept.id), &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    assert_true(rows_of(t, accept.id) >= 4);
    VERDICT(t, documents_delete(&t->session, t->tenant, view_of(accept.id), &t->verdict, &t->fault), VERDICT_DONE);
    assert_int_equal(rows_of(t, accept.id), 0);
    VERDICT(t, documents_delete(&t->session, t->tenant, view_of(accept.id), &t->verdict, &t->fault), VERDICT_NOT_FOUND);
}

static void end_hold(trial_t *t, const char *sha256)
{
    trial_ask(t, "UPDATE blobs SET held_until = '2020-01-01 00:00:00' WHERE sha256 = '%s'", sha256);
}

/* How many of this tenant's are to be removed; all tenants' are taken. */
static size_t doomed(trial_t *t)
{
    doomed_list_t list;
    size_t ours = 0;
    DO(t, holds_doomed(&t->session, 60000, 1000, t->arena, &list, &t->fault));
    for (size_t i = 0; i < list.count; i++)
        ours += strcmp(list.rows[i].tenant, t->tenant) == 0;
    return ours;
}

static verdict_t hold(trial_t *t, const char *sha256, hold_t *got)
{
    DO(t, holds_take(&t->session, t->tenant, sha256, 1234, 60000, trial_id(t), t->arena, got, &t->verdict, &t->fault));
    return t->verdict;
}

static void test_blob_of_two(void **state)
{
    trial_t *t = *state;
    accept_t first = trial_accept(t, "week.png"), second = again(t, &first), third = again(t, &first);
    accepted_t accepted;
    hold_t got;
    DO(t, documents_accept(&t->session, &second, t->arena, &accepted, &t->fault));
    end_hold(t, first.sha256);
    VERDICT(t, documents_delete(&t->session, t->tenant, view_of(first.id), &t->verdict, &t->fault), VERDICT_DONE);
    assert_int_equal(doomed(t), 0);
    assert_int_equal(hold(t, first.sha256, &got), VERDICT_DONE);
    assert_true(got.present);
    end_hold(t, first.sha256);
    VERDICT(t, documents_delete(&t->session, t->tenant, view_of(second.id), &t->verdict, &t->fault), VERDICT_DONE);
    /* marked: an upload that meets the mark waits, and one that had put the object before must put it again */
    assert_int_equal(hold(t, first.sha256, &got), VERDICT_BLOB_AWAY);
    DO(t, documents_accept(&t->session, &third, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_BLOB_AWAY);
    assert_int_equal(doomed(t), 1);
    assert_int_equal(doomed(t), 0); /* somebody is at it */
    DO(t, holds_forget(&t->session, t->tenant, first.sha256, &t->fault));
    assert_int_equal(hold(t, first.sha256, &got), VERDICT_DONE);
    assert_false(got.present);
    assert_string_not_equal(got.birth, first.birth);
    DO(t, documents_accept(&t->session, &third, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_BLOB_AWAY); /* its object went in between */
    third.birth = got.birth;
    DO(t, documents_accept(&t->session, &third, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_DONE);
}

static void test_blob_without_document(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_upload(t, "never.png");
    accepted_t accepted;
    assert_int_equal(doomed(t), 0); /* it is held */
    end_hold(t, accept.sha256);
    assert_int_equal(doomed(t), 1);
    DO(t, documents_accept(&t->session, &accept, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_BLOB_AWAY);
    DO(t, holds_forget(&t->session, t->tenant, accept.sha256, &t->fault));
    DO(t, documents_accept(&t->session, &accept, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_BLOB_AWAY);
}

/* What could not be removed is there again when it has rested. */
static void test_blob_spared(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_upload(t, "never.png");
    doomed_t one = {t->tenant, accept.sha256, accept.file_size};
    end_hold(t, accept.sha256);
    assert_int_equal(doomed(t), 1);
    DO(t, holds_spare(&t->session, &one, 60000, &t->fault));
    assert_int_equal(doomed(t), 0);
    DO(t, holds_spare(&t->session, &one, -1, &t->fault));
    assert_int_equal(doomed(t), 1);
    one.sha256 = trial_accept(t, "kept.png").sha256;
    DO(t, holds_spare(&t->session, &one, -1, &t->fault)); /* not in anybody's hands: nothing happens */
    assert_int_equal(doomed(t), 0);
}

/* Objects that no row knows are found among those that are known, and are somebody's to remove, once. */
static void test_blob_strays(void **state)
{
    trial_t *t = *state;
    const char *known = trial_accept(t, "week.png").sha256;
    char stray[65];
    doomed_list_t list;
    hold_t got;
    memset(stray, 'e', 64);
    stray[64] = 0;
    view_t keys = view_of(arena_format(t->arena, "[\"%s/%s\",\"%s/%s\"]", t->tenant, known, t->tenant, stray));
    DO(t, holds_strays(&t->session, keys, 60000, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.rows[0].tenant, t->tenant);
    assert_string_equal(list.rows[0].sha256, stray);
    assert_int_equal(hold(t, stray, &got), VERDICT_BLOB_AWAY); /* it is being removed */
    DO(t, holds_strays(&t->session, keys, 60000, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 0);
    DO(t, holds_forget(&t->session, t->tenant, stray, &t->fault));
    assert_int_equal(hold(t, stray, &got), VERDICT_DONE);
    assert_false(got.present);
}

/* A document that goes while its bytes are being uploaded again leaves them. */
static void test_blob_held_at_deletion(void **state)
{
    trial_t *t = *state;
    accept_t first = trial_accept(t, "week.png"), second = again(t, &first);
    accepted_t accepted;
    hold_t got;
    assert_int_equal(hold(t, first.sha256, &got), VERDICT_DONE);
    assert_true(got.present);
    VERDICT(t, documents_delete(&t->session, t->tenant, view_of(first.id), &t->verdict, &t->fault), VERDICT_DONE);
    assert_int_equal(doomed(t), 0);
    DO(t, documents_accept(&t->session, &second, t->arena, &accepted, &t->fault));
    assert_int_equal(accepted.verdict, VERDICT_DONE);
    end_hold(t, first.sha256);
    assert_int_equal(doomed(t), 0);
    /* and the schema itself does not let it go */
    database_t *database = t->session.database;
    char text[200];
    snprintf(text, sizeof text, "DELETE FROM blobs WHERE sha256 = '%s'", first.sha256);
    assert_int_equal(database->driver->script(database, text, &t->fault), -1);
    assert_non_null(strstr(t->fault.text, "documents_blob_fkey"));
}

int test_documents(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)
    const struct CMUnitTest documents[] = {
        TEST(test_accept),
        TEST(test_accept_after_the_end),
        TEST(test_idempotency),
        TEST(test_reuse),
        TEST(test_reuse_of_edited),
        TEST(test_list),
        TEST(test_newest_first),
        TEST(test_search),
        TEST(test_bad_cursors),
        TEST(test_delete),
        TEST(test_blob_of_two),
        TEST(test_blob_without_document),
        TEST(test_blob_held_at_deletion),
        TEST(test_blob_spared),
        TEST(test_blob_strays),
    };
    return cmocka_run_group_tests(documents, trial_begin_group, trial_end_group);
}
