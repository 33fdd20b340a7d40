/* The scheduler: what owners and actors ask, and what comes of it. The storm is the simulation's; here each rule stands
 * alone. */
#include "stagehand.h"

static void test_hand_over(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_submit(&hand, OWNER, 1);
    const message_t *accepted = hand_got(&hand, OWNER, COMMAND_ACCEPTED);
    assert_int_equal(accepted->place, PLACE_QUEUED);
    assert_int_equal(accepted->token.incarnation, 77);
    hand_actor(&hand, ACTOR, 1);
    const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB); /* with the CREDIT for ocr, in the same step */
    assert_non_null(job);
    assert_true(slice_is(job->names[0], "ocr") && slice_is(job->names[1], "llm") && job->name_count == 2);
    assert_int_equal(job->attempt, 1);
    assert_true(slice_is(job->body, "dossier"));
    token_t first = job->token;
    hand_send(&hand, ACTOR,
              &(message_t){.command = COMMAND_DONE, .job = id_of(1), .token = first, .body = slice_of("words")});
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_ACK));
    job = hand_got(&hand, ACTOR, COMMAND_JOB); /* handed over in one step */
    assert_true(slice_is(job->names[0], "llm") && job->name_count == 1);
    assert_true(slice_is(job->body, "words"));
    assert_true(job->token.counter > first.counter);
    hand_answer(&hand, ACTOR, COMMAND_DONE, id_of(1), job->token); /* without a body: as it was */
    const message_t *finished = hand_got(&hand, OWNER, COMMAND_FINISHED);
    assert_int_equal(finished->outcome, OUTCOME_COMPLETED);
    assert_true(slice_is(finished->body, "words"));
    assert_int_equal(job_count(hand.s->jobs), 1); /* kept until its owner has it */
    message_t kept = *finished;
    hand_ack(&hand, OWNER, &kept);
    assert_int_equal(job_count(hand.s->jobs), 0);
    hand_close(&hand);
}

/* What the last stage made beside the dossier goes to the owner until it is acknowledged; that of an earlier one goes
 * nowhere. */
static void test_attachment(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    hand_submit(&hand, OWNER, 1);
    const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
    message_t done = {.command = COMMAND_DONE, .job = job->job, .token = job->token, .attachment = slice_of("sketch")};
    hand_send(&hand, ACTOR, &done);
    job = hand_got(&hand, ACTOR, COMMAND_JOB);
    assert_true(job->attachment.size == 0 && slice_is(job->body, "dossier"));
    done.token = job->token;
    done.attachment = slice_of("picture");
    hand_send(&hand, ACTOR, &done);
    const message_t *finished = hand_got(&hand, OWNER, COMMAND_FINISHED);
    assert_true(slice_is(finished->attachment, "picture") && slice_is(finished->body, "dossier"));
    hand_owner(&hand, OWNER); /* says HELLO again: it is sent again */
    finished = hand_got(&hand, OWNER, COMMAND_FINISHED);
    assert_true(slice_is(finished->attachment, "picture"));
    message_t kept = *finished;
    hand_ack(&hand, OWNER, &kept);
    assert_int_equal(job_count(hand.s->jobs), 0);
    assert_int_equal(hand.s->record_bytes, 0);
    hand_close(&hand);
}

/* It counts with the dossier: for the job's budget, and for what is under way to an owner. */
static void test_attachment_counts(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    options.owner_bytes = 20;
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    for (uint64_t i = 0; i < 4; i++) {
        message_t submit = hand_job(i);
        submit.budget = 17; /* the dossier's seven bytes and ten */
        hand_send(&hand, OWNER, &submit);
        const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
        message_t done = {.command = COMMAND_DONE, .job = job->job, .token = job->token, .last = true};
        done.attachment = slice_of(i < 3 ? "ten bytes." : "eleven byte");
        hand_send(&hand, ACTOR, &done);
        assert_int_equal(hand_number(&hand, COMMAND_FINISHED), i < 2);
    }
    const record_t *over = record_by_kind(job_find(hand.s->jobs, id_of(3)), RECORD_FINISHED);
    assert_int_equal(over->class, FAILED_TOO_LARGE);
    assert_null(over->attachment);
    hand_close(&hand);
}

/* The order in which jobs are given out, one after another. */
static void expect_order(hand_t *hand, const uint64_t *numbers, int count)
{
    for (int i = 0; i < count; i++) {
        const message_t *job = hand_got(hand, ACTOR, COMMAND_JOB);
        assert_non_null(job);
        assert_int_equal(job->job.low & 0xFFFF, numbers[i]);
        hand_send(hand, ACTOR,
                  &(message_t){.command = COMMAND_DONE, .job = job->job, .token = job->token, .last = true});
    }
    assert_null(hand_got(hand, ACTOR, COMMAND_JOB));
}

