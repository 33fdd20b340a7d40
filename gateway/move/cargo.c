/* cargo: see cargo.h. The list and the threads; what is done with one file is cargo_one.c. */
#include "cargo.h"
#include "cargo_one.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often the caller hears of it. */
enum { TICK_MS = 100, THREADS_MOST = 64 };

cargo_t *cargo_new(const cargo_plan_t *plan)
{
    cargo_t *cargo = memory_new(1, sizeof *cargo);
    pthread_condattr_t monotonic;
    cargo->plan = *plan;
    cargo->arena = arena_new();
    pthread_mutex_init(&cargo->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&cargo->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return cargo;
}

void cargo_destroy(cargo_t **cargo)
{
    if (!cargo || !*cargo)
        return;
    pthread_cond_destroy(&(*cargo)->ended);
    pthread_mutex_destroy(&(*cargo)->lock);
    arena_destroy(&(*cargo)->arena);
    free((*cargo)->items);
    free(*cargo);
    *cargo = NULL;
}

size_t cargo_add(cargo_t *cargo, const cargo_item_t *item)
{
    if (cargo->count == cargo->room) {
        cargo->room = cargo->room ? 2 * cargo->room : 1024;
        cargo->items = memory_grow(cargo->items, cargo->room, sizeof *cargo->items);
    }
    cargo_item_t *kept = &cargo->items[cargo->count];
    *kept = *item;
    kept->document = arena_text(cargo->arena, item->document);
    kept->name = arena_text(cargo->arena, item->name);
    kept->tenant = arena_text(cargo->arena, item->tenant);
    return cargo->count++;
}

void cargo_name(cargo_t *cargo, size_t number, const char *name)
{
    cargo->items[number].name = arena_text(cargo->arena, name);
}

void cargo_expect(cargo_t *cargo, size_t number, const char *sha256)
{
    snprintf(cargo->items[number].sha256, HASH_HEX, "%s", sha256);
}

size_t cargo_count(const cargo_t *cargo)
{
    return cargo->count;
}

const cargo_item_t *cargo_item(const cargo_t *cargo, size_t number)
{
    return &cargo->items[number];
}

const cargo_figures_t *cargo_figures(const cargo_t *cargo)
{
    return &cargo->figures;
}

/* ---- threads ---- */

/* The next one for a thread; NULL when there is none, or somebody failed. */
static cargo_item_t *take(cargo_t *cargo)
{
    cargo_item_t *item = NULL;
    pthread_mutex_lock(&cargo->lock);
    if (!cargo->failed && cargo->plan.stopped && cargo->plan.stopped(cargo->plan.user))
        cargo->failed = fault_set(&cargo->fault, FAULT_CANCELLED, STOPPED) < 0;
    for (; !item && !cargo->failed && cargo->next < cargo->count; cargo->next += cargo->every)
        if (!cargo->items[cargo->next].missing)
            item = &cargo->items[cargo->next];
    pthread_mutex_unlock(&cargo->lock);
    return item;
}

static void *serve(void *user)
{
    cargo_t *cargo = user;
    fault_t fault = {0};
    int failed = 0;
    for (cargo_item_t *item; !failed && (item = take(cargo));)
        failed = cargo->work(cargo, item, &fault);
    pthread_mutex_lock(&cargo->lock);
    if (failed && !cargo->failed)
        cargo->fault = fault;
    cargo->failed = cargo->failed || failed;
    cargo->running--;
    pthread_cond_signal(&cargo->ended);
    pthread_mutex_unlock(&cargo->lock);
    return NULL;
}

static void wait_for_all(cargo_t *cargo)
{
    pthread_mutex_lock(&cargo->lock);
    while (cargo->running) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&cargo->ended, &cargo->lock, &until);
        pthread_mutex_unlock(&cargo->lock);
        if (cargo->plan.tick)
            cargo->plan.tick(cargo->plan.user);
        pthread_mutex_lock(&cargo->lock);
    }
    pthread_mutex_unlock(&cargo->lock);
}

/* Does the work with every `every`th item, in as many threads as there are jobs. */
static int run(cargo_t *cargo, cargo_work_fn *work, int every, fault_t *fault)
{
    pthread_t threads[THREADS_MOST];
    int count = 0, wanted = cargo->plan.jobs < THREADS_MOST ? cargo->plan.jobs : THREADS_MOST;
    cargo->work = work;
    cargo->next = 0;
    cargo->every = (size_t)every;
    cargo->failed = false;
    pthread_mutex_lock(&cargo->lock);
    for (; count < wanted && (size_t)count < cargo->count; count++) {
        if (pthread_create(&threads[count], NULL, serve, cargo) != 0)
            break;
        cargo->running++;
    }
    pthread_mutex_unlock(&cargo->lock);
    if (!count && cargo->count)
        return fault_set(fault, FAULT_SYSTEM, "no thread can be started: %s", strerror(errno));
    wait_for_all(cargo);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    if (cargo->failed && fault)
        *fault = cargo->fault;
    return cargo->failed ? -1 : 0;
}

int cargo_carry(cargo_t *cargo, fault_t *fault)
{
    return run(cargo, cargo_carry_one, 1, fault);
}

int cargo_hash(cargo_t *cargo, fault_t *fault)
{
    return run(cargo, cargo_hash_one, 1, fault);
}

int cargo_check(cargo_t *cargo, int every, cargo_fault_fn *found, void *user, int64_t *checked, fault_t *fault)
{
    cargo->found = found;
    cargo->found_user = user;
    atomic_store(&cargo->checked, 0);
    int failed = run(cargo, cargo_check_one, every, fault);
    *checked = atomic_load(&cargo->checked);
    return failed;
}

/* ---- for the threads ---- */

void cargo_pace(cargo_t *cargo, int64_t bytes)
{
    if (!cargo->plan.most_bytes_s)
        return;
    pthread_mutex_lock(&cargo->lock);
    int64_t now_us = clock_now_us(), from_us = cargo->free_us > now_us ? cargo->free_us : now_us;
    cargo->free_us = from_us + bytes * 1000000 / cargo->plan.most_bytes_s;
    int64_t wait_us = cargo->free_us - now_us;
    pthread_mutex_unlock(&cargo->lock);
    struct timespec left = {wait_us / 1000000, wait_us % 1000000 * 1000};
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

void cargo_tell(cargo_t *cargo, const cargo_item_t *item, const char *side, const char *why)
{
    pthread_mutex_lock(&cargo->lock);
    cargo->found(cargo->found_user, item, side, why);
    pthread_mutex_unlock(&cargo->lock);
}
