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
    int64_t wait_us = said == refrain->words ? 0 : REFRAIN_AGAIN_US - REFRAIN_OTHER_US; /* less for others */
    if (refrain->due_us && now_us < refrain->due_us - wait_us)
        return false;
    *refrain = (refrain_t){said, now_us + REFRAIN_AGAIN_US};
    return true;
}
