/* fresh: see fresh.h. */
#include "fresh.h"

void fresh_free(fresh_t *fresh)
{
    for (int i = 0; i < FRESH_MOST; i++)
        errand_destroy(&fresh->wants[i]);
}

void fresh_put(fresh_t *fresh, errand_t *want)
{
    errand_destroy(&fresh->wants[fresh->next]);
    fresh->wants[fresh->next] = want;
    fresh->next = (fresh->next + 1) % FRESH_MOST;
}

errand_t *fresh_take(fresh_t *fresh, ident_t job)
{
    for (unsigned i = 1; i <= FRESH_MOST; i++) { /* the latest first */
        errand_t **want = &fresh->wants[(fresh->next + FRESH_MOST - i) % FRESH_MOST];
        if (!*want || !ident_equal((*want)->job, job))
            continue;
        errand_t *found = *want;
        *want = NULL;
        return found;
    }
    return NULL;
}
