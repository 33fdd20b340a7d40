/* backlog: see backlog.h. */
#include "backlog.h"
#include "proto/base/directory.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Below COPY bytes of a frame are copied and the buffer is kept; above, the buffer itself is given away. */
enum { COPY_BYTES = 128 * 1024, PILES_FIRST = 64 };

/* What waits for one peer. */
typedef struct {
    uint64_t peer;
    atomic_size_t bytes; /* a thread of ZeroMQ takes away from it */
} pile_t;

/* A frame under way. */
typedef struct {
    pile_t *pile;
    size_t size;
    char *given;  /* the buffer that was given away; NULL = the bytes stand below */
    char bytes[]; /* a copy */
} load_t;

struct backlog {
    directory_t peers; /* peer → place in piles */
    pile_t **piles;
    uint32_t count, room;
};

backlog_t *backlog_new(void)
{
    return memory_new(1, sizeof(backlog_t));
}

void backlog_destroy(backlog_t **backlog)
{
    if (!backlog || !*backlog)
        return;
    for (uint32_t i = 0; i < (*backlog)->count; i++) {
        assert(atomic_load(&(*backlog)->piles[i]->bytes) == 0);
        free((*backlog)->piles[i]);
    }
    directory_free(&(*backlog)->peers);
    free((*backlog)->piles);
    free(*backlog);
    *backlog = NULL;
}

static ident_t key_of(uint64_t peer)
{
    return (ident_t){0, peer};
}

static pile_t *find(const backlog_t *backlog, uint64_t peer)
{
    uint32_t place;
    return directory_get(&backlog->peers, key_of(peer), &place) ? backlog->piles[place] : NULL;
}

size_t backlog_bytes(const backlog_t *backlog, uint64_t peer)
{
    const pile_t *pile = find(backlog, peer);
    return pile ? atomic_load_explicit(&pile->bytes, memory_order_acquire) : 0;
}

/* Forgets the peers for whom nothing waits. */
static void sweep(backlog_t *backlog)
{
    for (uint32_t i = backlog->count; i-- > 0;) {
        pile_t *pile = backlog->piles[i];
        if (atomic_load_explicit(&pile->bytes, memory_order_acquire) > 0)
            continue;
        pile_t *last = backlog->piles[--backlog->count];
        backlog->piles[i] = last;
        directory_put(&backlog->peers, key_of(last->peer), i);
        directory_remove(&backlog->peers, key_of(pile->peer));
        free(pile);
    }
}

static pile_t *pile_of(backlog_t *backlog, uint64_t peer)
{
    pile_t *pile = find(backlog, peer);
    if (pile)
        return pile;
    if (backlog->count == backlog->room) {
        sweep(backlog);
        if (2 * backlog->count >= backlog->room) {
            backlog->room = backlog->room ? 2 * backlog->room : PILES_FIRST;
            backlog->piles = memory_grow(backlog->piles, backlog->room, sizeof *backlog->piles);
        }
    }
    pile = memory_new(1, sizeof *pile);
    pile->peer = peer;
    directory_put(&backlog->peers, key_of(peer), backlog->count);
    backlog->piles[backlog->count++] = pile;
    return pile;
}

/* In a thread of ZeroMQ. The pile is not touched any more once its bytes are taken away. */
static void unload(void *bytes, void *hint)
{
    (void)bytes;
    load_t *load = hint;
    pile_t *pile = load->pile;
    size_t size = load->size;
    free(load->given);
    free(load);
    atomic_fetch_sub_explicit(&pile->bytes, size, memory_order_release);
}

void backlog_fill(backlog_t *backlog, uint64_t peer, buf_t *bytes, zmq_msg_t *frame)
{
    bool copied = bytes->size <= COPY_BYTES;
    load_t *load = memory_grow(NULL, sizeof *load + (copied ? bytes->size : 0), 1);
    *load = (load_t){.pile = pile_of(backlog, peer), .size = bytes->size, .given = copied ? NULL : bytes->bytes};
    if (copied)
        memcpy(load->bytes, bytes->bytes, bytes->size);
    atomic_fetch_add_explicit(&load->pile->bytes, load->size, memory_order_relaxed);
    int made = zmq_msg_init_data(frame, copied ? load->bytes : load->given, load->size, unload, load);
    assert(made == 0); /* no memory */
    if (copied)
        buf_clear(bytes);
    else
        *bytes = (buf_t){0};
}
