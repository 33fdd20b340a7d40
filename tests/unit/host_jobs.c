/* The host's jobs: credit among brokers, answers kept until acknowledged, digests, offers, cancel, drain. */
#include "proto/jobs/jobs.h"
#include "check.h"

#include <string.h>

enum { MS = 1000, SECOND = 1000000 };

static int64_t now;

static ident_t id_of(uint64_t n)
{
    return (ident_t){0x0190000000007000, 0x8000000000000000 | n};
}

static jobs_t *open_jobs(uint32_t brokers, uint32_t workers, uint32_t prefetch)
{
    jobs_options_t options = jobs_defaults();
    options.instance = (ident_t){1, 2};
    options.name = "test";
    options.stages[0] = (jobs_stage_t){"ocr", workers, prefetch};
    options.stages[1] = (jobs_stage_t){"llm", 1, 0};
    options.stage_count = 2;
    now = 1000 * (int64_t)SECOND;
    jobs_t *jobs = jobs_new(&options, now);
    for (uint32_t i = 0; i < brokers; i++)
        jobs_broker(jobs, now);
    return jobs;
}

static void take(jobs_t *jobs, uint32_t broker, message_t message)
{
    jobs_receive(jobs, broker, &message, now);
    jobs_audit(jobs);
}

static void welcome(jobs_t *jobs, uint32_t broker, uint64_t incarnation)
{
    take(jobs, broker,
         (message_t){.command = COMMAND_WELCOME,
                     .token = {incarnation, 1},
                     .heartbeat_ms = 1000,
                     .silence_ms = 4000,
                     .window = 1});
}

/* The n-th message of this command to this broker; NULL when there is none. */
static const message_t *sent(const jobs_t *jobs, uint32_t broker, command_t command, int n)
{
    size_t count;
    const jobs_action_t *actions = jobs_actions(jobs, &count);
    for (size_t i = 0; i < count; i++)
        if (actions[i].kind == JOBS_SEND && actions[i].broker == broker && actions[i].message.command == command &&
            n-- == 0)
            return &actions[i].message;
    return NULL;
}

/* The last CREDIT of a stage to a broker; UINT32_MAX when there is none. */
static uint32_t credit(const jobs_t *jobs, uint32_t broker, const char *stage)
{
    const message_t *message;
    uint32_t slots = UINT32_MAX;
    for (int n = 0; (message = sent(jobs, broker, COMMAND_CREDIT, n)) != NULL; n++)
        if (slice_is(message->stage, stage))
            slots = message->slots;
    return slots;
}

static void give(jobs_t *jobs, uint32_t broker, uint64_t counter, uint32_t priority)
{
    take(jobs, broker,
         (message_t){.command = COMMAND_JOB,
                     .job = id_of(counter),
                     .token = {7, counter},
                     .names = {slice_of("ocr"), slice_of("llm")},
                     .name_count = 2,
                     .priority = priority,
                     .body = slice_of("dossier")});
}

static uint32_t begin(jobs_t *jobs, uint64_t counter)
{
    uint32_t job = UINT32_MAX;
    message_t message;
    assert_true(jobs_take(jobs, 0, &job, &message, now));
    assert_int_equal(message.token.counter, counter);
    assert_true(slice_is(message.body, "dossier"));
    jobs_audit(jobs);
    return job;
}

static void wait_for(jobs_t *jobs, int64_t us)
{
    int64_t until = now + us, due = jobs_deadline(jobs);
    now = due < until ? due : until;
    jobs_tick(jobs, now);
    jobs_audit(jobs);
}

