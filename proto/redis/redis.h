/* redis: one connection to Redis: plain or TLS, by TCP or a socket's path, directly, through Sentinel, or to the node
 * of a Cluster that has the keys. It comes back by itself when it is lost. No other folder knows how Redis is spoken
 * to.
 *
 * For:   the bridge (one for commands, one for each queue that waits, one for the renewal of locks), `yogi queue`. One
 *        thread for each connection. Nothing blocks but redis_ask and redis_join, for as long as they are told.
 * Order: commands are sent in the order given, as many as there are in one write; answers come in that order.
 * Lost:  what was sent and not answered when the connection broke, or its time was over (which breaks the connection):
 *        its answer comes with reply NULL, and whether Redis did it is unknown. Nothing is sent twice by itself, but
 * for what a Cluster sends elsewhere (MOVED, ASK, TRYAGAIN) and thereby has not done. Rests: between attempts it waits
 * 50 ms, then the double up to 2 s, with jitter of half of it.
 *
 *     REST ──▶ NAMING ──▶ DIALLING ──▶ GREETING ──▶ UP
 *      ▲    (resolver)   (TCP, TLS)    (AUTH, SELECT, SETNAME, ROLE; with Sentinel first the same at a sentinel)
 *      └──────────────── whatever fails or is over its time ──┘
 */
#ifndef YOGI_REDIS_H
#define YOGI_REDIS_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"
#include "redis_place.h"
#include "reply.h"
#include "resp.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct redis redis_t;

/* What came of a command. */
typedef struct {
    const reply_t *reply; /* good for the call; NULL = the connection was lost before it came */
    const char *command;  /* the bytes that were sent; good for the call */
    size_t size;          /* of them */
} redis_answer_t;

/* user and tag as they were given to redis_send. May call any function here but redis_step and redis_destroy. */
typedef void redis_answer_fn(void *user, uint64_t tag, const redis_answer_t *answer);

/* The connection is up (again), or was lost; told from within redis_step. */
typedef void redis_news_fn(void *user, bool up);

typedef struct {
    const redis_place_t *place; /* borrowed while the connection lives */
    const char *name;           /* for CLIENT SETNAME; NULL = none; borrowed likewise */
    uint32_t dial_ms;           /* for name, TCP, TLS and greeting together; 0 = 5 s */
    uint32_t answer_ms;         /* for an answer, unless it is told otherwise; 0 = 10 s */
    redis_news_fn *news;        /* NULL = nobody asks */
    void *user;                 /* handed to news */
} redis_plan_t;

/* Counted since the start. */
typedef struct {
    uint64_t connects;            /* how often it was up */
    uint64_t lost;                /* answers that never came */
    uint64_t overdue;             /* connections dropped because an answer was over its time */
    uint64_t moved, asked, again; /* answers of a Cluster that were followed */
} redis_counts_t;

/* A connection that begins to dial with the first step. Never NULL. */
redis_t *redis_new(const redis_plan_t *plan);

/* Nobody is told of answers that are still to come. Takes NULL; nulls the caller's pointer. */
void redis_destroy(redis_t **redis);

/* Takes a copy of the command (resp.h). fn may be NULL. answer_ms 0 = the plan's. false when it is not up: nothing
 * happens then. */
bool redis_send(redis_t *redis, const buf_t *command, redis_answer_fn *fn, void *user, uint64_t tag,
                uint32_t answer_ms);

/* Takes what has come, tells of it, does what is due, writes what was given; lowers *next_us to when it must be called
 * again. */
void redis_step(redis_t *redis, int64_t now_us, int64_t *next_us);

/* A poll has just said that none of its descriptors is ready: the next step need not read. */
void redis_quiet(redis_t *redis);

/* Writes now what was given since the last step, as far as the system takes it. */
void redis_flush(redis_t *redis);

/* Descriptors to wait for: writes at most REDIS_POLLS_MOST. */
enum { REDIS_POLLS_MOST = 3 };
size_t redis_poll(const redis_t *redis, struct pollfd *polls);

bool redis_is_up(const redis_t *redis);
redis_counts_t redis_counts(const redis_t *redis);

/* Why it is not up; code FAULT_NONE when it is, or has not tried yet. FAULT_SETTING: so it stays until somebody changes
 * a setting here or there (password, rights, certificate); it goes on trying all the same. */
const fault_t *redis_trouble(const redis_t *redis);

/* Waits until it is up, or until it is known that a setting keeps it from it. -1 with the fault: why not. */
int redis_join(redis_t *redis, int64_t wait_ms, fault_t *fault) __attribute__((warn_unused_result));

/* Sends one command and waits for its answer, which is good until the next call of any function here. An error of Redis
 * is an answer. NULL with the fault (FAULT_UNAVAILABLE, FAULT_SETTING) when none comes in time. Answers of other
 * commands are told meanwhile. Connects first where needed, within the same time. */
const reply_t *redis_ask(redis_t *redis, const buf_t *command, int64_t wait_ms, fault_t *fault)
    __attribute__((warn_unused_result));

/* For who cannot go on with an error: such an answer becomes the fault (FAULT_SETTING where it is one of rights), and
 * NULL. Takes NULL, whose fault is told already. */
const reply_t *redis_judge(const reply_t *reply, fault_t *fault) __attribute__((warn_unused_result));

#endif
