/* redis: see redis.h. Where to dial (Sentinel, Cluster), when to dial again, and what a Cluster sends elsewhere. */
#include "redis.h"
#include "line.h"
#include "proto/base/arena.h"
#include "proto/base/chance.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* TRIES: a slot that moves is done within seconds. AGAIN: what waits for its keys to have moved. */
enum { DIAL_MS = 5000, ANSWER_MS = 10000, REST_US = 50000, REST_MOST_US = 2000000, AGAIN_US = 50000, TRIES_MOST = 200 };

/* A command that is to be sent again. */
typedef struct {
    line_call_t call;
    buf_t bytes;
    bool aside;     /* by the side line, after ASKING */
    int64_t due_us; /* not before */
} held_t;

struct redis {
    redis_plan_t plan;
    line_t *line;          /* to the server; NULL = resting or seeking */
    line_t *seek;          /* to a sentinel */
    line_t *side;          /* to the node that a slot is moving to */
    redis_address_t home;  /* of the server */
    redis_address_t aside; /* of the side line */
    bool has_home;         /* home is known: direct, told by a sentinel, or by MOVED */
    bool moving;           /* MOVED has come: dial home when all answers are there */
    bool quiet;            /* nothing is to be read in the next step */
    bool told_up;          /* news were told so */
    size_t turn;           /* of the addresses in the place, the next to be asked */
    uint32_t failures;     /* attempts since it was up */
    int64_t rest_us;       /* not dialled before */
    int64_t now_us;        /* of this step */
    held_t *held;
    size_t held_count;
    chance_t chance;
    fault_t trouble;
    redis_counts_t counts;
    bool sought;          /* the sentinel was asked */
    uint64_t question;    /* number of the last redis_ask */
    bool answered;        /* its answer has come */
    const reply_t *asked; /* that answer; NULL = it was lost */
    arena_t *arena;       /* of it */
};

redis_t *redis_new(const redis_plan_t *plan)
{
    redis_t *redis = memory_new(1, sizeof *redis);
    redis->plan = *plan;
    redis->plan.dial_ms = plan->dial_ms ? plan->dial_ms : DIAL_MS;
    redis->plan.answer_ms = plan->answer_ms ? plan->answer_ms : ANSWER_MS;
    redis->chance.state = (uint64_t)clock_now_us() ^ (uint64_t)(uintptr_t)redis;
    redis->now_us = clock_now_us();
    return redis;
}

static void drop_held(redis_t *redis, bool tell)
{
    held_t *held = redis->held;
    size_t count = redis->held_count;
    redis->held = NULL; /* whoever is told may give new commands */
    redis->held_count = 0;
    for (size_t i = 0; i < count; i++) {
        redis_answer_t lost = {NULL, held[i].bytes.bytes, held[i].bytes.size};
        redis->counts.lost++;
        if (tell && held[i].call.fn)
            held[i].call.fn(held[i].call.user, held[i].call.tag, &lost);
        buf_free(&held[i].bytes);
    }
    free(held);
}

static void forget(line_t **line)
{
    if (*line)
        line_forget(*line);
    line_destroy(line);
}

void redis_destroy(redis_t **redis)
{
    if (!redis || !*redis)
        return;
    forget(&(*redis)->line);
    forget(&(*redis)->seek);
    forget(&(*redis)->side);
    drop_held(*redis, false);
    arena_destroy(&(*redis)->arena);
    free(*redis);
    *redis = NULL;
}

/* ---- what a Cluster sends elsewhere ---- */

static void hold(redis_t *redis, const line_call_t *call, const redis_answer_t *answer, bool aside, int64_t due_us)
{
    redis->held = memory_grow(redis->held, redis->held_count + 1, sizeof *redis->held);
    held_t *held = &redis->held[redis->held_count++];
    *held = (held_t){.call = *call, .aside = aside, .due_us = due_us};
    held->call.tries++;
    buf_add(&held->bytes, answer->command, answer->size);
}

