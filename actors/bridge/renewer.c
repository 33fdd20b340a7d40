/* renewer: see renewer.h. */
#include "renewer.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/redis/redis.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* ID: kept in place; longer ones are allocated. NAP: between looks at least. BATCH: locks renewed by one call. */
enum { ID_BYTES = 48, NAP_LEAST_US = 10000, BATCH_MOST = 500 };

typedef struct {
    uint64_t number;      /* 0 = nothing is held */
    int64_t renewed_us;   /* when it was last certain */
    char brief[ID_BYTES]; /* the id where it is short */
    char *id;             /* else */
    size_t size;
} lease_t;

typedef struct {
    call_scene_t scene; /* of its calls; token NULL = not told yet */
    lease_t *leases;    /* by slot */
    uint32_t slots;
    uint32_t held;    /* of them */
    uint64_t renewed; /* since the start */
} book_t;

struct renewer {
    renewer_plan_t plan;
    pthread_t thread;
    pthread_mutex_t mutex; /* over everything below */
    book_t *books;         /* by queue */
    uint64_t numbers;      /* given so far */
    renewer_lost_t *lost;  /* not taken yet */
    size_t lost_count, lost_room;
    bool ends;
    int told_fd; /* to the loop: a lock is lost */
    int wake_fd; /* to the thread: it is to end, or a lock is shorter */
};

/* A batch that is being renewed, copied out. */
typedef struct {
    call_scene_t scene;
    uint32_t queue;
    size_t count;
    uint32_t slots[BATCH_MOST];
    uint64_t numbers[BATCH_MOST];
    span_t ids[BATCH_MOST];
    buf_t texts; /* of the ids */
} batch_t;

/* ---- the loop's side ---- */

static const char *id_of(const lease_t *lease)
{
    return lease->id ? lease->id : lease->brief;
}

static void wake(const renewer_t *renewer)
{
    uint64_t one = 1;
    if (write(renewer->wake_fd, &one, sizeof one) < 0) /* full: it is readable then */
        return;
}

void renewer_set(renewer_t *renewer, uint32_t queue, const call_scene_t *scene)
{
    pthread_mutex_lock(&renewer->mutex);
    renewer->books[queue].scene = *scene;
    pthread_mutex_unlock(&renewer->mutex);
    wake(renewer); /* locks may be shorter than it knew */
}

static void empty(lease_t *lease)
{
    free(lease->id);
    lease->id = NULL;
    lease->number = 0;
}

uint64_t renewer_hold(renewer_t *renewer, uint32_t queue, uint32_t slot, span_t id)
{
    int64_t now_us = clock_now_us();
    pthread_mutex_lock(&renewer->mutex);
    book_t *book = &renewer->books[queue];
    lease_t *lease = &book->leases[slot];
    book->held += lease->number == 0;
    empty(lease);
    lease->id = id.size < ID_BYTES ? NULL : memory_new(id.size, 1);
    memcpy(lease->id ? lease->id : lease->brief, id.at, id.size);
    lease->size = id.size;
    lease->renewed_us = now_us;
    uint64_t number = lease->number = ++renewer->numbers;
    pthread_mutex_unlock(&renewer->mutex);
    return number;
}

void renewer_release(renewer_t *renewer, uint32_t queue, uint32_t slot)
{
    pthread_mutex_lock(&renewer->mutex);
    book_t *book = &renewer->books[queue];
    book->held -= book->leases[slot].number != 0;
    empty(&book->leases[slot]);
    pthread_mutex_unlock(&renewer->mutex);
}

int renewer_fd(const renewer_t *renewer)
{
    return renewer->told_fd;
}

bool renewer_take(renewer_t *renewer, renewer_lost_t *lost)
{
    uint64_t number;
    pthread_mutex_lock(&renewer->mutex);
    bool any = renewer->lost_count > 0;
    if (any)
        *lost = renewer->lost[--renewer->lost_count];
    if (renewer->lost_count == 0 && read(renewer->told_fd, &number, sizeof number) < 0 && errno != EAGAIN)
        any = false;
    pthread_mutex_unlock(&renewer->mutex);
    return any;
}

uint64_t renewer_renewed(renewer_t *renewer, uint32_t queue)
{
    pthread_mutex_lock(&renewer->mutex);
    uint64_t renewed = renewer->books[queue].renewed;
    pthread_mutex_unlock(&renewer->mutex);
    return renewed;
}

