/* events: see events.h. */
#include "events.h"

#include "proto/base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* BLOCK: one wait for events; its answer may come LATE. ENTRIES: read at once, some hundred kilobytes. BUNCH: between
 * two questions while many jobs are out: at 5,000 jobs a second there are 25 entries in an answer then. RETRY: after an
 * error of Redis. PLACE: bytes of an entry's id. */
enum { BLOCK_MS = 10000, LATE_MS = 2000, ENTRIES = 1000, BUNCH_US = 1000, RETRY_US = 1000000, PLACE_BYTES = 48 };

/* What an answer is to: the streams, or how far one of them is. */
enum { ASKED_ENTRIES = EVENTS_STREAMS_MOST };

typedef struct {
    char place[PLACE_BYTES]; /* id of the last entry that was read; "" = not known yet */
    bool asked;              /* for it */
} stream_t;

struct events {
    events_plan_t plan;
    stream_t streams[EVENTS_STREAMS_MOST];
    redis_t *line;
    bool waiting;            /* Redis has been asked for entries */
    bool many;               /* jobs are out */
    int64_t now_us, next_us; /* not asked before */
    buf_t command;
};

static redis_answer_fn on_answer;

static bool ask(events_t *events, uint64_t tag, uint32_t answer_ms)
{
    bool sent = redis_send(events->line, &events->command, on_answer, events, tag, answer_ms);
    buf_clear(&events->command);
    return sent;
}

/* ---- entries ---- */

/* Their names in the streams, and that of the field which is told. */
static const struct {
    const char *name, *field;
} kinds[] = {
    [EVENT_DUPLICATED] = {"duplicated", ""},
    [EVENT_PROGRESS] = {"progress", "data"},
    [EVENT_COMPLETED] = {"completed", "returnvalue"},
    [EVENT_FAILED] = {"failed", "failedReason"},
    [EVENT_REMOVED] = {"removed", ""},
};

static event_kind_t kind_of(const reply_t *name)
{
    for (int i = EVENT_NONE + 1; i <= EVENT_REMOVED; i++)
        if (strcmp(reply_text(name), kinds[i].name) == 0)
            return (event_kind_t)i;
    return EVENT_NONE;
}

static const reply_t *field_of(const reply_t *fields, const char *name)
{
    for (uint32_t i = 0; i + 1 < fields->count; i += 2)
        if (strcmp(reply_text(&fields->items[i]), name) == 0)
            return &fields->items[i + 1];
    return reply_item(fields, fields->count); /* a nil */
}

static void tell(events_t *events, size_t queue, const reply_t *fields)
{
    event_kind_t kind = kind_of(field_of(fields, "event"));
    const reply_t *job = kind == EVENT_NONE ? NULL : field_of(fields, "jobId");
    if (!job || job->kind != REPLY_TEXT)
        return;
    event_t event = {kind, reply_text(job), field_of(fields, kinds[kind].field)};
    events->plan.heard(events->plan.owner, queue, &event);
}

static void set_place(stream_t *stream, const reply_t *id)
{
    if (id->size > 0 && id->size < sizeof stream->place)
        memcpy(stream->place, reply_text(id), id->size + 1);
}

/* EVENTS_STREAMS_MOST: it is none of ours. */
static size_t queue_of(const events_t *events, const reply_t *key)
{
    for (size_t i = 0; i < events->plan.count; i++) {
        const keys_t *keys = events->plan.keys[i];
        if (key->size == keys->sizes[KEY_EVENTS] && memcmp(reply_text(key), keys->texts[KEY_EVENTS], key->size) == 0)
            return i;
    }
    return EVENTS_STREAMS_MOST;
}

/* [[stream, [[id, [field, value, …]], …]], …], or nil: nothing in that time. */
static void take_entries(events_t *events, const reply_t *reply)
{
    events->waiting = false;
    if (!reply)
        return;
    if (reply->kind == REPLY_ERROR) {
        events->plan.complain(events->plan.owner, 0, "XREAD", reply->text);
        events->next_us = events->now_us + RETRY_US;
    }
    for (uint32_t i = 0; reply->kind == REPLY_LIST && i < reply->count; i++) {
        size_t queue = queue_of(events, reply_item(&reply->items[i], 0));
        const reply_t *entries = reply_item(&reply->items[i], 1);
        for (uint32_t k = 0; queue < EVENTS_STREAMS_MOST && k < entries->count; k++) {
            tell(events, queue, reply_item(&entries->items[k], 1));
            set_place(&events->streams[queue], reply_item(&entries->items[k], 0));
        }
        if (events->many && entries->count < ENTRIES)
            events->next_us = events->now_us + BUNCH_US;
    }
}