/* "MOVED 3999 10.0.0.1:6381": an empty host is the one that has answered. */
static bool read_redirection(const redis_t *redis, const char *text, redis_address_t *address)
{
    const char *slot = strchr(text, ' '), *at = slot ? strchr(slot + 1, ' ') : NULL;
    const char *colon = at ? strrchr(at, ':') : NULL;
    if (!colon)
        return false;
    long port = strtol(colon + 1, NULL, 10);
    size_t size = (size_t)(colon - at - 1);
    if (port < 1 || port > 65535 || size > REDIS_HOST_MOST)
        return false;
    *address = redis->home;
    address->port = (int)port;
    if (size) {
        memcpy(address->host, at + 1, size);
        address->host[size] = 0;
    }
    return true;
}

/* Whether the answer only says where the command belongs; it is followed then. */
static bool follow(redis_t *redis, const line_call_t *call, const redis_answer_t *answer)
{
    const reply_t *reply = answer->reply;
    if (redis->plan.place->manner != REDIS_CLUSTER || reply->kind != REPLY_ERROR || call->tries >= TRIES_MOST)
        return false;
    if (reply_is_error(reply, "MOVED") && read_redirection(redis, reply->text, &redis->home)) {
        redis->has_home = redis->moving = true;
        redis->counts.moved++;
        hold(redis, call, answer, false, 0);
        return true;
    }
    redis_address_t aside;
    if (reply_is_error(reply, "ASK") && read_redirection(redis, reply->text, &aside)) {
        if (redis->side && (strcmp(aside.host, redis->aside.host) != 0 || aside.port != redis->aside.port))
            forget(&redis->side);
        redis->aside = aside;
        redis->counts.asked++;
        hold(redis, call, answer, true, 0);
        return true;
    }
    if (!reply_is_error(reply, "TRYAGAIN") && !reply_is_error(reply, "CLUSTERDOWN"))
        return false;
    redis->counts.again++;
    hold(redis, call, answer, false, redis->now_us + AGAIN_US);
    return true;
}

/* ---- answers ---- */

static void on_answer(void *owner, const line_call_t *call, const redis_answer_t *answer)
{
    redis_t *redis = owner;
    if (!answer->reply)
        redis->counts.lost++;
    else if (follow(redis, call, answer))
        return;
    else if (reply_is_error(answer->reply, "READONLY") || reply_is_error(answer->reply, "UNBLOCKED"))
        redis->moving = true; /* the master has become a replica */
    if (call->fn)
        call->fn(call->user, call->tag, answer);
}

/* ASKING is answered by OK, which nobody waits for. */
static void on_side_answer(void *owner, const line_call_t *call, const redis_answer_t *answer)
{
    if (call->fn)
        on_answer(owner, call, answer);
}

static void on_sentinel_answer(void *owner, const line_call_t *call, const redis_answer_t *answer)
{
    redis_t *redis = owner;
    (void)call;
    if (!answer->reply)
        return;
    const char *host = reply_text(reply_item(answer->reply, 0));
    long port = strtol(reply_text(reply_item(answer->reply, 1)), NULL, 10);
    if (answer->reply->kind == REPLY_LIST && *host && strlen(host) <= REDIS_HOST_MOST && port > 0 && port <= 65535) {
        snprintf(redis->home.host, sizeof redis->home.host, "%s", host);
        redis->home.port = (int)port;
        redis->has_home = true;
    } else {
        fault_set(&redis->trouble, FAULT_UNAVAILABLE, "the sentinel knows no master \"%.80s\"%s%s",
                  redis->plan.place->master, answer->reply->kind == REPLY_ERROR ? ": " : "",
                  answer->reply->kind == REPLY_ERROR ? answer->reply->text : "");
    }
}

/* ---- dialling ---- */