/* ---- the thread's side ---- */

/* Those of a queue that are due, from `slot` on. Returns where to go on, or the number of slots. */
static uint32_t gather(renewer_t *renewer, uint32_t queue, uint32_t slot, int64_t now_us, batch_t *batch)
{
    size_t offsets[BATCH_MOST];
    pthread_mutex_lock(&renewer->mutex);
    const book_t *book = &renewer->books[queue];
    batch->scene = book->scene;
    batch->queue = queue;
    batch->count = 0;
    buf_clear(&batch->texts);
    for (; book->held && slot < book->slots && batch->count < BATCH_MOST; slot++) {
        const lease_t *lease = &book->leases[slot];
        if (!lease->number || now_us < lease->renewed_us + book->scene.lock_ms * 1000 / 3)
            continue;
        offsets[batch->count] = batch->texts.size;
        buf_add(&batch->texts, id_of(lease), lease->size);
        batch->ids[batch->count].size = lease->size;
        batch->slots[batch->count] = slot;
        batch->numbers[batch->count++] = lease->number;
    }
    slot = book->held ? slot : book->slots;
    pthread_mutex_unlock(&renewer->mutex);
    for (size_t i = 0; i < batch->count; i++)
        batch->ids[i].at = batch->texts.bytes + offsets[i];
    return slot;
}

static bool is_among(const reply_t *ids, span_t id)
{
    for (uint32_t i = 0; i < ids->count; i++)
        if (ids->items[i].size == id.size && memcmp(reply_text(&ids->items[i]), id.at, id.size) == 0)
            return true;
    return false;
}

static void tell_lost(renewer_t *renewer, const batch_t *batch, size_t i)
{
    uint64_t one = 1;
    if (renewer->lost_count == renewer->lost_room) {
        renewer->lost_room = renewer->lost_room ? 2 * renewer->lost_room : 16;
        renewer->lost = memory_grow(renewer->lost, renewer->lost_room, sizeof *renewer->lost);
    }
    renewer->lost[renewer->lost_count++] = (renewer_lost_t){batch->queue, batch->slots[i], batch->numbers[i]};
    if (write(renewer->told_fd, &one, sizeof one) < 0) /* full: it is readable then */
        return;
}

/* The ids in the answer have lost their lock, the others are good from the time of the question on. */
static void settle(renewer_t *renewer, const batch_t *batch, const reply_t *lost, int64_t asked_us)
{
    pthread_mutex_lock(&renewer->mutex);
    book_t *book = &renewer->books[batch->queue];
    for (size_t i = 0; i < batch->count; i++) {
        lease_t *lease = &book->leases[batch->slots[i]];
        if (lease->number != batch->numbers[i])
            continue;
        if (lost->count && is_among(lost, batch->ids[i])) {
            tell_lost(renewer, batch, i);
            book->held--;
            empty(lease);
        } else {
            lease->renewed_us = asked_us;
            book->renewed++;
        }
    }
    pthread_mutex_unlock(&renewer->mutex);
}

/* Asks, once more with the script's text where Redis does not know it. NULL with the fault. */
static const reply_t *ask(redis_t *redis, const batch_t *batch, fault_t *fault)
{
    buf_t command = {0}, whole = {0};
    int64_t wait_ms = batch->scene.lock_ms / 3;
    call_extend(&command, &batch->scene, batch->ids, batch->count);
    const reply_t *reply = redis_ask(redis, &command, wait_ms, fault);
    if (reply && reply_is_error(reply, "NOSCRIPT") && call_with_text(command.bytes, command.size, &whole))
        reply = redis_ask(redis, &whole, wait_ms, fault);
    buf_free(&command);
    buf_free(&whole);
    if (reply && reply->kind != REPLY_LIST) {
        fault_set(fault, FAULT_UNAVAILABLE, "extendLocks: %.200s", reply_text(reply));
        reply = NULL;
    }
    return reply;
}

/* false: what is due could not be renewed now. */
static bool renew(renewer_t *renewer, redis_t *redis, batch_t *batch)
{
    fault_t fault;
    bool good = true;
    for (uint32_t queue = 0; queue < renewer->plan.queues; queue++)
        for (uint32_t slot = 0; slot < renewer->books[queue].slots && good;) {
            int64_t now_us = clock_now_us();
            slot = gather(renewer, queue, slot, now_us, batch);
            if (batch->count == 0)
                continue;
            const reply_t *reply = ask(redis, batch, &fault);
            if (reply)
                settle(renewer, batch, reply, now_us);
            else
                LOG(renewer->plan.log, LOG_WARNING, "locks.late", {"queue", batch->scene.keys->queue, 0},
                    {"jobs", NULL, (int64_t)batch->count}, {"message", fault.text, 0});
            good = reply != NULL;
        }
    return good;
}

