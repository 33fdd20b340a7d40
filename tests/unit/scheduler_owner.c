/* The scheduler and its owners: submitting again, epochs, what is kept until acknowledged, windows, shares, and lives
 * of brokers. */
#include "proto/pack.h"
#include "stagehand.h"

/* ---- SUBMIT ---- */

static void test_idempotent(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_owner(&hand, OTHER_OWNER);
    hand_actor(&hand, ACTOR, 1);
    hand_submit(&hand, OWNER, 1);
    hand_submit(&hand, OWNER, 1);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_ACCEPTED)->place, PLACE_RUNNING);
    assert_int_equal(job_count(hand.s->jobs), 1);
    message_t higher = hand_job(1);
    higher.epoch = 5;
    hand_send(&hand, OTHER_OWNER, &higher); /* adopted: nothing restarts */
    assert_int_equal(hand_got(&hand, OTHER_OWNER, COMMAND_ACCEPTED)->epoch, 5);
    assert_int_equal(hand_got(&hand, OTHER_OWNER, COMMAND_ACCEPTED)->place, PLACE_RUNNING);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_STALE); /* the old owner is told */
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->epoch, 1);
    hand_submit(&hand, OWNER, 1);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_STALE);
    hand_send(&hand, OWNER, &(message_t){.command = COMMAND_CANCEL, .job = id_of(1), .epoch = 1});
    assert_int_equal(hand.count, 0); /* a CANCEL of an epoch that is over */
    assert_int_equal(job_find(hand.s->jobs, id_of(1))->doom, 0);
    hand_close(&hand);
}

static void test_bad_submit(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    message_t submit = hand_job(1);
    submit.names[1] = slice_of("nonsense");
    hand_send(&hand, OWNER, &submit);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_BAD_MESSAGE);
    submit.names[1] = slice_of("ocr");
    hand_send(&hand, OWNER, &submit);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_BAD_MESSAGE); /* twice the same stage */
    assert_int_equal(job_count(hand.s->jobs), 0);
    hand_close(&hand);
}

/* Whose the document is goes from the owner to every stage, whatever the stages between have made of the dossier. */
static void test_tenant(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    message_t submit = hand_job(1);
    submit.tenant = slice_of("north");
    hand_send(&hand, OWNER, &submit);
    for (uint32_t i = 0; i < submit.name_count; i++) {
        const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
        assert_true(slice_equal(job->names[0], submit.names[i]));
        assert_true(slice_is(job->tenant, "north"));
        hand_send(&hand, ACTOR,
                  &(message_t){.command = COMMAND_DONE,
                               .job = job->job,
                               .token = job->token,
                               .tenant = slice_of("south"),
                               .body = slice_of("another")});
    }
    hand_submit(&hand, OWNER, 2);
    assert_int_equal(hand_got(&hand, ACTOR, COMMAND_JOB)->tenant.size, 0);
    hand_close(&hand);
}

/* Called off elsewhere, or come with a fresh URL: under a higher epoch it begins anew. */
static void test_begins_anew(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    hand_submit(&hand, OWNER, 1);
    hand_fail(&hand, ACTOR, id_of(1), hand_got(&hand, ACTOR, COMMAND_JOB)->token, FAILED_SOURCE_EXPIRED);
    message_t finished = *hand_got(&hand, OWNER, COMMAND_FINISHED);
    message_t submit = hand_job(1);
    submit.epoch = 2;
    submit.body = slice_of("fresh");
    hand_send(&hand, OWNER, &submit);
    const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
    assert_true(slice_is(job->body, "fresh"));
    token_t token = job->token;
    hand_ack(&hand, OWNER, &finished); /* of the old epoch, late: settles nothing */
    assert_int_equal(job_count(hand.s->jobs), 1);
    hand_send(&hand, OWNER, &(message_t){.command = COMMAND_CANCEL, .job = id_of(1), .epoch = 2});
    submit.epoch = 3; /* wanted again while its worker is being ended */
    hand_send(&hand, OWNER, &submit);
    hand_fail(&hand, ACTOR, id_of(1), token, FAILED_CANCELLED);
    assert_null(hand_got(&hand, OWNER, COMMAND_FINISHED));
    assert_int_equal(hand_got(&hand, ACTOR, COMMAND_JOB)->losses, 0);
    hand_close(&hand);
}

