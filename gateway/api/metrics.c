/* metrics: the gateway's figures in the text format of Prometheus (version 0.0.4). Nothing here waits for a database or
 * a broker. */
#include "api.h"

#include "handlers.h"
#include "proto/base/clock.h"

#include <stddef.h>
#include <stdio.h>

/* All figures of one moment. */
typedef struct {
    http_counts_t http;
    store_figures_t store;
    outbox_figures_t outbox;
    importer_figures_t imports;
    studio_figures_t studio;
    queues_sum_t queues;
    uint64_t watches;
    uint32_t store_ready;
} figures_t;

typedef enum { WIDE, NARROW } width_t; /* uint64_t, uint32_t */

/* One figure each. */
static const struct {
    const char *name, *type, *help;
    width_t width;
    size_t offset;
} rows[] = {
    {"yogi_http_connections", "gauge", "Connections that are open.", WIDE, offsetof(figures_t, http.connections)},
    {"yogi_http_streams", "gauge", "Streams of events that are open.", WIDE, offsetof(figures_t, http.streams)},
    {"yogi_http_waiting", "gauge", "Calls that wait for a thread.", WIDE, offsetof(figures_t, http.waiting)},
    {"yogi_http_parked", "gauge", "Calls that wait for a result.", WIDE, offsetof(figures_t, http.parked)},
    {"yogi_http_overdue_total", "counter", "Connections that were ended for their time.", WIDE,
     offsetof(figures_t, http.overdue)},
    {"yogi_http_refused_total", "counter", "Calls that were refused for load.", WIDE,
     offsetof(figures_t, http.refused)},
    {"yogi_http_received_bytes_total", "counter", "Bytes of bodies that came.", WIDE,
     offsetof(figures_t, http.bytes_in)},
    {"yogi_http_sent_bytes_total", "counter", "Bytes of bodies that went.", WIDE, offsetof(figures_t, http.bytes_out)},
    {"yogi_event_watches", "gauge", "Streams that documents are watched for.", WIDE, offsetof(figures_t, watches)},
    {"yogi_store_ready", "gauge", "1 where the database was there at the last contact.", NARROW,
     offsetof(figures_t, store_ready)},
    {"yogi_store_waiting", "gauge", "Tasks that wait for the database.", NARROW, offsetof(figures_t, store.waiting)},
    {"yogi_store_tasks_total", "counter", "Tasks that the store has done.", WIDE, offsetof(figures_t, store.tasks)},
    {"yogi_store_failures_total", "counter", "Tasks that ended with a fault.", WIDE,
     offsetof(figures_t, store.failures)},
    {"yogi_store_transactions_total", "counter", "Transactions that were committed.", WIDE,
     offsetof(figures_t, store.transactions)},
    {"yogi_store_retries_total", "counter", "Tasks that were run again.", WIDE, offsetof(figures_t, store.retries)},
    {"yogi_store_reconnects_total", "counter", "Connections to the database that were made again.", WIDE,
     offsetof(figures_t, store.reconnects)},
    {"yogi_outbox_brokers", "gauge", "Brokers that there are.", NARROW, offsetof(figures_t, outbox.brokers)},
    {"yogi_outbox_brokers_connected", "gauge", "Brokers that are heard.", NARROW,
     offsetof(figures_t, outbox.connected)},
    {"yogi_outbox_jobs", "gauge", "Runs in hand.", NARROW, offsetof(figures_t, outbox.jobs)},
    {"yogi_outbox_submitted_total", "counter", "Runs that were sent to a broker.", WIDE,
     offsetof(figures_t, outbox.submitted)},
    {"yogi_outbox_records_total", "counter", "Results of stages that were stored.", WIDE,
     offsetof(figures_t, outbox.records)},
    {"yogi_outbox_finished_total", "counter", "Runs that ended well.", WIDE, offsetof(figures_t, outbox.finished)},
    {"yogi_outbox_failed_total", "counter", "Runs that failed for good.", WIDE, offsetof(figures_t, outbox.failed)},
    {"yogi_outbox_taken_over_total", "counter", "Runs that were taken over from others.", WIDE,
     offsetof(figures_t, outbox.taken_over)},
    {"yogi_outbox_stale_total", "counter", "Results of runs that belong to somebody else by now.", WIDE,
     offsetof(figures_t, outbox.stale)},
    {"yogi_imports_stored_total", "counter", "Results of other owners' documents that were stored.", WIDE,
     offsetof(figures_t, imports.stored)},
    {"yogi_imports_again_total", "counter", "Results of theirs that were there already.", WIDE,
     offsetof(figures_t, imports.again)},
    {"yogi_imports_refused_total", "counter", "Results of theirs that could not be stored.", WIDE,
     offsetof(figures_t, imports.refused)},
    {"yogi_pictures_in_hand", "gauge", "Pages that are being drawn.", WIDE, offsetof(figures_t, studio.in_hand)},
    {"yogi_pictures_drawn_total", "counter", "Pages that were drawn and kept.", WIDE,
     offsetof(figures_t, studio.drawn)},
    {"yogi_pictures_failed_total", "counter", "Pages that could not be drawn or kept.", WIDE,
     offsetof(figures_t, studio.failed)},
};

