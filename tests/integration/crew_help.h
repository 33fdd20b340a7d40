/* crew_help: what the tests of crews share: a crew of real workers, jobs for it, and its events. */
#ifndef YOGI_TESTS_CREW_HELP_H
#define YOGI_TESTS_CREW_HELP_H

#include "proto/base/clock.h"
#include "proto/crew.h"
#include "proto/dossier.h"
#include "tests/unit/check.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { POLLS_MOST = 64, PATIENCE_US = 60 * 1000000, JOBS_MOST = 16 };

static const char *program; /* path of yogi-worker */
static const log_t quiet = {STDERR_FILENO, LOG_OFF, "test"};

static inline worker_plan_t plan_of(int64_t job_us)
{
    return (worker_plan_t){.program = program, .stage = "noop", .job_us = job_us, .patient = true, .log = &quiet};
}

/* Waits for the next event; fails when none comes in a long time. */
static inline crew_event_t next(crew_t *crew)
{
    crew_event_t event;
    struct pollfd polls[POLLS_MOST];
    assert_true(crew_polls(crew) <= POLLS_MOST);
    for (int64_t start_us = clock_now_us(), now_us = start_us; now_us - start_us < PATIENCE_US;) {
        int64_t next_us = now_us + 1000000;
        if (crew_step(crew, now_us, &next_us, &event))
            return event;
        size_t count = crew_poll(crew, polls);
        now_us = clock_now_us();
        poll(polls, count, next_us > now_us ? (int)((next_us - now_us) / 1000 + 1) : 0);
        crew_heard(crew, polls);
        now_us = clock_now_us();
    }
    fail_msg("no event");
    return event;
}

/* Goes on until the crew is so far; there must be no event meanwhile. */
static inline void settle(crew_t *crew, bool (*is_so)(const crew_t *crew))
{
    crew_event_t event;
    struct pollfd polls[POLLS_MOST];
    int64_t end_us = clock_now_us() + PATIENCE_US;
    while (clock_now_us() < end_us) {
        int64_t now_us = clock_now_us(), next_us = now_us + 1000000;
        assert_false(crew_step(crew, now_us, &next_us, &event));
        if (is_so(crew))
            return;
        size_t count = crew_poll(crew, polls);
        now_us = clock_now_us();
        poll(polls, count, next_us > now_us ? (int)((next_us - now_us) / 1000 + 1) : 0);
        crew_heard(crew, polls);
    }
    fail_msg("the crew does not settle");
}

static inline bool all_ready(const crew_t *crew)
{
    return crew_idle(crew) * CHILD_POLLS == crew_polls(crew);
}

static inline bool one_ready(const crew_t *crew)
{
    return crew_free(crew) > 0;
}

static inline crew_t *make(const worker_plan_t *plan, size_t count)
{
    crew_t *crew = crew_new(plan, count);
    assert_int_equal(crew_free(crew), 0); /* nobody has been started */
    settle(crew, all_ready);
    return crew;
}

/* Begins a job under a key; wish is its options.noop. */
static inline void begin_until(crew_t *crew, uint64_t key, const char *wish, int64_t due_us)
{
    fault_t fault = {0};
    buf_t packed = {0};
    dossier_t *dossier = dossier_new();
    dossier->document.filename = "week.png";
    dossier->options.noop = wish;
    dossier_encode(dossier, &packed);
    worker_job_t job = {.dossier = &packed, .fd = -1, .attempt = 2, .host = "here", .due_us = due_us};
    if (crew_begin(crew, key, &job, clock_now_us(), &fault) < 0)
        fail_msg("%s", fault.text);
    crew_flush(crew);
    dossier_destroy(&dossier);
    buf_free(&packed);
}

static inline void begin(crew_t *crew, uint64_t key, const char *wish)
{
    begin_until(crew, key, wish, INT64_MAX);
}

/* The next event is the end of that job, well done. */
static inline void expect_done(crew_t *crew, uint64_t key)
{
    crew_event_t event = next(crew);
    assert_int_equal(event.kind, CREW_ENDED);
    assert_int_equal(event.key, key);
    if (event.result.end != WORKER_NEXT)
        fail_msg("job %d: %s", (int)key, event.result.fault.text);
    worker_result_free(&event.result);
}

/* The next event is the end of that job by that fault. */
static inline void expect_fault(crew_t *crew, uint64_t key, fault_code_t code, const char *words)
{
    crew_event_t event = next(crew);
    while (event.kind == CREW_PROGRESS)
        event = next(crew);
    assert_int_equal(event.key, key);
    assert_int_equal(event.result.end, WORKER_FAIL);
    if (event.result.fault.code != code || !strstr(event.result.fault.text, words))
        fail_msg("%s: %s; not %s: …%s…", fault_name(event.result.fault.code), event.result.fault.text, fault_name(code),
                 words);
    worker_result_free(&event.result);
}

#endif