static void test_priority(void **state)
{
    (void)state;
    static const uint32_t priorities[] = {5, 0, MESSAGE_PRIORITY_MOST, 1, 0, 5};
    static const uint64_t order[] = {1, 4, 3, 0, 5, 2};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    for (uint64_t i = 0; i < 6; i++) {
        message_t submit = hand_job(i);
        submit.priority = priorities[i];
        hand_send(&hand, OWNER, &submit);
    }
    hand_actor(&hand, ACTOR, 1);
    expect_order(&hand, order, 6);
    hand_close(&hand);
}

/* One owner's backlog does not stand before another's first job; within each, first come. */
static void test_fair_turns(void **state)
{
    (void)state;
    static const uint64_t order[] = {0, 1, 10, 2, 11, 3, 4, 5};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_owner(&hand, OTHER_OWNER);
    for (uint64_t i = 0; i < 6; i++)
        hand_submit(&hand, OWNER, i);
    hand_actor(&hand, ACTOR, 1); /* 0 is given out: the turn being served is its */
    const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
    assert_int_equal(job->job.low & 0xFFFF, order[0]);
    message_t first = *job;
    hand_submit(&hand, OTHER_OWNER, 10);
    hand_submit(&hand, OTHER_OWNER, 11);
    hand_send(&hand, ACTOR,
              &(message_t){.command = COMMAND_DONE, .job = first.job, .token = first.token, .last = true});
    uint64_t got[8] = {0};
    for (int i = 1; i < 8; i++) {
        job = hand_got(&hand, ACTOR, COMMAND_JOB);
        assert_non_null(job);
        got[i] = job->job.low & 0xFFFF;
        hand_send(&hand, ACTOR,
                  &(message_t){.command = COMMAND_DONE, .job = job->job, .token = job->token, .last = true});
    }
    int first_other = 0, second_other = 0;
    for (int i = 1; i < 8; i++) {
        first_other = got[i] == 10 ? i : first_other;
        second_other = got[i] == 11 ? i : second_other;
    }
    assert_in_range(first_other, 1, 2);
    assert_in_range(second_other, 2, 4);
    for (int i = 1, last = 0; i < 8; i++)
        if (got[i] < 10) {
            assert_int_equal(got[i], last + 1);
            last = (int)got[i];
        }
    hand_close(&hand);
}

static void test_credit(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 2);
    for (uint64_t i = 0; i < 3; i++) {
        hand_submit(&hand, OWNER, i);
        assert_int_equal(hand_number(&hand, COMMAND_JOB), i < 2);
    }
    hand_send(&hand, ACTOR,
              &(message_t){.command = COMMAND_CREDIT, .number = 1, .stage = slice_of("ocr"), .slots = 100});
    assert_int_equal(hand_number(&hand, COMMAND_JOB), 0); /* overtaken by a later one */
    hand_actor(&hand, OTHER_ACTOR, 1);
    assert_int_equal(hand_number(&hand, COMMAND_JOB), 1);
    hand_credit(&hand, ACTOR, "ocr", 0);
    hand_submit(&hand, OWNER, 9);
    assert_int_equal(hand_number(&hand, COMMAND_JOB), 0);
    hand_send(&hand, OTHER_ACTOR,
              &(message_t){.command = COMMAND_CREDIT, .number = 99, .stage = slice_of("store"), .slots = 1});
    assert_int_equal(hand.s->bad, 1); /* a stage that it does not serve */
    hand_close(&hand);
}

/* However many slots it has, an actor is given no more once so many bytes lie there, at any of its stages. */
static void test_bytes_at_actor(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    options.actor_bytes = 10;
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 5);
    for (uint64_t i = 0; i < 4; i++) {
        hand_submit(&hand, OWNER, i); /* 7 bytes */
        assert_int_equal(hand_number(&hand, COMMAND_JOB), i < 2);
    }
    token_t token = job_find(hand.s->jobs, id_of(0))->token;
    message_t done = {
        .command = COMMAND_DONE, .job = id_of(0), .token = token, .body = slice_of("a dossier of the next stage")};
    hand_send(&hand, ACTOR, &done);
    assert_int_equal(hand_number(&hand, COMMAND_JOB), 1); /* 7 bytes are there: one more of either stage */
    hand_actor(&hand, OTHER_ACTOR, 5);                    /* gets llm's, which fills it, and none of ocr */
    assert_int_equal(job_find(hand.s->jobs, id_of(0))->state, JOB_RUNNING);
    assert_int_equal(job_find(hand.s->jobs, id_of(3))->state, JOB_QUEUED);
    hand_answer(&hand, OTHER_ACTOR, COMMAND_DONE, id_of(0), job_find(hand.s->jobs, id_of(0))->token);
    assert_int_equal(hand_number(&hand, COMMAND_JOB), 1); /* there is room again */
    hand_close(&hand);
}

