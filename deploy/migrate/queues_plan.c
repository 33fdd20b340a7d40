/* queues_plan: how the old queue stands, and what would become of each of its jobs. Reads only. */
#include "gateway/move/wordmap.h"
#include "proto/base/text.h"
#include "proto/json.h"
#include "queues.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* EXAMPLES: jobs that are told to people one by one. */
enum { EXAMPLES = 20 };

typedef struct {
    queues_t *queues;
    int64_t count[BULL_PLACES][FATES];
    int64_t seen[BULL_PLACES];
    int64_t told;         /* jobs of which something was said */
    int64_t more;         /* and of which it was not */
    buf_t jobs;           /* as JSON, or as lines */
    wordmap_t *documents; /* of jobs that would be carried over: each once */
} plan_t;

static const char *becomes_name(const plan_t *plan, fate_t fate)
{
    static const char *const names[FATES] = {[FATE_COVERED] = "nothing", [FATE_LEFT] = "left"};
    return fate != FATE_CARRIED ? names[fate] : plan->queues->options->into ? "job" : "run";
}

static void add_json(plan_t *plan, const bull_job_t *job, const sentence_t *sentence)
{
    buf_t *out = &plan->jobs;
    buf_text(out, out->size ? ",{\"id\":" : "{\"id\":");
    json_text(job->id, out);
    buf_format(out, ",\"state\":\"%s\",\"documentId\":", bull_place_name(job->place));
    if (job->document)
        json_text(job->document, out);
    else
        buf_text(out, "null");
    buf_format(out, ",\"attempts\":%d,\"priority\":%" PRId64 ",\"dueMs\":%" PRId64 ",\"becomes\":\"%s\",\"why\":",
               bull_job_left(job), job->priority, job->due_ms, becomes_name(plan, sentence->fate));
    if (*sentence->why)
        json_text(sentence->why, out);
    else
        buf_text(out, "null");
    buf_char(out, '}');
}

static void add_line(plan_t *plan, const bull_job_t *job, const sentence_t *sentence)
{
    char line[420];
    if (!*sentence->why)
        return;
    if (plan->told == EXAMPLES) {
        plan->more++;
        return;
    }
    plan->told++;
    snprintf(line, sizeof line, "job %.60s (%s): %s: %s", job->id, bull_place_name(job->place),
             becomes_name(plan, sentence->fate), sentence->why);
    text_neuter(line);
    buf_format(&plan->jobs, "%s\n", line);
}

/* As judging will find it when it comes to the second job for a document. */
static void see_twins(plan_t *plan, const bull_job_t *job, sentence_t *sentence)
{
    view_t document = view_of(job->document);
    if (sentence->fate != FATE_CARRIED)
        return;
    if (wordmap_get(plan->documents, document, NULL)) {
        sentence->fate = FATE_COVERED;
        snprintf(sentence->why, sizeof sentence->why, "another job before it is for the same document");
    }
    wordmap_put(plan->documents, document, 1);
}

static int look_at_jobs(plan_t *plan, fault_t *fault)
{
    bull_ids_t ids;
    queues_t *queues = plan->queues;
    arena_t *names = arena_new(), *arena = arena_new();
    int failed = bull_ids(&queues->bull, names, &ids, fault);
    for (size_t i = 0; !failed && i < ids.count; i++) {
        bull_job_t job;
        sentence_t sentence;
        arena_clear(arena);
        if (queues_stopped(queues))
            failed = fault_set(fault, FAULT_CANCELLED, STOPPED);
        else if (bull_fetch(&queues->bull, &ids.list[i], arena, &job, fault) < 0 ||
                 queues_judge(queues, &job, &sentence, fault) < 0)
            failed = -1;
        if (failed)
            break;
        see_twins(plan, &job, &sentence);
        plan->seen[job.place]++;
        plan->count[job.place][sentence.fate]++;
        (queues->options->json ? add_json : add_line)(plan, &job, &sentence);
        queues_progress(queues, "looked at", (int64_t)i + 1, (int64_t)ids.count);
    }
    arena_destroy(&names);
    arena_destroy(&arena);
    return failed;
}

/* ---- told ---- */

