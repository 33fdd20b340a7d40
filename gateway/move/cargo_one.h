/* cargo_one: what is done with one file of a cargo, on one of its threads. Used by cargo.c alone. */
#ifndef YOGI_MOVE_CARGO_ONE_H
#define YOGI_MOVE_CARGO_ONE_H

#include "cargo.h"
#include "proto/base/arena.h"

#include <pthread.h>

/* 0, or -1 with the fault, which ends everything. */
typedef int cargo_work_fn(cargo_t *cargo, cargo_item_t *item, fault_t *fault);

struct cargo {
    cargo_plan_t plan;
    arena_t *arena; /* of the items' texts */
    cargo_item_t *items;
    size_t count, room;
    cargo_figures_t figures;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t ended; /* a thread has */
    cargo_work_fn *work;  /* what is done */
    size_t next, every;   /* item, and step */
    int running;          /* threads */
    bool failed;
    fault_t fault;   /* the first one */
    int64_t free_us; /* when the next bytes may travel between folders */
    cargo_fault_fn *found;
    void *found_user;
    atomic_llong checked;
};

cargo_work_fn cargo_carry_one, cargo_hash_one, cargo_check_one;

/* Waits until so many bytes may have travelled. */
void cargo_pace(cargo_t *cargo, int64_t bytes);

/* Tells of a file that is not as it should be. */
void cargo_tell(cargo_t *cargo, const cargo_item_t *item, const char *side, const char *why);

#endif