static void test_retry(void **state)
{
    (void)state;
    static const uint64_t alive[] = {OWNER, ACTOR, 0};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    message_t submit = hand_job(1);
    submit.backoff = BACKOFF_EXPONENTIAL;
    submit.backoff_ms = 100;
    submit.attempts = 4;
    hand_send(&hand, OWNER, &submit);
    for (uint32_t attempt = 1; attempt < 4; attempt++) {
        const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
        assert_int_equal(job->attempt, attempt);
        hand_fail(&hand, ACTOR, id_of(1), job->token, FAILED_RETRYABLE);
        const message_t *record = hand_got(&hand, OWNER, COMMAND_RECORD); /* its owner is told */
        assert_int_equal(record->attempt, attempt);
        assert_int_equal(record->next.size, 0);
        int64_t begun = hand.now;
        hand_wait(&hand, 10 * (int64_t)SECOND, alive);
        assert_non_null(hand_got(&hand, ACTOR, COMMAND_JOB));
        assert_int_equal(hand.now - begun, (100 << (attempt - 1)) * MS); /* 100, 200, 400 ms */
    }
    const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
    hand_fail(&hand, ACTOR, id_of(1), job->token, FAILED_RETRYABLE);
    const message_t *finished = hand_got(&hand, OWNER, COMMAND_FINISHED);
    assert_int_equal(finished->outcome, OUTCOME_FAILED);
    assert_int_equal(finished->class, FAILED_RETRYABLE);
    assert_int_equal(finished->attempt, 4);
    assert_true(slice_is(finished->fault, "damaged") && slice_is(finished->text, "why"));
    hand_close(&hand);
}

static void test_jitter(void **state)
{
    (void)state;
    static const uint64_t alive[] = {OWNER, ACTOR, 0};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    int64_t least = INT64_MAX, most = 0;
    for (uint64_t i = 0; i < 50; i++) {
        message_t submit = hand_job(i);
        submit.backoff_ms = 400;
        submit.jitter = 50;
        submit.attempts = 2;
        hand_send(&hand, OWNER, &submit);
        const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
        int64_t begun = hand.now;
        hand_fail(&hand, ACTOR, job->job, job->token, FAILED_RETRYABLE);
        do /* what its owner has not acknowledged comes again in between */
            hand_wait(&hand, SECOND, alive);
        while (!hand_got(&hand, ACTOR, COMMAND_JOB) && hand.now - begun < 10 * (int64_t)SECOND);
        job = hand_got(&hand, ACTOR, COMMAND_JOB);
        assert_non_null(job);
        int64_t waited = hand.now - begun;
        least = waited < least ? waited : least;
        most = waited > most ? waited : most;
        hand_send(&hand, ACTOR,
                  &(message_t){.command = COMMAND_DONE, .job = job->job, .token = job->token, .last = true});
    }
    assert_in_range(least, 200 * MS, 240 * MS);
    assert_in_range(most, 360 * MS, 400 * MS);
    hand_close(&hand);
}

static void expect_failure(failed_t class, failed_t told)
{
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    hand_submit(&hand, OWNER, 1);
    hand_fail(&hand, ACTOR, id_of(1), hand_got(&hand, ACTOR, COMMAND_JOB)->token, class);
    const message_t *finished = hand_got(&hand, OWNER, COMMAND_FINISHED);
    assert_int_equal(finished->outcome, OUTCOME_FAILED);
    assert_int_equal(finished->class, told);
    assert_int_equal(finished->attempt, 0); /* none was counted */
    hand_close(&hand);
}

static void test_classes(void **state)
{
    (void)state;
    expect_failure(FAILED_PERMANENT, FAILED_PERMANENT);
    expect_failure(FAILED_TOO_LARGE, FAILED_TOO_LARGE);
    expect_failure(FAILED_SOURCE_EXPIRED, FAILED_SOURCE_EXPIRED);
}

static void test_poison(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    message_t submit = hand_job(1);
    submit.attempts = 100;
    hand_send(&hand, OWNER, &submit);
    for (int crash = 0; crash < 3; crash++) {
        const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
        assert_int_equal(job->crashes, crash);
        hand_fail(&hand, ACTOR, id_of(1), job->token, FAILED_CRASHED);
    }
    const message_t *finished = hand_got(&hand, OWNER, COMMAND_FINISHED);
    assert_int_equal(finished->crashes, 3);
    assert_int_equal(finished->class, FAILED_PERMANENT);
    assert_true(slice_is(finished->fault, "poison"));
    hand_close(&hand);
}