/* ---- admission ---- */

static void test_full(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    options.max_jobs = 12;
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    for (uint64_t i = 0; i < 11; i++) {
        hand_submit(&hand, OWNER, i);
        assert_non_null(hand_got(&hand, OWNER, COMMAND_ACCEPTED));
    }
    hand_submit(&hand, OWNER, 11); /* a place is kept for somebody who is still to come */
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_BUSY);
    assert_true(hand_got(&hand, OWNER, COMMAND_REFUSED)->retry_ms > 0);
    hand_submit(&hand, OWNER, 3); /* known: said again */
    assert_non_null(hand_got(&hand, OWNER, COMMAND_ACCEPTED));
    hand_actor(&hand, ACTOR, 11); /* hand-over is never refused */
    assert_int_equal(hand_number(&hand, COMMAND_JOB), 11);
    hand_owner(&hand, OTHER_OWNER);
    for (uint64_t i = 0; i < 2; i++) {
        message_t finished;
        const job_t *job = job_find(hand.s->jobs, id_of(i));
        hand_send(&hand, ACTOR,
                  &(message_t){.command = COMMAND_DONE, .job = id_of(i), .token = job->token, .last = true});
        finished = *hand_got(&hand, OWNER, COMMAND_FINISHED);
        hand_ack(&hand, OWNER, &finished);
        hand_submit(&hand, OWNER, 100 + i); /* the first place that is free is kept for the one who has none */
        assert_int_equal(hand_number(&hand, COMMAND_REFUSED), i == 0);
    }
    hand_submit(&hand, OTHER_OWNER, 200);
    assert_non_null(hand_got(&hand, OTHER_OWNER, COMMAND_ACCEPTED));
    hand_close(&hand);
}

/* Whoever comes finds a place, although the one who was alone has filled the broker and does not move any more. */
static void test_owner_that_comes_to_a_full_broker(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    options.max_bytes = 1000;
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    message_t submit = hand_job(1);
    submit.budget = 900; /* larger than what one may have: only into an empty broker */
    hand_send(&hand, OWNER, &submit);
    assert_non_null(hand_got(&hand, OWNER, COMMAND_ACCEPTED));
    hand_close(&hand);
    hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    submit.budget = 50;
    for (uint64_t i = 1; i <= 20; i++) {
        submit.job = id_of(i);
        hand_send(&hand, OWNER, &submit);
    }
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_BUSY);
    hand_owner(&hand, OTHER_OWNER);
    submit.job = id_of(100);
    hand_send(&hand, OTHER_OWNER, &submit);
    assert_non_null(hand_got(&hand, OTHER_OWNER, COMMAND_ACCEPTED));
    hand_close(&hand);
}

static void test_bytes(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    options.max_bytes = 1000;
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    message_t submit = hand_job(1);
    submit.budget = 600;
    hand_send(&hand, OWNER, &submit);
    assert_non_null(hand_got(&hand, OWNER, COMMAND_ACCEPTED));
    submit.job = id_of(2);
    hand_send(&hand, OWNER, &submit);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_BUSY);
    submit.budget = 275; /* 125 are kept for somebody who is still to come */
    hand_send(&hand, OWNER, &submit);
    assert_non_null(hand_got(&hand, OWNER, COMMAND_ACCEPTED));
    submit.job = id_of(3);
    submit.budget = 1001;
    hand_send(&hand, OWNER, &submit);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_BAD_MESSAGE); /* never */
    hand_close(&hand);
}

