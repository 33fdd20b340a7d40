/* keys: see keys.h. */
#include "keys.h"
#include "proto/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *join(const char *a, const char *b)
{
    size_t a_size = strlen(a), b_size = strlen(b);
    char *text = memory_new(a_size + b_size + 1, 1);
    memcpy(text, a, a_size);
    memcpy(text + a_size, b, b_size);
    return text;
}

keys_t *keys_new(const char *prefix, const char *queue)
{
    static const char *const names[] = {
#define KEY_TEXT(kind, text) text,
        KEY_MAP(KEY_TEXT)
#undef KEY_TEXT
    };
    keys_t *keys = memory_new(1, sizeof *keys);
    keys->queue = join(queue, "");
    char *head = join(prefix, ":"), *body = join(head, queue);
    keys->prefix = join(body, ":");
    free(head);
    free(body);
    keys->prefix_size = strlen(keys->prefix);
    for (size_t i = 0; i < KEY_FIXED; i++) {
        keys->texts[i] = join(keys->prefix, names[i]);
        keys->sizes[i] = strlen(keys->texts[i]);
    }
    return keys;
}

void keys_destroy(keys_t **keys)
{
    if (!keys || !*keys)
        return;
    for (size_t i = 0; i < KEY_FIXED; i++)
        free((*keys)->texts[i]);
    free((*keys)->queue);
    free((*keys)->prefix);
    free(*keys);
    *keys = NULL;
}
