/* Runs: recorded stage by stage, ended exactly once, taken over when their owner dies, called off when nobody wants
 * them. */
#include "trial.h"

#include <ctype.h>
#include <math.h>

static verdict_t finish(trial_t *t, const finish_t *finish)
{
    DO(t, runs_finish(&t->session, finish, &t->verdict, &t->fault));
    return t->verdict;
}

static record_t record_of(trial_t *t, const accept_t *accept, const char *stage, int place, const char *dossier)
{
    return (record_t){.id = trial_id(t),
                      .run = accept->run,
                      .epoch = 1,
                      .stage = stage,
                      .status = "completed",
                      .place = place,
                      .confidence = 0.5,
                      .result = view_of("{\"kind\": \"image\"}"),
                      .dossier = view_of(dossier),
                      .attempt = 1,
                      .begins = true};
}

static stage_list_t stages(trial_t *t, const accept_t *accept)
{
    stage_list_t list;
    DO(t, documents_stages(&t->session, t->tenant, view_of(accept->id), t->arena, &list, &t->fault));
    return list;
}

static run_t run_of(trial_t *t, const char *run, verdict_t expected)
{
    run_t got;
    VERDICT(t, runs_get(&t->session, run, t->arena, &got, &t->verdict, &t->fault), expected);
    return got;
}

static void test_record(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    event_t event = {.type = "progress", .step = "ocr", .percentage = 50};
    record_t first = record_of(t, &accept, "classification", 0, "one"), second = record_of(t, &accept, "ocr", 1, "two");
    record_t repeated = record_of(t, &accept, "ocr", 1, "other");
    second.event = &event;
    second.crashes = 1;
    repeated.result = view_of("{\"kind\": \"other\"}");
    DO(t, runs_record(&t->session, &first, &t->fault));
    assert_int_equal(trial_document(t, &accept).status, STATE_PROCESSING);
    DO(t, runs_record(&t->session, &second, &t->fault));
    DO(t, runs_record(&t->session, &repeated, &t->fault)); /* the first one wins */
    DO(t, runs_record(&t->session, &first, &t->fault));    /* one that is late does not lead back */
    stage_list_t list = stages(t, &accept);
    assert_int_equal(list.count, 2);
    const stage_row_t *ocr = strcmp(list.rows[0].stage, "ocr") == 0 ? &list.rows[0] : &list.rows[1];
    assert_string_equal(ocr->stage, "ocr");
    assert_string_equal(list.rows[list.rows == ocr].stage, "classification");
    assert_non_null(strstr(ocr->result, "image"));
    assert_true(fabs(ocr->confidence - 0.5) < 1e-9);
    run_t run = run_of(t, accept.run, VERDICT_DONE);
    assert_string_equal(run.stage, "ocr");
    assert_int_equal(run.place, 1);
    assert_int_equal(run.crashes, 1);
    assert_int_equal(run.dossier.size, 3);
    assert_memory_equal(run.dossier.at, "two", 3);
    /* a stage that leaves nothing to go on from is kept, and the run goes on from where it was */
    record_t third = record_of(t, &accept, "llm", 2, NULL);
    third.crashes = 2;
    DO(t, runs_record(&t->session, &third, &t->fault));
    assert_int_equal(stages(t, &accept).count, 3);
    run = run_of(t, accept.run, VERDICT_DONE);
    assert_string_equal(run.stage, "ocr");
    assert_memory_equal(run.dossier.at, "two", 3);
    assert_int_equal(run.crashes, 2);
    event_list_t events;
    DO(t, events_after(&t->session, t->tenant, view_of(accept.id), 0, 100, t->arena, &events, &t->fault));
    assert_int_equal(events.count, 1);
    assert_string_equal(events.rows[0].step, "ocr");
}

/* Several stages in one go, and the rest with the end: each once, in their order, and the run goes on from the one that
 * left something. */
