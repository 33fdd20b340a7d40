/* findings: see findings.h. */
#include "findings.h"
#include "proto/json.h"

#include <string.h>

static const char *const level_names[LEVELS] = {"ok", "warning", "fault", "left out"};

void findings_add(findings_t *findings, const finding_t *finding)
{
    if (findings->count < FINDINGS_MOST)
        findings->items[findings->count++] = *finding;
    else
        findings->left_out++;
}

size_t findings_count(const findings_t *findings, level_t level)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += findings->items[i].level == level;
    return count;
}

static int widest(const findings_t *findings)
{
    size_t width = 0;
    for (size_t i = 0; i < findings->count; i++)
        if (strlen(findings->items[i].check) > width)
            width = strlen(findings->items[i].check);
    return (int)width;
}

void findings_table(const findings_t *findings, buf_t *out)
{
    int width = widest(findings);
    for (size_t i = 0; i < findings->count; i++) {
        const finding_t *one = &findings->items[i];
        buf_format(out, "%-8s  %-*s  %s%s%s\n", level_names[one->level], width, one->check, one->says,
                   one->todo ? "; " : "", one->todo ? one->todo : "");
    }
    if (findings->left_out)
        buf_format(out, "and %zu more\n", findings->left_out);
    size_t faults = findings_count(findings, LEVEL_FAULT), warnings = findings_count(findings, LEVEL_WARNING);
    buf_format(out, "%zu fault%s, %zu warning%s\n", faults, faults == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
}

void findings_json(const findings_t *findings, buf_t *out)
{
    buf_format(out, "{\"faults\":%zu,\"warnings\":%zu,\"checks\":[", findings_count(findings, LEVEL_FAULT),
               findings_count(findings, LEVEL_WARNING));
    for (size_t i = 0; i < findings->count; i++) {
        const finding_t *one = &findings->items[i];
        buf_text(out, i ? ",{\"check\":" : "{\"check\":");
        json_text(one->check, out);
        buf_text(out, ",\"level\":");
        json_text(level_names[one->level], out);
        buf_text(out, ",\"says\":");
        json_text(one->says, out);
        buf_text(out, ",\"do\":");
        if (one->todo)
            json_text(one->todo, out);
        else
            buf_text(out, "null");
        buf_char(out, '}');
    }
    buf_text(out, "]}\n");
}