static void tell_json(const plan_t *plan, const bull_census_t *census)
{
    char address[REDIS_ADDRESS_TEXT];
    const queues_t *queues = plan->queues;
    buf_t *out = queues->out;
    int64_t sums[FATES] = {0};
    for (int place = 0; place < BULL_PLACES; place++)
        for (int fate = 0; fate < FATES; fate++)
            sums[fate] += plan->count[place][fate];
    buf_text(out, "{\"redis\":");
    json_text(redis_address_format(&queues->bull.place.addresses[0], address), out);
    buf_text(out, ",\"prefix\":");
    json_text(queues->bull.prefix, out);
    buf_text(out, ",\"queue\":");
    json_text(queues->bull.queue, out);
    buf_format(out,
               ",\"isPaused\":%s,\"workers\":%" PRId64 ",\"waiting\":%" PRId64 ",\"paused\":%" PRId64
               ",\"delayed\":%" PRId64 ",\"active\":%" PRId64 ",\"locked\":%" PRId64 ",\"failed\":%" PRId64
               ",\"completed\":%" PRId64 ",\"repeating\":%" PRId64 ",\"into\":",
               census->is_paused ? "true" : "false", census->workers, census->waiting, census->paused, census->delayed,
               census->active, census->locked, census->failed, census->completed, census->repeating);
    if (queues->options->into)
        json_text(queues->options->into, out);
    else
        buf_text(out, "null");
    buf_format(out, ",\"carried\":%" PRId64 ",\"covered\":%" PRId64 ",\"left\":%" PRId64 ",\"jobs\":[%s]}\n",
               sums[FATE_CARRIED], sums[FATE_COVERED], sums[FATE_LEFT], buf_string(&plan->jobs));
}

static void tell_state(const plan_t *plan, bull_place_t place)
{
    const int64_t *count = plan->count[place];
    buf_format(plan->queues->out, "%-10s  %9" PRId64 "  %9" PRId64 "  %9" PRId64 "  %9" PRId64 "\n",
               bull_place_name(place), plan->seen[place], count[FATE_CARRIED], count[FATE_COVERED], count[FATE_LEFT]);
}

static void tell_table(const plan_t *plan, const bull_census_t *census)
{
    static const bull_place_t order[] = {BULL_WAITING, BULL_PAUSED, BULL_DELAYED, BULL_ACTIVE};
    queues_t *queues = plan->queues;
    buf_t *out = queues->out;
    buf_format(out, "%s: %s", queues->bull.shown, census->is_paused ? "paused, " : "");
    if (census->workers < 0)
        buf_text(out, "this user may not ask for workers\n");
    else
        buf_format(out, "%" PRId64 " old workers are connected\n", census->workers);
    buf_format(out, "%-10s  %9s  %9s  %9s  %9s\n", "state", "jobs", queues->options->into ? "jobs of it" : "runs",
               "nothing", "left");
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        tell_state(plan, order[i]);
    buf_format(out, "%-10s  %9" PRId64 "  stay where they are\n%-10s  %9" PRId64 "  stay where they are\n", "failed",
               census->failed, "completed", census->completed);
    if (census->repeating)
        buf_format(out, "%-10s  %9" PRId64 "  stay where they are: Yogi reads a document once\n", "repeating",
                   census->repeating);
    buf_text(out, buf_string(&plan->jobs));
    if (plan->more)
        buf_format(out, "… and %" PRId64 " more; --json tells all\n", plan->more);
    if (!queues->pickup)
        buf_text(out, "no move is known in this work folder (--from …): documents were not looked up\n");
    if (census->workers > 0 || census->locked)
        buf_format(out, "the old workers must end first (or queues drain --pause): they have %" PRId64 " jobs\n",
                   census->locked);
}

int queues_plan(queues_t *queues, fault_t *fault)
{
    bull_census_t census;
    plan_t plan = {.queues = queues, .documents = wordmap_new()};
    int failed = 0;
    if (bull_look(&queues->bull, &census, fault) < 0 || queues_find(queues, &census, fault) < 0)
        failed = -1;
    if (!failed)
        failed = look_at_jobs(&plan, fault);
    if (!failed)
        (queues->options->json ? tell_json : tell_table)(&plan, &census);
    buf_free(&plan.jobs);
    wordmap_destroy(&plan.documents);
    return failed;
}