/* Kills from outside make no poison: ten losses end a job, as something to try again. */
static void test_losses(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    hand_submit(&hand, OWNER, 1);
    for (uint32_t loss = 0; loss < 10; loss++) {
        const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
        assert_int_equal(job->losses, loss);
        assert_int_equal(job->attempt, 1);
        hand_fail(&hand, ACTOR, id_of(1), job->token, FAILED_LOST);
    }
    const message_t *finished = hand_got(&hand, OWNER, COMMAND_FINISHED);
    assert_int_equal(finished->losses, 10);
    assert_int_equal(finished->crashes, 0);
    assert_int_equal(finished->class, FAILED_RETRYABLE);
    hand_close(&hand);
}

/* An actor falls silent: what it had is given to another at once, first in line, under a new token; its late answer is
 * dropped. */
static void test_silent_actor(void **state)
{
    (void)state;
    static const uint64_t alive[] = {OWNER, OTHER_ACTOR, 0};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 2);
    hand_submit(&hand, OWNER, 1);
    token_t begun = hand_got(&hand, ACTOR, COMMAND_JOB)->token;
    hand_answer(&hand, ACTOR, COMMAND_STARTED, id_of(1), begun);
    hand_submit(&hand, OWNER, 2);
    token_t waiting = hand_got(&hand, ACTOR, COMMAND_JOB)->token;
    hand_submit(&hand, OWNER, 3);
    hand_actor(&hand, OTHER_ACTOR, 0);
    int64_t from = hand.now;
    hand_wait(&hand, 10 * (int64_t)SECOND, alive); /* RECORD of the loss */
    assert_int_equal(hand.now - from, 4 * SECOND);
    hand_credit(&hand, OTHER_ACTOR, "ocr", 3);
    assert_int_equal(hand_nth(&hand, OTHER_ACTOR, COMMAND_JOB, 0)->job.low & 0xFF, 1);
    assert_int_equal(hand_nth(&hand, OTHER_ACTOR, COMMAND_JOB, 0)->losses, 1); /* had begun */
    assert_int_equal(hand_nth(&hand, OTHER_ACTOR, COMMAND_JOB, 1)->job.low & 0xFF, 2);
    assert_int_equal(hand_nth(&hand, OTHER_ACTOR, COMMAND_JOB, 1)->losses, 0); /* had not */
    assert_int_equal(hand_nth(&hand, OTHER_ACTOR, COMMAND_JOB, 2)->job.low & 0xFF, 3);
    hand_answer(&hand, ACTOR, COMMAND_DONE, id_of(1), begun);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_GOODBYE)); /* it must say HELLO again */
    hand_actor(&hand, ACTOR, 0);
    hand_answer(&hand, ACTOR, COMMAND_DONE, id_of(1), begun);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_ACK)); /* so that it is not sent again */
    assert_null(hand_got(&hand, OTHER_ACTOR, COMMAND_JOB));
    buf_t list = {0};
    message_token_add(waiting, &list);
    hand_send(&hand, ACTOR,
              &(message_t){.command = COMMAND_HEARTBEAT,
                           .token = {77, 1000},
                           .listed = true,
                           .tokens = {list.bytes, (uint32_t)list.size}});
    assert_true(token_equal(hand_got(&hand, ACTOR, COMMAND_CANCEL)->token, waiting)); /* is there, and should not be */
    buf_free(&list);
    hand_close(&hand);
}

/* A leap of the clock is nobody's silence. */
static void test_leap(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    hand_submit(&hand, OWNER, 1);
    hand.now += 3600 * (int64_t)SECOND;
    hand_event(&hand, &(event_t){.kind = EVENT_TICK});
    assert_int_equal(hand.s->actor_count, 1);
    assert_int_equal(hand.s->owner_count, 1);
    hand_wait(&hand, 30 * (int64_t)SECOND, NULL);
    assert_int_equal(hand.s->actor_count, 0); /* but the time after it is */
    hand_close(&hand);
}

