/* health: whether the process lives, which depends on nothing else, and whether it can do its work. */
#include "api.h"

#include "handlers.h"
#include "proto/json.h"

void health_get(call_t *call, void *gateway)
{
    (void)gateway;
    buf_t body = {0};
    buf_text(&body, "{\"status\":\"healthy\",\"service\":\"yogi-gateway\",\"version\":\"" YOGI_VERSION "\"}");
    call_answer(call, 200, "application/json", &body);
    buf_free(&body);
}

/* "name":{"ready":true}, or why not. */
static bool show(buf_t *out, const char *name, bool ready, const fault_t *why)
{
    buf_format(out, "\"%s\":{\"ready\":%s", name, ready ? "true" : "false");
    if (!ready) {
        buf_text(out, ",\"why\":");
        json_text(why->text, out);
    }
    buf_char(out, '}');
    return ready;
}

void health_get_ready(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    fault_t store = {0}, blobs = {0}, brokers = {0};
    buf_t body = {0}, parts = {0};
    outbox_figures_t figures = outbox_figures(gateway->outbox);
    fault_set(&brokers, FAULT_UNREACHABLE, "none of %u brokers is heard", figures.brokers);
    bool ready = show(&parts, "store", store_ready(gateway->store, &store), &store);
    buf_char(&parts, ',');
    ready &= show(&parts, "blobs", blobs_check(gateway->blobs, &blobs) == 0, &blobs);
    buf_char(&parts, ',');
    show(&parts, "brokers", figures.connected > 0, &brokers); /* uploads are taken without one, and read later */
    buf_format(&body, "{\"ready\":%s,%s}", ready ? "true" : "false", parts.bytes);
    if (!ready)
        call_set_header(call, "Retry-After", "5");
    call_answer(call, ready ? 200 : 503, "application/json", &body);
    buf_free(&body);
    buf_free(&parts);
}
