/* The states of a document: whatever is done to it, in whatever order, it only goes ways that the table knows. */
#include "proto/base/chance.h"
#include "trial.h"

#include <stdio.h>
#include <stdlib.h>

/* Puts the document into a state by hand, with or without a run under way. */
static void force(trial_t *t, const accept_t *accept, state_t state)
{
    trial_ask(t, "UPDATE documents SET status = '%s' WHERE id = '%s'", state_name(state), accept->id);
}

/* Every pair of states: the statement that moves a document does it where the table says so, and only there. */
static void test_every_pair(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    for (int from = 0; from < STATE_COUNT; from++)
        for (int to = 0; to < STATE_COUNT; to++) {
            force(t, &accept, (state_t)from);
            DO(t, session_later(&t->session, STATEMENT_DOCUMENT_MOVE,
                                SQL(sql_text(t->tenant), sql_text(accept.id), sql_text(state_name((state_t)to)),
                                    sql_text(state_before((state_t)to))),
                                &t->fault));
            state_t now = trial_document(t, &accept).status;
            assert_int_equal(now, state_may((state_t)from, (state_t)to) ? to : from);
        }
}

/* The schema knows exactly the states of the table. */
static void test_schema_agrees(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_accept(t, "week.png");
    char text[200];
    for (int i = 0; i < STATE_COUNT; i++)
        force(t, &accept, (state_t)i);
    snprintf(text, sizeof text, "UPDATE documents SET status = 'nonsense' WHERE id = '%s'", accept.id);
    assert_int_equal(t->session.database->driver->script(t->session.database, text, &t->fault), -1);
    assert_non_null(strstr(t->fault.text, "documents_status_known"));
}

/* The ways as a person would draw them; a row is where one comes from, in the order of the enum. */
static void test_ways(void **state)
{
    static const char *const ways[STATE_COUNT] = {
        /* to   upl proc ai  comp need vf fail canc */
        [STATE_UPLOADED] = "xx.xx.xx",  [STATE_PROCESSING] = "x..xx.xx",   [STATE_PROCESSING_AI] = "x..xx.xx",
        [STATE_COMPLETED] = "x.......", [STATE_NEEDS_REVIEW] = "x..x....", [STATE_VALIDATION_FAILED] = "x..x....",
        [STATE_FAILED] = "x.......",    [STATE_CANCELLED] = "x.......",
    };
    (void)state;
    state_t parsed;
    for (int from = 0; from < STATE_COUNT; from++)
        for (int to = 0; to < STATE_COUNT; to++)
            if (state_may((state_t)from, (state_t)to) != (ways[from][to] == 'x'))
                fail_msg("from %s to %s", state_name((state_t)from), state_name((state_t)to));
    for (int i = 0; i < STATE_COUNT; i++) {
        assert_true(state_parse(state_name((state_t)i), &parsed));
        assert_int_equal(parsed, i);
    }
    assert_false(state_parse("complete", &parsed));
    assert_false(state_parse(NULL, &parsed));
}

/* ---- random walks ---- */

/* What the test believes. */
typedef struct {
    accept_t accept;
    state_t state;
    const char *run; /* under way, or NULL */
    int64_t epoch;
    bool approved; /* its timetable */
    int64_t version;
    import_t imported; /* the last one of another owner; run NULL = none yet */
} model_t;

static const state_t ends[] = {STATE_COMPLETED, STATE_NEEDS_REVIEW, STATE_FAILED};

static void step_finish(trial_t *t, model_t *model, chance_t *chance, bool stale)
{
    const char *name = arena_format(t->arena, "class %u", (unsigned)chance_below(chance, 1000));
    reading_t reading = trial_reading(t, name);
    finish_t end = trial_finish(t, &model->accept, &reading);
    end.run = model->run ? model->run : model->accept.run;
    end.epoch = stale ? model->epoch + 1 : model->epoch;
    end.status = ends[chance_below(chance, 3)];
    DO(t, runs_finish(&t->session, &end, &t->verdict, &t->fault));
    assert_int_equal(t->verdict, model->run && !stale ? VERDICT_DONE : VERDICT_STALE);
    if (t->verdict != VERDICT_DONE)
        return;
    model->state = end.status;
    model->run = NULL;
    if (end.status != STATE_FAILED && !model->approved)
        model->version++;
}

static void step_record(trial_t *t, model_t *model, chance_t *chance, bool stale)
{
    record_t record = {.id = trial_id(t),
                       .run = model->run ? model->run : model->accept.run,
                       .epoch = stale ? model->epoch + 1 : model->epoch,
                       .stage = chance_below(chance, 2) ? "ocr" : "llm",
                       .status = "completed",
                       .begins = true};
    DO(t, runs_record(&t->session, &record, &t->fault));
    if (model->run && !stale)
        model->state = STATE_PROCESSING;
}

static void step_retry(trial_t *t, model_t *model)
{
    retry_t wish = {.tenant = t->tenant,
                    .document = view_of(model->accept.id),
                    .run = trial_id(t),
                    .owner = t->owner,
                    .route = "ocr",
                    .attempts = 1,
                    .place = -1};
    VERDICT(t, runs_retry(&t->session, &wish, &t->verdict, &t->fault), VERDICT_DONE);
    model->run = wish.run;
    model->epoch = 1;
    model->state = STATE_UPLOADED;
}

static void step_cancel(trial_t *t, model_t *model)
{
    DO(t, runs_cancel(&t->session, t->tenant, view_of(model->accept.id), &t->verdict, &t->fault));
    if (model->run) {
        assert_int_equal(t->verdict, VERDICT_DONE);
        model->state = STATE_CANCELLED;
        model->run = NULL;
    } else {
        assert_int_equal(t->verdict, model->state == STATE_CANCELLED ? VERDICT_ALREADY : VERDICT_ILLEGAL);
    }
}