static void test_digest(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 2);
    hand_submit(&hand, OWNER, 1);
    token_t token = hand_got(&hand, ACTOR, COMMAND_JOB)->token;
    message_t heartbeat = {
        .command = COMMAND_HEARTBEAT, .token = {77, 0}, .held = 1, .digest = message_token_digest(token)};
    hand_send(&hand, ACTOR, &heartbeat);
    assert_int_equal(hand.count, 0); /* all agreed */
    heartbeat.held = 0;
    heartbeat.digest = 0;
    hand_send(&hand, ACTOR, &heartbeat);
    assert_true(hand_got(&hand, ACTOR, COMMAND_HEARTBEAT)->want);
    heartbeat.listed = true; /* an empty list, made before the JOB came */
    hand_send(&hand, ACTOR, &heartbeat);
    assert_int_equal(hand.count, 0);
    heartbeat.token.counter = token.counter; /* and one made after: it was lost */
    hand_send(&hand, ACTOR, &heartbeat);
    const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
    assert_int_equal(job->losses, 0);
    assert_int_not_equal(job->token.counter, token.counter);
    hand_close(&hand);
}

static void test_cancel(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_submit(&hand, OWNER, 1);
    hand_send(&hand, OWNER, &(message_t){.command = COMMAND_CANCEL, .job = id_of(1), .epoch = 1});
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_FINISHED)->outcome, OUTCOME_CANCELLED);
    hand_actor(&hand, ACTOR, 1);
    hand_submit(&hand, OWNER, 2);
    token_t token = hand_got(&hand, ACTOR, COMMAND_JOB)->token;
    hand_send(&hand, OWNER, &(message_t){.command = COMMAND_CANCEL, .job = id_of(2), .epoch = 1});
    assert_true(token_equal(hand_got(&hand, ACTOR, COMMAND_CANCEL)->token, token));
    assert_null(hand_got(&hand, OWNER, COMMAND_FINISHED)); /* not before its worker has let go */
    hand_send(&hand, ACTOR, &(message_t){.command = COMMAND_HEARTBEAT});
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_CANCEL)); /* again, should it have been lost */
    hand_answer(&hand, ACTOR, COMMAND_DONE, id_of(2), token);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_FINISHED)->outcome, OUTCOME_CANCELLED);
    hand_send(&hand, OWNER, &(message_t){.command = COMMAND_CANCEL, .job = id_of(3), .epoch = 1});
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_UNKNOWN);
    hand_close(&hand);
}

static void test_deadline(void **state)
{
    (void)state;
    static const uint64_t alive[] = {OWNER, ACTOR, 0};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    message_t submit = hand_job(1);
    submit.remaining_ms = 1500;
    hand_send(&hand, OWNER, &submit);
    int64_t from = hand.now;
    hand_wait(&hand, 10 * (int64_t)SECOND, alive);
    assert_int_equal(hand.now - from, 1500 * MS);
    assert_true(slice_is(hand_got(&hand, OWNER, COMMAND_FINISHED)->fault, "deadline"));
    hand_actor(&hand, ACTOR, 1);
    submit.job = id_of(2);
    hand_send(&hand, OWNER, &submit);
    const message_t *job = hand_got(&hand, ACTOR, COMMAND_JOB);
    assert_int_equal(job->remaining_ms, 1500);
    token_t token = job->token;
    hand_wait(&hand, 10 * (int64_t)SECOND, alive);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_CANCEL));
    hand_fail(&hand, ACTOR, id_of(2), token, FAILED_CANCELLED);
    assert_true(slice_is(hand_got(&hand, OWNER, COMMAND_FINISHED)->fault, "deadline"));
    hand_close(&hand);
}

static void test_delay(void **state)
{
    (void)state;
    static const uint64_t alive[] = {OWNER, ACTOR, 0};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    message_t submit = hand_job(1);
    submit.delay_ms = 2500;
    hand_send(&hand, OWNER, &submit);
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_ACCEPTED)->place, PLACE_DELAYED);
    int64_t from = hand.now;
    hand_wait(&hand, 10 * (int64_t)SECOND, alive);
    assert_int_equal(hand.now - from, 2500 * MS);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_JOB));
    hand_close(&hand);
}

/* A stage that nobody serves: others wait on, `store` for a minute. */
static void test_no_actor(void **state)
{
    (void)state;
    static const uint64_t alive[] = {OWNER, 0};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_submit(&hand, OWNER, 1);
    message_t submit = hand_job(2);
    submit.names[0] = slice_of("store");
    submit.name_count = 1;
    submit.attempts = 1;
    hand_send(&hand, OWNER, &submit);
    int64_t from = hand.now;
    hand_wait(&hand, 200 * (int64_t)SECOND, alive);
    assert_in_range(hand.now - from, 60 * SECOND, 62 * SECOND);
    const message_t *finished = hand_got(&hand, OWNER, COMMAND_FINISHED);
    assert_true(slice_is(finished->fault, "no-actor"));
    assert_int_equal(finished->class, FAILED_RETRYABLE);
    assert_int_equal(finished->job.low & 0xFF, 2);
    hand_close(&hand);
}

