/* body: a body that is a JSON object, and its texts. Pure. */
#ifndef YOGI_GATEWAY_BODY_H
#define YOGI_GATEWAY_BODY_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/fault.h"

#include <jansson.h>
#include <stdbool.h>

/* The body as an object; the caller's to give up. NULL with FAULT_INPUT, whose sentence holds nothing of the body where
 * it may have secrets. */
json_t *body_object(const buf_t *body, bool secret, fault_t *fault);

/* A member that is a text of at most so many bytes, in the arena; NULL where it is null or not there. -1 with
 * FAULT_INPUT, which names it. */
int body_text(const json_t *object, const char *name, size_t most, arena_t *arena, const char **text, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
