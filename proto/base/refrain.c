/* refrain: see refrain.h. */
#include "refrain.h"

/* FNV-1a: words that share one by chance are told a minute later. */
static uint64_t hash(const char *words)
{
    uint64_t hash = 14695981039346656037u;
    for (; *words; words++)
        hash = (hash ^ (unsigned char)*words) * 1099511628211u;
    return hash;
}

bool refrain_is_due(refrain_t *refrain, const char *words, int64_t now_us)
{
    uint64_t said = hash(words);
    struct refrain_line *line = &refrain->lines[0]; /* of these words, or else the oldest */
    int64_t last_due_us = 0;
    for (int i = 0; i < REFRAIN_LINES; i++) {
        struct refrain_line *other = &refrain->lines[i];
        last_due_us = other->due_us > last_due_us ? other->due_us : last_due_us;
        if (line->due_us && line->words == said)
            continue;
        if ((other->due_us && other->words == said) || other->due_us < line->due_us)
            line = other;
    }
    bool known = line->due_us && line->words == said;
    if (now_us < line->due_us && (known || now_us < last_due_us - REFRAIN_AGAIN_US + REFRAIN_OTHER_US))
        return false;
    *line = (struct refrain_line){said, now_us + REFRAIN_AGAIN_US};
    return true;
}