static void ask_entries(events_t *events)
{
    buf_t *command = &events->command;
    size_t count = events->plan.count;
    for (size_t i = 0; i < count; i++)
        if (!events_know(events, i))
            return;
    resp_begin(command, 6 + 2 * count);
    resp_text(command, "XREAD");
    resp_text(command, "COUNT");
    resp_number(command, ENTRIES);
    resp_text(command, "BLOCK");
    resp_number(command, BLOCK_MS);
    resp_text(command, "STREAMS");
    for (size_t i = 0; i < count; i++)
        resp_word(command, events->plan.keys[i]->texts[KEY_EVENTS], events->plan.keys[i]->sizes[KEY_EVENTS]);
    for (size_t i = 0; i < count; i++)
        resp_text(command, events->streams[i].place);
    events->waiting = ask(events, ASKED_ENTRIES, BLOCK_MS + LATE_MS);
}

/* ---- where a stream begins for us: after its last entry ---- */

static void ask_place(events_t *events, size_t queue)
{
    RESP_COMMAND(&events->command, "XREVRANGE", events->plan.keys[queue]->texts[KEY_EVENTS], "+", "-", "COUNT", "1");
    events->streams[queue].asked = ask(events, queue, 0);
}

static void take_place(events_t *events, size_t queue, const reply_t *reply)
{
    stream_t *stream = &events->streams[queue];
    stream->asked = false;
    if (!reply)
        return;
    if (reply->kind == REPLY_ERROR) {
        events->plan.complain(events->plan.owner, queue, "XREVRANGE", reply->text);
        events->next_us = events->now_us + RETRY_US;
    } else if (reply->count) {
        set_place(stream, reply_item(reply_item(reply, 0), 0));
    } else {
        snprintf(stream->place, sizeof stream->place, "0-0"); /* nothing has happened in this queue yet */
    }
}

static void on_answer(void *user, uint64_t tag, const redis_answer_t *answer)
{
    if (tag == ASKED_ENTRIES)
        take_entries(user, answer->reply);
    else
        take_place(user, (size_t)tag, answer->reply);
}

static void on_news(void *user, bool up)
{
    events_t *events = user;
    if (up)
        events->plan.back(events->plan.owner);
}

/* ---- for the loop ---- */

events_t *events_new(const events_plan_t *plan)
{
    assert(plan->count > 0 && plan->count <= EVENTS_STREAMS_MOST);
    events_t *events = memory_new(1, sizeof *events);
    redis_plan_t line = {.place = plan->place, .news = on_news, .user = events};
    events->plan = *plan;
    events->line = redis_new(&line);
    return events;
}

void events_destroy(events_t **events)
{
    if (!*events)
        return;
    redis_destroy(&(*events)->line);
    buf_free(&(*events)->command);
    free(*events);
    *events = NULL;
}

void events_step(events_t *events, int64_t now_us, int64_t *next_us)
{
    events->now_us = now_us;
    redis_step(events->line, now_us, next_us);
    if (events->waiting || !redis_is_up(events->line))
        return;
    if (now_us < events->next_us) {
        *next_us = events->next_us < *next_us ? events->next_us : *next_us;
        return;
    }
    for (size_t i = 0; i < events->plan.count; i++)
        if (!events_know(events, i) && !events->streams[i].asked)
            ask_place(events, i);
    ask_entries(events);
}

void events_hurry(events_t *events, bool many)
{
    events->many = many;
}

void events_flush(events_t *events)
{
    redis_flush(events->line);
}

size_t events_poll(const events_t *events, struct pollfd *polls)
{
    return redis_poll(events->line, polls);
}

bool events_know(const events_t *events, size_t queue)
{
    return *events->streams[queue].place != 0;
}
