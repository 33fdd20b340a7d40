/* The owner's link: when it asks, what it hands on, what it calls off. */
#include "proto/link.h"
#include "check.h"

#include <string.h>

enum { MS = 1000, SECOND = 1000000 };

static int64_t now;
static uint64_t life; /* incarnation that brokers' heartbeats tell */

static ident_t id_of(uint64_t n)
{
    return (ident_t){0x0190000000007000, 0x8000000000000000 | n};
}

static link_t *open_link(uint32_t brokers)
{
    link_options_t options = link_defaults();
    options.instance = (ident_t){1, 2};
    options.name = "test";
    now = 1000 * (int64_t)SECOND;
    life = 7;
    link_t *link = link_new(&options, now);
    for (uint32_t i = 0; i < brokers; i++)
        link_broker(link, now);
    return link;
}

static void take(link_t *link, uint32_t broker, message_t message)
{
    link_take(link, broker, &message, now);
    link_audit(link);
}

static void welcome(link_t *link, uint32_t broker, uint64_t incarnation, bool resumed)
{
    take(link, broker,
         (message_t){.command = COMMAND_WELCOME,
                     .token = {incarnation, 1},
                     .heartbeat_ms = 1000,
                     .silence_ms = 4000,
                     .window = 2,
                     .resumed = resumed});
}

/* The n-th action of a kind (of LINK_SEND: with this command); NULL when there is none. */
static const link_action_t *act(const link_t *link, link_kind_t kind, command_t command, int n)
{
    size_t count;
    const link_action_t *actions = link_actions(link, &count);
    for (size_t i = 0; i < count; i++)
        if (actions[i].kind == kind && (kind != LINK_SEND || actions[i].message.command == command) && n-- == 0)
            return &actions[i];
    return NULL;
}

static const link_action_t *sent(const link_t *link, command_t command)
{
    return act(link, LINK_SEND, command, 0);
}

static void submit(link_t *link, uint64_t n, uint64_t epoch)
{
    message_t message = {
        .command = COMMAND_SUBMIT, .job = id_of(n), .epoch = epoch, .names = {slice_of("ocr")}, .name_count = 1};
    link_submit(link, &message, now);
    link_audit(link);
}

static void own(link_t *link, uint64_t n, uint64_t epoch)
{
    link_own(link, id_of(n), epoch, now);
    link_audit(link);
}

static message_t about(command_t command, uint64_t n, uint64_t epoch, uint64_t incarnation)
{
    return (message_t){.command = command,
                       .job = id_of(n),
                       .epoch = epoch,
                       .token = {incarnation, 1},
                       .place = PLACE_QUEUED,
                       .outcome = OUTCOME_COMPLETED};
}

/* A job that broker 0 has accepted. */
static link_t *with_job(uint32_t brokers)
{
    link_t *link = open_link(brokers);
    welcome(link, 0, 7, false);
    own(link, 1, 1);
    submit(link, 1, 1);
    take(link, 0, about(COMMAND_ACCEPTED, 1, 1, 7));
    return link;
}

static bool asked(const link_t *link)
{
    return act(link, LINK_WANT, 0, 0) || act(link, LINK_RAISE, 0, 0) || sent(link, COMMAND_CANCEL) ||
           sent(link, COMMAND_SUBMIT);
}

/* Time passes, brokers of these bits are heard, until the link wants something. */
static void wait_for(link_t *link, int64_t us, uint32_t heard)
{
    for (int64_t until = now + us; now < until;) {
        int64_t due = link_deadline(link);
        now = due < until ? due : until;
        for (uint32_t i = 0; i < 16; i++) {
            if (heard >> i & 1)
                take(link, i, (message_t){.command = COMMAND_HEARTBEAT, .token = {life, 1}});
            if ((heard >> i & 1) && asked(link))
                return;
        }
        link_tick(link, now);
        link_audit(link);
        if (asked(link))
            return;
    }
}

