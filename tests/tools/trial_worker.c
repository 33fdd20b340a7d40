/* trial_worker: a worker whose stages do what the document tells them, to try the front command and its supervision.
 *
 * A document is lines of words. The first word of a line may be the name of the stage that it is for (else
 * classification); then what to do:
 *
 *     crash | hang | spin | eat | exit | say TEXT | slow MS | end FAULT TEXT | fail FAULT TEXT | pages N | review |
 * babble | leak | draw MB | scrawl
 *     try WHAT     something that the sandbox must forbid (trial_breakout.h); fails with what the system answered
 *
 * Every document that goes through gets one timetable with one block named after its last line. The stage render
 * attaches what begins as a PNG and says what was to be drawn (with so many megabytes behind it: draw), or no picture
 * (scrawl).
 */
#include "actors/skeleton.h"
#include "proto/base/clock.h"
#include "trial_breakout.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 200, EATEN_BLOCK = 1 << 20 };

/* Uses more and more memory until somebody stops it. */
static void eat(void)
{
    for (;;) {
        char *block = malloc(EATEN_BLOCK);
        if (!block) {
            fputs("out of memory\n", stderr);
            abort();
        }
        memset(block, 1, EATEN_BLOCK);
    }
}

/* The argument of a command, or NULL when the line is not that command. */
static const char *argument(const char *line, const char *command)
{
    size_t length = strlen(command);
    if (strncmp(line, command, length) != 0 || (line[length] && line[length] != ' '))
        return NULL;
    return line[length] ? line + length + 1 : "";
}

/* fault NAME TEXT → the fault. */
static void make_fault(const char *text, fault_t *fault)
{
    char name[40] = "";
    sscanf(text, "%39s", name);
    const char *rest = text + strlen(name);
    fault_set(fault, fault_code_of(name), "%s", *rest ? rest + 1 : "as told");
}

/* What was to be drawn, in words, and noise behind it. */
static void draw(stage_job_t *job, size_t noise)
{
    const dossier_t *dossier = job->dossier;
    const options_t *options = &dossier->options;
    buf_text(job->attachment, "\x89PNG\r\n\x1a\n");
    buf_format(job->attachment, "page %s of %zu overlay %s blocks", options->pages ? options->pages : "-",
               dossier->pages.count, options->overlay ? options->overlay : "-");
    for (size_t i = 0; i < dossier->timetables.count; i++) {
        const timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, i);
        for (size_t k = 0; k < timetable->timeblocks.count; k++)
            buf_format(job->attachment, " %s", LIST_AT(timeblock_t, timetable->timeblocks, k)->name);
    }
    uint32_t state = 1;
    for (size_t i = 0; i < noise; i += sizeof state) {
        state = state * 1664525 + 1013904223;
        buf_add(job->attachment, &state, sizeof state);
    }
}

static stage_end_t obey(stage_job_t *job, const char *line, fault_t *fault)
{
    dossier_t *dossier = job->dossier;
    const char *rest;
    if (argument(line, "crash"))
        raise(SIGSEGV);
    if (argument(line, "hang"))
        for (;;)
            poll(NULL, 0, 1000);
    for (unsigned turn = 0; argument(line, "spin"); turn++) /* with progress all the time */
        if (turn % (1u << 24) == 0)
            job->progress(job, (int)(turn >> 24), 256);
    if (argument(line, "eat"))
        eat();
    if (argument(line, "leak") && !malloc(1000))
        return STAGE_FAIL;
    if ((rest = argument(line, "try")) && breakout(rest, fault) < 0)
        return STAGE_FAIL;
    if (argument(line, "exit"))
        _exit(3);
    if (argument(line, "babble") && write(3, "this is not a frame, is it?", 27) < 0)
        return STAGE_FAIL;
    if ((rest = argument(line, "say")))
        fprintf(stderr, "%s\n", rest);
    if ((rest = argument(line, "slow")))
        poll(NULL, 0, atoi(rest));
    if ((rest = argument(line, "pages")))
        for (int i = 0; i < atoi(rest); i++) {
            page_t *page = list_push(dossier->arena, &dossier->pages, sizeof *page);
            *page = (page_t){.number = i + 1, .width = 1, .height = 1};
            job->progress(job, i + 1, atoi(rest));
        }
    if ((rest = argument(line, "draw")))
        draw(job, (size_t)atoi(rest) << 20);
    if (argument(line, "scrawl"))
        buf_text(job->attachment, "no picture");
    if (argument(line, "review"))
        dossier->outcome.status = "needs_review";
    if ((rest = argument(line, "fail"))) {
        make_fault(rest, fault);
        return STAGE_FAIL;
    }
    if ((rest = argument(line, "end"))) {
        fault_t why;
        make_fault(rest, &why);
        dossier->outcome.status = "failed";
        dossier->outcome.error = fault_name(why.code);
        dossier->outcome.message = arena_text(dossier->arena, why.text);
        return STAGE_END;
    }
    return STAGE_NEXT;
}

/* Obeys the lines that are for the stage. */
static stage_end_t run(stage_job_t *job, const char *stage, fault_t *fault)
{
    const char *at = (const char *)job->bytes, *end = at + job->size;
    char line[LINE_BYTES] = "";
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        snprintf(line, sizeof line, "%.*s", (int)length, at);
        at += length + (stop != NULL);
        const char *order = argument(line, stage);
        if (!order && strcmp(stage, "classification") == 0)
            order = line;
        stage_end_t ended = order ? obey(job, order, fault) : STAGE_NEXT;
        if (ended != STAGE_NEXT)
            return ended;
    }
    job->lap(job, "obeying");
    if (strcmp(stage, "llm") == 0) {
        arena_t *arena = job->dossier->arena;
        timetable_t *timetable = list_push(arena, &job->dossier->timetables, sizeof *timetable);
        timetable->page = 1;
        timeblock_t *block = list_push(arena, &timetable->timeblocks, sizeof *block);
        *block = (timeblock_t){.id = "b1", .day = "Monday", .start_time = "09:00", .end_time = "10:00", .page = 1};
        block->name = arena_text(arena, line);
    }
    return STAGE_NEXT;
}

static stage_end_t run_classification(stage_job_t *job, fault_t *fault)
{
    return run(job, "classification", fault);
}

static stage_end_t run_ocr(stage_job_t *job, fault_t *fault)
{
    return run(job, "ocr", fault);
}

static stage_end_t run_llm(stage_job_t *job, fault_t *fault)
{
    return run(job, "llm", fault);
}

static stage_end_t run_validation(stage_job_t *job, fault_t *fault)
{
    if (!job->dossier->outcome.status)
        job->dossier->outcome.status = "completed";
    return run(job, "validation", fault);
}

static stage_end_t run_render(stage_job_t *job, fault_t *fault)
{
    stage_end_t ended = run(job, "render", fault);
    if (!job->attachment->size)
        draw(job, 0);
    return ended;
}

static const stage_t classification = {"classification", true, NULL, run_classification, NULL},
                     ocr = {"ocr", true, NULL, run_ocr, NULL}, llm = {"llm", true, NULL, run_llm, NULL},
                     validation = {"validation", true, NULL, run_validation, NULL},
                     render = {"render", true, NULL, run_render, NULL};

int main(int argc, char **argv)
{
    static const stage_t *const stages[] = {&classification, &ocr, &llm, &validation, &render};
    return skeleton_main(argc, argv, stages, sizeof stages / sizeof *stages);
}