static void test_round(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(1, 2, 1);
    welcome(jobs, 0, 7);
    assert_int_equal(credit(jobs, 0, "ocr"), 3); /* workers and prefetch */
    assert_int_equal(credit(jobs, 0, "llm"), 1);
    assert_true(sent(jobs, 0, COMMAND_HEARTBEAT, 0)->listed);
    give(jobs, 0, 1, 5);
    give(jobs, 0, 2, 0);
    give(jobs, 0, 2, 0); /* twice the same */
    assert_int_equal(jobs_count(jobs), 2);
    uint32_t second = begin(jobs, 2); /* priority */
    assert_true(token_equal(sent(jobs, 0, COMMAND_STARTED, 0)->token, (token_t){7, 2}));
    uint32_t first = begin(jobs, 1);
    jobs_progress(jobs, first, 1, 3, now);
    assert_int_equal(sent(jobs, 0, COMMAND_PROGRESS, 0)->total, 3);
    jobs_done(jobs, second, &(jobs_result_t){.dossier = slice_of("words"), .next = "llm"}, now);
    const message_t *done = sent(jobs, 0, COMMAND_DONE, 0);
    assert_true(slice_is(done->body, "words") && slice_is(done->next, "llm"));
    int64_t from = now;
    while (now - from < 10 * (int64_t)SECOND) {
        wait_for(jobs, SECOND);
        if (sent(jobs, 0, COMMAND_DONE, 0))
            break;
    }
    assert_int_equal(now - from, 2 * SECOND); /* again, until acknowledged */
    assert_true(slice_is(sent(jobs, 0, COMMAND_DONE, 0)->body, "words"));
    take(jobs, 0, (message_t){.command = COMMAND_ACK, .acked = COMMAND_DONE, .job = id_of(2), .token = {7, 2}});
    jobs_failed(jobs, first, FAILED_CRASHED, "memory", "too much", now);
    assert_int_equal(sent(jobs, 0, COMMAND_FAILED, 0)->class, FAILED_CRASHED);
    take(jobs, 0, (message_t){.command = COMMAND_ACK, .acked = COMMAND_FAILED, .job = id_of(1), .token = {7, 1}});
    assert_int_equal(jobs_count(jobs), 0);
    jobs_destroy(&jobs);
    jobs_destroy(&jobs);
}

static void test_digest(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(1, 2, 1);
    welcome(jobs, 0, 7);
    give(jobs, 0, 5, 0);
    give(jobs, 0, 6, 0);
    uint32_t job = begin(jobs, 5);
    jobs_done(jobs, job, &(jobs_result_t){0}, now);
    take(jobs, 0, (message_t){.command = COMMAND_HEARTBEAT, .token = {7, 9}, .want = true});
    const message_t *heartbeat = sent(jobs, 0, COMMAND_HEARTBEAT, 0);
    assert_true(heartbeat->listed);
    assert_int_equal(heartbeat->token.counter, 9); /* the highest it knows of */
    assert_int_equal(heartbeat->held, 2);          /* an answer that is not acknowledged counts */
    assert_int_equal(message_token_count(heartbeat->tokens), 2);
    assert_true(heartbeat->digest == message_token_digest((token_t){7, 5}) + message_token_digest((token_t){7, 6}));
    take(jobs, 0, (message_t){.command = COMMAND_ACK, .acked = COMMAND_DONE, .job = id_of(5), .token = {7, 5}});
    wait_for(jobs, SECOND);
    assert_false(sent(jobs, 0, COMMAND_HEARTBEAT, 0)->listed);
    assert_true(sent(jobs, 0, COMMAND_HEARTBEAT, 0)->digest == message_token_digest((token_t){7, 6}));
    assert_int_equal(credit(jobs, 0, "ocr"), 3); /* told again: one may have been lost */
    jobs_destroy(&jobs);
}

static void test_cancel(void **state)
{
    (void)state;
    size_t count;
    jobs_t *jobs = open_jobs(1, 2, 1);
    welcome(jobs, 0, 7);
    give(jobs, 0, 1, 0);
    give(jobs, 0, 2, 0);
    uint32_t job = begin(jobs, 1);
    take(jobs, 0, (message_t){.command = COMMAND_CANCEL, .token = {7, 2}}); /* waiting: given back */
    assert_true(token_equal(sent(jobs, 0, COMMAND_RETURN, 0)->token, (token_t){7, 2}));
    assert_int_equal(jobs_waiting(jobs, 0), 0);
    take(jobs, 0, (message_t){.command = COMMAND_CANCEL, .token = {7, 1}});
    const jobs_action_t *kill = jobs_actions(jobs, &count);
    assert_int_equal(count, 1);
    assert_int_equal(kill->kind, JOBS_KILL);
    assert_int_equal(kill->job, job);
    take(jobs, 0, (message_t){.command = COMMAND_CANCEL, .token = {7, 1}});
    jobs_actions(jobs, &count);
    assert_int_equal(count, 0); /* once */
    jobs_failed(jobs, job, FAILED_CRASHED, "crashed", "killed", now);
    assert_int_equal(sent(jobs, 0, COMMAND_FAILED, 0)->class, FAILED_CANCELLED); /* not the document's fault */
    take(jobs, 0, (message_t){.command = COMMAND_CANCEL, .token = {7, 1}});
    assert_non_null(sent(jobs, 0, COMMAND_FAILED, 0)); /* the answer again */
    jobs_destroy(&jobs);
}

