/* line: see line.h. */
#include "line.h"
#include "naming.h"
#include "proto/base/memory.h"
#include "stream.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* READ: at once from the system, enough for hundreds of answers. NAME: the resolver is looked at that often. SLACK:
 * bytes of answered commands that are moved away. TURN: bytes taken in a step, so that others get theirs. KEPT: memory
 * that is kept for the next commands. */
enum {
    READ_BYTES = 64 * 1024,
    NAME_US = 5000,
    SLACK_BYTES = 64 * 1024,
    TURN_BYTES = 4 * 1024 * 1024,
    KEPT_BYTES = 1024 * 1024
};

typedef struct {
    line_call_t call;
    uint64_t from;  /* place of its bytes in all that was given */
    size_t size;    /* of them */
    int64_t due_us; /* its answer must be there by then */
    bool greets;    /* it is one of the greeting's */
} waiting_t;

struct line {
    line_plan_t plan;
    line_answer_fn *fn;
    void *owner;
    line_state_t state;
    naming_t *naming;
    naming_found_t found; /* addresses */
    size_t at;            /* the one that is tried */
    stream_t *stream;
    reply_reader_t *reader;
    buf_t out;         /* bytes from the oldest unanswered command on */
    uint64_t out_from; /* place of the first of them in all that was given */
    uint64_t written;  /* so many of all that was given */
    waiting_t *ring;   /* commands without an answer, a ring */
    size_t room, head, count;
    size_t greeting_left; /* answers of the greeting that are still to come */
    bool overdue;
    fault_t fault;
};

line_t *line_new(const line_plan_t *plan, line_answer_fn *fn, void *owner)
{
    line_t *line = memory_new(1, sizeof *line);
    line->plan = *plan;
    line->fn = fn;
    line->owner = owner;
    line->reader = reply_reader_new();
    line->naming = naming_begin(&plan->address);
    return line;
}

/* ---- commands without an answer ---- */

static waiting_t *push(line_t *line)
{
    if (line->count == line->room) {
        size_t room = line->room ? 2 * line->room : 64;
        waiting_t *ring = memory_new(room, sizeof *ring);
        for (size_t i = 0; i < line->count; i++)
            ring[i] = line->ring[(line->head + i) % line->room];
        free(line->ring);
        line->ring = ring;
        line->room = room;
        line->head = 0;
    }
    return &line->ring[(line->head + line->count++) % line->room];
}

/* Bytes whose commands are answered need not be kept. */
static void drop_answered(line_t *line)
{
    uint64_t keep = line->count ? line->ring[line->head].from : line->out_from + line->out.size;
    size_t gone = (size_t)(keep - line->out_from);
    if (gone == line->out.size && line->out.capacity > KEPT_BYTES) {
        buf_free(&line->out);
    } else if (gone == line->out.size) {
        buf_clear(&line->out);
    } else if (gone > SLACK_BYTES && gone > line->out.size / 2) {
        memmove(line->out.bytes, line->out.bytes + gone, line->out.size - gone + 1);
        line->out.size -= gone;
    } else {
        return;
    }
    line->out_from = keep;
}

static void give(line_t *line, const void *bytes, size_t size, const line_call_t *call, int64_t due_us, bool greets)
{
    waiting_t *waiting = push(line);
    *waiting = (waiting_t){*call, line->out_from + line->out.size, size, due_us, greets};
    buf_add(&line->out, bytes, size);
}

void line_send(line_t *line, const void *bytes, size_t size, const line_call_t *call, int64_t now_us)
{
    assert(line->state == LINE_UP);
    give(line, bytes, size, call, now_us + (int64_t)call->answer_ms * 1000, false);
}

static void tell(line_t *line, const reply_t *reply)
{
    waiting_t waiting = line->ring[line->head];
    line->head = (line->head + 1) % line->room;
    line->count--;
    redis_answer_t answer = {reply, line->out.bytes + (waiting.from - line->out_from), waiting.size};
    if (line->fn && !waiting.greets)
        line->fn(line->owner, &waiting.call, &answer);
}

/* ---- the end ---- */

static void break_off(line_t *line)
{
    line->state = LINE_BROKEN;
    stream_close(&line->stream);
    naming_end(&line->naming);
    while (line->count)
        tell(line, NULL);
}

