/* resp: commands as Redis reads them (RESP arrays of bulk strings), appended to a buffer. Pure.
 *
 *     resp_begin(&out, 3); resp_text(&out, "SET"); resp_text(&out, key); resp_number(&out, 5);
 *
 * Source: the Redis serialization protocol, https://redis.io/docs/reference/protocol-spec/
 */
#ifndef YOGI_REDIS_RESP_H
#define YOGI_REDIS_RESP_H

#include "proto/base/buf.h"

#include <stdint.h>

void resp_begin(buf_t *out, size_t words); /* as many words must follow */
void resp_word(buf_t *out, const void *bytes, size_t size);
void resp_text(buf_t *out, const char *text);
void resp_number(buf_t *out, int64_t number);

/* A word that is two pieces put together: a prefix and a rest. */
void resp_pair(buf_t *out, const void *a, size_t a_size, const void *b, size_t b_size);

/* A whole command of texts, NULL-ended. */
void resp_command(buf_t *out, const char *const *words);
#define RESP_COMMAND(out, ...) resp_command(out, (const char *const[]){__VA_ARGS__, NULL})

#endif