static void test_new_life(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(1, 2, 1);
    welcome(jobs, 0, 7);
    give(jobs, 0, 1, 0);
    give(jobs, 0, 2, 0);
    give(jobs, 0, 3, 0);
    begin(jobs, 1);
    uint32_t answered = begin(jobs, 2);
    jobs_done(jobs, answered, &(jobs_result_t){.dossier = slice_of("words")}, now);
    welcome(jobs, 0, 8);
    assert_int_equal(jobs_count(jobs), 2); /* what waited is given up */
    assert_non_null(sent(jobs, 0, COMMAND_OFFER, 0));
    assert_true(slice_is(sent(jobs, 0, COMMAND_OFFER, 0)->stage, "ocr"));
    assert_non_null(sent(jobs, 0, COMMAND_OFFER, 1));
    assert_null(sent(jobs, 0, COMMAND_OFFER, 2));
    assert_int_equal(sent(jobs, 0, COMMAND_HEARTBEAT, 0)->token.counter, 0); /* nothing seen of this life */
    assert_int_equal(message_token_count(sent(jobs, 0, COMMAND_HEARTBEAT, 0)->tokens), 2);
    assert_non_null(sent(jobs, 0, COMMAND_DONE, 0));
    give(jobs, 0, 4, 0); /* of the life that is over */
    assert_int_equal(jobs_count(jobs), 2);
    jobs_destroy(&jobs);
}

static void test_two_brokers(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(2, 7, 1);
    welcome(jobs, 0, 7);
    assert_int_equal(credit(jobs, 0, "ocr"), 8);
    welcome(jobs, 1, 7);
    assert_int_equal(credit(jobs, 0, "ocr"), 4);
    assert_int_equal(credit(jobs, 1, "ocr"), 4);
    assert_int_equal(credit(jobs, 1, "llm"), 1); /* one each, though there is one worker */
    for (uint64_t i = 0; i < 4; i++)
        give(jobs, 0, 10 + i, 0); /* one is hungry, the other has nothing */
    uint32_t mine = 4, other = 4;
    for (int64_t from = now; now - from < 3 * (int64_t)SECOND && mine == 4;) {
        take(jobs, 0, (message_t){.command = COMMAND_HEARTBEAT, .token = {7, 1}});
        take(jobs, 1, (message_t){.command = COMMAND_HEARTBEAT, .token = {7, 1}});
        wait_for(jobs, SECOND);
        mine = credit(jobs, 0, "ocr") != UINT32_MAX ? credit(jobs, 0, "ocr") : mine;
        other = credit(jobs, 1, "ocr") != UINT32_MAX ? credit(jobs, 1, "ocr") : other;
    }
    assert_int_equal(mine, 7);
    assert_int_equal(other, 1); /* never none */
    /* brokers take turns at the workers */
    give(jobs, 1, 50, 9);
    give(jobs, 1, 51, 9);
    uint32_t job;
    message_t message;
    int of_other = 0;
    for (int i = 0; i < 4; i++) {
        assert_true(jobs_take(jobs, 0, &job, &message, now));
        of_other += message.token.counter >= 50;
    }
    assert_int_equal(of_other, 2);
    /* one falls silent: the other has all */
    for (int64_t from = now; now - from < 6 * (int64_t)SECOND && jobs_connected(jobs, 0);) {
        take(jobs, 1, (message_t){.command = COMMAND_HEARTBEAT, .token = {7, 1}});
        wait_for(jobs, SECOND);
    }
    assert_false(jobs_connected(jobs, 0));
    assert_int_equal(credit(jobs, 1, "ocr"), 7); /* and none waits: those that run have taken seconds */
    jobs_destroy(&jobs);
}

