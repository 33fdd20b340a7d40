/* line: one connection to one address, from its name to its end: found, dialled, greeted, used, broken. It does not
 * come back; redis.c, which is the one that uses it, makes another. One thread; nothing blocks.
 *
 *     NAMING ──▶ DIALLING ──▶ GREETING ──▶ UP
 *        └───────────┴────────────┴─────────┴──▶ BROKEN (line_fault says why)
 */
#ifndef YOGI_REDIS_LINE_H
#define YOGI_REDIS_LINE_H

#include "redis.h"

typedef enum { LINE_NAMING, LINE_DIALLING, LINE_GREETING, LINE_UP, LINE_BROKEN } line_state_t;

/* How the other side is greeted. Texts are borrowed while the line lives. */
typedef struct {
    const char *user, *password; /* NULL = none */
    int64_t database;            /* 0 is not asked for */
    const char *name;            /* CLIENT SETNAME; NULL = none */
    bool master;                 /* it must be one (ROLE) */
} line_greeting_t;

typedef struct {
    const redis_place_t *place; /* TLS; borrowed */
    redis_address_t address;    /* where to */
    line_greeting_t greeting;
    int64_t until_us; /* it must be up by then */
} line_plan_t;

/* A command with whoever waits for its answer. Plain data. */
typedef struct {
    redis_answer_fn *fn; /* NULL = nobody */
    void *user;
    uint64_t tag;
    uint32_t answer_ms;
    uint32_t tries; /* how often it was sent before */
} line_call_t;

/* An answer: reply NULL = the line broke before. */
typedef void line_answer_fn(void *owner, const line_call_t *call, const redis_answer_t *answer);

typedef struct line line_t;

/* fn hears every answer but those to the greeting. Never NULL. */
line_t *line_new(const line_plan_t *plan, line_answer_fn *fn, void *owner);

/* Everything that waits is told that it is lost. Takes NULL; nulls the caller's pointer. */
void line_destroy(line_t **line);

/* Nobody is told. */
void line_forget(line_t *line);

void line_send(line_t *line, const void *bytes, size_t size, const line_call_t *call, int64_t now_us); /* UP alone */

/* Goes on; lowers *next_us. look: there may be something to read. */
void line_step(line_t *line, bool look, int64_t now_us, int64_t *next_us);
void line_flush(line_t *line);

size_t line_poll(const line_t *line, struct pollfd *poll); /* 0 or 1 descriptors */
line_state_t line_state(const line_t *line);
size_t line_waiting(const line_t *line);
bool line_overdue(const line_t *line);         /* BROKEN because an answer was over its time */
const fault_t *line_fault(const line_t *line); /* BROKEN: why; else what keeps it, if anything */

#endif