static void test_bad_answers(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    message_t submit = hand_job(1);
    submit.budget = 10;
    hand_send(&hand, OWNER, &submit);
    hand_send(&hand, ACTOR,
              &(message_t){.command = COMMAND_DONE,
                           .job = id_of(1),
                           .token = hand_got(&hand, ACTOR, COMMAND_JOB)->token,
                           .body = slice_of("more than ten bytes")});
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_FINISHED)->class, FAILED_TOO_LARGE);
    hand_submit(&hand, OWNER, 2);
    token_t token = hand_got(&hand, ACTOR, COMMAND_JOB)->token;
    hand_send(
        &hand, ACTOR,
        &(message_t){.command = COMMAND_DONE, .job = id_of(2), .token = token, .next = slice_of("ocr")}); /* back */
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_FINISHED)->class, FAILED_PERMANENT);
    hand_submit(&hand, OWNER, 3);
    token = hand_got(&hand, ACTOR, COMMAND_JOB)->token;
    token.counter++; /* forged */
    hand_answer(&hand, ACTOR, COMMAND_DONE, id_of(3), token);
    assert_null(hand_got(&hand, OWNER, COMMAND_FINISHED));
    assert_int_equal(hand.s->stale, 1);
    hand_close(&hand);
}

static void test_return(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    hand_actor(&hand, OTHER_ACTOR, 1);
    hand_submit(&hand, OWNER, 1);
    uint64_t first = hand_got(&hand, ACTOR, COMMAND_JOB) ? ACTOR : OTHER_ACTOR,
             second = first == ACTOR ? OTHER_ACTOR : ACTOR;
    token_t token = hand_got(&hand, first, COMMAND_JOB)->token;
    hand_credit(&hand, first, "ocr", 0); /* it drains */
    hand_answer(&hand, first, COMMAND_RETURN, id_of(1), token);
    const message_t *job = hand_got(&hand, second, COMMAND_JOB);
    assert_int_equal(job->attempt, 1);
    assert_int_equal(job->losses, 0);
    hand_send(&hand, first, &(message_t){.command = COMMAND_GOODBYE});
    assert_int_equal(hand.s->actor_count, 1);
    hand_close(&hand);
}

/* ---- rights ---- */

static void test_rights(void **state)
{
    (void)state;
    static const char *const stages[] = {"ocr", NULL};
    const rights_t actor = {ROLE_ACTOR, stages, 0}, owner = {ROLE_OWNER, NULL, 0};
    message_t hello = {.command = COMMAND_HELLO,
                       .role = ROLE_ACTOR,
                       .instance = {6, 6},
                       .window = 1,
                       .names = {slice_of("ocr"), slice_of("llm")},
                       .name_count = 2};
    event_t event = {.kind = EVENT_MESSAGE, .peer = ACTOR, .rights = &actor, .message = &hello};
    scheduler_options_t options = hand_options();
    options.peers_most = 1;
    hand_t hand = hand_open(&options);
    hand_event(&hand, &event);
    assert_int_equal(hand_got(&hand, ACTOR, COMMAND_REFUSED)->reason, REFUSED_NOT_ALLOWED); /* llm */
    event.rights = &owner;
    hand_event(&hand, &event);
    assert_int_equal(hand_got(&hand, ACTOR, COMMAND_REFUSED)->reason, REFUSED_NOT_ALLOWED);
    event.rights = &actor;
    hello.name_count = 0;
    hand_event(&hand, &event);
    assert_int_equal(hand_got(&hand, ACTOR, COMMAND_REFUSED)->reason, REFUSED_BAD_MESSAGE);
    hello.names[0] = slice_of("nonsense");
    hello.name_count = 1;
    hand_event(&hand, &event);
    assert_int_equal(hand_got(&hand, ACTOR, COMMAND_REFUSED)->reason, REFUSED_BAD_MESSAGE);
    hand_submit(&hand, ACTOR, 1);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_GOODBYE)); /* nobody yet */
    hello.names[0] = slice_of("ocr");
    hand_event(&hand, &event);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_WELCOME));
    hand_submit(&hand, ACTOR, 1);
    assert_int_equal(hand_got(&hand, ACTOR, COMMAND_REFUSED)->reason,
                     REFUSED_NOT_ALLOWED); /* an actor submits nothing */
    assert_int_equal(job_count(hand.s->jobs), 0);
    hand_event(&hand, &event);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_WELCOME)); /* the same peer again */
    hello.instance.low = 7;
    event.peer = OTHER_ACTOR;
    hand_event(&hand, &event);
    assert_int_equal(hand_got(&hand, OTHER_ACTOR, COMMAND_REFUSED)->reason, REFUSED_BUSY); /* one too many */
    hand_close(&hand);
}

