/* keys: `yogi keys`, which makes the keys of processes and reads allow-lists (proto/wire/allow.h) as a broker does. */
#ifndef YOGI_DEPLOY_KEYS_H
#define YOGI_DEPLOY_KEYS_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/fault.h"

typedef struct {
    const char *role; /* "owner", "actor:ocr,llm", "owner actor" …, or "broker" */
    const char *out;  /* folder of the files */
} keys_options_t;

/* Writes NAME.cert and NAME.cert_secret, and appends the line for the allow-list to out, or for a broker, which is on
 * none, a line that says what its files are for. -1 with the fault. */
int keys_new(const char *name, const keys_options_t *options, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

/* Appends what the allow-list says, a line a key. -1 with the fault, which names the line that is wrong. */
int keys_list(const char *path, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));

#endif