static void test_records_together(void **state)
{
    static const char *const names[] = {"classification", "ocr", "llm", "validation"};
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    record_t all[4];
    event_t events[4];
    for (int i = 0; i < 4; i++) {
        events[i] = (event_t){.type = "progress", .step = names[i], .percentage = 20 * (i + 1)};
        all[i] = record_of(t, &accept, names[i], i, i == 1 ? "two" : NULL);
        all[i].attempt = i + 1;
        all[i].event = &events[i];
        all[i].before = i ? &all[i - 1] : NULL;
    }
    all[0].confidence = NAN;
    all[1].message = view_of("says \"it\"\n\xc3\xa9");
    DO(t, runs_record(&t->session, &all[2], &t->fault));
    assert_int_equal(trial_document(t, &accept).status, STATE_PROCESSING);
    run_t run = run_of(t, accept.run, VERDICT_DONE);
    assert_string_equal(run.stage, "ocr");
    assert_int_equal(run.attempt, 3);
    assert_memory_equal(run.dossier.at, "two", 3);
    reading_t reading = trial_reading(t, "2B");
    finish_t end = trial_finish(t, &accept, &reading);
    end.record = &all[3]; /* with those that are there, as after a take-over */
    end.event.message = view_of("done");
    assert_int_equal(finish(t, &end), VERDICT_DONE);
    stage_list_t list = stages(t, &accept);
    assert_int_equal(list.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const stage_row_t *row = &list.rows[i];
        size_t place = 0;
        while (place < 3 && strcmp(row->stage, names[place]) != 0)
            place++;
        assert_string_equal(row->stage, names[place]);
        assert_int_equal(row->attempt, place + 1);
        assert_non_null(strstr(row->result, "image"));
        if (place == 0)
            assert_true(isnan(row->confidence));
        if (place == 1)
            assert_string_equal(row->message, "says \"it\"\n\xc3\xa9");
        else
            assert_null(row->message);
    }
    event_list_t told;
    DO(t, events_after(&t->session, t->tenant, view_of(accept.id), 0, 100, t->arena, &told, &t->fault));
    assert_int_equal(told.count, 8); /* three, and all four again before the end */
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(told.rows[i].step, names[i < 3 ? i : i - 3]);
    assert_string_equal(told.rows[7].message, "done");
    /* a text that is none is refused, whatever goes along with it */
    accept_t other = trial_accept(t, "other.png");
    record_t good = record_of(t, &other, "ocr", 1, "two"), bad = record_of(t, &other, "llm", 2, NULL);
    bad.message = (view_t){"a\0b", 3};
    bad.before = &good;
    assert_int_equal(runs_record(&t->session, &bad, &t->fault), -1);
    assert_int_equal(t->fault.code, FAULT_INPUT);
}

static void test_stale_record(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png"), gone = trial_read(t, "gone.png", "2B");
    record_t old = record_of(t, &accept, "ocr", 1, "two"), late = record_of(t, &gone, "ocr", 1, "two");
    old.epoch = 2;
    DO(t, runs_record(&t->session, &old, &t->fault));
    DO(t, runs_record(&t->session, &late, &t->fault));
    assert_int_equal(stages(t, &accept).count, 0);
    assert_int_equal(stages(t, &gone).count, 0);
    assert_int_equal(trial_document(t, &accept).status, STATE_UPLOADED);
    assert_int_equal(trial_document(t, &gone).status, STATE_COMPLETED);
    VERDICT(t, documents_delete(&t->session, t->tenant, view_of(accept.id), &t->verdict, &t->fault), VERDICT_DONE);
    DO(t, runs_record(&t->session, &old, &t->fault));
}

static void test_finish_once(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    reading_t readings[] = {trial_reading(t, "2B"), trial_reading(t, "3C")};
    record_t record = record_of(t, &accept, "validation", 3, "all");
    finish_t end = trial_finish(t, &accept, readings);
    end.count = 2;
    end.record = &record;
    end.status = STATE_NEEDS_REVIEW;
    assert_int_equal(finish(t, &end), VERDICT_DONE);
    readings[0].id = trial_id(t);
    readings[1].id = trial_id(t);
    end.status = STATE_FAILED;
    assert_int_equal(finish(t, &end), VERDICT_STALE);
    document_row_t row = trial_document(t, &accept);
    assert_int_equal(row.status, STATE_NEEDS_REVIEW);
    assert_int_equal(row.pages, 2);
    assert_true(fabs(row.confidence - 0.95) < 1e-9);
    assert_int_equal(stages(t, &accept).count, 1);
    timetable_list_t list;
    DO(t, timetables_of(&t->session, t->tenant, view_of(accept.id), t->arena, &list, &t->fault));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.rows[0].class_name, "2B");
    assert_string_equal(list.rows[1].class_name, "3C");
    assert_int_equal(list.rows[1].position, 1);
    letter_list_t letters;
    DO(t, letters_list(&t->session, t->tenant, NULL, NULL, 10, t->arena, &letters, &t->fault));
    assert_int_equal(letters.count, 0);
    run_of(t, accept.run, VERDICT_NOT_FOUND);
}