void line_forget(line_t *line)
{
    line->fn = NULL;
}

void line_destroy(line_t **line)
{
    if (!line || !*line)
        return;
    break_off(*line);
    reply_reader_destroy(&(*line)->reader);
    buf_free(&(*line)->out);
    free((*line)->ring);
    free(*line);
    *line = NULL;
}

/* ---- up to the greeting ---- */

static void greet(line_t *line)
{
    const line_greeting_t *greeting = &line->plan.greeting;
    buf_t out = {0};
    line_call_t nobody = {0};
    char number[24];
    size_t ends[6], count = 0, from = 0;
    line->fault = (fault_t){0}; /* of addresses before this one */
    if (greeting->password && greeting->user)
        RESP_COMMAND(&out, "AUTH", greeting->user, greeting->password), ends[count++] = out.size;
    else if (greeting->password)
        RESP_COMMAND(&out, "AUTH", greeting->password), ends[count++] = out.size;
    if (greeting->database) {
        snprintf(number, sizeof number, "%lld", (long long)greeting->database);
        RESP_COMMAND(&out, "SELECT", number), ends[count++] = out.size;
    }
    if (greeting->name)
        RESP_COMMAND(&out, "CLIENT", "SETNAME", greeting->name), ends[count++] = out.size;
    if (greeting->master)
        RESP_COMMAND(&out, "ROLE"), ends[count++] = out.size;
    RESP_COMMAND(&out, "PING"), ends[count++] = out.size;
    for (size_t i = 0; i < count; from = ends[i++])
        give(line, out.bytes + from, ends[i] - from, &nobody, line->plan.until_us, true);
    line->greeting_left = count;
    line->state = LINE_GREETING;
    explicit_bzero(out.bytes, out.size);
    buf_free(&out);
}

/* The next of the addresses that were found. -1 with the fault when there is none left. */
static int dial(line_t *line)
{
    while (line->at < line->found.count) {
        size_t i = line->at++;
        line->stream = stream_open(line->plan.place, (const struct sockaddr *)&line->found.list[i],
                                   line->found.sizes[i], line->plan.address.host, &line->fault);
        if (line->stream) {
            line->state = LINE_DIALLING;
            return 0;
        }
    }
    return -1;
}

/* Each returns whether there is more to do at once; BROKEN is set where it has failed. */
static bool step_naming(line_t *line, int64_t now_us, int64_t *next_us)
{
    fault_t fault;
    int found = naming_look(line->naming, &line->found, &fault);
    if (found == 0) { /* it is waited for as long as it takes: a question cannot be taken back */
        if (now_us >= line->plan.until_us && line->fault.code == FAULT_NONE)
            fault_set(&line->fault, FAULT_UNAVAILABLE, "no name server answers for %s", line->plan.address.host);
        *next_us = now_us + NAME_US < *next_us ? now_us + NAME_US : *next_us;
        return false;
    }
    if (found < 0)
        line->fault = fault;
    naming_end(&line->naming);
    if (found < 0 || dial(line) < 0)
        break_off(line);
    return line->state != LINE_BROKEN;
}

static bool step_dialling(line_t *line)
{
    int connected = stream_connect(line->stream, &line->fault);
    if (connected < 0) {
        stream_close(&line->stream);
        if (dial(line) < 0)
            break_off(line);
        return line->state != LINE_BROKEN;
    }
    if (connected)
        greet(line);
    return connected;
}

/* ---- answers ---- */

/* What the server has against us. */
static void take_greeting(line_t *line, const reply_t *reply)
{
    const waiting_t *waiting = &line->ring[line->head];
    const char *command = line->out.bytes + (waiting->from - line->out_from);
    bool names = strstr(command, "SETNAME") == command + strlen("*3\r\n$6\r\nCLIENT\r\n$7\r\n");
    bool asks_role = strncmp(command, "*1\r\n$4\r\nROLE", 12) == 0;
    if (reply->kind == REPLY_ERROR && !names && !(asks_role && reply_is_error(reply, "NOPERM"))) {
        bool later = reply_is_error(reply, "LOADING") || reply_is_error(reply, "MASTERDOWN");
        bool wrong = reply_is_error(reply, "NOAUTH") || reply_is_error(reply, "WRONGPASS");
        fault_set(&line->fault, later ? FAULT_UNAVAILABLE : FAULT_SETTING, "Redis refuses: %s%s", reply->text,
                  wrong ? "; see its user and password (REDIS_URL, REDIS_USERNAME, REDIS_PASSWORD)" : "");
        line->overdue = false;
    } else if (asks_role && reply->kind == REPLY_LIST && strcmp(reply_text(reply_item(reply, 0)), "master") != 0) {
        fault_set(&line->fault, FAULT_UNAVAILABLE, "it is a replica, not the master");
    }
    tell(line, reply);
    if (--line->greeting_left)
        return;
    line->state = LINE_UP;
}