/* The actor is done with the job; its dossier has that size. */
static void done_with(hand_t *hand, uint64_t n, uint32_t size)
{
    static const char big[1000];
    const job_t *job = job_find(hand->s->jobs, id_of(n));
    assert_int_equal(job->state, JOB_RUNNING);
    hand_send(hand, ACTOR,
              &(message_t){.command = COMMAND_DONE, .job = job->id, .token = job->token, .body = {big, size}});
}

static const job_t *wait_until_runs(hand_t *hand, uint64_t n)
{
    const uint64_t alive[] = {OWNER, ACTOR, 0};
    const job_t *job = job_find(hand->s->jobs, id_of(n));
    for (int times = 0; times < 20 && job->state != JOB_RUNNING; times++)
        hand_wait(hand, SECOND, alive);
    assert_int_equal(job->state, JOB_RUNNING);
    return job;
}

static void end_at_llm(hand_t *hand, uint64_t n, uint32_t size)
{
    done_with(hand, n, size);
    hand_ack(hand, OWNER, hand_got(hand, OWNER, COMMAND_FINISHED));
    assert_null(job_find(hand->s->jobs, id_of(n)));
}

/* Without a budget of its own a dossier grows where nobody new is let in: all together by an eighth past the limit, and
 * one of them as far as it likes. For another one the stage is done again later, which is not held against it. */
static void test_growing(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    options.max_bytes = 1000;
    options.budget_bytes = 10;
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    for (uint64_t n = 1; n <= 3; n++)
        hand_submit(&hand, OWNER, n);
    done_with(&hand, 1, 1000); /* and 17 bytes of each of the others */
    assert_int_equal(hand.s->byte_share.used, 1034);
    hand_submit(&hand, OWNER, 4);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_BUSY);
    done_with(&hand, 2, 700); /* past that: the one that may */
    assert_int_equal(job_find(hand.s->jobs, id_of(2))->state, JOB_QUEUED);
    for (int times = 0; times < 5; times++) {
        wait_until_runs(&hand, 3);
        done_with(&hand, 3, 700);
        assert_int_equal(job_find(hand.s->jobs, id_of(3))->state, JOB_DELAYED);
        assert_int_equal(job_find(hand.s->jobs, id_of(3))->attempt, 0);
    }
    end_at_llm(&hand, 1, 1000);
    end_at_llm(&hand, 2, 800); /* further, at its next stage */
    assert_int_equal(hand.s->byte_share.used, 17);
    wait_until_runs(&hand, 3);
    done_with(&hand, 3, 700);
    end_at_llm(&hand, 3, 700);
    hand_close(&hand);
}

/* ---- what is owed ---- */

static message_t recorded_job(uint64_t n)
{
    message_t submit = hand_job(n);
    submit.names[2] = slice_of("store");
    submit.name_count = 3;
    submit.record = true;
    return submit;
}

static void test_records(void **state)
{
    (void)state;
    static const uint64_t alive[] = {OWNER, ACTOR, 0};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    message_t submit = recorded_job(1);
    hand_send(&hand, OWNER, &submit);
    hand_send(&hand, ACTOR,
              &(message_t){.command = COMMAND_DONE,
                           .job = id_of(1),
                           .token = hand_got(&hand, ACTOR, COMMAND_JOB)->token,
                           .body = slice_of("words")});
    message_t record = *hand_got(&hand, OWNER, COMMAND_RECORD);
    assert_true(slice_is(record.stage, "ocr") && slice_is(record.next, "llm") && slice_is(record.body, "words"));
    assert_int_equal(record.attempt, 1);
    int64_t sent = hand.now;
    hand_wait(&hand, 20 * (int64_t)SECOND, alive);
    assert_in_range(hand.now - sent, 5 * SECOND, 6 * SECOND); /* sent again until acknowledged, under the same token */
    assert_true(token_equal(hand_got(&hand, OWNER, COMMAND_RECORD)->token, record.token));
    hand_ack(&hand, OWNER, &record);
    assert_int_equal(hand.s->record_bytes, 0);
    uint64_t stale = hand.s->stale;
    hand_ack(&hand, OWNER, &record); /* twice does no harm */
    assert_int_equal(hand.s->stale, stale + 1);
    hand_close(&hand);
}