static void test_drain(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(1, 1, 1);
    welcome(jobs, 0, 7);
    give(jobs, 0, 1, 0);
    give(jobs, 0, 2, 0);
    uint32_t job = begin(jobs, 1);
    jobs_drain(jobs, now);
    assert_int_equal(credit(jobs, 0, "ocr"), 0);
    assert_true(token_equal(sent(jobs, 0, COMMAND_RETURN, 0)->token, (token_t){7, 2}));
    give(jobs, 0, 3, 0); /* was on its way */
    assert_non_null(sent(jobs, 0, COMMAND_RETURN, 0));
    wait_for(jobs, SECOND);
    assert_false(jobs_drained(jobs)); /* one still runs */
    jobs_done(jobs, job, &(jobs_result_t){.dossier = slice_of("words")}, now);
    take(jobs, 0, (message_t){.command = COMMAND_ACK, .acked = COMMAND_DONE, .job = id_of(1), .token = {7, 1}});
    wait_for(jobs, SECOND);
    assert_non_null(sent(jobs, 0, COMMAND_GOODBYE, 0));
    assert_true(jobs_drained(jobs));
    jobs_destroy(&jobs);
}

static void acked(jobs_t *jobs, uint64_t counter)
{
    take(jobs, 0,
         (message_t){.command = COMMAND_ACK, .acked = COMMAND_DONE, .job = id_of(counter), .token = {7, counter}});
}

/* The number of a job that was prepared. */
static uint32_t prepare(jobs_t *jobs, uint64_t counter)
{
    uint32_t job = UINT32_MAX;
    message_t message;
    assert_true(jobs_prepare(jobs, 0, &job, &message, now));
    assert_int_equal(message.token.counter, counter);
    assert_null(sent(jobs, 0, COMMAND_STARTED, 0));
    jobs_audit(jobs);
    return job;
}

static bool dropped(const jobs_t *jobs, uint32_t job)
{
    size_t count;
    bool found = false;
    const jobs_action_t *actions = jobs_actions(jobs, &count);
    for (size_t i = 0; i < count; i++)
        found |= actions[i].kind == JOBS_DROP && actions[i].job == job;
    return found;
}

/* What is prepared has not begun: it may go back, and it is begun in its own time. */
static void test_prepare(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(1, 2, 4);
    welcome(jobs, 0, 7);
    for (uint64_t i = 1; i <= 6; i++)
        give(jobs, 0, i, 0);
    uint32_t first = prepare(jobs, 1), second = prepare(jobs, 2), third = prepare(jobs, 3);
    assert_int_equal(jobs_waiting(jobs, 0), 3);
    jobs_ready(jobs, second, now += 30 * MS);
    jobs_begin(jobs, second, now);
    assert_true(token_equal(sent(jobs, 0, COMMAND_STARTED, 0)->token, (token_t){7, 2}));
    take(jobs, 0, (message_t){.command = COMMAND_CANCEL, .token = {7, 1}});
    assert_true(token_equal(sent(jobs, 0, COMMAND_RETURN, 0)->token, (token_t){7, 1}));
    assert_true(dropped(jobs, first));
    begin(jobs, 4); /* those that wait can be taken as ever */
    jobs_drain(jobs, now);
    assert_true(dropped(jobs, third));
    assert_false(dropped(jobs, second));
    assert_non_null(sent(jobs, 0, COMMAND_RETURN, 2)); /* 3, 5 and 6 */
    assert_null(sent(jobs, 0, COMMAND_RETURN, 3));
    assert_int_equal(jobs_count(jobs), 2);
    jobs_destroy(&jobs);
    jobs = open_jobs(1, 2, 4); /* another life of the broker: its owner submits what had not begun again */
    welcome(jobs, 0, 7);
    give(jobs, 0, 1, 0);
    first = prepare(jobs, 1);
    welcome(jobs, 0, 8);
    assert_true(dropped(jobs, first));
    assert_null(sent(jobs, 0, COMMAND_OFFER, 0));
    assert_int_equal(jobs_count(jobs), 0);
    jobs_destroy(&jobs);
}

