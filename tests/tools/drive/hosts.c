/* hosts: see hosts.h. */
#include "hosts.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/wire/wire.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELLO_US = 500000, HEARTBEAT_US = 1000000, HELD_MOST = 8192 };

/* A host's end at one broker: a connection. */
typedef struct {
    uint32_t line;    /* of the wire */
    ident_t instance; /* of the host */
    bool up;          /* WELCOME has come */
    int64_t due_us;   /* HELLO or HEARTBEAT, whichever is next */
    uint64_t credit;  /* number of the last CREDIT */
    uint64_t seen;    /* highest counter of this life of the broker */
    uint64_t digest;  /* of the tokens held */
    token_t session;  /* of WELCOME */
    token_t *held;    /* a ring of HELD_MOST: answered, not acknowledged */
    uint32_t first, last;
} post_t;

typedef struct {
    const hosts_plan_t *plan;
    int stage; /* the one that is served; -1 = all */
    wire_t *wire;
    post_t posts[ENDPOINTS_MOST];
    uint32_t post_count;
    int64_t now_us;
    char body[BODY_MOST]; /* of the answer */
    buf_t tokens;         /* list in a heartbeat */
} hosts_t;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "drive: a host %s\n", what);
    exit(1);
}

static void say_hello(hosts_t *hosts, post_t *post)
{
    message_t hello = {
        .command = COMMAND_HELLO, .role = ROLE_ACTOR, .instance = post->instance, .token = post->session, .window = 1};
    for (uint32_t i = 0; i < hosts->plan->stage_count; i++)
        if (hosts->stage < 0 || hosts->stage == (int)i)
            hello.names[hello.name_count++] = slice_of(hosts->plan->stages[i]);
    wire_put(hosts->wire, post->line, &hello);
    post->due_us = hosts->now_us + HELLO_US;
}

static void say_credit(hosts_t *hosts, post_t *post)
{
    for (uint32_t i = 0; i < hosts->plan->stage_count; i++)
        if (hosts->stage < 0 || hosts->stage == (int)i)
            wire_put(hosts->wire, post->line,
                     &(message_t){.command = COMMAND_CREDIT,
                                  .number = ++post->credit,
                                  .stage = slice_of(hosts->plan->stages[i]),
                                  .slots = hosts->plan->credit});
}

static void say_heartbeat(hosts_t *hosts, post_t *post, bool listed)
{
    message_t beat = {.command = COMMAND_HEARTBEAT,
                      .token = {post->session.incarnation, post->seen},
                      .held = post->last - post->first,
                      .digest = post->digest,
                      .listed = listed};
    buf_clear(&hosts->tokens);
    for (uint32_t i = post->first; listed && i != post->last; i++)
        message_token_add(post->held[i % HELD_MOST], &hosts->tokens);
    beat.tokens = (slice_t){hosts->tokens.bytes, (uint32_t)hosts->tokens.size};
    wire_put(hosts->wire, post->line, &beat);
    post->due_us = hosts->now_us + HEARTBEAT_US;
}

static void take_welcome(hosts_t *hosts, post_t *post, const message_t *message)
{
    post->session = message->token;
    post->up = true;
    say_heartbeat(hosts, post, true);
    say_credit(hosts, post);
}

/* One stage done: the body with one more stage passed. */
static slice_t work(hosts_t *hosts, const message_t *job)
{
    const hosts_plan_t *plan = hosts->plan;
    if (job->body.size < BODY_LEAST || job->body.size > BODY_MOST)
        give_up("got a body that the owner did not make");
    memcpy(hosts->body, job->body.at, job->body.size);
    uint8_t passed = (uint8_t)hosts->body[BODY_PASSED]++;
    if (passed >= plan->stage_count || !slice_is(job->names[0], plan->stages[passed]))
        give_up("got a document whose stages do not fit its route");
    return (slice_t){hosts->body, job->body.size};
}

