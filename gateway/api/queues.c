/* queues: how much waits at each stage, for people and for what starts and stops hosts by it. */
#include "api.h"

#include "handlers.h"
#include "proto/json.h"

#include <stdlib.h>

static void show(const queues_stage_t *stage, buf_t *out)
{
    buf_text(out, "{\"stage\":");
    json_text(stage->name, out);
    buf_format(out,
               ",\"runnable\":%lld,\"running\":%lld,\"delayed\":%lld,\"oldestMs\":%lld,\"workers\":%lld,\"hosts\":%lld,"
               "\"done\":%lld,\"failed\":%lld,\"retried\":%lld,\"lost\":%lld}",
               (long long)stage->runnable, (long long)stage->running, (long long)stage->delayed,
               (long long)stage->oldest_ms, (long long)stage->workers, (long long)stage->hosts, (long long)stage->done,
               (long long)stage->failed, (long long)stage->retried, (long long)stage->lost);
}

/* Of no broker nothing is known: an empty list would be taken for no work. */
void queues_get(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    outbox_figures_t figures = outbox_figures(gateway->outbox);
    queues_sum_t *sum = arena_take(call_arena(call), sizeof *sum);
    buf_t body = {0};
    outbox_queues(gateway->outbox, sum);
    if (!sum->heard) {
        call_set_header(call, "Retry-After", "2");
        call_problem(call, 503, "no-broker", "none of %u brokers has told its figures lately", figures.brokers);
        return;
    }
    buf_text(&body, "{\"stages\":[");
    for (size_t i = 0; i < sum->count; i++) {
        buf_text(&body, i ? "," : "");
        show(&sum->stages[i], &body);
    }
    buf_format(&body, "],\"jobs\":%lld,\"brokers\":{\"known\":%u,\"heard\":%u}}", (long long)sum->jobs, figures.brokers,
               sum->heard);
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}