static void head(buf_t *out, const char *name, const char *type, const char *help)
{
    buf_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_rows(const figures_t *figures, buf_t *out)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *at = (const char *)figures + rows[i].offset;
        unsigned long long value =
            rows[i].width == WIDE ? *(const uint64_t *)(const void *)at : *(const uint32_t *)(const void *)at;
        head(out, rows[i].name, rows[i].type, rows[i].help);
        buf_format(out, "%s %llu\n", rows[i].name, value);
    }
}

static void add_answers(const http_counts_t *http, buf_t *out)
{
    head(out, "yogi_http_answers_total", "counter", "Answers by the class of their status; 0 were broken off.");
    for (int i = 0; i < 6; i++)
        buf_format(out, "yogi_http_answers_total{class=\"%d%s\"} %llu\n", i, i ? "xx" : "",
                   (unsigned long long)http->answers[i]);
}

/* One family of figures over all stages, each multiplied. */
static void add_stages(const queues_sum_t *queues, const char *name, const char *type, const char *help, size_t offset,
                       double unit, buf_t *out)
{
    head(out, name, type, help);
    for (size_t i = 0; i < queues->count; i++) {
        const char *at = (const char *)&queues->stages[i] + offset;
        buf_format(out, "%s{stage=\"%s\"} %.10g\n", name, queues->stages[i].name,
                   (double)*(const int64_t *)(const void *)at * unit);
    }
}

static void add_queues(const queues_sum_t *queues, buf_t *out)
{
    static const struct {
        const char *name, *type, *help;
        size_t offset;
        double unit;
    } families[] = {
        {"yogi_stage_runnable", "gauge", "Jobs that wait for a worker.", offsetof(queues_stage_t, runnable), 1},
        {"yogi_stage_running", "gauge", "Jobs that are worked on.", offsetof(queues_stage_t, running), 1},
        {"yogi_stage_delayed", "gauge", "Jobs that wait for another try.", offsetof(queues_stage_t, delayed), 1},
        {"yogi_stage_oldest_seconds", "gauge", "Age of the job that waits longest.",
         offsetof(queues_stage_t, oldest_ms), 0.001},
        {"yogi_stage_hosts", "gauge", "Hosts that serve the stage.", offsetof(queues_stage_t, hosts), 1},
        {"yogi_stage_workers", "gauge", "Workers that serve the stage.", offsetof(queues_stage_t, workers), 1},
        {"yogi_stage_done_total", "counter", "Jobs that went through.", offsetof(queues_stage_t, done), 1},
        {"yogi_stage_failed_total", "counter", "Jobs that failed.", offsetof(queues_stage_t, failed), 1},
        {"yogi_stage_retried_total", "counter", "Jobs that were tried again.", offsetof(queues_stage_t, retried), 1},
        {"yogi_stage_lost_total", "counter", "Jobs whose worker vanished.", offsetof(queues_stage_t, lost), 1},
    };
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        add_stages(queues, families[i].name, families[i].type, families[i].help, families[i].offset, families[i].unit,
                   out);
}

void metrics_get(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    figures_t *figures = arena_take(call_arena(call), sizeof *figures);
    fault_t why = {0};
    buf_t body = {0};
    figures->http = http_counts(gateway->http);
    figures->store = store_figures(gateway->store);
    figures->outbox = outbox_figures(gateway->outbox);
    figures->imports = importer_figures(gateway->importer);
    figures->studio = studio_figures(gateway->studio);
    figures->watches = pump_watches(gateway->pump);
    figures->store_ready = store_ready(gateway->store, &why);
    outbox_queues(gateway->outbox, &figures->queues);
    head(&body, "yogi_build_info", "gauge", "The version that runs.");
    buf_text(&body, "yogi_build_info{version=\"" YOGI_VERSION "\"} 1\n");
    head(&body, "process_cpu_seconds_total", "counter", "CPU time of this process.");
    buf_format(&body, "process_cpu_seconds_total %.3f\n", (double)clock_process_us() / 1e6);
    add_answers(&figures->http, &body);
    add_rows(figures, &body);
    add_queues(&figures->queues, &body);
    call_answer(call, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
    buf_free(&body);
}