/* A slow owner stops its own jobs, two stages ahead, and nobody else's. */
static void test_held(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    options.stages[3] = (scheduler_stage_t){"validation", 0};
    options.stage_count = 4;
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_send(&hand, ACTOR,
              &(message_t){.command = COMMAND_HELLO,
                           .role = ROLE_ACTOR,
                           .instance = {6, ACTOR},
                           .window = 1,
                           .names = {slice_of("ocr"), slice_of("llm"), slice_of("validation"), slice_of("store")},
                           .name_count = 4});
    static const char *const stages[] = {"ocr", "llm", "validation", "store"};
    for (int i = 0; i < 4; i++)
        hand_credit(&hand, ACTOR, stages[i], 1);
    message_t submit = recorded_job(1);
    submit.names[2] = slice_of("validation");
    submit.names[3] = slice_of("store");
    submit.name_count = 4;
    hand_send(&hand, OWNER, &submit);
    message_t records[3];
    for (int i = 0; i < 3; i++) {
        const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
        assert_non_null(job);
        hand_send(
            &hand, ACTOR,
            &(message_t){.command = COMMAND_DONE, .job = id_of(1), .token = job->token, .body = slice_of("more")});
        records[i] = *hand_got(&hand, OWNER, COMMAND_RECORD);
    }
    assert_null(hand_got(&hand, ACTOR, COMMAND_JOB));
    hand_submit(&hand, OWNER, 2);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_JOB));
    submit.epoch = 1;
    hand_send(&hand, OWNER, &submit);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_ACCEPTED)->place, PLACE_HELD);
    hand_ack(&hand, OWNER, &records[1]);
    assert_true(slice_is(hand_got(&hand, ACTOR, COMMAND_JOB)->names[0], "store"));
    hand_close(&hand);
}

static void test_window(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_send(&hand, OWNER,
              &(message_t){.command = COMMAND_HELLO, .role = ROLE_OWNER, .instance = {5, OWNER}, .window = 2});
    token_t session = hand_got(&hand, OWNER, COMMAND_WELCOME)->token;
    for (uint64_t i = 0; i < 5; i++) {
        hand_submit(&hand, OWNER, i);
        hand_send(&hand, OWNER, &(message_t){.command = COMMAND_CANCEL, .job = id_of(i), .epoch = 1});
        assert_int_equal(hand_number(&hand, COMMAND_FINISHED), i < 2);
    }
    /* its connection is made anew: what was sent is sent again, no more than before */
    hand_send(&hand, OTHER_OWNER,
              &(message_t){
                  .command = COMMAND_HELLO, .role = ROLE_OWNER, .instance = {5, OWNER}, .window = 2, .token = session});
    assert_true(hand_got(&hand, OTHER_OWNER, COMMAND_WELCOME)->resumed);
    assert_int_equal(hand_number(&hand, COMMAND_FINISHED), 2);
    for (uint64_t i = 0; i < 5; i++) {
        const record_t *record = record_by_kind(job_find(hand.s->jobs, id_of(i)), RECORD_FINISHED);
        assert_true(record->sent);
        message_t ack = {.command = COMMAND_FINISHED, .job = id_of(i), .token = {77, record->counter}};
        hand_ack(&hand, OTHER_OWNER, &ack);
        assert_int_equal(hand_number(&hand, COMMAND_FINISHED), i < 3); /* the next one takes its place */
    }
    assert_int_equal(job_count(hand.s->jobs), 0);
    hand_send(&hand, OWNER, &(message_t){.command = COMMAND_HEARTBEAT});
    assert_non_null(hand_got(&hand, OWNER, COMMAND_GOODBYE)); /* the old connection is nobody's */
    hand_close(&hand);
}

/* An owner that acknowledges nothing is sent bodies up to its window of bytes and the one that fills it, however many
 * messages its window has; each ACK makes room for more. */