static void test_round(void **state)
{
    (void)state;
    link_t *link = open_link(1);
    own(link, 1, 3);
    assert_null(act(link, LINK_WANT, 0, 0)); /* nobody to send it to */
    welcome(link, 0, 7, false);
    const link_action_t *want = act(link, LINK_WANT, 0, 0);
    assert_int_equal(want->epoch, 3);
    submit(link, 1, 2); /* not what was asked for */
    assert_null(sent(link, COMMAND_SUBMIT));
    submit(link, 1, 3);
    assert_non_null(sent(link, COMMAND_SUBMIT));
    take(link, 0, about(COMMAND_ACCEPTED, 1, 3, 7));
    message_t record = about(COMMAND_RECORD, 1, 3, 7), finished = about(COMMAND_FINISHED, 1, 3, 7);
    record.body = slice_of("words");
    take(link, 0, record);
    assert_true(slice_is(act(link, LINK_RECORD, 0, 0)->message.body, "words"));
    assert_null(sent(link, COMMAND_ACK)); /* not before it is on disk */
    link_settle(link, 0, &record, now);
    assert_int_equal(sent(link, COMMAND_ACK)->message.acked, COMMAND_RECORD);
    take(link, 0, finished);
    assert_non_null(act(link, LINK_FINISHED, 0, 0));
    take(link, 0, finished);
    assert_null(act(link, LINK_FINISHED, 0, 0)); /* once */
    link_settle(link, 0, &finished, now);
    assert_non_null(sent(link, COMMAND_ACK));
    assert_int_equal(link_jobs(link), 0);
    take(link, 0, finished);
    assert_non_null(sent(link, COMMAND_ACK)); /* the ACK was lost */
    link_destroy(&link);
}

static void test_window(void **state)
{
    (void)state;
    link_t *link = open_link(1);
    for (uint64_t i = 1; i <= 4; i++)
        own(link, i, 1);
    welcome(link, 0, 7, false);
    assert_non_null(act(link, LINK_WANT, 0, 1));
    assert_null(act(link, LINK_WANT, 0, 2)); /* two at once */
    submit(link, 1, 1);
    take(link, 0, about(COMMAND_ACCEPTED, 1, 1, 7));
    assert_true(ident_equal(act(link, LINK_WANT, 0, 0)->job, id_of(3)));
    link_destroy(&link);
}

static void test_no_answer(void **state)
{
    (void)state;
    link_t *link = open_link(1);
    welcome(link, 0, 7, false);
    own(link, 1, 1);
    submit(link, 1, 1);
    int64_t from = now;
    wait_for(link, 20 * (int64_t)SECOND, 1);
    assert_int_equal(now - from, 5 * SECOND);
    assert_non_null(act(link, LINK_WANT, 0, 0)); /* again, under the same epoch */
    link_destroy(&link);
}

static void test_busy(void **state)
{
    (void)state;
    link_t *link = open_link(1);
    welcome(link, 0, 7, false);
    own(link, 1, 1);
    submit(link, 1, 1);
    message_t refused = about(COMMAND_REFUSED, 1, 1, 0);
    refused.reason = REFUSED_BUSY;
    refused.retry_ms = 300;
    take(link, 0, refused);
    int64_t from = now;
    wait_for(link, 20 * (int64_t)SECOND, 1);
    assert_int_equal(now - from, 300 * MS);
    assert_non_null(act(link, LINK_WANT, 0, 0));
    submit(link, 1, 1);
    refused.reason = REFUSED_BAD_MESSAGE;
    take(link, 0, refused);
    assert_non_null(act(link, LINK_REFUSED, 0, 0)); /* for good */
    assert_int_equal(link_jobs(link), 0);
    link_destroy(&link);
}

static void refuse(link_t *link, uint32_t broker, uint64_t n, uint64_t retry_ms)
{
    message_t refused = about(COMMAND_REFUSED, n, 1, 0);
    refused.reason = REFUSED_BUSY;
    refused.retry_ms = retry_ms;
    submit(link, n, 1);
    take(link, broker, refused);
}

