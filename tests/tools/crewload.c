/* crewload: what a job costs between a supervisor and a sandboxed worker, without a broker: the stage noop, as fast as
 * it goes. Prints jobs/s and the CPU time of a job on both sides.
 *
 *     crewload YOGI-WORKER [WORKERS [JOBS [BYTES [DEPTH]]]]      BYTES of a dossier beside its own few; DEPTH is how
 *                                                                many jobs a worker may have in its hands
 */
#include "proto/base/clock.h"
#include "proto/crew.h"
#include "proto/dossier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    crew_t *crew;
    struct pollfd *polls;
    size_t ended, failed, back;
} load_t;

/* Steps until nothing is left to be said now, then waits. */
static void turn(load_t *load, bool wait)
{
    int64_t next_us = INT64_MAX, now_us = clock_now_us();
    crew_event_t event;
    while (crew_step(load->crew, now_us, &next_us, &event)) {
        load->back += event.kind == CREW_BACK;
        if (event.kind != CREW_ENDED)
            continue;
        load->ended++;
        load->failed += event.result.end != WORKER_NEXT;
        worker_result_free(&event.result);
        wait = false; /* there is room for more */
    }
    crew_flush(load->crew);
    if (poll(load->polls, crew_poll(load->crew, load->polls), wait ? 1000 : 0) > 0)
        crew_heard(load->crew, load->polls);
}

static void make_dossier(buf_t *packed, size_t bytes)
{
    dossier_t *dossier = dossier_new();
    char *name = malloc(bytes + 1);
    if (!name)
        abort();
    memset(name, 'x', bytes);
    name[bytes] = 0;
    page_t *page = list_push(dossier->arena, &dossier->pages, sizeof *page);
    *page = (page_t){.number = 1, .width = 1, .height = 1};
    dossier->document.filename = "week.png";
    for (size_t at = 0; at < bytes; at += 500) /* texts have a limit; a list of languages stands for a page's words */
        texts_push(dossier->arena, &dossier->options.languages, bytes - at < 500 ? name + at : name + bytes - 500);
    dossier_encode(dossier, packed);
    dossier_destroy(&dossier);
    free(name);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    size_t workers = argc > 2 ? (size_t)atoi(argv[2]) : 1, jobs = argc > 3 ? (size_t)atoi(argv[3]) : 100000, begun = 0;
    log_t log = {STDERR_FILENO, LOG_ERROR, "crewload"};
    worker_plan_t plan = {.program = argv[1],
                          .stage = "noop",
                          .sandbox = WORKER_STRICT,
                          .memory_bytes = (int64_t)2 << 30,
                          .job_us = 120000000,
                          .cpu_us = 1800000000,
                          .patient = true,
                          .log = &log};
    load_t load = {.crew = crew_new(&plan, workers)};
    crew_deepen(load.crew, argc > 5 ? (uint32_t)atoi(argv[5]) : 1);
    load.polls = calloc(crew_polls(load.crew), sizeof *load.polls);
    buf_t packed = {0};
    make_dossier(&packed, argc > 4 ? (size_t)atoi(argv[4]) : 0);
    while (crew_idle(load.crew) < workers)
        turn(&load, true);
    int64_t start_us = clock_now_us(), cpu_us = clock_process_us();
    while (load.ended + load.back < jobs) {
        fault_t fault;
        worker_job_t job = {.dossier = &packed, .fd = -1, .attempt = 1, .host = "here", .due_us = INT64_MAX};
        for (; begun < jobs && crew_free(load.crew); begun++)
            if (crew_begin(load.crew, begun, &job, clock_now_us(), &fault) < 0)
                return 1;
        crew_flush(load.crew);
        turn(&load, true);
    }
    double wall = (double)(clock_now_us() - start_us), host = (double)(clock_process_us() - cpu_us);
    crew_drain(load.crew);
    while (!crew_is_drained(load.crew))
        turn(&load, true);
    printf("%zu workers, %zu jobs of %zu bytes, %zu failed, %zu came back: %.0f jobs/s, supervisor %.1f us and worker "
           "%.1f us of CPU "
           "a job\n",
           workers, jobs, packed.size, load.failed, load.back, (double)jobs / wall * 1e6, host / (double)jobs,
           (double)crew_cpu_us(load.crew) / (double)jobs);
    crew_destroy(&load.crew);
    buf_free(&packed);
    free(load.polls);
    return load.failed ? 1 : 0;
}