static void step_approve(trial_t *t, model_t *model)
{
    timetable_list_t list;
    timetable_row_t row;
    DO(t, timetables_of(&t->session, t->tenant, view_of(model->accept.id), t->arena, &list, &t->fault));
    assert_int_equal(list.count, model->version > 0);
    if (!list.count)
        return;
    edit_t edit = {.tenant = t->tenant,
                   .id = view_of(list.rows[0].id),
                   .version = model->version,
                   .edit = trial_id(t),
                   .timeblocks = view_of("[]"),
                   .validated = true};
    VERDICT(t, timetables_put(&t->session, &edit, t->arena, &row, &t->verdict, &t->fault), VERDICT_DONE);
    model->version++;
    model->approved = true;
    if (model->state == STATE_NEEDS_REVIEW)
        model->state = STATE_COMPLETED;
}

static void step_take(trial_t *t, model_t *model)
{
    run_taken_list_t list;
    DO(t, runs_hold(&t->session, t->owner, -1, &t->fault));
    snprintf(t->owner, sizeof t->owner, "%s", trial_id(t));
    DO(t, runs_hold(&t->session, t->owner, 600000, &t->fault));
    bool taken = false;
    do {
        DO(t, runs_take(&t->session, t->owner, t->arena, &list, &t->fault));
        for (size_t i = 0; i < list.count; i++)
            taken = taken || (model->run && strcmp(list.rows[i].run, model->run) == 0);
    } while (list.count);
    assert_int_equal(taken, model->run != NULL);
    model->epoch += model->run != NULL;
}

/* Another owner's result for the document: a new one, or the last one told again. */
static void step_import(trial_t *t, model_t *model, chance_t *chance)
{
    imported_t imported;
    bool again = model->imported.run && chance_below(chance, 2);
    bool mends = again && model->imported.finish.status == STATE_FAILED;
    reading_t *reading = arena_array(t->arena, 1, sizeof *reading);
    *reading = trial_reading(t, arena_format(t->arena, "class %u", (unsigned)chance_below(chance, 1000)));
    import_t import = {.tenant = t->tenant,
                       .document = view_of(model->accept.id),
                       .id = trial_id(t),
                       .run = again ? model->imported.run : trial_id(t),
                       .job = trial_id(t),
                       .filename = view_of("theirs.pdf"),
                       .file_path = view_of("theirs.pdf"),
                       .file_type = view_of("pdf"),
                       .file_size = -1,
                       .finish = {.status = ends[chance_below(chance, 3)],
                                  .confidence = 0.5,
                                  .readings = reading,
                                  .count = 1,
                                  .event = {.type = "complete", .percentage = 100}}};
    DO(t, runs_import(&t->session, &import, t->arena, &imported, &t->fault));
    assert_string_equal(imported.document, model->accept.id);
    bool done = !again || (mends && import.finish.status != STATE_FAILED);
    assert_int_equal(imported.verdict, done ? VERDICT_DONE : VERDICT_ALREADY);
    if (!done)
        return;
    model->imported = import;
    model->state = import.finish.status;
    model->run = NULL; /* superseded */
    if (import.finish.status != STATE_FAILED && !model->approved)
        model->version++;
}

static void agree(trial_t *t, const model_t *model)
{
    document_row_t row = trial_document(t, &model->accept);
    sql_rows_t rows = trial_ask(t, "SELECT run, epoch FROM outbox WHERE document_id = '%s'", model->accept.id);
    assert_string_equal(state_name(row.status), state_name(model->state));
    assert_int_equal(rows.rows, model->run != NULL);
    if (!model->run)
        return;
    assert_string_equal(sql_cell(&rows, 0, 0), model->run);
    assert_int_equal(sql_cell_int(&rows, 0, 1), model->epoch);
    assert_false(state_is_end(row.status));
}

static void walk(trial_t *t, uint64_t seed, int steps)
{
    chance_t chance = {seed};
    model_t model = {.accept = trial_accept(t, "walk.png"), .state = STATE_UPLOADED, .epoch = 1};
    model.run = model.accept.run;
    for (int i = 0; i < steps; i++) {
        bool stale = chance_below(&chance, 4) == 0;
        switch (chance_below(&chance, 9)) {
        case 0:
        case 1:
            step_finish(t, &model, &chance, stale);
            break;
        case 2:
        case 3:
            step_record(t, &model, &chance, stale);
            break;
        case 4:
            step_retry(t, &model);
            break;
        case 5:
            step_cancel(t, &model);
            break;
        case 6:
            step_approve(t, &model);
            break;
        case 7:
            step_import(t, &model, &chance);
            break;
        default:
            step_take(t, &model);
        }
        agree(t, &model);
    }
}

static void test_walks(void **state)
{
    trial_t *t = *state;
    const char *seed = getenv("STORE_TEST_SEED"), *walks = getenv("STORE_TEST_WALKS");
    uint64_t first = seed ? strtoull(seed, NULL, 10) : 1;
    for (uint64_t i = 0; i < (walks ? strtoull(walks, NULL, 10) : 12); i++) {
        print_message("walk with STORE_TEST_SEED=%llu\n", (unsigned long long)(first + i));
        walk(t, first + i, 30);
    }
}

int test_states(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)
    const struct CMUnitTest states[] = {TEST(test_every_pair), TEST(test_schema_agrees), TEST(test_ways),
                                        TEST(test_walks)};
    return cmocka_run_group_tests(states, trial_begin_group, trial_end_group);
}
