/* local: see local.h. */
#include "local.h"

#include <stdio.h>

static void tell(queue_t *queue, uint32_t slot, const noop_t *noop)
{
    char text[32];
    for (int64_t i = 1; i <= noop->count; i++) {
        bool progress = noop->kind == NOOP_PROGRESS;
        /* percent, rounded as Math.round does */
        int size = progress
                       ? snprintf(text, sizeof text, "%lld", (long long)((200 * i + noop->count) / (2 * noop->count)))
                       : snprintf(text, sizeof text, "line %lld", (long long)i);
        if (progress)
            queue_progress(queue, slot, (span_t){text, (size_t)size});
        else
            queue_log(queue, slot, (span_t){text, (size_t)size});
    }
}

void local_end(queue_t *queue, uint32_t slot, const job_t *job, const noop_t *noop, span_t text, int64_t due_us)
{
    upshot_t outcome = {.good = true, .value = text, .where = span_text("stage noop, yogi-bridge")};
    switch (noop->kind) {
    case NOOP_PROGRESS:
    case NOOP_LOG:
        tell(queue, slot, noop);
        break;
    case NOOP_FAIL:
        outcome.good = false;
        break;
    case NOOP_FAIL_TIMES:
        outcome.good = job->made >= noop->count;
        outcome.value = outcome.good ? span_text("{}") : text;
        break;
    case NOOP_UNRECOVERABLE:
        outcome.good = false;
        outcome.final = true;
        break;
    default:
        break;
    }
    queue_end(queue, slot, &outcome, due_us);
}

bool local_work(queue_t *queue, uint32_t slot, const job_t *job, int64_t now_us)
{
    noop_t noop;
    fault_t fault;
    buf_t text = {0};
    bool done = true;
    if (noop_parse(job->data.at, job->data.size, &noop, &text, &fault) < 0) {
        upshot_t outcome = {
            .final = true, .value = span_text(fault.text), .where = span_text("stage noop, yogi-bridge")};
        queue_end(queue, slot, &outcome, 0);
    } else if (noop.kind == NOOP_CRASH || noop.kind == NOOP_HANG) {
        done = false;
    } else {
        local_end(queue, slot, job, &noop, span_of(&text), noop.kind == NOOP_SLOW ? now_us + noop.count * 1000 : 0);
    }
    buf_free(&text);
    return done;
}
