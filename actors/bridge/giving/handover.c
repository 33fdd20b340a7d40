/* handover: see handover.h. */
#include "handover.h"

#include "actors/bridge/packing.h"
#include "actors/bridge/papers/payload.h"
#include "actors/bridge/papers/result.h"
#include "proto/base/clock.h"
#include "proto/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* KEPT: of a run without a deadline. MARGIN: by which other clocks may differ. */
enum { KEPT_S = 24 * 3600, MARGIN_S = 60 };

static dossier_t *dossier_of(const gift_t *gift, fault_t *fault)
{
    return dossier_decode(gift->message.body.at, gift->message.body.size, fault);
}

int handover_data(const desk_t *desk, const gift_t *gift, buf_t *out, fault_t *fault)
{
    char run[IDENT_TEXT];
    payload_mark_t mark = {desk->stage, ident_format(gift->message.job, run), gift->message.attempt};
    dossier_t *dossier = dossier_of(gift, fault);
    if (!dossier)
        return -1;
    payload_write(dossier, &mark, out);
    dossier_destroy(&dossier);
    return 0;
}

static void pack_age(buf_t *out, const char *name, int64_t seconds)
{
    packing_name(out, name);
    packing_map(out, 1);
    packing_name(out, "age");
    packing_int(out, seconds);
}

void handover_options(const gift_t *gift, buf_t *out)
{
    const message_t *message = &gift->message;
    int64_t kept_s = message->remaining_ms ? (int64_t)(message->remaining_ms / 1000) + MARGIN_S : KEPT_S;
    packing_map(out, 3 + (message->priority > 0) + (message->trace.size > 0));
    packing_name(out, "attempts");
    packing_int(out, 1);
    pack_age(out, "removeOnComplete", kept_s);
    pack_age(out, "removeOnFail", kept_s);
    if (message->priority > 0) {
        packing_name(out, "priority");
        packing_int(out, message->priority);
    }
    if (message->trace.size > 0) { /* as bullmq-otel has it */
        buf_t context = {0};
        buf_text(&context, "{\"traceparent\":\"");
        buf_add(&context, message->trace.at, message->trace.size);
        buf_text(&context, "\"}");
        packing_name(out, "tm");
        packing_text(out, context.bytes, context.size);
        buf_free(&context);
    }
}

static void add_trail(const desk_t *desk, const gift_t *gift, const char *engine, int64_t now_ms, dossier_t *dossier)
{
    char time[32];
    trail_t *trail = list_push(dossier->arena, &dossier->trail, sizeof *trail);
    *trail = (trail_t){.stage = desk->stage,
                       .engine = engine ? engine : "bullmq",
                       .host = desk->queue,
                       .attempt = (int32_t)gift->message.attempt,
                       .started = arena_text(dossier->arena, clock_format(gift->began_ms, time)),
                       .finished = arena_text(dossier->arena, clock_format(now_ms, time)),
                       .error = dossier->outcome.error};
}

int handover_result(const desk_t *desk, const gift_t *gift, const char *json, size_t size, int64_t now_ms, buf_t *out,
                    bool *last, fault_t *fault)
{
    const char *engine = NULL;
    dossier_t *dossier = dossier_of(gift, fault);
    int read = dossier ? result_read(desk->stage, json, size, dossier, &engine, fault) : -1;
    if (read == 0) {
        add_trail(desk, gift, engine, now_ms, dossier);
        *last = dossier->outcome.error != NULL;
        dossier_encode(dossier, out);
    }
    dossier_destroy(&dossier);
    return read;
}

/* "20261126T101500Z" in Unix milliseconds; -1 where it is none. */
static int64_t read_stamp(const char *at)
{
    int year, month, day, hour, minute, second, read = 0;
    if (sscanf(at, "%4d%2d%2dT%2d%2d%2dZ%n", &year, &month, &day, &hour, &minute, &second, &read) != 6 || read != 16)
        return -1;
    return ((zone_days(year, month, day) * 24 + hour) * 60 + minute) * 60000 + second * 1000;
}

bool handover_is_over(const char *url, int64_t now_ms)
{
    static const char date[] = "X-Amz-Date=", expires[] = "X-Amz-Expires=";
    const char *query = strchr(url, '?');
    const char *from = query ? strstr(query, date) : NULL, *seconds = query ? strstr(query, expires) : NULL;
    int64_t signed_ms = from && seconds ? read_stamp(from + sizeof date - 1) : -1;
    return signed_ms >= 0 && now_ms > signed_ms + 1000 * (int64_t)atoi(seconds + sizeof expires - 1);
}

bool handover_has_expired(const gift_t *gift, int64_t now_ms)
{
    fault_t fault;
    dossier_t *dossier = dossier_of(gift, &fault);
    bool over = dossier && dossier->document.source && handover_is_over(dossier->document.source, now_ms);
    dossier_destroy(&dossier);
    return over;
}

bool handover_is_final(const char *traces)
{
    /* a trace begins with the error's name; only the newest of the list counts, and there is one attempt */
    return traces && strncmp(traces, "[\"UnrecoverableError", 20) == 0;
}
