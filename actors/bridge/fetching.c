/* fetching: see fetching.h. */
#include "fetching.h"

/* After a refusal. */
enum { PAUSE_MS = 10, PAUSE_MOST_MS = 1000 };

static void lower(int64_t *next_ms, int64_t ms)
{
    *next_ms = ms < *next_ms ? ms : *next_ms;
}

static int64_t block_ms(const fetching_t *fetching, int64_t now_ms)
{
    int64_t ms = fetching->drain_ms;
    if (fetching->delayed_ms) {
        ms = fetching->delayed_ms - now_ms;
        ms = ms < FETCHING_BLOCK_MOST_MS ? ms : FETCHING_BLOCK_MOST_MS;
    }
    return ms > FETCHING_BLOCK_LEAST_MS ? ms : FETCHING_BLOCK_LEAST_MS;
}

fetching_step_t fetching_next(fetching_t *fetching, uint32_t free, bool can_wait, int64_t now_ms, int64_t *next_ms)
{
    fetching_step_t step = {.kind = FETCHING_NOTHING};
    if (free == 0)
        return step;
    if (now_ms < fetching->until_ms) {
        lower(next_ms, fetching->until_ms);
        return step;
    }
    if (fetching->drained && fetching->delayed_ms && now_ms >= fetching->delayed_ms)
        fetching_again(fetching);
    if (fetching->drained && !can_wait && now_ms >= fetching->last_ms + fetching->drain_ms)
        fetching_again(fetching);
    if (!fetching->drained) {
        uint32_t width = fetching->width ? fetching->width : 1;
        uint32_t more = width > fetching->fetches ? width - fetching->fetches : 0;
        step.count = more < free ? more : free;
        step.kind = step.count ? FETCHING_TAKE : FETCHING_NOTHING;
    } else if (!can_wait) {
        lower(next_ms, fetching->last_ms + fetching->drain_ms);
        if (fetching->delayed_ms)
            lower(next_ms, fetching->delayed_ms);
    } else if (!fetching->waiting && fetching->fetches == 0) {
        step = (fetching_step_t){.kind = FETCHING_WAIT, .wait_ms = block_ms(fetching, now_ms)};
    }
    return step;
}

void fetching_sent(fetching_t *fetching, uint32_t count, int64_t now_ms)
{
    fetching->fetches += count;
    fetching->last_ms = now_ms;
}

void fetching_waits(fetching_t *fetching)
{
    fetching->waiting = true;
}

void fetching_answered(fetching_t *fetching, const fetched_t *fetched, int64_t now_ms)
{
    fetching->failures = 0;
    if (fetched->has_job) {
        uint32_t width = fetching->width ? 2 * fetching->width : 2;
        fetching->width = width < FETCHING_WIDTH_MOST ? width : FETCHING_WIDTH_MOST;
        fetching->drained = false;
        return;
    }
    fetching->width = 1;
    fetching->delayed_ms = fetched->delayed_ms > 0 ? fetched->delayed_ms : 0;
    fetching->drained = fetched->limited_ms <= 0;
    if (fetched->limited_ms > 0) {
        int64_t ms = fetched->limited_ms < FETCHING_LIMITED_MOST_MS ? fetched->limited_ms : FETCHING_LIMITED_MOST_MS;
        fetching->until_ms = now_ms + ms;
    }
}

void fetching_lost(fetching_t *fetching)
{
    fetching_again(fetching);
}

/* A script that stops at one job has taken it away from the others, which the next call finds. */
void fetching_failed(fetching_t *fetching, int64_t now_ms)
{
    int64_t pause_ms = PAUSE_MS << fetching->failures;
    fetching_again(fetching);
    fetching->until_ms = now_ms + (pause_ms < PAUSE_MOST_MS ? pause_ms : PAUSE_MOST_MS);
    fetching->failures += fetching->failures < 8;
}

void fetching_told(fetching_t *fetching, bool marker, int64_t score, int64_t now_ms)
{
    fetching->waiting = false;
    if (marker && score > now_ms) { /* of a delayed job: it is waited for until then */
        fetching->delayed_ms = !fetching->delayed_ms || score < fetching->delayed_ms ? score : fetching->delayed_ms;
        return;
    }
    fetching_again(fetching);
}

void fetching_again(fetching_t *fetching)
{
    fetching->drained = false;
    fetching->width = 1;
    fetching->delayed_ms = 0;
}
