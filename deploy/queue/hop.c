/* hop: see hop.h. */
#include "hop.h"

#include "proto/base/text.h"
#include "proto/json.h"

#include <stdio.h>

static void tell_json(const hops_t *hops, const char *hop, bool good, int64_t us, const char *text)
{
    buf_char(hops->out, '{');
    if (hops->of) {
        buf_text(hops->out, "\"of\":");
        json_text(hops->of, hops->out);
        buf_char(hops->out, ',');
    }
    buf_format(hops->out, "\"hop\":\"%s\",\"ok\":%s,\"ms\":%.1f,\"message\":", hop, good ? "true" : "false",
               (double)us / 1000);
    json_text(text, hops->out);
    buf_text(hops->out, "}\n");
}

void hop_tell(hops_t *hops, const char *hop, bool good, int64_t us, const char *text)
{
    char shown[400];
    snprintf(shown, sizeof shown, "%s", text);
    text_neuter(shown);
    hops->bad += !good;
    if (hops->json) {
        tell_json(hops, hop, good, us, shown);
        return;
    }
    if (hops->of)
        buf_format(hops->out, "%-16.60s ", hops->of);
    buf_format(hops->out, "%-10s %-6s %8.1f ms  %s\n", hop, good ? "ok" : "failed", (double)us / 1000, shown);
}
