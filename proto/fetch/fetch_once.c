/* fetch_once: see fetch_once.h. */
#include "fetch_once.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* LOOK: between two looks at a transfer that nothing is heard of. */
enum { LOOK_US = 100000 };

/* The URL's origin, which is all that may be asked; the caller's to free. */
static char *origin_of(const char *url)
{
    const char *mark = strstr(url, "://"), *host = mark ? mark + 3 : url;
    size_t length = (size_t)(host - url) + strcspn(host, "/?#");
    return memcpy(memory_new(length + 1, 1), url, length);
}

static void wait_for_end(fetch_t *fetch, fetch_event_t *event)
{
    for (int64_t next_us = INT64_MAX; !fetch_step(fetch, clock_now_us(), &next_us, event); next_us = INT64_MAX) {
        struct pollfd polls[FETCH_POLLS_EACH];
        int64_t left_us = next_us - clock_now_us();
        poll(polls, fetch_poll(fetch, polls),
             left_us <= 0 ? 0 : (int)((left_us > LOOK_US ? LOOK_US : left_us) / 1000 + 1));
    }
}

/* The bytes of the sealed file, which is closed. */
static int read_bytes(const fetch_event_t *event, buf_t *out, fault_t *fault)
{
    char block[16384];
    ssize_t n;
    off_t at = 0;
    while ((n = pread(event->fd, block, sizeof block, at)) > 0) {
        buf_add(out, block, (size_t)n);
        at += n;
    }
    int cause = errno;
    close(event->fd);
    return n < 0 ? fault_set(fault, FAULT_SYSTEM, "what was fetched cannot be read: %s", strerror(cause)) : 0;
}

int fetch_once(const fetch_wish_t *wish, buf_t *out, fault_t *fault)
{
    char *origin = origin_of(wish->url);
    fetch_plan_t plan = {.endpoints = origin,
                         .networks = wish->networks,
                         .authorities = wish->authorities,
                         .bytes_most = wish->bytes_most,
                         .total_us = wish->seconds * 1000000,
                         .stall_us = wish->seconds * 1000000,
                         .count = 1};
    fetch_event_t event = {.fd = -1};
    fetch_t *fetch = fetch_new(&plan, fault);
    free(origin);
    if (!fetch)
        return -1;
    fetch_begin(fetch, &(fetch_order_t){.key = 1, .url = wish->url, .headers = wish->headers}, clock_now_us());
    wait_for_end(fetch, &event);
    fetch_destroy(&fetch);
    if (event.fault.code == FAULT_NONE)
        return read_bytes(&event, out, fault);
    *fault = event.fault;
    return -1;
}
