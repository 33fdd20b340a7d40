/* take: structs from JSON, by their schema: what proto/json writes comes back. Types, ranges, lengths and UTF-8 are
 * checked as in messages (proto/pack); keys that the schema does not have are passed over. For payload.c and result.c.
 */
#ifndef YOGI_BRIDGE_TAKE_H
#define YOGI_BRIDGE_TAKE_H

#include "proto/base/arena.h"
#include "proto/base/fault.h"
#include "proto/schema.h"

#include <jansson.h>

/* Reads text as one JSON object; `what` names it in the fault ("the job's data"). NULL with FAULT_INPUT. The caller's
 * to json_decref. */
json_t *take_text(const char *text, size_t size, const char *what, fault_t *fault) __attribute__((warn_unused_result));

/* Fills the (zeroed) struct; texts into the arena. -1 with FAULT_INPUT, which names the field; then the struct is not
 * to be used. */
int take_object(const schema_t *schema, const json_t *json, arena_t *arena, void *object, fault_t *fault)
    __attribute__((warn_unused_result));

/* Whether a struct that was put together of several is one that a worker will read. -1 with FAULT_INPUT. */
int take_check(const schema_t *schema, const void *object, fault_t *fault) __attribute__((warn_unused_result));

#endif