static retry_t retry_of(trial_t *t, const accept_t *accept)
{
    return (retry_t){.tenant = t->tenant,
                     .document = view_of(accept->id),
                     .run = trial_id(t),
                     .owner = t->owner,
                     .route = "ocr llm validation",
                     .attempts = 5,
                     .place = -1};
}

static verdict_t retry(trial_t *t, const retry_t *wish)
{
    DO(t, runs_retry(&t->session, wish, &t->verdict, &t->fault));
    return t->verdict;
}

static void test_dead_letter(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "broken.pdf");
    finish_t end = trial_finish(t, &accept, NULL);
    letter_list_t list;
    letter_row_t letter;
    end.status = STATE_FAILED;
    end.error = "damaged";
    end.message = view_of("the PDF has no end");
    end.stage = "classification";
    end.attempts = 3;
    assert_int_equal(finish(t, &end), VERDICT_DONE);
    document_row_t row = trial_document(t, &accept);
    assert_int_equal(row.status, STATE_FAILED);
    assert_string_equal(row.error, "damaged");
    assert_string_equal(row.error_message, "the PDF has no end");
    DO(t, letters_list(&t->session, t->tenant, NULL, NULL, 10, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.rows[0].document, accept.id);
    assert_string_equal(list.rows[0].error, "damaged");
    assert_int_equal(list.rows[0].attempts, 3);
    assert_non_null(strstr(list.rows[0].inputs, "broken.pdf"));
    assert_non_null(strstr(list.rows[0].inputs, "classification ocr llm validation"));
    VERDICT(t, letters_get(&t->session, t->tenant, view_of(accept.run), t->arena, &letter, &t->verdict, &t->fault),
            VERDICT_DONE);
    VERDICT(t, letters_get(&t->session, t->other, view_of(accept.run), t->arena, &letter, &t->verdict, &t->fault),
            VERDICT_NOT_FOUND);
    retry_t wish = retry_of(t, &accept);
    assert_int_equal(retry(t, &wish), VERDICT_DONE);
    DO(t, letters_list(&t->session, t->tenant, NULL, NULL, 10, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 0);
    row = trial_document(t, &accept);
    assert_int_equal(row.status, STATE_UPLOADED);
    assert_null(row.error);
}

static size_t called_off(trial_t *t, const char *run)
{
    run_names_t names;
    size_t count = 0;
    DO(t, runs_called_off(&t->session, t->owner, t->arena, &names, &t->fault));
    for (size_t i = 0; i < names.count; i++)
        count += strcmp(names.runs[i], run) == 0;
    return count;
}

static void test_retry(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    retry_t wish = retry_of(t, &accept), foreign = retry_of(t, &accept), unknown = retry_of(t, &accept);
    wish.options = view_of("{\"engine\": \"rules\"}");
    wish.options_hash = "rules";
    wish.stage = "classification";
    wish.place = 0;
    wish.dossier = view_of("so far");
    foreign.tenant = t->other;
    unknown.document = view_of("nothing");
    assert_int_equal(retry(t, &foreign), VERDICT_NOT_FOUND);
    assert_int_equal(retry(t, &unknown), VERDICT_NOT_FOUND);
    run_of(t, accept.run, VERDICT_DONE);
    assert_int_equal(retry(t, &wish), VERDICT_DONE); /* the run under way is superseded, and its owner told once */
    assert_int_equal(retry(t, &wish), VERDICT_ALREADY);
    run_of(t, accept.run, VERDICT_NOT_FOUND);
    assert_int_equal(called_off(t, accept.run), 1);
    assert_int_equal(called_off(t, accept.run), 0);
    run_t run = run_of(t, wish.run, VERDICT_DONE);
    assert_string_equal(run.stage, "classification");
    assert_int_equal(run.attempts, 5);
    assert_memory_equal(run.dossier.at, "so far", 6);
    assert_non_null(strstr(run.row.options, "rules"));
    finish_t end = trial_finish(t, &accept, NULL);
    assert_int_equal(finish(t, &end), VERDICT_STALE);
    end.run = wish.run;
    assert_int_equal(finish(t, &end), VERDICT_DONE);
    assert_int_equal(retry(t, &wish), VERDICT_ALREADY); /* also after its end */
    assert_int_equal(trial_document(t, &accept).status, STATE_COMPLETED);
}

static void test_rerun(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    reading_t first[] = {trial_reading(t, "2B"), trial_reading(t, "3C"), trial_reading(t, "4D")};
    finish_t end = trial_finish(t, &accept, first);
    timetable_list_t list;
    timetable_row_t row;
    end.count = 3;
    assert_int_equal(finish(t, &end), VERDICT_DONE);
    DO(t, timetables_of(&t->session, t->tenant, view_of(accept.id), t->arena, &list, &t->fault));
    edit_t approve = {.tenant = t->tenant,
                      .id = view_of(list.rows[1].id),
                      .version = 1,
                      .edit = trial_id(t),
                      .class_name = view_of("approved"),
                      .timeblocks = view_of("[]"),
                      .validated = true};
    VERDICT(t, timetables_put(&t->session, &approve, t->arena, &row, &t->verdict, &t->fault), VERDICT_DONE);
    retry_t wish = retry_of(t, &accept);
    reading_t second[] = {trial_reading(t, "new 2B"), trial_reading(t, "new 3C")};
    assert_int_equal(retry(t, &wish), VERDICT_DONE);
    end.run = wish.run;
    end.readings = second;
    end.count = 2;
    assert_int_equal(finish(t, &end), VERDICT_DONE);
    DO(t, timetables_of(&t->session, t->tenant, view_of(accept.id), t->arena, &list, &t->fault));
    assert_int_equal(list.count, 2); /* the third is not read any more */
    assert_string_equal(list.rows[0].class_name, "new 2B");
    assert_string_equal(list.rows[0].id, first[0].id);
    assert_int_equal(list.rows[0].version, 2);
    assert_string_equal(list.rows[1].class_name, "approved"); /* what somebody has approved stays */
    assert_int_equal(list.rows[1].version, 2);
    version_list_t versions;
    DO(t, timetables_versions(&t->session, t->tenant, view_of(first[0].id), 10, t->arena, &versions, &t->fault));
    assert_int_equal(versions.count, 1);
    assert_non_null(strstr(versions.rows[0].content, "2B"));
    /* a run that fails leaves what was read before */
    wish = retry_of(t, &accept);
    assert_int_equal(retry(t, &wish), VERDICT_DONE);
    end.run = wish.run;
    end.status = STATE_FAILED;
    end.count = 0;
    assert_int_equal(finish(t, &end), VERDICT_DONE);
    DO(t, timetables_of(&t->session, t->tenant, view_of(accept.id), t->arena, &list, &t->fault));
    assert_int_equal(list.count, 2);
}

/* ---- leases ---- */

static size_t take(trial_t *t, const char *owner, const char *run, int64_t *epoch)
{
    run_taken_list_t list;
    size_t count = 0;
    do {
        DO(t, runs_take(&t->session, owner, t->arena, &list, &t->fault));
        for (size_t i = 0; i < list.count; i++)
            if (strcmp(list.rows[i].run, run) == 0) {
                *epoch = list.rows[i].epoch;
                count++;
            }
    } while (list.count);
    return count;
}

static void test_take_over(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    const char *second = trial_id(t), *third = trial_id(t);
    int64_t epoch = 0;
    DO(t, runs_hold(&t->session, second, 60000, &t->fault));
    DO(t, runs_hold(&t->session, third, 60000, &t->fault));
    assert_int_equal(take(t, second, accept.run, &epoch), 0);
    DO(t, runs_hold(&t->session, t->owner, -1, &t->fault)); /* it expires, by the database's clock */
    assert_int_equal(take(t, second, accept.run, &epoch), 1);
    assert_int_equal(epoch, 2);
    assert_int_equal(take(t, third, accept.run, &epoch), 0);
    /* the first one comes back, and what it has in hand is not its own any more */
    DO(t, runs_hold(&t->session, t->owner, 60000, &t->fault));
    finish_t end = trial_finish(t, &accept, NULL);
    record_t record = record_of(t, &accept, "ocr", 1, "two");
    DO(t, runs_record(&t->session, &record, &t->fault));
    assert_int_equal(stages(t, &accept).count, 0);
    assert_int_equal(finish(t, &end), VERDICT_STALE);
    VERDICT(t, runs_raise(&t->session, accept.run, t->owner, 3, &t->verdict, &t->fault), VERDICT_STALE);
    /* the second one moves it to another broker, and then ends in order */
    VERDICT(t, runs_raise(&t->session, accept.run, second, 3, &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, runs_raise(&t->session, accept.run, second, 3, &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, runs_raise(&t->session, accept.run, second, 2, &t->verdict, &t->fault), VERDICT_STALE);
    DO(t, runs_count(&t->session, accept.run, 3, 2, 1, 4, &t->fault));
    DO(t, runs_count(&t->session, accept.run, 2, 9, 9, 9, &t->fault));
    DO(t, runs_leave(&t->session, second, &t->fault));
    assert_int_equal(take(t, third, accept.run, &epoch), 1);
    assert_int_equal(epoch, 4);
    run_t run = run_of(t, accept.run, VERDICT_DONE);
    assert_int_equal(run.attempt, 2);
    assert_int_equal(run.crashes, 1);
    assert_int_equal(run.losses, 4);
    end.epoch = 4;
    assert_int_equal(finish(t, &end), VERDICT_DONE);
}

/* What an owner has, whether it was told or not, and nobody else's. */
static void test_mine(void **state)
{
    enum { COUNT = 5 };
    trial_t *t = *state;
    const char *runs[COUNT], *next = trial_id(t);
    run_taken_list_t list;
    size_t found = 0;
    int64_t epoch;
    for (int i = 0; i < COUNT; i++)
        runs[i] = trial_accept(t, "week.png").run;
    const char *ended = trial_read(t, "ended.png", "2B").run;
    for (const char *after = ""; after; after = list.count ? list.rows[list.count - 1].run : NULL) {
        DO(t, runs_mine(&t->session, t->owner, after, 2, t->arena, &list, &t->fault));
        for (size_t i = 0; i < list.count; i++, found++) {
            bool known = false;
            for (int j = 0; j < COUNT; j++)
                known = known || strcmp(list.rows[i].run, runs[j]) == 0;
            assert_true(known);
            assert_string_not_equal(list.rows[i].run, ended);
            assert_string_equal(list.rows[i].tenant, t->tenant);
            assert_int_equal(list.rows[i].epoch, 1);
        }
    }
    assert_int_equal(found, COUNT);
    DO(t, runs_hold(&t->session, t->owner, -1, &t->fault));
    DO(t, runs_hold(&t->session, next, 60000, &t->fault));
    assert_int_equal(take(t, next, runs[0], &epoch), 1);
    DO(t, runs_mine(&t->session, t->owner, "", 100, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 0);
    DO(t, runs_mine(&t->session, next, "", 100, t->arena, &list, &t->fault));
    assert_true(list.count >= COUNT);
    assert_int_equal(list.rows[0].epoch, 2);
}

/* An owner that is remembered by a run is not swept, however long it is gone; one that is not, is. */
static void test_owner_sweep(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    const char *idle = trial_id(t), *next = trial_id(t);
    int64_t epoch;
    DO(t, runs_hold(&t->session, t->owner, -100000, &t->fault));
    DO(t, runs_hold(&t->session, idle, -100000, &t->fault));
    DO(t, runs_hold(&t->session, next, 60000, &t->fault));
    DO(t, runs_sweep(&t->session, 50000, &t->fault));
    sql_rows_t rows = trial_ask(t, "SELECT count(*) FROM owners WHERE id IN ('%s', '%s')", idle, t->owner);
    assert_int_equal(sql_cell_int(&rows, 0, 0), 1);
    assert_int_equal(take(t, next, accept.run, &epoch), 1);
}

static void test_cancel(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png"), done = trial_read(t, "done.png", "2B");
    view_t id = view_of(accept.id);
    VERDICT(t, runs_cancel(&t->session, t->other, id, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    run_of(t, accept.run, VERDICT_DONE);
    VERDICT(t, runs_cancel(&t->session, t->tenant, id, &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, runs_cancel(&t->session, t->tenant, id, &t->verdict, &t->fault), VERDICT_ALREADY);
    assert_int_equal(trial_document(t, &accept).status, STATE_CANCELLED);
    assert_int_equal(called_off(t, accept.run), 1);
    finish_t end = trial_finish(t, &accept, NULL);
    assert_int_equal(finish(t, &end), VERDICT_STALE);
    VERDICT(t, runs_cancel(&t->session, t->tenant, view_of(done.id), &t->verdict, &t->fault), VERDICT_ILLEGAL);
    assert_int_equal(trial_document(t, &done).status, STATE_COMPLETED);
    retry_t wish = retry_of(t, &accept);
    assert_int_equal(retry(t, &wish), VERDICT_DONE);
    VERDICT(t, documents_delete(&t->session, t->tenant, id, &t->verdict, &t->fault), VERDICT_DONE);
    assert_int_equal(called_off(t, wish.run), 1);
}

/* ---- events ---- */

static void test_events(void **state)
{
    trial_t *t = *state;
    accept_t one = trial_accept(t, "a.png"), two = trial_accept(t, "b.png");
    event_list_t list;
    int64_t before, after;
    DO(t, events_newest(&t->session, t->arena, &before, &t->fault));
    for (int i = 1; i <= 3; i++) {
        event_t event = {.type = "progress", .step = "ocr", .percentage = i, .message = view_of("page")};
        DO(t, runs_progress(&t->session, one.run, 1, &event, &t->fault));
        DO(t, runs_progress(&t->session, two.run, 1, &event, &t->fault));
        DO(t, runs_progress(&t->session, two.run, 7, &event, &t->fault)); /* another epoch's is not told */
    }
    DO(t, events_newest(&t->session, t->arena, &after, &t->fault));
    assert_true(after >= before + 6);
    DO(t, events_after(&t->session, t->tenant, view_of(one.id), 0, 100, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(list.rows[i].percentage, i + 1);
    assert_string_equal(list.rows[0].message, "page");
    int64_t seen = list.rows[1].number;
    DO(t, events_after(&t->session, t->other, view_of(one.id), 0, 100, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 0);
    event_watch_t watches[] = {{one.id, seen}, {two.id, 0}, {"nothing \"at\" all", 0}};
    DO(t, events_watch(&t->session, watches, 3, 100, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 4);
    int of_one = 0;
    for (size_t i = 0; i < list.count; i++)
        of_one += strcmp(list.rows[i].document, one.id) == 0;
    assert_int_equal(of_one, 1);
    int64_t forgotten;
    do
        DO(t, events_sweep(&t->session, -1000, &forgotten, &t->fault));
    while (forgotten);
    DO(t, events_watch(&t->session, watches, 3, 100, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 0);
}

/* ---- the stage `store` ---- */

/* A finished document of another owner, of this name. */
static import_t import_of(trial_t *t, const char *name, const reading_t *reading)
{
    return (import_t){.tenant = t->tenant,
                      .document = view_of(name),
                      .id = trial_id(t),
                      .run = trial_id(t),
                      .job = trial_id(t),
                      .filename = view_of("theirs.pdf"),
                      .file_path = view_of("uploads/theirs.pdf"),
                      .file_type = view_of("pdf"),
                      .file_size = 99,
                      .finish = {.status = STATE_COMPLETED,
                                 .confidence = 0.9,
                                 .readings = reading,
                                 .count = 1,
                                 .event = {.type = "complete", .percentage = 100}}};
}

/* Imports, and tells under which id; NULL of a conflict. */
static const char *import_as(trial_t *t, const import_t *import, verdict_t verdict)
{
    imported_t imported;
    DO(t, runs_import(&t->session, import, t->arena, &imported, &t->fault));
    assert_int_equal(imported.verdict, verdict);
    return imported.document;
}

static document_row_t row_of(trial_t *t, const char *id)
{
    return trial_document(t, &(accept_t){.id = id});
}

static timetable_list_t tables_of(trial_t *t, const char *id)
{
    timetable_list_t list;
    DO(t, timetables_of(&t->session, t->tenant, view_of(id), t->arena, &list, &t->fault));
    return list;
}

static void test_import(void **state)
{
    trial_t *t = *state;
    const char *name = arena_format(t->arena, "their document %s", t->tenant);
    reading_t reading = trial_reading(t, "2B"), second = trial_reading(t, "3C");
    record_t stages[] = {{.id = trial_id(t), .stage = "ocr", .status = "completed", .confidence = 0.8, .attempt = 2},
                         {.id = trial_id(t), .stage = "llm", .status = "completed", .confidence = NAN, .attempt = 1}};
    import_t import = import_of(t, name, &reading);
    stages[1].before = &stages[0];
    import.finish.record = &stages[1];
    const char *id = import_as(t, &import, VERDICT_DONE);
    assert_string_equal(id, import.id); /* theirs is a name, ours an id */
    import_t again = import;            /* as a host makes it that does not know of the first */
    again.id = trial_id(t), again.job = trial_id(t);
    assert_string_equal(import_as(t, &again, VERDICT_ALREADY), id);
    document_row_t row = row_of(t, id);
    assert_int_equal(row.status, STATE_COMPLETED);
    assert_string_equal(row.filename, "theirs.pdf");
    assert_string_equal(row.file_path, "uploads/theirs.pdf");
    assert_int_equal(tables_of(t, id).count, 1);
    stage_list_t list;
    DO(t, documents_stages(&t->session, t->tenant, view_of(id), t->arena, &list, &t->fault));
    assert_int_equal(list.count, 3);             /* of the run: two stages, and that it was stored */
    import_t next = import_of(t, name, &second); /* another job of theirs for the same document */
    assert_string_equal(import_as(t, &next, VERDICT_DONE), id);
    assert_string_equal(import_as(t, &import, VERDICT_ALREADY), id);
    timetable_list_t tables = tables_of(t, id);
    assert_int_equal(tables.count, 1);
    assert_string_equal(tables.rows[0].class_name, "3C");
}

/* The same name is another document in another tenant, and a UUID is one in all of them. */
static void test_import_of_tenants(void **state)
{
    trial_t *t = *state;
    reading_t reading = trial_reading(t, "2B"), theirs = trial_reading(t, "3C");
    import_t import = import_of(t, "letter-7", &reading), foreign = import_of(t, "letter-7", &theirs);
    foreign.tenant = t->other;
    const char *id = import_as(t, &import, VERDICT_DONE);
    const char *other = import_as(t, &foreign, VERDICT_DONE);
    assert_string_not_equal(id, other);
    assert_string_equal(tables_of(t, id).rows[0].class_name, "2B");
    assert_int_equal(tables_of(t, other).count, 0); /* not ours to see */
    reading_t once_more = trial_reading(t, "4D");
    import_t thief = import_of(t, id, &once_more);
    thief.tenant = t->other;
    assert_null(import_as(t, &thief, VERDICT_CONFLICT));
    assert_string_equal(tables_of(t, id).rows[0].class_name, "2B");
    accept_t upload = trial_accept(t, "ours.png");
    thief.document = view_of(upload.id);
    thief.run = trial_id(t);
    assert_null(import_as(t, &thief, VERDICT_CONFLICT));
    assert_int_equal(trial_document(t, &upload).status, STATE_UPLOADED); /* nor is its run called off */
    run_t run;
    VERDICT(t, runs_get(&t->session, upload.run, t->arena, &run, &t->verdict, &t->fault), VERDICT_DONE);
}

/* A UUID that nobody knows becomes the document's own, in the usual form. */
static void test_import_of_uuid(void **state)
{
    trial_t *t = *state;
    reading_t reading = trial_reading(t, "2B"), second = trial_reading(t, "3C");
    const char *uuid = trial_id(t);
    char *loud = arena_text(t->arena, uuid);
    for (char *p = loud; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    import_t import = import_of(t, loud, &reading);
    assert_string_equal(import_as(t, &import, VERDICT_DONE), uuid);
    import_t next = import_of(t, uuid, &second);
    assert_string_equal(import_as(t, &next, VERDICT_DONE), uuid);
}

/* A row that a program has put there, with the six columns that the first schema's programs know. */
static void test_import_of_row(void **state)
{
    trial_t *t = *state;
    const char *id = trial_id(t);
    reading_t reading = trial_reading(t, "2B");
    trial_ask(t,
              "INSERT INTO documents (id, filename, file_path, file_type, file_size, status) VALUES ('%s', 'a.png', "
              "'data/uploads/a.png', 'image', 12, 'processing_ai') RETURNING id",
              id);
    import_t import = import_of(t, id, &reading);
    assert_null(import_as(t, &import, VERDICT_CONFLICT)); /* the program knew of no tenants */
    import.tenant = "default";
    assert_string_equal(import_as(t, &import, VERDICT_DONE), id);
    document_row_t row;
    VERDICT(t, documents_get(&t->session, "default", view_of(id), t->arena, &row, &t->verdict, &t->fault),
            VERDICT_DONE);
    assert_int_equal(row.status, STATE_COMPLETED);
    assert_string_equal(row.file_path, "data/uploads/a.png");
    assert_int_equal(row.file_size, 12);
    timetable_list_t list;
    DO(t, timetables_of(&t->session, "default", view_of(id), t->arena, &list, &t->fault));
    assert_int_equal(list.count, 1);
    VERDICT(t, documents_delete(&t->session, "default", view_of(id), &t->verdict, &t->fault), VERDICT_DONE);
}

/* A run of a gateway that is under way is superseded, and its owner told; nothing of it is written any more. */
static void test_import_supersedes(void **state)
{
    trial_t *t = *state;
    reading_t reading = trial_reading(t, "2B"), late = trial_reading(t, "3C");
    run_names_t names;
    accept_t ours = trial_accept(t, "ours.png");
    import_t import = import_of(t, ours.id, &reading);
    assert_string_equal(import_as(t, &import, VERDICT_DONE), ours.id);
    assert_int_equal(trial_document(t, &ours).status, STATE_COMPLETED);
    finish_t finish = trial_finish(t, &ours, &late);
    VERDICT(t, runs_finish(&t->session, &finish, &t->verdict, &t->fault), VERDICT_STALE);
    DO(t, runs_called_off(&t->session, t->owner, t->arena, &names, &t->fault));
    assert_int_equal(names.count, 1);
    assert_string_equal(names.runs[0], ours.run);
    assert_string_equal(tables_of(t, ours.id).rows[0].class_name, "2B");
    retry_t retry = {.tenant = t->tenant,
                     .document = view_of(ours.id),
                     .run = trial_id(t),
                     .owner = t->owner,
                     .route = "ocr",
                     .attempts = 3,
                     .place = -1};
    VERDICT(t, runs_retry(&t->session, &retry, &t->verdict, &t->fault), VERDICT_DONE);
    assert_string_equal(import_as(t, &import, VERDICT_ALREADY), ours.id); /* told again: the newer run goes on */
    run_t run;
    VERDICT(t, runs_get(&t->session, retry.run, t->arena, &run, &t->verdict, &t->fault), VERDICT_DONE);
}

/* A failure becomes a dead letter, a better end of the same run takes it away, and after that nothing changes. */
static void test_import_of_failure(void **state)
{
    trial_t *t = *state;
    reading_t reading = trial_reading(t, "2B");
    letter_list_t letters;
    import_t import = import_of(t, "letter-8", &reading), failure = import;
    failure.job = trial_id(t);
    failure.finish = (finish_t){.status = STATE_FAILED,
                                .confidence = NAN,
                                .error = "damaged",
                                .message = view_of("page 2 is cut off"),
                                .stage = "ocr",
                                .attempts = 1,
                                .event = {.type = "error"}};
    const char *id = import_as(t, &failure, VERDICT_DONE);
    assert_string_equal(import_as(t, &failure, VERDICT_ALREADY), id);
    assert_string_equal(row_of(t, id).error, "damaged");
    DO(t, letters_list(&t->session, t->tenant, NULL, NULL, 10, t->arena, &letters, &t->fault));
    assert_int_equal(letters.count, 1);
    assert_string_equal(import_as(t, &import, VERDICT_DONE), id);
    assert_int_equal(row_of(t, id).status, STATE_COMPLETED);
    DO(t, letters_list(&t->session, t->tenant, NULL, NULL, 10, t->arena, &letters, &t->fault));
    assert_int_equal(letters.count, 0);
    assert_string_equal(import_as(t, &failure, VERDICT_ALREADY), id);
    assert_int_equal(row_of(t, id).status, STATE_COMPLETED);
    assert_int_equal(tables_of(t, id).count, 1);
}

int test_runs(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)
    const struct CMUnitTest runs[] = {
        TEST(test_record),
        TEST(test_records_together),
        TEST(test_stale_record),
        TEST(test_finish_once),
        TEST(test_dead_letter),
        TEST(test_retry),
        TEST(test_rerun),
        TEST(test_take_over),
        TEST(test_mine),
        TEST(test_owner_sweep),
        TEST(test_cancel),
        TEST(test_events),
        TEST(test_import),
        TEST(test_import_of_tenants),
        TEST(test_import_of_uuid),
        TEST(test_import_of_row),
        TEST(test_import_supersedes),
        TEST(test_import_of_failure),
    };
    return cmocka_run_group_tests(runs, trial_begin_group, trial_end_group);
}