static void test_window_of_bytes(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    options.owner_bytes = 20;
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 5);
    for (uint64_t i = 0; i < 5; i++) {
        hand_submit(&hand, OWNER, i);
        const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
        message_t done = {.command = COMMAND_DONE,
                          .job = job->job,
                          .token = job->token,
                          .last = true,
                          .body = slice_of("ten bytes.")};
        hand_send(&hand, ACTOR, &done);
        assert_int_equal(hand_number(&hand, COMMAND_FINISHED), i < 2);
    }
    hand_owner(&hand, OWNER); /* says HELLO again: no more than before */
    assert_int_equal(hand_number(&hand, COMMAND_FINISHED), 2);
    for (uint64_t i = 0; i < 5; i++) {
        const record_t *record = record_by_kind(job_find(hand.s->jobs, id_of(i)), RECORD_FINISHED);
        message_t ack = {.command = COMMAND_FINISHED, .job = id_of(i), .token = {77, record->counter}};
        hand_ack(&hand, OWNER, &ack);
        assert_int_equal(hand_number(&hand, COMMAND_FINISHED), i < 3);
    }
    assert_int_equal(job_count(hand.s->jobs), 0);
    hand_close(&hand);
}

/* ---- silence ---- */

static void test_silent_owner(void **state)
{
    (void)state;
    static const uint64_t alive[] = {ACTOR, 0};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    hand_submit(&hand, OWNER, 1);
    hand_submit(&hand, OWNER, 2);
    token_t token = job_find(hand.s->jobs, id_of(1))->token;
    int64_t from = hand.now;
    while (hand.s->owner_count > 0)
        hand_wait(&hand, SECOND, alive);
    assert_in_range(hand.now - from, 120 * (int64_t)SECOND, 122 * (int64_t)SECOND);
    assert_int_equal(job_count(hand.s->jobs), 1); /* what runs goes on for a while */
    assert_null(job_find(hand.s->jobs, id_of(2)));
    hand_owner(&hand, OTHER_OWNER);
    message_t submit = hand_job(1);
    submit.epoch = 2;
    hand_send(&hand, OTHER_OWNER, &submit);
    assert_int_equal(hand_got(&hand, OTHER_OWNER, COMMAND_ACCEPTED)->place, PLACE_RUNNING);
    hand_send(&hand, ACTOR,
              &(message_t){
                  .command = COMMAND_DONE, .job = id_of(1), .token = token, .last = true, .body = slice_of("words")});
    assert_true(slice_is(hand_got(&hand, OTHER_OWNER, COMMAND_FINISHED)->body, "words"));
    hand_close(&hand);
}

static void test_goodbye(void **state)
{
    (void)state;
    static const uint64_t alive[] = {ACTOR, 0};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    hand_submit(&hand, OWNER, 1);
    token_t token = hand_got(&hand, ACTOR, COMMAND_JOB)->token;
    hand_send(&hand, OWNER, &(message_t){.command = COMMAND_GOODBYE});
    assert_int_equal(hand.s->owner_count, 0);
    int64_t from = hand.now;
    hand_wait(&hand, 100 * (int64_t)SECOND, alive);
    assert_int_equal(hand.now - from, 30 * (int64_t)SECOND); /* nobody came for it */
    assert_true(token_equal(hand_got(&hand, ACTOR, COMMAND_CANCEL)->token, token));
    assert_int_equal(job_count(hand.s->jobs), 0);
    hand_close(&hand);
}

/* ---- a new life of the broker ---- */

