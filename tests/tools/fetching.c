/* fetching: fetches URLs as a host does, and prints a line of JSON for what became of each, in the order of their ends.
 *
 *     fetching [--roots R] [--endpoints E] [--networks N] [--authorities FILE] [--bytes N] [--total-ms N] [--stall-ms
 * N]
 *              [--at-once N] [--expect SHA256] [--size BYTES] [--cancel] URL…
 *
 * --expect and --size are for all URLs; --cancel gives each up as soon as it is begun. Exits with 2 where a list is
 * wrong.
 */
#include "proto/base/clock.h"
#include "proto/fetch/fetch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    fetch_plan_t plan;
    const char *expect;
    int64_t size;
    bool cancel;
} wish_t;

/* Takes the options; returns the index of the first URL. */
static int take_options(int argc, char **argv, wish_t *wish)
{
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        const char *name = argv[at] + 2;
        if (strcmp(name, "cancel") == 0) {
            wish->cancel = true;
            continue;
        }
        const char *value = ++at < argc ? argv[at] : "";
        if (strcmp(name, "roots") == 0)
            wish->plan.roots = value;
        else if (strcmp(name, "endpoints") == 0)
            wish->plan.endpoints = value;
        else if (strcmp(name, "networks") == 0)
            wish->plan.networks = value;
        else if (strcmp(name, "authorities") == 0)
            wish->plan.authorities = value;
        else if (strcmp(name, "bytes") == 0)
            wish->plan.bytes_most = atoll(value);
        else if (strcmp(name, "total-ms") == 0)
            wish->plan.total_us = atoll(value) * 1000;
        else if (strcmp(name, "stall-ms") == 0)
            wish->plan.stall_us = atoll(value) * 1000;
        else if (strcmp(name, "at-once") == 0)
            wish->plan.count = (size_t)atoll(value);
        else if (strcmp(name, "expect") == 0)
            wish->expect = value;
        else if (strcmp(name, "size") == 0)
            wish->size = atoll(value);
    }
    return at;
}

static void print(const fetch_event_t *event)
{
    int seals = event->fd >= 0 ? fcntl(event->fd, F_GET_SEALS) : 0;
    struct stat status = {0};
    if (event->fd >= 0)
        fstat(event->fd, &status);
    printf("{\"number\": %d, \"fault\": \"%s\", \"text\": \"", (int)event->key, fault_name(event->fault.code));
    for (const char *c = event->fault.text; *c; c++)
        printf("%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
    printf("\", \"bytes\": %lld, \"file\": %lld, \"sha256\": \"%s\", \"sealed\": %s}\n", (long long)event->bytes,
           (long long)status.st_size, event->sha256,
           (seals & (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)) == (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)
               ? "true"
               : "false");
    if (event->fd >= 0)
        close(event->fd);
}

/* Steps until nothing is left to be said now. Number of ends. */
static size_t step(fetch_t *fetch, int64_t *next_us)
{
    size_t ended = 0;
    fetch_event_t event;
    for (; fetch_step(fetch, clock_now_us(), next_us, &event); ended++)
        print(&event);
    return ended;
}

int main(int argc, char **argv)
{
    wish_t wish = {.plan = {.bytes_most = 64 << 20, .total_us = 20000000, .stall_us = 10000000, .count = 8}};
    signal(SIGPIPE, SIG_IGN);
    int at = take_options(argc, argv, &wish);
    fault_t fault = {0};
    fetch_t *fetch = fetch_new(&wish.plan, &fault);
    if (!fetch) {
        fprintf(stderr, "%s\n", fault.text);
        return 2;
    }
    struct pollfd *polls = calloc(fetch_polls(fetch), sizeof *polls);
    size_t left = (size_t)(argc - at), turns = 0;
    for (int64_t next_us = 0; left && polls; turns++) {
        while (at < argc && fetch_free(fetch)) {
            fetch_order_t order = {.key = (uint64_t)at, .url = argv[at], .sha256 = wish.expect, .bytes = wish.size};
            fetch_begin(fetch, &order, clock_now_us());
            if (wish.cancel && fetch_cancel(fetch, (uint64_t)at))
                left--;
            at++;
        }
        next_us = INT64_MAX;
        left -= step(fetch, &next_us);
        if (!left || (at < argc && fetch_free(fetch)))
            continue;
        size_t count = fetch_poll(fetch, polls);
        int64_t wait_us = next_us == INT64_MAX ? -1 : next_us - clock_now_us();
        poll(polls, count, next_us == INT64_MAX ? -1 : wait_us <= 0 ? 0 : (int)(wait_us / 1000 + 1));
    }
    fprintf(stderr, "%zu turns\n", turns);
    free(polls);
    fetch_destroy(&fetch);
    return 0;
}
