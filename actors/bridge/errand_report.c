/* errand_report: see errand_report.h. */
#include "errand_report.h"

#include "proto/base/text.h"
#include "proto/json.h"

void errand_report_progress(const errand_t *errand, const message_t *message)
{
    buf_t json = {0};
    if (errand->storing || errand->is_noop) /* which tells its own */
        return;
    buf_format(&json, "{\"stage\":\"%.*s\",\"part\":%u,\"parts\":%u}", (int)message->stage.size,
               message->stage.size ? message->stage.at : "", message->done, message->total);
    queue_progress(errand->queue, errand->slot, span_of(&json));
    buf_free(&json);
}

static void report_stage(const errand_t *errand, const trail_t *trail)
{
    buf_t row = {0};
    const char *stage = trail->stage ? trail->stage : "?";
    buf_format(&row, "%s: done", stage);
    if (trail->engine)
        buf_format(&row, " by %s", trail->engine);
    if (trail->host)
        buf_format(&row, " at %s", trail->host);
    buf_format(&row, ", %.0f ms of CPU", trail->cpu_ms);
    if (trail->confidence > 0)
        buf_format(&row, ", confidence %.2f", trail->confidence);
    if (trail->error)
        buf_format(&row, ", %s", trail->error);
    text_neuter(row.bytes);
    queue_log(errand->queue, errand->slot, span_text(row.bytes));
    buf_clear(&row);
    buf_text(&row, "{\"stage\":");
    json_text(stage, &row);
    buf_text(&row, ",\"done\":true}");
    queue_progress(errand->queue, errand->slot, span_of(&row));
    buf_free(&row);
}

void errand_report_stages(errand_t *errand, const dossier_t *dossier)
{
    for (; errand->told < dossier->trail.count; errand->told++)
        report_stage(errand, LIST_AT(trail_t, dossier->trail, errand->told));
}

void errand_report_record(errand_t *errand, const message_t *message)
{
    fault_t fault;
    if (errand->storing || message->body.size == 0)
        return;
    dossier_t *dossier = dossier_decode(message->body.at, message->body.size, &fault);
    if (dossier && message->next.size)
        queue_record(errand->queue, errand->slot, (span_t){message->next.at, message->next.size},
                     (span_t){message->body.at, message->body.size});
    if (dossier)
        errand_report_stages(errand, dossier);
    dossier_destroy(&dossier);
}
