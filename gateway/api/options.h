/* options: how a document is to be read, as a caller gives it: {"engine": "rules", "languages": "eng+deu", "gate": 0.9,
 * "pages": "1-3"}. Pure.
 */
#ifndef YOGI_GATEWAY_OPTIONS_H
#define YOGI_GATEWAY_OPTIONS_H

#include "proto/base/arena.h"
#include "proto/base/fault.h"
#include "proto/base/hash.h"

/* Plain data. */
typedef struct {
    const char *json;    /* in one form for the same options; "{}" for none */
    char hash[HASH_HEX]; /* of it */
} upload_options_t;

/* Reads and checks them; NULL or "" is none. -1 with FAULT_INPUT: what is wrong with which. */
int options_read(const char *text, arena_t *arena, upload_options_t *options, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