/* Until it is time to look again: a sixth of the shortest lock. */
static int64_t nap_us(renewer_t *renewer)
{
    int64_t least_ms = 30000;
    pthread_mutex_lock(&renewer->mutex);
    for (size_t i = 0; i < renewer->plan.queues; i++) {
        const call_scene_t *scene = &renewer->books[i].scene;
        least_ms = scene->token && scene->lock_ms < least_ms ? scene->lock_ms : least_ms;
    }
    pthread_mutex_unlock(&renewer->mutex);
    int64_t us = least_ms * 1000 / 6;
    return us > NAP_LEAST_US ? us : NAP_LEAST_US;
}

static bool has_ended(renewer_t *renewer)
{
    pthread_mutex_lock(&renewer->mutex);
    bool ends = renewer->ends;
    pthread_mutex_unlock(&renewer->mutex);
    return ends;
}

/* Keeps the connection going meanwhile. */
static void nap(renewer_t *renewer, redis_t *redis, int64_t until_us)
{
    struct pollfd polls[1 + REDIS_POLLS_MOST] = {{renewer->wake_fd, POLLIN, 0}};
    for (int64_t now_us; (now_us = clock_now_us()) < until_us && !has_ended(renewer);) {
        int64_t next_us = until_us;
        redis_step(redis, now_us, &next_us);
        size_t count = 1 + redis_poll(redis, polls + 1);
        int64_t left_us = next_us - clock_now_us();
        uint64_t told;
        if (left_us > 0)
            poll(polls, count, (int)((left_us + 999) / 1000));
        if (read(renewer->wake_fd, &told, sizeof told) > 0)
            return;
    }
}

static void *run(void *argument)
{
    renewer_t *renewer = argument;
    redis_plan_t plan = {.place = renewer->plan.place};
    redis_t *redis = redis_new(&plan);
    batch_t *batch = memory_new(1, sizeof *batch);
    while (!has_ended(renewer)) {
        int64_t pause_us = nap_us(renewer);
        bool good = renew(renewer, redis, batch);
        nap(renewer, redis, clock_now_us() + (good ? pause_us : NAP_LEAST_US));
    }
    buf_free(&batch->texts);
    free(batch);
    redis_destroy(&redis);
    return NULL;
}

/* ---- begin and end ---- */

renewer_t *renewer_new(const renewer_plan_t *plan, fault_t *fault)
{
    renewer_t *renewer = memory_new(1, sizeof *renewer);
    renewer->plan = *plan;
    renewer->books = memory_new(plan->queues, sizeof *renewer->books);
    for (size_t i = 0; i < plan->queues; i++) {
        renewer->books[i].slots = plan->slots[i];
        renewer->books[i].leases = memory_new(plan->slots[i], sizeof(lease_t));
    }
    pthread_mutex_init(&renewer->mutex, NULL);
    renewer->told_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    renewer->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (renewer->told_fd >= 0 && renewer->wake_fd >= 0 && pthread_create(&renewer->thread, NULL, run, renewer) == 0)
        return renewer;
    fault_set(fault, FAULT_SYSTEM, "the thread that renews locks cannot be started");
    renewer->ends = true;
    renewer_destroy(&renewer);
    return NULL;
}

void renewer_destroy(renewer_t **renewer)
{
    renewer_t *old = renewer ? *renewer : NULL;
    if (!old)
        return;
    if (!old->ends) {
        pthread_mutex_lock(&old->mutex);
        old->ends = true;
        pthread_mutex_unlock(&old->mutex);
        wake(old);
        pthread_join(old->thread, NULL);
    }
    for (size_t i = 0; i < old->plan.queues; i++) {
        for (uint32_t slot = 0; slot < old->books[i].slots; slot++)
            empty(&old->books[i].leases[slot]);
        free(old->books[i].leases);
    }
    free(old->books);
    free(old->lost);
    close(old->told_fd);
    close(old->wake_fd);
    pthread_mutex_destroy(&old->mutex);
    free(old);
    *renewer = NULL;
}