static line_plan_t plan_line(const redis_t *redis, const redis_address_t *address)
{
    const redis_place_t *place = redis->plan.place;
    return (line_plan_t){.place = place,
                         .address = *address,
                         .greeting = {.user = place->user,
                                      .password = place->password,
                                      .database = place->database,
                                      .name = redis->plan.name,
                                      .master = place->manner == REDIS_SENTINEL},
                         .until_us = redis->now_us + (int64_t)redis->plan.dial_ms * 1000};
}

static void dial_home(redis_t *redis)
{
    line_plan_t plan = plan_line(redis, &redis->home);
    redis->line = line_new(&plan, on_answer, redis);
}

static void ask_sentinel(redis_t *redis)
{
    const redis_place_t *place = redis->plan.place;
    line_plan_t plan = plan_line(redis, &place->addresses[redis->turn++ % place->count]);
    plan.greeting = (line_greeting_t){.user = place->sentinel_user, .password = place->sentinel_password};
    redis->seek = line_new(&plan, on_sentinel_answer, redis);
}

static void dial(redis_t *redis)
{
    const redis_place_t *place = redis->plan.place;
    if (place->manner == REDIS_SENTINEL && !redis->has_home) {
        ask_sentinel(redis);
        return;
    }
    if (!redis->has_home)
        redis->home = place->addresses[redis->turn++ % place->count];
    dial_home(redis);
}

/* The next attempt waits; what is known of where the server is may be old. */
static void rest(redis_t *redis, const fault_t *why, const redis_address_t *address)
{
    char text[REDIS_ADDRESS_TEXT];
    if (why && why->code != FAULT_NONE) {
        fault_set(&redis->trouble, why->code, "Redis at %s: %s", redis_address_format(address, text), why->text);
    }
    int64_t pause_us = REST_US << (redis->failures < 6 ? redis->failures : 6);
    pause_us = pause_us < REST_MOST_US ? pause_us : REST_MOST_US;
    redis->failures++;
    redis->rest_us = redis->now_us + pause_us / 2 + (int64_t)chance_below(&redis->chance, (uint64_t)pause_us / 2);
    redis->has_home = false;
}

static void tell_news(redis_t *redis)
{
    bool up = redis_is_up(redis);
    if (up == redis->told_up)
        return;
    redis->told_up = up;
    if (up) {
        redis->counts.connects++;
        redis->failures = 0;
        redis->trouble.code = FAULT_NONE;
    }
    if (redis->plan.news)
        redis->plan.news(redis->plan.user, up);
}

/* The line is gone. What is held for another node stays; the rest is lost. */
static void hang_up(redis_t *redis)
{
    bool moving = redis->moving;
    redis->moving = false;
    if (line_overdue(redis->line))
        redis->counts.overdue++;
    fault_t why = *line_fault(redis->line);
    redis_address_t address = redis->home;
    line_t *line = redis->line;
    redis->line = NULL;
    line_destroy(&line);
    tell_news(redis);
    if (moving && redis->has_home && redis->plan.place->manner == REDIS_CLUSTER)
        return; /* dialled there at once */
    drop_held(redis, true);
    rest(redis, &why, &address);
}

/* ---- steps ---- */

static void send_held(redis_t *redis, int64_t *next_us)
{
    size_t left = 0;
    for (size_t i = 0; i < redis->held_count; i++) {
        held_t *held = &redis->held[i];
        line_t *line = held->aside ? redis->side : redis->moving ? NULL : redis->line;
        if (line && line_state(line) == LINE_UP && held->due_us <= redis->now_us) {
            if (held->aside) {
                static const char asking[] = "*1\r\n$6\r\nASKING\r\n";
                line_call_t nobody = {.answer_ms = redis->plan.answer_ms};
                line_send(line, asking, sizeof asking - 1, &nobody, redis->now_us);
            }
            line_send(line, held->bytes.bytes, held->bytes.size, &held->call, redis->now_us);
            buf_free(&held->bytes);
            continue;
        }
        if (held->due_us > redis->now_us && held->due_us < *next_us)
            *next_us = held->due_us;
        redis->held[left++] = *held;
    }
    redis->held_count = left;
}

