/* layer: see layer.h. */
#include "layer.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {"cells", "words", "blocks", "confidences"};
enum { NAMES = sizeof names / sizeof *names };

static bool is_name(const char *text, size_t length, const char *name)
{
    return strlen(name) == length && strncmp(text, name, length) == 0;
}

int layers_parse(const char *text, unsigned *layers, fault_t *fault)
{
    *layers = 0;
    if (!*text || strcmp(text, "none") == 0)
        return 0;
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        unsigned found = 0;
        for (unsigned i = 0; i < NAMES; i++)
            found |= (unsigned)is_name(at, length, names[i]) << i;
        if (!found)
            return fault_set(fault, FAULT_USAGE,
                             "\"%.*s\" cannot be drawn on a page; there are cells, words, blocks and confidences, with "
                             "commas between them, or none",
                             length < 40 ? (int)length : 40, at);
        *layers |= found;
        at += length;
        if (!*at)
            return 0;
    }
}

const char *layers_write(unsigned layers, char text[LAYERS_TEXT])
{
    size_t size = (size_t)snprintf(text, LAYERS_TEXT, "%s", layers & LAYER_ALL ? "" : "none");
    for (unsigned i = 0; i < NAMES; i++)
        if (layers >> i & 1)
            size += (size_t)snprintf(text + size, LAYERS_TEXT - size, "%s%s", size ? "," : "", names[i]);
    return text;
}