/* No worker got to it: it waits again, and is anybody's as before. */
static void test_put_back(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(1, 1, 4);
    welcome(jobs, 0, 7);
    for (uint64_t i = 1; i <= 3; i++)
        give(jobs, 0, i, 0);
    uint32_t first = begin(jobs, 1), second = begin(jobs, 2);
    jobs_put_back(jobs, first, now);
    jobs_audit(jobs);
    assert_int_equal(jobs_waiting(jobs, 0), 2);
    begin(jobs, 3);
    first = begin(jobs, 1);
    jobs_put_back(jobs, first, now);
    take(jobs, 0, (message_t){.command = COMMAND_CANCEL, .token = {7, 1}});
    assert_true(token_equal(sent(jobs, 0, COMMAND_RETURN, 0)->token, (token_t){7, 1}));
    jobs_drain(jobs, now);
    jobs_put_back(jobs, second, now); /* nobody begins anything any more */
    assert_true(token_equal(sent(jobs, 0, COMMAND_RETURN, 0)->token, (token_t){7, 2}));
    assert_int_equal(jobs_count(jobs), 1);
    jobs_destroy(&jobs);
}

/* One job from JOB to ACK, a worker at it for run_us, the broker's word on it after trip_us. Returns the last CREDIT.
 */
static uint32_t one_job(jobs_t *jobs, uint64_t counter, int64_t run_us, int64_t trip_us, uint32_t slots)
{
    give(jobs, 0, counter, 0);
    uint32_t job = begin(jobs, counter);
    now += run_us;
    jobs_ran(jobs, job, run_us);
    jobs_done(jobs, job, &(jobs_result_t){.dossier = slice_of("words")}, now);
    jobs_audit(jobs);
    if (credit(jobs, 0, "ocr") != UINT32_MAX)
        slots = credit(jobs, 0, "ocr");
    now += trip_us;
    acked(jobs, counter);
    return slots;
}

/* The slots follow the pace of the stage: many for jobs of microseconds, and when they turn slow what waits goes back.
 */
static void test_pace(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(1, 2, 64);
    welcome(jobs, 0, 7);
    uint32_t slots = credit(jobs, 0, "ocr");
    assert_int_equal(slots, 3); /* one waits while nothing is known */
    for (uint64_t i = 1; i <= 20; i++)
        slots = one_job(jobs, i, 20, 200, slots);
    assert_int_equal(slots, 2 + 40);
    for (uint64_t i = 21; i <= 62; i++)
        give(jobs, 0, i, i); /* as many as it offered */
    begin(jobs, 21);
    uint32_t job = begin(jobs, 22);
    uint32_t back = 0;
    for (int64_t from = now; back == 0 && now - from < 3 * (int64_t)SECOND;) { /* both take long */
        take(jobs, 0, (message_t){.command = COMMAND_HEARTBEAT, .token = {7, 62}});
        wait_for(jobs, SECOND);
        while (sent(jobs, 0, COMMAND_RETURN, (int)back))
            back++;
        if (credit(jobs, 0, "ocr") != UINT32_MAX)
            slots = credit(jobs, 0, "ocr");
    }
    assert_int_equal(slots, 2);
    assert_int_equal(back, 40);
    assert_int_equal(jobs_waiting(jobs, 0), 0);
    jobs_ran(jobs, job, SECOND);
    jobs_done(jobs, job, &(jobs_result_t){.dossier = slice_of("words")}, now);
    acked(jobs, 22);
    for (uint64_t i = 100; i <= 300; i++)
        slots = one_job(jobs, i, 20, 200, slots);
    assert_in_range(slots, 2 + 27, 2 + 64);
    jobs_destroy(&jobs);
}