/* One role for each kind of key. */
typedef struct {
    hand_t *hand;
    uint64_t peer;
    const rights_t *rights;
} guest_t;

static void say(const guest_t *guest, message_t message)
{
    hand_event(guest->hand,
               &(event_t){.kind = EVENT_MESSAGE, .peer = guest->peer, .rights = guest->rights, .message = &message});
}

static message_t hello_of(role_t role, uint64_t instance)
{
    message_t hello = {.command = COMMAND_HELLO, .role = role, .instance = {9, instance}, .window = 10};
    if (role == ROLE_ACTOR) {
        hello.names[0] = slice_of("ocr");
        hello.name_count = 1;
    }
    return hello;
}

static message_t submit_of(uint64_t job)
{
    return (message_t){
        .command = COMMAND_SUBMIT, .job = {1, job}, .epoch = 3, .names = {slice_of("ocr")}, .name_count = 1};
}

/* An admin's key looks at figures and has no jobs; it serves nothing. */
static void test_admin(void **state)
{
    (void)state;
    const rights_t rights = {.roles = ROLE_ADMIN, .key = 1};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    const guest_t admin = {&hand, OWNER, &rights};
    say(&admin, hello_of(ROLE_ACTOR, 1));
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_NOT_ALLOWED);
    say(&admin, hello_of(ROLE_OWNER, 1));
    assert_non_null(hand_got(&hand, OWNER, COMMAND_WELCOME));
    say(&admin, (message_t){.command = COMMAND_STATS, .number = 4});
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_STATS)->number, 4);
    say(&admin, (message_t){.command = COMMAND_HEARTBEAT});
    say(&admin, submit_of(8));
    const message_t *refused = hand_got(&hand, OWNER, COMMAND_REFUSED);
    assert_int_equal(refused->reason, REFUSED_NOT_ALLOWED); /* of that job, and so final for it */
    assert_int_equal(refused->job.low, 8);
    assert_int_equal(refused->epoch, 3);
    say(&admin, (message_t){.command = COMMAND_CANCEL, .job = {1, 9}, .epoch = 3});
    assert_int_equal(hand_got(&hand, OWNER, COMMAND_REFUSED)->reason, REFUSED_NOT_ALLOWED);
    assert_int_equal(job_count(hand.s->jobs), 0);
    hand_close(&hand);
}

/* Whoever knows another's instance does not get its session with a key of its own. */
static void test_instance_of_another_key(void **state)
{
    (void)state;
    static const char *const stages[] = {"ocr", NULL};
    const rights_t one = {ROLE_ACTOR | ROLE_OWNER, NULL, 1}, other = {ROLE_ACTOR | ROLE_OWNER, stages, 2};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    const guest_t actor = {&hand, ACTOR, &one}, owner = {&hand, OWNER, &one}, thief = {&hand, OTHER_ACTOR, &other},
                  path = {&hand, OTHER_ACTOR, NULL};
    say(&actor, hello_of(ROLE_ACTOR, 1));
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_WELCOME));
    say(&owner, hello_of(ROLE_OWNER, 2));
    assert_non_null(hand_got(&hand, OWNER, COMMAND_WELCOME));
    for (int i = 0; i < 2; i++) {
        say(i ? &thief : &path, hello_of(ROLE_ACTOR, 1));
        assert_int_equal(hand_got(&hand, OTHER_ACTOR, COMMAND_REFUSED)->reason, REFUSED_NOT_ALLOWED);
        say(i ? &thief : &path, hello_of(ROLE_OWNER, 2));
        assert_int_equal(hand_got(&hand, OTHER_ACTOR, COMMAND_REFUSED)->reason, REFUSED_NOT_ALLOWED);
    }
    assert_int_equal(hand.s->actors[0]->peer.handle, ACTOR);
    assert_int_equal(hand.s->owners[0]->peer.handle, OWNER);
    hand_close(&hand);
}

