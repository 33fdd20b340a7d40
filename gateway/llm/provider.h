/* provider: whose models could make timetables of words, by the ids that the demo's clients know, and which engine of
 * the stage llm would ask them. A table; whether an engine is there says the setting YOGI_ENGINE, whose choices are the
 * engines that this system has. Pure.
 */
#ifndef YOGI_LLM_PROVIDER_H
#define YOGI_LLM_PROVIDER_H

#include "proto/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { PROVIDER_MODELS_MOST = 4 };

typedef struct {
    const char *id, *name;
} provider_model_t;

typedef struct {
    const char *id, *name;
    const char *description; /* a sentence */
    const char *engine;      /* of the stage llm */
    const char *key_begins;  /* API keys of it; NULL = it needs none */
    const char *list;        /* path below its server that lists its models to who has a good key; NULL = none */
    const char *key_header;  /* what stands before the key where it is shown there, "x-api-key: " */
    const char *header;      /* one more that its server wants; NULL = none */
    provider_model_t models[PROVIDER_MODELS_MOST]; /* up to one without an id; the first where none is chosen */
} provider_t;

const provider_t *provider_at(size_t i);             /* NULL behind the last */
const provider_t *provider_find(const char *id);     /* NULL = there is none */
bool provider_is_usable(const provider_t *provider); /* its engine is there */

/* Appends why it is not usable, and what is done instead. */
void provider_explain(const provider_t *provider, buf_t *out);

/* Appends it as JSON. */
void provider_show(const provider_t *provider, buf_t *out);

#endif
