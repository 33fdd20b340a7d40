/* What the pure parts cost, without sockets: memory and time of queued jobs from a thousand to a million, a hop through
 * the scheduler, and the codec.
 *
 *     bench_scheduler          prints a table; about 10 s
 */
#include "broker/scheduler.h"
#include "proto/base/clock.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

enum { BODY = 200, SLOTS = 100, STAGES = 4 };

static const char *const stages[STAGES] = {"classification", "ocr", "llm", "validation"};
static char body[BODY];

static size_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static ident_t id_of(uint64_t n)
{
    return ident_of(1700000000000 + n / 1000, n, n * 0x9E3779B97F4A7C15u);
}

typedef struct {
    scheduler_t *s;
    int64_t now;
    uint64_t credit;
} bench_t;

static const action_t *step(bench_t *bench, uint64_t peer, const message_t *message, size_t *count)
{
    bench->now++;
    return scheduler_step(bench->s, &(event_t){.kind = EVENT_MESSAGE, .peer = peer, .message = message}, bench->now,
                          count);
}

static bench_t open_bench(void)
{
    size_t count;
    scheduler_options_t options = scheduler_defaults();
    options.incarnation = 1;
    options.max_jobs = 2000000;
    options.max_bytes = UINT64_C(1) << 40;
    for (int i = 0; i < STAGES; i++)
        options.stages[options.stage_count++] = (scheduler_stage_t){stages[i], 0};
    bench_t bench = {.s = scheduler_new(&options, 1), .now = 1};
    step(&bench, 1, &(message_t){.command = COMMAND_HELLO, .role = ROLE_OWNER, .instance = {1, 1}, .window = 65536},
         &count);
    return bench;
}

static void submit(bench_t *bench, uint64_t n)
{
    size_t count;
    message_t message = {.command = COMMAND_SUBMIT,
                         .job = id_of(n),
                         .epoch = 1,
                         .priority = (uint32_t)(n % 7),
                         .attempts = 3,
                         .body = {body, BODY}};
    for (int i = 0; i < STAGES; i++)
        message.names[message.name_count++] = slice_of(stages[i]);
    step(bench, 1, &message, &count);
}

/* An actor that answers everything at once, until nothing comes any more. Returns jobs answered. */
static uint64_t serve(bench_t *bench, uint32_t slots, const char *name, bool last)
{
    size_t count, head = 0, tail = 0;
    static message_t queue[4096];
    uint64_t answered = 0;
    message_t hello = {.command = COMMAND_HELLO, .role = ROLE_ACTOR, .instance = {2, 2}, .window = 1};
    for (int i = 0; i < STAGES; i++)
        hello.names[hello.name_count++] = slice_of(stages[i]);
    step(bench, 2, &hello, &count);
    for (int i = 0; i < STAGES; i++) {
        if (name && !slice_is(slice_of(name), stages[i]))
            continue;
        const action_t *actions = step(
            bench, 2,
            &(message_t){
                .command = COMMAND_CREDIT, .number = ++bench->credit, .stage = slice_of(stages[i]), .slots = slots},
            &count);
        for (size_t j = 0; j < count; j++)
            if (actions[j].message.command == COMMAND_JOB)
                queue[tail++ % 4096] = actions[j].message;
    }
    while (head != tail) {
        message_t job = queue[head++ % 4096];
        message_t done = {
            .command = COMMAND_DONE, .job = job.job, .token = job.token, .last = last, .body = {body, BODY}};
        const action_t *actions = step(bench, 2, &done, &count);
        message_t finished = {0};
        answered++;
        for (size_t j = 0; j < count; j++) {
            if (actions[j].message.command == COMMAND_JOB)
                queue[tail++ % 4096] = actions[j].message;
            if (actions[j].message.command == COMMAND_FINISHED)
                finished = actions[j].message;
        }
        if (finished.command)
            step(bench, 1,
                 &(message_t){
                     .command = COMMAND_ACK, .acked = COMMAND_FINISHED, .job = finished.job, .token = finished.token},
                 &count);
    }
    for (int i = 0; i < STAGES; i++) /* so that what is submitted next waits */
        step(bench, 2, &(message_t){.command = COMMAND_CREDIT, .number = ++bench->credit, .stage = slice_of(stages[i])},
             &count);
    return answered;
}

static void curve(uint64_t jobs)
{
    bench_t bench = open_bench();
    size_t before = allocated();
    int64_t begun = clock_process_us();
    for (uint64_t i = 0; i < jobs; i++)
        submit(&bench, i);
    int64_t queued = clock_process_us();
    double bytes = (double)(allocated() - before) / (double)jobs;
    uint64_t answered = serve(&bench, SLOTS, stages[0], true);
    int64_t done = clock_process_us();
    printf("%8llu jobs queued: %4.0f bytes each beside their own %d; SUBMIT %.0f ns, JOB + DONE + FINISHED + ACK %.0f "
           "ns\n",
           (unsigned long long)jobs, bytes - BODY, BODY, (double)(queued - begun) * 1000 / (double)jobs,
           (double)(done - queued) * 1000 / (double)answered);
    if (answered != jobs)
        abort();
    scheduler_destroy(&bench.s);
}

static void hops(void)
{
    bench_t bench = open_bench();
    uint64_t answered = 0;
    int64_t begun = clock_process_us();
    for (int round = 0; round < 400; round++) {
        for (uint64_t i = 0; i < 1000; i++)
            submit(&bench, (uint64_t)round * 1000 + i);
        answered += serve(&bench, SLOTS, NULL, false);
    }
    if (answered != 400 * 1000 * STAGES)
        abort();
    printf("a hop of four stages, SUBMIT and FINISHED told along: %.0f ns\n",
           (double)(clock_process_us() - begun) * 1000 / (double)answered);
    scheduler_destroy(&bench.s);
}

static void codec(void)
{
    enum { ROUNDS = 2000000 };
    buf_t bytes = {0};
    message_t job = {.command = COMMAND_JOB,
                     .job = id_of(7),
                     .token = {1, 1000},
                     .names = {slice_of("ocr"), slice_of("llm"), slice_of("validation")},
                     .name_count = 3,
                     .priority = 3,
                     .attempt = 1,
                     .attempts = 3,
                     .remaining_ms = 60000,
                     .body = {body, BODY}};
    message_t back;
    size_t taken;
    int64_t begun = clock_process_us();
    for (int i = 0; i < ROUNDS; i++) {
        buf_clear(&bytes);
        message_encode(&job, &bytes);
    }
    int64_t encoded = clock_process_us();
    for (int i = 0; i < ROUNDS; i++)
        if (message_decode(bytes.bytes, bytes.size, &back, &taken, NULL) < 0)
            abort();
    int64_t decoded = clock_process_us();
    printf("JOB of %zu bytes: encode %.0f ns, decode %.0f ns\n", bytes.size, (double)(encoded - begun) * 1000 / ROUNDS,
           (double)(decoded - encoded) * 1000 / ROUNDS);
    buf_free(&bytes);
}

int main(void)
{
    for (uint64_t jobs = 1000; jobs <= 1000000; jobs *= 10)
        curve(jobs);
    hops();
    codec();
    return 0;
}