static void take(line_t *line, const reply_t *reply)
{
    if (line->count == 0)
        fault_set(&line->fault, FAULT_UNAVAILABLE, "Redis answers what nobody has asked");
    else if (line->greeting_left)
        take_greeting(line, reply);
    else
        tell(line, reply);
}

/* Takes what has come. -1 with the fault where the line is of no more use. */
static int hear(line_t *line)
{
    char bytes[READ_BYTES];
    const reply_t *reply;
    for (size_t taken = 0; taken < TURN_BYTES;) {
        ssize_t n = stream_read(line->stream, bytes, sizeof bytes, &line->fault);
        if (n <= 0)
            return (int)n;
        if (reply_feed(line->reader, bytes, (size_t)n, &line->fault) < 0)
            return -1;
        int found;
        while ((found = reply_next(line->reader, &reply, &line->fault)) > 0) {
            take(line, reply);
            if (line->fault.code != FAULT_NONE)
                return -1;
        }
        if (found < 0)
            return -1;
        drop_answered(line);
        if ((size_t)n < sizeof bytes && !stream_is_ready(line->stream))
            return 0;
        taken += (size_t)n;
    }
    return 0;
}

static int write_out(line_t *line)
{
    for (uint64_t end = line->out_from + line->out.size; line->written < end;) {
        size_t from = (size_t)(line->written - line->out_from);
        ssize_t n = stream_write(line->stream, line->out.bytes + from, line->out.size - from, &line->fault);
        if (n <= 0)
            return (int)n;
        line->written += (uint64_t)n;
    }
    return 0;
}

/* ---- steps ---- */

void line_flush(line_t *line)
{
    if (line->state >= LINE_GREETING && line->state != LINE_BROKEN && write_out(line) < 0)
        break_off(line);
}

/* Whether something is over its time. */
static bool look_at_time(line_t *line, int64_t now_us, int64_t *next_us)
{
    int64_t due_us = INT64_MAX;
    if (line->state < LINE_UP)
        due_us = line->state == LINE_NAMING ? INT64_MAX : line->plan.until_us;
    else if (line->count)
        due_us = line->ring[line->head].due_us;
    *next_us = due_us < *next_us ? due_us : *next_us;
    return now_us >= due_us;
}

void line_step(line_t *line, bool look, int64_t now_us, int64_t *next_us)
{
    bool more = line->state != LINE_BROKEN;
    while (more && line->state < LINE_GREETING)
        more = line->state == LINE_NAMING ? step_naming(line, now_us, next_us) : step_dialling(line);
    if (line->state >= LINE_GREETING && line->state != LINE_BROKEN && (write_out(line) < 0 || (look && hear(line) < 0)))
        break_off(line);
    if (line->state != LINE_BROKEN && look_at_time(line, now_us, next_us)) {
        line->overdue = line->state == LINE_UP;
        fault_set(&line->fault, FAULT_UNAVAILABLE,
                  line->overdue ? "an answer was over its time" : "it does not answer");
        break_off(line);
    }
    line_flush(line);
    if (line->state != LINE_BROKEN && line->stream && stream_is_ready(line->stream))
        *next_us = now_us;
}

size_t line_poll(const line_t *line, struct pollfd *poll)
{
    if (!line->stream)
        return 0;
    *poll = stream_poll(line->stream, line->written < line->out_from + line->out.size);
    return 1;
}

line_state_t line_state(const line_t *line)
{
    return line->state;
}

size_t line_waiting(const line_t *line)
{
    return line->count;
}

bool line_overdue(const line_t *line)
{
    return line->overdue;
}

const fault_t *line_fault(const line_t *line)
{
    return &line->fault;
}
