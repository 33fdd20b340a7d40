/* llm_wish: what a client of /api/v1/llm sends, by the names of the demo, checked. Pure. Nothing that it complains
 * about is repeated: there may be an API key in it.
 */
#ifndef YOGI_GATEWAY_LLM_WISH_H
#define YOGI_GATEWAY_LLM_WISH_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

/* SESSION: bytes of the id of a browser session, which are visible ones; the demo's have 32. KEY: of an API key; those
 * of providers have up to 200. MINUTES: that a choice lasts at most and, where nothing else is said, does. */
enum { LLM_SESSION_MOST = 200, LLM_KEY_MOST = 512, LLM_MODEL_MOST = 128, LLM_MINUTES_MOST = 30, LLM_MINUTES = 7 };

/* In the arena; NULL = not given. */
typedef struct {
    const char *session;
    const char *provider, *model; /* model: never "" */
    const char *key;              /* visible characters, without blanks around it; may be "" */
    int64_t minutes;              /* 0 = not given, or no number from 1 to LLM_MINUTES_MOST */
    bool minutes_given;
} llm_wish_t;

/* Takes an empty body too. -1 with FAULT_INPUT. */
int llm_wish_read(const buf_t *body, arena_t *arena, llm_wish_t *wish, fault_t *fault)
    __attribute__((warn_unused_result));

/* Whether this may be the id of a session. */
bool llm_session_valid(const char *session);

/* How long a choice lasts that says so: the demo's clients may choose 7, 15 and 30 minutes. */
int64_t llm_minutes(const llm_wish_t *wish);

#endif
