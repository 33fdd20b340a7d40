/* stagehand: a scheduler with made-up peers, for its tests: sends it messages and finds what it answers. Headers only,
 * one test each. */
#ifndef YOGI_TESTS_STAGEHAND_H
#define YOGI_TESTS_STAGEHAND_H

#include "broker/scheduler_state.h"
#include "check.h"

#include <string.h>

enum { MS = 1000, SECOND = 1000000 };

/* Peers by their handles. */
enum { OWNER = 1, OTHER_OWNER = 2, ACTOR = 11, OTHER_ACTOR = 12 };

typedef struct {
    scheduler_t *s;
    int64_t now;             /* µs */
    const action_t *actions; /* of the last step */
    size_t count;
    uint64_t credit; /* last number */
} hand_t;

static inline ident_t id_of(uint64_t n)
{
    return (ident_t){0x0190000000007000, 0x8000000000000000 | n};
}

static inline scheduler_options_t hand_options(void)
{
    scheduler_options_t options = scheduler_defaults();
    options.incarnation = 77;
    options.seed = 1;
    options.stages[0] = (scheduler_stage_t){"ocr", 0};
    options.stages[1] = (scheduler_stage_t){"llm", 0};
    options.stages[2] = (scheduler_stage_t){"store", 60000};
    options.stage_count = 3;
    return options;
}

static inline void hand_event(hand_t *hand, const event_t *event)
{
    hand->actions = scheduler_step(hand->s, event, hand->now, &hand->count);
    scheduler_audit(hand->s);
}

static inline void hand_send(hand_t *hand, uint64_t peer, const message_t *message)
{
    hand_event(hand, &(event_t){.kind = EVENT_MESSAGE, .peer = peer, .message = message});
}

static inline hand_t hand_open(const scheduler_options_t *options)
{
    hand_t hand = {.now = 1000 * (int64_t)SECOND};
    hand.s = scheduler_new(options, hand.now);
    return hand;
}

static inline void hand_close(hand_t *hand)
{
    scheduler_destroy(&hand->s);
}

/* The n-th action of this command to this peer (0 first); NULL when there is none. */
static inline const message_t *hand_nth(const hand_t *hand, uint64_t peer, command_t command, int n)
{
    for (size_t i = 0; i < hand->count; i++)
        if (hand->actions[i].peer == peer && hand->actions[i].message.command == command && n-- == 0)
            return &hand->actions[i].message;
    return NULL;
}

static inline const message_t *hand_got(const hand_t *hand, uint64_t peer, command_t command)
{
    return hand_nth(hand, peer, command, 0);
}

static inline int hand_number(const hand_t *hand, command_t command)
{
    int number = 0;
    for (size_t i = 0; i < hand->count; i++)
        number += hand->actions[i].message.command == command;
    return number;
}

static inline void hand_owner(hand_t *hand, uint64_t peer)
{
    hand_send(hand, peer,
              &(message_t){.command = COMMAND_HELLO, .role = ROLE_OWNER, .instance = {5, peer}, .window = 100});
    assert_non_null(hand_got(hand, peer, COMMAND_WELCOME));
}

static inline void hand_credit(hand_t *hand, uint64_t peer, const char *stage, uint32_t slots)
{
    hand_send(
        hand, peer,
        &(message_t){.command = COMMAND_CREDIT, .number = ++hand->credit, .stage = slice_of(stage), .slots = slots});
}

/* An actor of ocr and llm with so many slots of each. */
static inline void hand_actor(hand_t *hand, uint64_t peer, uint32_t slots)
{
    hand_send(hand, peer,
              &(message_t){.command = COMMAND_HELLO,
                           .role = ROLE_ACTOR,
                           .instance = {6, peer},
                           .window = 1,
                           .names = {slice_of("ocr"), slice_of("llm")},
                           .name_count = 2});
    assert_non_null(hand_got(hand, peer, COMMAND_WELCOME));
    hand_credit(hand, peer, "llm", slots);
    hand_credit(hand, peer, "ocr", slots);
}

static inline message_t hand_job(uint64_t n)
{
    return (message_t){.command = COMMAND_SUBMIT,
                       .job = id_of(n),
                       .epoch = 1,
                       .names = {slice_of("ocr"), slice_of("llm")},
                       .name_count = 2,
                       .attempts = 3,
                       .body = slice_of("dossier")};
}

static inline void hand_submit(hand_t *hand, uint64_t peer, uint64_t n)
{
    message_t submit = hand_job(n);
    hand_send(hand, peer, &submit);
}

static inline void hand_answer(hand_t *hand, uint64_t peer, command_t command, ident_t job, token_t token)
{
    hand_send(
        hand, peer,
        &(message_t){
            .command = command, .job = job, .token = token, .class = command == COMMAND_FAILED ? FAILED_RETRYABLE : 0});
}

static inline void hand_fail(hand_t *hand, uint64_t peer, ident_t job, token_t token, failed_t class)
{
    hand_send(hand, peer,
              &(message_t){.command = COMMAND_FAILED,
                           .job = job,
                           .token = token,
                           .class = class,
                           .fault = slice_of("damaged"),
                           .text = slice_of("why")});
}

static inline void hand_ack(hand_t *hand, uint64_t peer, const message_t *message)
{
    hand_send(
        hand, peer,
        &(message_t){.command = COMMAND_ACK, .acked = message->command, .job = message->job, .token = message->token});
}

/* Time passes; ticks come when they are due, and peers named here say heartbeats meanwhile (0-ended). Actions are those
 * of the last tick that had any but heartbeats. */
static inline void hand_wait(hand_t *hand, int64_t us, const uint64_t *alive)
{
    int64_t until = hand->now + us;
    while (hand->now < until) {
        int64_t due = scheduler_deadline(hand->s);
        hand->now = due < until ? due : until;
        for (const uint64_t *peer = alive; peer && *peer; peer++)
            hand_send(hand, *peer, &(message_t){.command = COMMAND_HEARTBEAT});
        hand_event(hand, &(event_t){.kind = EVENT_TICK});
        if (hand->count > (size_t)hand_number(hand, COMMAND_HEARTBEAT))
            break;
    }
}

#endif