/* A key that has lost its rights: its sessions end at once, its job goes to another, and nobody else notices. */
static void test_barred(void **state)
{
    (void)state;
    const rights_t one = {ROLE_ACTOR, NULL, 1}, other = {ROLE_ACTOR, NULL, 2}, owns = {ROLE_OWNER, NULL, 3};
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    const guest_t first = {&hand, ACTOR, &one}, second = {&hand, OTHER_ACTOR, &other}, owner = {&hand, OWNER, &owns};
    say(&owner, hello_of(ROLE_OWNER, 3));
    say(&first, hello_of(ROLE_ACTOR, 1));
    say(&second, hello_of(ROLE_ACTOR, 2));
    say(&first, (message_t){.command = COMMAND_CREDIT, .number = 1, .stage = slice_of("ocr"), .slots = 1});
    say(&owner, submit_of(8));
    token_t token = hand_got(&hand, ACTOR, COMMAND_JOB)->token;
    say(&second, (message_t){.command = COMMAND_CREDIT, .number = 1, .stage = slice_of("ocr"), .slots = 1});
    const rights_t off = {.key = 1};
    hand_event(&hand, &(event_t){.kind = EVENT_BARRED, .rights = &off});
    assert_int_equal(hand_got(&hand, ACTOR, COMMAND_REFUSED)->reason, REFUSED_NOT_ALLOWED);
    assert_int_equal(hand_got(&hand, OTHER_ACTOR, COMMAND_JOB)->job.low, 8);
    assert_int_equal(hand.s->actor_count, 1);
    say(&first, (message_t){.command = COMMAND_DONE, .job = {1, 8}, .token = token, .last = true});
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_GOODBYE)); /* whatever comes of it counts for nothing */
    assert_int_equal(job_find(hand.s->jobs, (ident_t){1, 8})->state, JOB_RUNNING);
    const rights_t less = {.roles = ROLE_ADMIN, .key = 3}; /* it has another line now: HELLO again */
    hand_event(&hand, &(event_t){.kind = EVENT_BARRED, .rights = &less});
    assert_non_null(hand_got(&hand, OWNER, COMMAND_GOODBYE));
    assert_int_equal(hand.s->owner_count, 0);
    assert_int_equal(hand.s->actor_count, 1);
    scheduler_audit(hand.s);
    hand_close(&hand);
}

/* A connection belongs to one process: a second one on it ends the first. */
static void test_one_connection(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    hand_t hand = hand_open(&options);
    hand_owner(&hand, OWNER);
    hand_actor(&hand, ACTOR, 1);
    hand_submit(&hand, OWNER, 1);
    assert_non_null(hand_got(&hand, ACTOR, COMMAND_JOB));
    message_t hello = {.command = COMMAND_HELLO,
                       .role = ROLE_ACTOR,
                       .instance = {6, 999},
                       .window = 1,
                       .names = {slice_of("ocr")},
                       .name_count = 1};
    hand_send(&hand, ACTOR, &hello);
    assert_int_equal(hand.s->actor_count, 1);
    assert_int_equal(job_find(hand.s->jobs, id_of(1))->state, JOB_QUEUED);
    for (uint64_t i = 0; i < 100; i++) { /* however often: no more peers than connections */
        hello.instance.low = 1000 + i;
        hand_send(&hand, ACTOR, &hello);
    }
    assert_int_equal(hand.s->actor_count, 1);
    hello.instance.low = 7;
    hello.role = ROLE_OWNER;
    hello.name_count = 0;
    hand_send(&hand, OWNER, &hello);
    assert_int_equal(hand.s->owner_count, 1);
    assert_int_equal(job_count(hand.s->jobs), 0);
    hand_close(&hand);
}

/* What hosts offer is bounded too. */
static void test_many_offers(void **state)
{
    (void)state;
    scheduler_options_t options = hand_options();
    options.max_jobs = 10;
    hand_t hand = hand_open(&options);
    hand_actor(&hand, ACTOR, 1);
    int called_off = 0;
    for (uint64_t i = 0; i < 100; i++) {
        hand_send(
            &hand, ACTOR,
            &(message_t){.command = COMMAND_OFFER, .job = id_of(i), .token = {66, i + 1}, .stage = slice_of("ocr")});
        called_off += hand_got(&hand, ACTOR, COMMAND_CANCEL) != NULL;
    }
    assert_int_equal(job_count(hand.s->jobs), 20);
    assert_int_equal(called_off, 80);
    hand_close(&hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hand_over),
        cmocka_unit_test(test_attachment),
        cmocka_unit_test(test_attachment_counts),
        cmocka_unit_test(test_priority),
        cmocka_unit_test(test_fair_turns),
        cmocka_unit_test(test_credit),
        cmocka_unit_test(test_retry),
        cmocka_unit_test(test_jitter),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_poison),
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_silent_actor),
        cmocka_unit_test(test_leap),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_no_actor),
        cmocka_unit_test(test_bad_answers),
        cmocka_unit_test(test_return),
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_admin),
        cmocka_unit_test(test_instance_of_another_key),
        cmocka_unit_test(test_barred),
        cmocka_unit_test(test_one_connection),
        cmocka_unit_test(test_many_offers),
        cmocka_unit_test(test_bytes_at_actor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