/* The sentinel is asked once it is greeted, and left when it has answered. */
static void step_seek(redis_t *redis, int64_t *next_us)
{
    line_step(redis->seek, true, redis->now_us, next_us);
    if (line_state(redis->seek) == LINE_UP && !redis->sought) {
        buf_t out = {0};
        line_call_t call = {.answer_ms = redis->plan.answer_ms};
        RESP_COMMAND(&out, "SENTINEL", "get-master-addr-by-name", redis->plan.place->master);
        line_send(redis->seek, out.bytes, out.size, &call, redis->now_us);
        line_flush(redis->seek);
        buf_free(&out);
        redis->sought = true;
        *next_us = redis->now_us; /* for its time */
    }
    bool broken = line_state(redis->seek) == LINE_BROKEN;
    if (!broken && !(redis->sought && line_waiting(redis->seek) == 0))
        return;
    const redis_place_t *place = redis->plan.place;
    fault_t why = *line_fault(redis->seek);
    forget(&redis->seek);
    redis->sought = false;
    if (redis->has_home)
        dial_home(redis);
    else
        rest(redis, broken ? &why : NULL, &place->addresses[(redis->turn - 1) % place->count]);
    *next_us = redis->now_us;
}

static void step_line(redis_t *redis, int64_t *next_us)
{
    line_step(redis->line, !redis->quiet, redis->now_us, next_us);
    tell_news(redis);
    if (line_state(redis->line) < LINE_UP && line_fault(redis->line)->code != FAULT_NONE)
        redis->trouble = *line_fault(redis->line); /* the resolver does not answer */
    if (line_state(redis->line) == LINE_BROKEN || (redis->moving && line_waiting(redis->line) == 0)) {
        hang_up(redis);
        *next_us = redis->now_us;
    }
}

/* Needed while something is held for it. */
static void step_side(redis_t *redis, int64_t *next_us)
{
    bool needed = false;
    for (size_t i = 0; i < redis->held_count; i++)
        needed |= redis->held[i].aside;
    if (!redis->side && needed) {
        line_plan_t plan = plan_line(redis, &redis->aside);
        plan.greeting.name = NULL;
        redis->side = line_new(&plan, on_side_answer, redis);
    }
    if (!redis->side)
        return;
    line_step(redis->side, true, redis->now_us, next_us);
    if (line_state(redis->side) != LINE_BROKEN)
        return;
    line_destroy(&redis->side); /* what it had is lost; what is held goes to the home again, which says where to */
    for (size_t i = 0; i < redis->held_count; i++) {
        redis->held[i].aside = false;
        redis->held[i].due_us = redis->now_us + AGAIN_US;
    }
    *next_us = redis->now_us;
}

void redis_step(redis_t *redis, int64_t now_us, int64_t *next_us)
{
    redis->now_us = now_us;
    if (!redis->line && !redis->seek && now_us >= redis->rest_us)
        dial(redis);
    if (redis->seek)
        step_seek(redis, next_us);
    if (redis->line)
        step_line(redis, next_us);
    if (!redis->line && !redis->seek && redis->rest_us < *next_us)
        *next_us = redis->rest_us;
    if (redis->held_count || redis->side)
        step_side(redis, next_us);
    if (redis->held_count)
        send_held(redis, next_us);
    redis->quiet = false;
    redis_flush(redis);
}

void redis_quiet(redis_t *redis)
{
    redis->quiet = true;
}

void redis_flush(redis_t *redis)
{
    if (redis->line)
        line_flush(redis->line);
    if (redis->side)
        line_flush(redis->side);
}

