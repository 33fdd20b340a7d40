/* records: see records.h. */
#include "records.h"
#include "proto/base/text.h"
#include "proto/json.h"

#include <math.h>

/* An array that is being written. */
typedef struct {
    buf_t out;
    arena_t *arena;
    fault_t *fault; /* of the first text that is none */
    int failed;
} writer_t;

/* A field of an object, behind others. */
static void add_text(writer_t *writer, const char *name, view_t text)
{
    if (!text.at)
        return;
    if (!text_valid(text.at, text.size)) { /* as statements refuse one */
        writer->failed = fault_set(writer->failed ? NULL : writer->fault, FAULT_INPUT,
                                   "%s is no valid UTF-8, or holds a zero", name);
        return;
    }
    buf_format(&writer->out, ",\"%s\":", name);
    json_text(arena_text_n(writer->arena, text.at, text.size), &writer->out);
}

static void add_json(writer_t *writer, const char *name, view_t json)
{
    if (!json.at)
        return;
    buf_format(&writer->out, ",\"%s\":", name);
    buf_add(&writer->out, json.at, json.size);
}

/* Stages, the oldest first. */
static void add_stages(writer_t *writer, const record_t *record)
{
    if (!record)
        return;
    add_stages(writer, record->before);
    buf_format(&writer->out, "%s{\"attempt\":%lld", writer->out.size ? "," : "[", (long long)record->attempt);
    if (!isnan(record->confidence))
        buf_format(&writer->out, ",\"confidence\":%.17g", record->confidence);
    add_text(writer, "id", view_of(record->id));
    add_text(writer, "stage", view_of(record->stage));
    add_text(writer, "status", view_of(record->status));
    add_text(writer, "message", record->message);
    add_json(writer, "result", record->result);
    buf_char(&writer->out, '}');
}

static void add_event(writer_t *writer, const event_t *event)
{
    buf_format(&writer->out, "%s{\"percentage\":%d", writer->out.size ? "," : "[", event->percentage);
    add_text(writer, "type", view_of(event->type));
    add_text(writer, "step", view_of(event->step));
    add_text(writer, "message", event->message);
    add_json(writer, "data", event->data);
    buf_char(&writer->out, '}');
}

static void add_events(writer_t *writer, const record_t *record)
{
    if (!record)
        return;
    add_events(writer, record->before);
    if (record->event)
        add_event(writer, record->event);
}

/* The array, closed, as a text of the arena; NULL where it is empty. */
static int end(writer_t *writer, const char **json)
{
    if (writer->out.size)
        buf_char(&writer->out, ']');
    *json = writer->out.size ? arena_text_n(writer->arena, writer->out.bytes, writer->out.size) : NULL;
    buf_free(&writer->out);
    return writer->failed;
}

int records_stages(const record_t *record, arena_t *arena, const char **json, fault_t *fault)
{
    writer_t writer = {.arena = arena, .fault = fault};
    add_stages(&writer, record);
    return end(&writer, json);
}

int records_events(const record_t *record, const event_t *last, arena_t *arena, const char **json, fault_t *fault)
{
    writer_t writer = {.arena = arena, .fault = fault};
    add_events(&writer, record);
    if (last)
        add_event(&writer, last);
    return end(&writer, json);
}
