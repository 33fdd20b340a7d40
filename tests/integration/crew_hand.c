/* Several jobs in the hands of one real worker (proto/hand.h): what becomes of each when one of them crashes, takes
 * long or is called off. The first argument is the path of yogi-worker.
 */
#include "crew_help.h"

#include <signal.h>

enum { KEYS = 64 };

/* What was heard of each key. */
typedef struct {
    int done[KEYS], back[KEYS], failed[KEYS], progress[KEYS];
    fault_code_t faults[KEYS];
    int ends; /* done, back or failed */
} account_t;

static void hear(crew_t *crew, account_t *account)
{
    crew_event_t event = next(crew);
    assert_true(event.key < KEYS);
    account->progress[event.key] += event.kind == CREW_PROGRESS;
    account->back[event.key] += event.kind == CREW_BACK;
    account->ends += event.kind != CREW_PROGRESS;
    if (event.kind != CREW_ENDED)
        return;
    account->done[event.key] += event.result.end == WORKER_NEXT;
    account->failed[event.key] += event.result.end == WORKER_FAIL;
    account->faults[event.key] = event.result.fault.code;
    assert_true(event.result.run_us >= 0 && event.result.run_us < PATIENCE_US);
    worker_result_free(&event.result);
}

/* A crew of so many workers, each of which may have eight jobs. */
static crew_t *make_deep(const worker_plan_t *plan, size_t workers)
{
    crew_t *crew = make(plan, workers);
    crew_deepen(crew, 8);
    assert_int_equal(crew_free(crew), 8 * workers);
    assert_int_equal(crew_idle(crew), workers);
    return crew;
}

/* Eight at once, again and again: each is answered once, in order, by one process; on a slow machine some come back. */
static void test_in_order(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make_deep(&plan, 1);
    int done = 0;
    for (int round = 0; round < 20; round++) {
        account_t account = {0};
        for (uint64_t key = 0; key < 8; key++)
            begin(crew, key, NULL);
        assert_int_equal(crew_free(crew), 0);
        assert_int_equal(crew_pid(crew, 0), crew_pid(crew, 7));
        for (uint64_t key = 0; account.ends < 8;) {
            hear(crew, &account);
            while (key < 8 && account.done[key] + account.back[key] == 1)
                done += account.done[key++];
            for (uint64_t later = key + 1; later < 8; later++) /* none before its turn */
                assert_true(key == 8 || account.done[later] == 0);
        }
        for (uint64_t key = 0; key < 8; key++)
            assert_int_equal(account.done[key] + account.back[key], 1);
        settle(crew, all_ready);
    }
    assert_true(done >= 20); /* the first of each round waits for nobody */
    crew_drain(crew);
    settle(crew, crew_is_drained);
    crew_destroy(&crew);
}

/* Idle workers come first, then whoever has least. */
static void test_spread(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make_deep(&plan, 3);
    for (uint64_t key = 0; key < 6; key++)
        begin(crew, key, "slow 200");
    for (uint64_t key = 0; key < 3; key++) {
        assert_int_equal(crew_pid(crew, key), crew_pid(crew, key + 3));
        assert_true(crew_pid(crew, key) != crew_pid(crew, (key + 1) % 3));
    }
    crew_destroy(&crew);
}

/* Six at once, the third of which crashes. Whether it was the third's turn before it came back, as on a slow machine.
 */
static bool crash_among_others(crew_t *crew)
{
    account_t account = {0};
    for (uint64_t key = 1; key <= 6; key++)
        begin(crew, key, key == 3 ? "crash" : NULL);
    while (account.ends < 6)
        hear(crew, &account);
    for (uint64_t key = 1; key <= 6; key++) {
        assert_int_equal(account.done[key] + account.back[key] + account.failed[key], 1);
        assert_true(account.failed[key] == 0 || key == 3); /* nobody else is blamed */
        assert_true(account.done[key] == 0 || key < 3 || account.failed[3] == 0);
    }
    settle(crew, all_ready);
    return account.failed[3] == 1 && account.faults[3] == FAULT_CRASHED && account.done[1] && account.done[2];
}

/* The one that crashes is the one that is blamed; those before it are done, those behind it come back and can be done.
 */
static void test_crash(void **state)
{
    (void)state;
    enum { ROUNDS = 20 };
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make_deep(&plan, 1);
    account_t account = {0};
    int rounds = 0;
    while (!crash_among_others(crew) && rounds < ROUNDS)
        rounds++;
    assert_true(rounds < ROUNDS);
    for (uint64_t key = 4; key <= 6; key++)
        begin(crew, key, NULL);
    while (account.ends < 3)
        hear(crew, &account);
    for (uint64_t key = 4; key <= 6; key++)
        assert_int_equal(account.done[key] + account.back[key], 1);
    crew_destroy(&crew);
}

/* Nobody waits behind a long one: those behind it come back, another worker does them, and what the first one says of
 * them later is not heard. */