/* What a host has more goes to the broker that wants it; what it has less is taken from who has most. */
static void test_pace_of_two(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(2, 3, 64);
    welcome(jobs, 0, 7);
    welcome(jobs, 1, 7);
    assert_int_equal(credit(jobs, 1, "ocr"), 2); /* of four */
    uint32_t mine = 2, other = 2;
    for (uint64_t i = 1; i <= 40; i++) {
        give(jobs, 0, 1000 + i, 1); /* it fills what it has */
        mine = one_job(jobs, i, 20, 200, mine);
        uint32_t job = begin(jobs, 1000 + i);
        jobs_done(jobs, job, &(jobs_result_t){.dossier = slice_of("words")}, now);
        mine = credit(jobs, 0, "ocr") != UINT32_MAX ? credit(jobs, 0, "ocr") : mine;
        other = credit(jobs, 1, "ocr") != UINT32_MAX ? credit(jobs, 1, "ocr") : other;
        now += 200;
        acked(jobs, 1000 + i);
    }
    assert_in_range(mine, 2 + 50, 2 + 64);
    assert_int_equal(other, 2);
    jobs_destroy(&jobs);
}

/* Of an answer that was sent twice nobody knows which of the two was acknowledged. */
static void test_trip_of_the_first_alone(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(1, 2, 64);
    welcome(jobs, 0, 7);
    give(jobs, 0, 1, 0);
    uint32_t job = begin(jobs, 1);
    jobs_ran(jobs, job, 20);
    jobs_done(jobs, job, &(jobs_result_t){.dossier = slice_of("words")}, now);
    uint32_t slots = credit(jobs, 0, "ocr");
    assert_int_equal(slots, 2 + 40); /* a trip of this machine, while none is known */
    for (int64_t from = now; now - from < 3 * (int64_t)SECOND;)
        wait_for(jobs, SECOND);
    acked(jobs, 1);
    for (uint64_t i = 2; i <= 30; i++)
        slots = one_job(jobs, i, 20, 200, slots);
    assert_int_equal(slots, 2 + 40); /* not three seconds of them */
    jobs_destroy(&jobs);
}

/* A host with nothing in hand wakes for heartbeats alone. */
static void test_idle(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(1, 2, 64);
    welcome(jobs, 0, 7);
    int wakes = 0;
    for (int64_t from = now; now - from < 20 * (int64_t)SECOND; wakes++) {
        take(jobs, 0, (message_t){.command = COMMAND_HEARTBEAT, .token = {7, 0}});
        now = jobs_deadline(jobs);
        jobs_tick(jobs, now);
        assert_non_null(sent(jobs, 0, COMMAND_HEARTBEAT, 0));
    }
    assert_int_equal(wakes, 20);
    jobs_destroy(&jobs);
}

/* Answers for a broker that never comes back do not stay for ever. */
static void test_keep(void **state)
{
    (void)state;
    jobs_t *jobs = open_jobs(1, 1, 1);
    welcome(jobs, 0, 7);
    give(jobs, 0, 1, 0);
    jobs_done(jobs, begin(jobs, 1), &(jobs_result_t){.dossier = slice_of("words")}, now);
    int64_t from = now;
    while (jobs_count(jobs) > 0 && now - from < 1000 * (int64_t)SECOND)
        wait_for(jobs, SECOND);
    assert_in_range(now - from, 600 * (int64_t)SECOND, 603 * (int64_t)SECOND);
    jobs_destroy(&jobs);
}

static void test_refused(void **state)
{
    (void)state;
    size_t count;
    jobs_t *jobs = open_jobs(1, 1, 1);
    take(jobs, 0, (message_t){.command = COMMAND_REFUSED, .reason = REFUSED_NOT_ALLOWED, .text = slice_of("no")});
    const jobs_action_t *action = jobs_actions(jobs, &count);
    assert_int_equal(count, 1);
    assert_int_equal(action->kind, JOBS_REFUSED);
    assert_true(slice_is(action->message.text, "no"));
    wait_for(jobs, SECOND);
    assert_non_null(sent(jobs, 0, COMMAND_HELLO, 0)); /* the allow-list may change */
    jobs_destroy(&jobs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),       cmocka_unit_test(test_digest),
        cmocka_unit_test(test_cancel),      cmocka_unit_test(test_new_life),
        cmocka_unit_test(test_two_brokers), cmocka_unit_test(test_drain),
        cmocka_unit_test(test_keep),        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_prepare),     cmocka_unit_test(test_pace),
        cmocka_unit_test(test_pace_of_two), cmocka_unit_test(test_trip_of_the_first_alone),
        cmocka_unit_test(test_idle),        cmocka_unit_test(test_put_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