/* Refused again and again a job moves, but not to a broker that refuses others: each move is a write of its owner's. */
static void test_all_busy(void **state)
{
    (void)state;
    link_t *link = open_link(2);
    welcome(link, 0, 7, false);
    welcome(link, 1, 7, false);
    own(link, 1, 1);
    own(link, 2, 1);
    refuse(link, 0, 1, 2000);
    int64_t from = now;
    int refusals = 0;
    while (refusals++ < 50) {
        refuse(link, 1, 2, 100);
        if (act(link, LINK_RAISE, 0, 0))
            break;
        wait_for(link, SECOND, 3);
    }
    assert_in_range(now - from, 2000 * MS, 2400 * MS);
    assert_in_range(refusals, 19, 24);
    link_destroy(&link);
}

static void test_broker_restarts(void **state)
{
    (void)state;
    link_t *link = with_job(1);
    welcome(link, 0, 7, true);
    assert_null(act(link, LINK_WANT, 0, 0)); /* it has everything still */
    now += SECOND;
    take(link, 0, (message_t){.command = COMMAND_HEARTBEAT, .token = {8, 1}});
    assert_non_null(sent(link, COMMAND_HELLO)); /* another life */
    welcome(link, 0, 8, false);
    assert_int_equal(act(link, LINK_WANT, 0, 0)->epoch, 1);
    submit(link, 1, 1);
    take(link, 0, about(COMMAND_ACCEPTED, 1, 1, 7)); /* late, from the first life */
    int64_t from = now;
    life = 8;
    wait_for(link, 20 * (int64_t)SECOND, 1);
    assert_non_null(act(link, LINK_WANT, 0, 0)); /* so it is not believed to be there */
    assert_int_equal(now - from, 5 * SECOND);
    link_destroy(&link);
}

static void test_moves(void **state)
{
    (void)state;
    link_t *link = with_job(2);
    welcome(link, 1, 7, false);
    int64_t from = now;
    wait_for(link, 20 * (int64_t)SECOND, 2);
    assert_in_range(now - from, 5 * SECOND, 6 * SECOND);
    const link_action_t *raise = act(link, LINK_RAISE, 0, 0);
    assert_int_equal(raise->epoch, 2);
    own(link, 1, 2); /* on disk */
    assert_int_equal(act(link, LINK_WANT, 0, 0)->broker, 1);
    submit(link, 1, 2);
    take(link, 1, about(COMMAND_ACCEPTED, 1, 2, 7));
    welcome(link, 0, 7, true); /* the silent one was alive */
    const link_action_t *cancel = sent(link, COMMAND_CANCEL);
    assert_int_equal(cancel->broker, 0);
    assert_int_equal(cancel->message.epoch, 1);
    take(link, 0, about(COMMAND_FINISHED, 1, 1, 7));
    assert_null(act(link, LINK_FINISHED, 0, 0)); /* only from where it is, under its epoch */
    assert_non_null(sent(link, COMMAND_ACK));
    take(link, 0, about(COMMAND_RECORD, 1, 1, 7));
    assert_null(act(link, LINK_RECORD, 0, 0));
    assert_non_null(sent(link, COMMAND_CANCEL));
    take(link, 1, about(COMMAND_FINISHED, 1, 2, 7));
    assert_non_null(act(link, LINK_FINISHED, 0, 0));
    link_destroy(&link);
}

static void test_source_expired(void **state)
{
    (void)state;
    link_t *link = with_job(1);
    message_t finished = about(COMMAND_FINISHED, 1, 1, 7);
    finished.outcome = OUTCOME_FAILED;
    finished.class = FAILED_SOURCE_EXPIRED;
    take(link, 0, finished);
    assert_null(act(link, LINK_FINISHED, 0, 0));
    assert_non_null(sent(link, COMMAND_ACK));
    assert_int_equal(act(link, LINK_RAISE, 0, 0)->epoch, 2);
    own(link, 1, 2);
    assert_int_equal(act(link, LINK_WANT, 0, 0)->epoch, 2);
    link_destroy(&link);
}

