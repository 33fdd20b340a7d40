/* share: see share.h. */
#include "share.h"

#include <assert.h>

/* The part that is kept for those who have little. */
enum { KEPT = 4 };

static uint64_t short_of(const share_t *share, uint64_t own)
{
    return own < share->guarantee ? share->guarantee - own : 0;
}

bool share_admits(const share_t *share, uint64_t own, uint64_t need)
{
    if (!share->used) /* so that what is larger than what one may have comes in at all */
        return need <= share->limit;
    uint64_t kept = own + need <= share->guarantee ? 0 : share->unclaimed - short_of(share, own);
    return need <= share->limit && share->used + kept <= share->limit - need;
}

void share_take(share_t *share, uint64_t *own, uint64_t amount)
{
    share->unclaimed -= short_of(share, *own);
    *own += amount;
    share->unclaimed += short_of(share, *own);
    share->used += amount;
}

void share_give(share_t *share, uint64_t *own, uint64_t amount)
{
    assert(*own >= amount && share->used >= amount);
    share->unclaimed -= short_of(share, *own);
    *own -= amount;
    share->unclaimed += short_of(share, *own);
    share->used -= amount;
}

void share_begin(share_t *share, uint32_t owners)
{
    share->guarantee = share->limit / KEPT / ((uint64_t)owners + 1);
    share->unclaimed = share->guarantee;
}

void share_count(share_t *share, uint64_t own)
{
    share->unclaimed += short_of(share, own);
}
