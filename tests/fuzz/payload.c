/* Whatever stands in a job's data, or comes back from a worker of others: it is refused with a sentence, or becomes a
 * dossier that can be sent, read again, and written as data and as results. */
#include "actors/bridge/papers/payload.h"
#include "actors/bridge/papers/parts.h"
#include "actors/bridge/papers/result.h"
#include "proto/base/text.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

static void check_refusal(const fault_t *fault)
{
    if (fault->code != FAULT_INPUT || !*fault->text || !text_valid(fault->text, strlen(fault->text)) ||
        strpbrk(fault->text, "\n\r\x1b"))
        abort();
}

/* It goes over the wire and back, and every form of it can be written. */
static void check_dossier(const dossier_t *dossier)
{
    fault_t fault = {0};
    buf_t packed = {0}, out = {0};
    dossier_encode(dossier, &packed);
    dossier_t *again = dossier_decode(packed.bytes, packed.size, &fault);
    if (!again || again->pages.count != dossier->pages.count || again->timetables.count != dossier->timetables.count)
        abort();
    for (int i = 0; i < PARTS_STAGES; i++)
        result_write(parts_stages[i], true, again, &out);
    payload_write(again, &(payload_mark_t){"llm", "run", 1}, &out);
    dossier_destroy(&again);
    buf_free(&packed);
    buf_free(&out);
}

static void read_payloads(const char *text, size_t size)
{
    settings_t settings = {.source_roots = "/usr/share/zoneinfo",
                           .source_endpoints = "https://a.example",
                           .s3_bucket = "papers",
                           .s3_endpoint = "http://127.0.0.1:9",
                           .aws_region = "x",
                           .aws_access_key_id = "id",
                           .aws_secret_access_key = "secret",
                           .engine = "rules",
                           .gate = 0.9};
    fault_t fault = {0};
    sources_t *sources = sources_new(&settings, &fault);
    if (!sources)
        abort();
    for (int i = 0; i < PARTS_STAGES; i++) {
        payload_ask_t ask = {.stage = parts_stages[i], .text = text, .size = size};
        payload_t payload;
        if (payload_read(sources, &ask, &payload, &fault) < 0) {
            check_refusal(&fault);
            continue;
        }
        if (!payload.dossier->document.id || parts_place(payload.begin) > i)
            abort();
        check_dossier(payload.dossier);
        payload_free(&payload);
    }
    sources_destroy(&sources);
}

static void read_results(const char *text, size_t size)
{
    for (int i = 0; i < PARTS_STAGES; i++) {
        const char *engine;
        fault_t fault = {0};
        dossier_t *dossier = dossier_new();
        if (result_read(parts_stages[i], text, size, dossier, &engine, &fault) < 0)
            check_refusal(&fault);
        else
            check_dossier(dossier);
        dossier_destroy(&dossier);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    read_payloads((const char *)bytes, size);
    read_results((const char *)bytes, size);
    return 0;
}