static void test_cancel(void **state)
{
    (void)state;
    link_t *link = with_job(1);
    link_cancel(link, id_of(1), now);
    assert_int_equal(sent(link, COMMAND_CANCEL)->message.epoch, 1);
    int64_t from = now;
    wait_for(link, 20 * (int64_t)SECOND, 1);
    assert_int_equal(now - from, 5 * SECOND);
    assert_non_null(sent(link, COMMAND_CANCEL)); /* until it is answered */
    message_t refused = about(COMMAND_REFUSED, 1, 1, 0);
    refused.reason = REFUSED_UNKNOWN;
    take(link, 0, refused);
    assert_non_null(act(link, LINK_CANCELLED, 0, 0));
    assert_int_equal(link_jobs(link), 0);
    own(link, 2, 1);
    link_cancel(link, id_of(2), now); /* never sent */
    assert_non_null(act(link, LINK_CANCELLED, 0, 0));
    /* cancelled by nobody: not an end */
    own(link, 3, 1);
    submit(link, 3, 1);
    message_t finished = about(COMMAND_FINISHED, 3, 1, 7);
    finished.outcome = OUTCOME_CANCELLED;
    take(link, 0, finished);
    assert_null(act(link, LINK_FINISHED, 0, 0));
    assert_non_null(act(link, LINK_RAISE, 0, 0));
    link_destroy(&link);
}

/* Taken over under a higher epoch while it is to be called off: called off under that one. */
static void test_cancel_raised(void **state)
{
    (void)state;
    link_t *link = with_job(1);
    link_cancel(link, id_of(1), now);
    own(link, 1, 5);
    assert_int_equal(act(link, LINK_CANCELLED, 0, 0)->epoch, 5);
    assert_int_equal(link_jobs(link), 0);
    own(link, 2, 1);
    own(link, 2, 4);
    assert_int_equal(act(link, LINK_WANT, 0, 0)->epoch, 4);
    own(link, 2, 3); /* below what is known */
    assert_null(act(link, LINK_WANT, 0, 0));
    assert_int_equal(link_jobs(link), 1);
    link_destroy(&link);
}

static void test_taken_over(void **state)
{
    (void)state;
    link_t *link = with_job(1);
    message_t refused = about(COMMAND_REFUSED, 1, 1, 0);
    refused.reason = REFUSED_STALE;
    take(link, 0, refused);
    assert_non_null(act(link, LINK_LOST, 0, 0));
    assert_int_equal(link_jobs(link), 0);
    take(link, 0, about(COMMAND_PROGRESS, 1, 1, 7));
    assert_null(act(link, LINK_PROGRESS, 0, 0));
    link_destroy(&link);
}

/* One that does not come back says so, to whoever hears it. */
static void test_leaves(void **state)
{
    (void)state;
    link_t *link = open_link(2);
    welcome(link, 0, 7, false);
    own(link, 1, 1);
    submit(link, 1, 1);
    link_leave(link, now);
    link_audit(link);
    assert_int_equal(sent(link, COMMAND_GOODBYE)->broker, 0);
    assert_null(act(link, LINK_SEND, COMMAND_GOODBYE, 1));
    link_destroy(&link);
}

static void test_stats(void **state)
{
    (void)state;
    link_t *link = open_link(2);
    welcome(link, 1, 7, false);
    link_ask_stats(link, 9, now);
    assert_int_equal(sent(link, COMMAND_STATS)->broker, 1);
    assert_null(act(link, LINK_SEND, COMMAND_STATS, 1)); /* the other one is not there */
    take(link, 1, (message_t){.command = COMMAND_STATS, .number = 9, .body = slice_of("figures")});
    assert_int_equal(act(link, LINK_STATS, 0, 0)->message.number, 9);
    assert_false(link_connected(link, 0));
    assert_true(link_connected(link, 1));
    link_destroy(&link);
    link_destroy(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),      cmocka_unit_test(test_window),
        cmocka_unit_test(test_no_answer),  cmocka_unit_test(test_busy),
        cmocka_unit_test(test_all_busy),   cmocka_unit_test(test_broker_restarts),
        cmocka_unit_test(test_moves),      cmocka_unit_test(test_source_expired),
        cmocka_unit_test(test_cancel),     cmocka_unit_test(test_cancel_raised),
        cmocka_unit_test(test_taken_over), cmocka_unit_test(test_leaves),
        cmocka_unit_test(test_stats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