static void take_job(hosts_t *hosts, post_t *post, const message_t *job)
{
    if (post->last - post->first == HELD_MOST)
        give_up("got more jobs than credit");
    post->held[post->last++ % HELD_MOST] = job->token;
    post->digest += message_token_digest(job->token);
    post->seen = job->token.counter > post->seen ? job->token.counter : post->seen;
    if (!hosts->plan->silent)
        wire_put(hosts->wire, post->line,
                 &(message_t){.command = COMMAND_STARTED, .job = job->job, .token = job->token});
    wire_put(hosts->wire, post->line,
             &(message_t){.command = COMMAND_DONE, .job = job->job, .token = job->token, .body = work(hosts, job)});
}

/* ACKs come in the order of the answers. */
static void take_ack(post_t *post, const message_t *message)
{
    if (post->first == post->last || !token_equal(post->held[post->first % HELD_MOST], message->token))
        give_up("got an ACK out of order");
    post->digest -= message_token_digest(message->token);
    post->first++;
}

static void take(hosts_t *hosts, post_t *post, const message_t *message)
{
    switch (message->command) {
    case COMMAND_WELCOME:
        take_welcome(hosts, post, message);
        break;
    case COMMAND_JOB:
        take_job(hosts, post, message);
        break;
    case COMMAND_ACK:
        take_ack(post, message);
        break;
    case COMMAND_HEARTBEAT:
        if (message->token.counter > post->seen)
            post->seen = message->token.counter;
        if (message->want)
            say_heartbeat(hosts, post, true);
        break;
    case COMMAND_REFUSED:
    case COMMAND_GOODBYE:
        give_up("was sent away");
    default: /* CANCEL too: of a token in the last list whose answer the broker has had meanwhile */
        break;
    }
}

static int64_t tick(hosts_t *hosts)
{
    int64_t due_us = INT64_MAX;
    for (uint32_t i = 0; i < hosts->post_count; i++) {
        post_t *post = &hosts->posts[i];
        if (post->due_us <= hosts->now_us) {
            if (post->up)
                say_heartbeat(hosts, post, false), say_credit(hosts, post);
            else
                say_hello(hosts, post);
        }
        due_us = post->due_us < due_us ? post->due_us : due_us;
    }
    return due_us;
}

static void connect_all(hosts_t *hosts, uint32_t count)
{
    fault_t fault = {0};
    endpoint_t endpoints[ENDPOINTS_MOST];
    int brokers = endpoints_parse(hosts->plan->brokers, endpoints, &fault);
    assert(brokers > 0 && count * (uint32_t)brokers <= ENDPOINTS_MOST);
    hosts->wire = wire_new(&(wire_plan_t){0}, &fault);
    for (uint32_t i = 0; hosts->wire && i < count; i++) {
        ident_t instance;
        if (ident_new(&instance, &fault) < 0)
            give_up(fault.text);
        for (int j = 0; j < brokers; j++) {
            int line = wire_connect(hosts->wire, &endpoints[j], &fault);
            if (line < 0)
                give_up(fault.text);
            hosts->posts[hosts->post_count++] =
                (post_t){.line = (uint32_t)line, .instance = instance, .held = memory_new(HELD_MOST, sizeof(token_t))};
        }
    }
    if (!hosts->wire)
        give_up(fault.text);
}

void hosts_run(const hosts_plan_t *plan, uint32_t count, int stage)
{
    struct pollfd polls[WIRE_POLLS_MOST];
    hosts_t *hosts = memory_new(1, sizeof *hosts);
    hosts->plan = plan;
    hosts->stage = stage;
    connect_all(hosts, count);
    for (;;) {
        wire_event_t event;
        hosts->now_us = clock_now_us();
        while (wire_receive(hosts->wire, &event))
            for (size_t i = 0; i < event.count; i++)
                take(hosts, &hosts->posts[event.peer], &event.messages[i]);
        int64_t due_us = tick(hosts);
        wire_flush(hosts->wire);
        int64_t left_us = wire_is_ready(hosts->wire) ? 0 : due_us - hosts->now_us;
        if (left_us > 0)
            poll(polls, wire_poll(hosts->wire, polls), (int)((left_us + 999) / 1000));
    }
}
