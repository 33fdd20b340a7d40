/* queues_common: see queues.h. What the words of `yogi migrate queues` have in common: how they speak, wait and judge.
 */
#include "queues.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void queues_progress(const queues_t *queues, const char *what, int64_t done, int64_t total)
{
    move_progress_t progress = {.phase = "jobs", .what = what, .done = done, .total = total};
    if (queues->move->progress)
        queues->move->progress(queues->move->user, &progress);
}

bool queues_stopped(const queues_t *queues)
{
    return queues->move->stopped && queues->move->stopped(queues->move->user);
}

void queues_say(const queues_t *queues, const char *format, ...)
{
    char text[500];
    va_list values;
    if (queues->options->json)
        return;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    buf_format(queues->out, "%s\n", text);
}

void queues_rest(const queues_t *queues, int64_t ms)
{
    struct pollfd signal = {queues->process->signal_fd, POLLIN, 0};
    poll(&signal, 1, (int)ms);
}

int queues_find(queues_t *queues, const bull_census_t *census, fault_t *fault)
{
    if (census->there)
        return 0;
    const char *others = bull_others(&queues->bull);
    return fault_set(fault, FAULT_INPUT,
                     "there is no queue of Bull under %s%s%.200s; see --queue, --prefix and --redis",
                     queues->bull.shown, *others ? "; there are: " : "", others);
}

static void write_why(sentence_t *sentence, fate_t fate, const char *why)
{
    sentence->fate = fate;
    snprintf(sentence->why, sizeof sentence->why, "%s", why);
}

static void judge_by_store(const queues_t *queues, const bull_job_t *job, sentence_t *sentence)
{
    char text[260];
    switch (sentence->found.state) {
    case PICKUP_WANTED:
        write_why(sentence, FATE_CARRIED, "");
        if (job->due_ms && !queues->options->into)
            write_why(sentence, FATE_CARRIED, "at once: a run does not wait for its time");
        break;
    case PICKUP_BEFORE:
        write_why(sentence, FATE_COVERED, "it was carried over before");
        break;
    case PICKUP_COVERED:
        write_why(sentence, FATE_COVERED, "its document has been queued here before");
        break;
    case PICKUP_UNKNOWN:
        snprintf(text, sizeof text, "there is no document %.200s in the store", job->document);
        write_why(sentence, FATE_LEFT, text);
        break;
    case PICKUP_NO_BYTES:
        snprintf(text, sizeof text, "the file of document %.100s was not carried", job->document);
        write_why(sentence, FATE_LEFT, text);
        break;
    }
}

int queues_judge(queues_t *queues, const bull_job_t *job, sentence_t *sentence, fault_t *fault)
{
    char mark[BULL_MARK_BYTES];
    *sentence = (sentence_t){0};
    if (job->why) {
        write_why(sentence, FATE_LEFT, job->why);
        return 0;
    }
    if (job->locked) {
        write_why(sentence, FATE_LEFT, "an old worker has it");
        return 0;
    }
    if (!queues->pickup)
        return 0;
    pickup_job_t wanted = {.mark = bull_mark(&queues->bull, job, mark), .document = job->document};
    if (pickup_look(queues->pickup, &wanted, &sentence->found, fault) < 0)
        return -1;
    judge_by_store(queues, job, sentence);
    return 0;
}
