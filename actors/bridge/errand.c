/* errand: see errand.h. */
#include "errand.h"
#include "papers/payload.h"
#include "proto/base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Moves of a job between brokers within one attempt. */
enum { EPOCH_MOVES = 16 };
#define STARTED_MOST (UINT64_C(1) << 40)

/* In the order in which a document goes through them. */
static const char *const pipeline[] = {"classification", "ocr", "llm", "validation"};
enum { PIPELINE = sizeof pipeline / sizeof *pipeline };

ident_t errand_ident(const char *prefix, const char *queue, const job_t *job, const char *what)
{
    uint8_t digest[HASH_BYTES];
    char text[64];
    hash_t hash;
    hash_begin(&hash);
    hash_add(&hash, prefix, strlen(prefix) + 1);
    hash_add(&hash, queue, strlen(queue) + 1);
    hash_add(&hash, job->id.at, job->id.size + 1);
    int size = snprintf(text, sizeof text, "%lld %lld", (long long)job->timestamp_ms, (long long)job->made);
    hash_add(&hash, text, (size_t)size + 1);
    hash_add(&hash, what, strlen(what));
    hash_end(&hash, digest);
    digest[6] = (uint8_t)((digest[6] & 0x0F) | 0x80); /* a UUID of version 8: made by a rule of one's own */
    digest[8] = (uint8_t)((digest[8] & 0x3F) | 0x80);
    return ident_read(digest);
}

uint64_t errand_epoch(const job_t *job)
{
    uint64_t started = job->started > 0 ? (uint64_t)job->started : 1;
    return (started < STARTED_MOST ? started : STARTED_MOST) << EPOCH_MOVES;
}

static int place_of(const char *stage)
{
    for (int i = 0; i < PIPELINE; i++)
        if (strcmp(pipeline[i], stage) == 0)
            return i;
    return -1;
}

/* From the first stage that must run to the queue's own, or to the end. */
static void lay_route(errand_t *errand, const char *begin, bool store)
{
    const queue_plan_t *plan = queue_plan(errand->queue);
    int from = place_of(begin), own = place_of(plan->stage), to = plan->through ? PIPELINE - 1 : own;
    errand->route_count = 0;
    if (from < 0 || own < 0) {
        errand->route[errand->route_count++] = plan->stage;
        return;
    }
    for (int i = from; i <= to; i++)
        errand->route[errand->route_count++] = pipeline[i];
    if (store && to == PIPELINE - 1)
        errand->route[errand->route_count++] = "store";
}

static void prepare_noop(errand_t *errand)
{
    char option[32];
    dossier_t *dossier = dossier_new();
    dossier->document.id = errand->job->id.at;
    dossier->options.noop = noop_option(&errand->noop, option);
    dossier_encode(dossier, &errand->body);
    dossier_destroy(&dossier);
    errand->route[0] = "noop";
    errand->route_count = 1;
}

/* From where an attempt that was broken off had come to; the document is where it is said to be now. false where
 * nothing is known of one. */
static bool go_on(errand_t *errand, const dossier_t *fresh)
{
    fault_t fault;
    span_t record = errand->job->record;
    const char *feed = record.size ? memchr(record.at, '\n', record.size) : NULL;
    uint32_t from = 0;
    if (!feed)
        return false;
    size_t name = (size_t)(feed - record.at);
    while (from < errand->route_count &&
           (strlen(errand->route[from]) != name || memcmp(errand->route[from], record.at, name) != 0))
        from++;
    dossier_t *dossier = from < errand->route_count ? dossier_decode(feed + 1, record.size - name - 1, &fault) : NULL;
    if (!dossier)
        return false;
    dossier->document.source = fresh->document.source;
    errand->told = dossier->trail.count;
    memmove(errand->route, errand->route + from, (errand->route_count - from) * sizeof *errand->route);
    errand->route_count -= from;
    dossier_encode(dossier, &errand->body);
    dossier_destroy(&dossier);
    return true;
}

int errand_prepare(errand_t *errand, sources_t *sources, bool store, fault_t *fault)
{
    payload_t payload = {0};
    buf_clear(&errand->body);
    if (errand->is_noop) {
        prepare_noop(errand);
        return 0;
    }
    payload_ask_t ask = {.stage = queue_plan(errand->queue)->stage,
                         .text = errand->job->data.at,
                         .size = errand->job->data.size,
                         .previous = errand->job->children.size ? errand->job->children.at : NULL};
    if (payload_read(sources, &ask, &payload, fault) < 0)
        return -1;
    lay_route(errand, payload.begin, store);
    if (!go_on(errand, payload.dossier))
        dossier_encode(payload.dossier, &errand->body);
    payload_free(&payload);
    return 0;
}

bool errand_prepare_store(errand_t *errand, sources_t *sources, const char *name, const char *text)
{
    fault_t fault;
    dossier_t *dossier = errand->body.size ? dossier_decode(errand->body.bytes, errand->body.size, &fault) : NULL;
    (void)sources;
    if (!dossier || !dossier->document.id) {
        dossier_destroy(&dossier);
        return false;
    }
    dossier->outcome.status = "failed";
    dossier->outcome.error = name;
    dossier->outcome.message = text;
    buf_clear(&errand->body);
    dossier_encode(dossier, &errand->body);
    dossier_destroy(&dossier);
    errand->route[0] = "store";
    errand->route_count = 1;
    return true;
}

void errand_free(errand_t **errand)
{
    if (!errand || !*errand)
        return;
    buf_free(&(*errand)->text);
    buf_free(&(*errand)->body);
    free(*errand);
    *errand = NULL;
}