size_t redis_poll(const redis_t *redis, struct pollfd *polls)
{
    size_t count = 0;
    if (redis->line)
        count += line_poll(redis->line, &polls[count]);
    if (redis->seek)
        count += line_poll(redis->seek, &polls[count]);
    if (redis->side)
        count += line_poll(redis->side, &polls[count]);
    return count;
}

bool redis_send(redis_t *redis, const buf_t *command, redis_answer_fn *fn, void *user, uint64_t tag, uint32_t answer_ms)
{
    if (!redis_is_up(redis))
        return false;
    line_call_t call = {.fn = fn, .user = user, .tag = tag, .answer_ms = answer_ms ? answer_ms : redis->plan.answer_ms};
    line_send(redis->line, command->bytes, command->size, &call, clock_now_us());
    return true;
}

bool redis_is_up(const redis_t *redis)
{
    return redis->line && line_state(redis->line) == LINE_UP && !redis->moving;
}

redis_counts_t redis_counts(const redis_t *redis)
{
    return redis->counts;
}

const fault_t *redis_trouble(const redis_t *redis)
{
    return &redis->trouble;
}

/* ---- waiting ---- */

/* One turn of a loop of its own. */
static void turn(redis_t *redis, int64_t until_us)
{
    struct pollfd polls[REDIS_POLLS_MOST];
    int64_t next_us = until_us;
    bool was_up = redis_is_up(redis);
    redis_step(redis, clock_now_us(), &next_us);
    if (redis->answered || redis_is_up(redis) != was_up)
        return;
    int64_t left_us = next_us - clock_now_us();
    if (left_us > 0)
        poll(polls, redis_poll(redis, polls), (int)((left_us + 999) / 1000));
}

int redis_join(redis_t *redis, int64_t wait_ms, fault_t *fault)
{
    int64_t until_us = clock_now_us() + wait_ms * 1000;
    while (!redis_is_up(redis)) {
        bool final = redis->plan.place->manner == REDIS_DIRECT && redis->trouble.code == FAULT_SETTING;
        if (final || clock_now_us() >= until_us) {
            *fault = redis->trouble;
            return fault->code != FAULT_NONE ? -1 : fault_set(fault, FAULT_UNAVAILABLE, "Redis does not answer");
        }
        turn(redis, until_us);
    }
    return 0;
}

/* The answer outlives the reader's own copy. */
static void on_asked(void *user, uint64_t tag, const redis_answer_t *answer)
{
    redis_t *redis = user;
    if (tag != redis->question) /* one that was given up */
        return;
    redis->answered = true;
    redis->asked = answer->reply ? reply_copy(redis->arena, answer->reply) : NULL;
}

const reply_t *redis_ask(redis_t *redis, const buf_t *command, int64_t wait_ms, fault_t *fault)
{
    int64_t until_us = clock_now_us() + wait_ms * 1000;
    if (redis_join(redis, wait_ms, fault) < 0)
        return NULL;
    if (!redis->arena)
        redis->arena = arena_new();
    arena_clear(redis->arena);
    redis->asked = NULL;
    redis->answered = false;
    redis_send(redis, command, on_asked, redis, ++redis->question, (uint32_t)wait_ms);
    while (!redis->answered && clock_now_us() < until_us)
        turn(redis, until_us);
    bool answered = redis->answered;
    redis->answered = false;
    redis->question++;
    if (!answered || !redis->asked) {
        fault_set(fault, FAULT_UNAVAILABLE,
                  answered ? "the connection to Redis was lost" : "Redis has not answered in time");
        return NULL;
    }
    return redis->asked;
}

const reply_t *redis_judge(const reply_t *reply, fault_t *fault)
{
    if (!reply || reply->kind != REPLY_ERROR)
        return reply;
    bool rights = reply_is_error(reply, "NOPERM") || reply_is_error(reply, "NOAUTH");
    fault_set(fault, rights ? FAULT_SETTING : FAULT_UNAVAILABLE, "Redis refuses: %.300s", reply_text(reply));
    return NULL;
}