static void test_long_one(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make_deep(&plan, 1);
    account_t account = {0};
    begin(crew, 1, "slow 3000");
    begin(crew, 2, "parts 20");
    begin(crew, 3, NULL);
    pid_t pid = crew_pid(crew, 1);
    int64_t start_us = clock_now_us();
    while (account.ends < 2)
        hear(crew, &account);
    assert_true(clock_now_us() - start_us < 2900000); /* long before the first is done */
    assert_int_equal(account.back[2], 1);
    assert_int_equal(account.back[3], 1);
    assert_int_equal(crew_pid(crew, 1), pid);
    assert_int_equal(crew_pid(crew, 2), 0);
    assert_int_equal(crew_free(crew), 0); /* it is held up: no more for it */
    assert_false(crew_cancel(crew, 2));
    hear(crew, &account);
    assert_int_equal(account.done[1], 1);
    settle(crew, all_ready); /* the forsaken ones are done, for nobody */
    begin(crew, 4, NULL);
    while (account.ends < 4)
        hear(crew, &account);
    assert_int_equal(account.done[4] + account.back[4], 1);
    assert_int_equal(account.progress[2], 0);
    assert_int_equal(account.done[2] + account.done[3], 0);
    settle(crew, all_ready);
    crew_destroy(&crew);
}

/* A worker does not stay with a long one that was taken back from it. */
static void test_forsaken(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make_deep(&plan, 1);
    account_t account = {0};
    begin(crew, 1, "slow 500");
    begin(crew, 2, "hang");
    begin(crew, 3, NULL);
    pid_t pid = crew_pid(crew, 1);
    while (account.ends < 3)
        hear(crew, &account);
    assert_int_equal(account.done[1], 1);
    assert_int_equal(account.back[2] + account.back[3], 2);
    settle(crew, all_ready);
    begin(crew, 4, NULL);
    assert_true(crew_pid(crew, 4) != pid);
    hear(crew, &account);
    assert_int_equal(account.done[4], 1);
    crew_destroy(&crew);
}

/* One that waits is called off without a kill; the one that the worker is at takes the process along. */
static void test_cancel(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make_deep(&plan, 1);
    account_t account = {0};
    for (uint64_t key = 1; key <= 4; key++)
        begin(crew, key, key == 1 ? "hang" : NULL);
    pid_t pid = crew_pid(crew, 1);
    assert_true(crew_cancel(crew, 3));
    while (account.back[3] == 0)
        hear(crew, &account);
    assert_int_equal(kill(pid, 0), 0);
    assert_true(crew_cancel(crew, 1));
    while (account.ends < 4)
        hear(crew, &account);
    assert_int_equal(account.failed[1], 1);
    assert_int_equal(account.faults[1], FAULT_CANCELLED);
    for (uint64_t key = 2; key <= 4; key++)
        assert_int_equal(account.back[key], 1);
    settle(crew, all_ready);
    crew_destroy(&crew);
}

/* Killed from outside: a loss of the one that it was at, none of the others'. */
static void test_killed(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make_deep(&plan, 2);
    account_t account = {0};
    for (uint64_t key = 0; key < 12; key++)
        begin(crew, key, "slow 5000");
    assert_int_equal(kill(crew_pid(crew, 0), SIGKILL), 0);
    while (account.failed[0] == 0)
        hear(crew, &account);
    assert_int_equal(account.faults[0], FAULT_KILLED);
    while (account.ends < 11) /* all but the one that the other worker is at */
        hear(crew, &account);
    for (uint64_t key = 2; key < 12; key++)
        assert_int_equal(account.back[key], 1);
    crew_destroy(&crew);
}

/* A stage that hangs with others behind it is known by its silence alone. */
static void test_hang(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(500000);
    crew_t *crew = make_deep(&plan, 1);
    account_t account = {0};
    for (uint64_t key = 1; key <= 3; key++)
        begin(crew, key, key == 1 ? "hang" : NULL);
    while (account.ends < 3)
        hear(crew, &account);
    assert_int_equal(account.faults[1], FAULT_TIMEOUT);
    assert_int_equal(account.back[2] + account.back[3], 2);
    crew_destroy(&crew);
}

/* It drains with full hands: all are answered, or come back. */
static void test_drain(void **state)
{
    (void)state;
    worker_plan_t plan = plan_of(0);
    crew_t *crew = make_deep(&plan, 2);
    account_t account = {0};
    for (uint64_t key = 0; key < 16; key++)
        begin(crew, key, NULL);
    crew_drain(crew);
    while (account.ends < 16)
        hear(crew, &account);
    for (uint64_t key = 0; key < 16; key++)
        assert_int_equal(account.done[key] + account.back[key], 1);
    settle(crew, crew_is_drained);
    crew_destroy(&crew);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order), cmocka_unit_test(test_spread), cmocka_unit_test(test_crash),
        cmocka_unit_test(test_long_one), cmocka_unit_test(test_cancel), cmocka_unit_test(test_killed),
        cmocka_unit_test(test_forsaken), cmocka_unit_test(test_hang),   cmocka_unit_test(test_drain),
    };
    if (argc < 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
