/* The bound that scheduler.h states: full of jobs, with an owner that acknowledges nothing and stages that make as much
 * as they may, the broker's memory stays below 3 * max_bytes + 800 * max_jobs; 300 more are for what hosts offer, of
 * which there is nothing here.
 */
#include "stagehand.h"

#include <malloc.h>
#include <stdlib.h>

/* ALONE: what one owner may have; the rest is kept for somebody who is still to come. */
enum { JOBS = 4000, ALONE = JOBS - JOBS / 8, BUDGET = 2000 };

/* With the address sanitizer the C library's own count says nothing. */
extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated(void)
{
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void open_all(hand_t *hand)
{
    scheduler_options_t options = hand_options();
    options.max_jobs = JOBS;
    options.max_bytes = (uint64_t)JOBS * BUDGET;
    options.stages[3] = (scheduler_stage_t){"validation", 0};
    options.stage_count = 4;
    *hand = hand_open(&options);
    hand_send(hand, OWNER,
              &(message_t){.command = COMMAND_HELLO, .role = ROLE_OWNER, .instance = {5, OWNER}, .window = 1});
    hand_send(hand, ACTOR,
              &(message_t){.command = COMMAND_HELLO,
                           .role = ROLE_ACTOR,
                           .instance = {6, ACTOR},
                           .window = 1,
                           .names = {slice_of("ocr"), slice_of("llm"), slice_of("validation"), slice_of("store")},
                           .name_count = 4});
}

/* As hand_send, without the audit, which looks at every job. */
static const message_t *quick(hand_t *hand, uint64_t peer, const message_t *message, command_t wanted)
{
    hand->actions = scheduler_step(hand->s, &(event_t){.kind = EVENT_MESSAGE, .peer = peer, .message = message},
                                   ++hand->now, &hand->count);
    return hand_got(hand, peer, wanted);
}

/* Takes one job of the stage after another and answers with a dossier of the whole budget. Returns how many there were.
 */
static int serve(hand_t *hand, const char *stage)
{
    static char body[BUDGET];
    static uint64_t number;
    int served = 0;
    message_t credit = {.command = COMMAND_CREDIT, .number = ++number, .stage = slice_of(stage), .slots = 1};
    const message_t *job = quick(hand, ACTOR, &credit, COMMAND_JOB);
    while (job) {
        message_t done = {.command = COMMAND_DONE, .job = job->job, .token = job->token, .body = {body, BUDGET}};
        job = quick(hand, ACTOR, &done, COMMAND_JOB);
        served++;
    }
    credit.number = ++number;
    credit.slots = 0;
    quick(hand, ACTOR, &credit, COMMAND_JOB);
    return served;
}

static void test_bound(void **state)
{
    (void)state;
    hand_t hand;
    size_t before = allocated();
    open_all(&hand);
    uint64_t accepted = 0;
    for (uint64_t i = 0; i < JOBS + 100; i++) {
        message_t submit = hand_job(i);
        submit.names[2] = slice_of("validation");
        submit.names[3] = slice_of("store");
        submit.name_count = 4;
        submit.record = true;
        submit.budget = BUDGET;
        accepted += quick(&hand, OWNER, &submit, COMMAND_ACCEPTED) != NULL;
    }
    assert_int_equal(accepted, ALONE);
    size_t queued = allocated() - before;
    assert_in_range(queued, 1, JOBS * (300 + 7) + 100000); /* each its own seven bytes and 300 */
    assert_int_equal(serve(&hand, "ocr"), ALONE);
    assert_int_equal(serve(&hand, "llm"), ALONE);
    assert_int_equal(serve(&hand, "validation"), ALONE);
    assert_int_equal(serve(&hand, "store"), 0); /* the owner has not acknowledged: they are held */
    scheduler_audit(hand.s);
    size_t most = allocated() - before;
    assert_in_range(most, 2 * (size_t)ALONE * BUDGET, 3 * (size_t)JOBS * BUDGET + 800 * JOBS);
    hand_close(&hand);
    assert_in_range(allocated(), 0, before + most / 100); /* the C library keeps a little for itself */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