static void test_offer(void **state)
{
    (void)state;
    static const token_t old = {66, 9}, older = {66, 10};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_actor(&hand, ACTOR, 3);
    message_t offer = {.command = COMMAND_OFFER, .job = id_of(1), .token = old, .stage = slice_of("ocr")};
    hand_send(&hand, ACTOR, &offer);
    hand_send(&hand, ACTOR,
              &(message_t){.command = COMMAND_DONE, .job = id_of(1), .token = old, .body = slice_of("words")});
    assert_null(hand_got(&hand, ACTOR, COMMAND_ACK)); /* nobody has come for it: it must be sent again */
    hand_owner(&hand, OWNER);
    hand_submit(&hand, OWNER, 1);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_ACCEPTED)->place, PLACE_RUNNING);
    assert_null(hand_got(&hand, ACTOR, COMMAND_JOB));
    hand_send(&hand, ACTOR,
              &(message_t){.command = COMMAND_DONE, .job = id_of(1), .token = old, .body = slice_of("words")});
    assert_true(slice_is(hand_got(&hand, ACTOR, COMMAND_JOB)->body, "words"));
    /* submitted first, offered then */
    hand_credit(&hand, ACTOR, "ocr", 0);
    hand_submit(&hand, OWNER, 2);
    offer.job = id_of(2);
    offer.token = older;
    hand_send(&hand, ACTOR, &offer);
    assert_int_equal(job_find(hand.s->jobs, id_of(2))->state, JOB_RUNNING);
    hand_fail(&hand, ACTOR, id_of(2), older, FAILED_LOST);
    hand_send(&hand, ACTOR, &offer); /* the same again, late: not believed */
    assert_int_equal(job_find(hand.s->jobs, id_of(2))->state, JOB_QUEUED);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_CANCEL));
    /* at another stage than its owner wants: called off, begun anew */
    offer.job = id_of(3);
    offer.token = (token_t){66, 11};
    offer.stage = slice_of("llm");
    hand_send(&hand, ACTOR, &offer);
    hand_submit(&hand, OWNER, 3);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_CANCEL));
    assert_int_equal(job_find(hand.s->jobs, id_of(3))->state, JOB_QUEUED);
    hand_close(&hand);
}

static void test_stats(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_submit(&hand, OWNER, 1);
    hand_submit(&hand, OWNER, 2);
    hand.now += 700 * MS;
    hand_actor(&hand, ACTOR, 1);
    token_t token = hand_got(&hand, ACTOR, COMMAND_JOB)->token;
    hand.now += 5 * MS;
    hand_answer(&hand, ACTOR, COMMAND_DONE, id_of(1), token);
    hand_send(&hand, OWNER, &(message_t){.command = COMMAND_STATS, .number = 42});
    const message_t *answer = hand_got(&hand, OWNER, COMMAND_STATS);
    assert_int_equal(answer->number, 42);
    stats_t stats = {0};
    fault_t fault = {0};
    arena_t *arena = arena_new();
    assert_int_equal(pack_decode(&stats_schema, answer->body.at, answer->body.size, arena, &stats, &fault), 0);
    assert_int_equal(stats.jobs, 2);
    assert_int_equal(stats.accepted, 2);
    assert_int_equal(stats.stages.count, 3);
    const stats_stage_t *ocr = LIST_AT(stats_stage_t, stats.stages, 0), *llm = LIST_AT(stats_stage_t, stats.stages, 1);
    assert_string_equal(ocr->stage, "ocr");
    assert_int_equal(ocr->runnable, 0);
    assert_int_equal(ocr->running, 1);
    assert_int_equal(ocr->done, 1);
    assert_int_equal(ocr->actors, 1);
    assert_int_equal(ocr->slots, 1);
    assert_int_equal((int)ocr->run_ms.items[3], 1);   /* 5 ms: under 8 */
    assert_int_equal((int)ocr->wait_ms.items[10], 2); /* 700 ms: under 1,024 */
    assert_int_equal(llm->running, 1);
    arena_destroy(&arena);
    hand_close(&hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idempotent),
        cmocka_unit_test(test_bad_submit),
        cmocka_unit_test(test_tenant),
        cmocka_unit_test(test_begins_anew),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_owner_that_comes_to_a_full_broker),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_growing),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_silent_owner),
        cmocka_unit_test(test_goodbye),
        cmocka_unit_test(test_offer),
        cmocka_unit_test(test_stats),
        cmocka_unit_test(test_window_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
