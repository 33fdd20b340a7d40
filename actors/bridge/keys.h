/* keys: the names of a queue's keys in Redis, put together once. Plain data after keys_new. */
#ifndef YOGI_BRIDGE_KEYS_H
#define YOGI_BRIDGE_KEYS_H

#include "scripts/scripts.h"

/* Longest prefix, queue name and id of a job that are served: thirty times those that people give. */
enum { KEYS_PREFIX_MOST = 512, KEYS_QUEUE_MOST = 512, KEYS_ID_MOST = 2048 };

typedef struct {
    char *queue;             /* "ocr" */
    char *prefix;            /* "bull:ocr:" */
    size_t prefix_size;      /* bytes of it */
    char *texts[KEY_FIXED];  /* "bull:ocr:wait" … */
    size_t sizes[KEY_FIXED]; /* bytes of them */
} keys_t;

/* For the queue of this name under this prefix ("bull"). Never NULL. */
keys_t *keys_new(const char *prefix, const char *queue);
void keys_destroy(keys_t **keys); /* takes NULL; nulls the caller's pointer */

#endif
