/* waiting: an answer about documents that may be given now or when they have been read. */
#ifndef YOGI_GATEWAY_WAITING_H
#define YOGI_GATEWAY_WAITING_H

#include "api.h"

typedef struct waiting waiting_t;

enum { WAITING_SECONDS_MOST = 300 };

/* For so many seconds at most; 0 = not at all. In the arena. */
waiting_t *waiting_new(arena_t *arena, int64_t seconds);

/* A document more, as it was accepted. */
void waiting_add(waiting_t *waiting, const accepted_t *accepted);

/* Answers, or parks the call until there is something new. The last thing that a handler does. */
void waiting_go_on(waiting_t *waiting, call_t *call, gateway_t *gateway);

#endif
