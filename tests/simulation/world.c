/* world: see world.h. Time, the network, and what befalls processes. */
#include "world.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A ticket of its own for each process's next tick. */
enum { FIRST_HAPPENING = PROCESSES };

/* After the storm everything must be done within that time: the longest waits of the protocol are 60 s (a stage that
 * nobody serves) and 30 s (an offer that nobody wants); the longest work is 200 s. */
#define CALM_US (INT64_C(600) * 1000000)

/* So many steps take that much time at least, or a machine wakes up for nothing again and again. */
enum { IDLE_STEPS = 20000, IDLE_US = 100000 };

const char *const world_stages[STAGES] = {"classification", "ocr", "llm", "validation", "store"};

void world_broken(const world_t *world, const char *format, ...)
{
    va_list args;
    printf("BROKEN seed %" PRIu64 " step %" PRIu64 " at %.3f s: ", world->seed, world->steps,
           (double)world->now_us / 1e6);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\nreplay: tests/run simulate %" PRIu64 "\n", world->seed);
    fflush(stdout);
    exit(1);
}

uint64_t world_below(world_t *world, uint64_t bound)
{
    return chance_below(&world->chance, bound);
}

bool world_chance(world_t *world, uint32_t per_mille)
{
    return chance_below(&world->chance, 1000) < per_mille;
}

int64_t world_clock(const world_t *world, const process_t *process)
{
    return world->now_us + process->offset_us;
}

uint32_t world_stage(slice_t name)
{
    for (uint32_t i = 0; i < STAGES; i++)
        if (slice_is(name, world_stages[i]))
            return i;
    return STAGES;
}

uint32_t world_attachment(ident_t job)
{
    return job.low % 4 == 0 ? IDENT_BYTES + (uint32_t)(job.low / 4 % (ATTACHMENT_MOST - IDENT_BYTES)) : 0;
}

process_t *world_broker(world_t *world, uint32_t number)
{
    return &world->processes[OWNERS + number];
}

row_t *world_row(const world_t *world, ident_t id)
{
    uint32_t number = id.low & ROW_MASK; /* as owner_new_job makes them */
    return number < world->row_count && ident_equal(world->rows[number].id, id) ? &world->rows[number] : NULL;
}

/* ---- time ---- */

uint32_t world_add(world_t *world, int64_t due_us, happening_t happening)
{
    if (world->free == 0) {
        uint32_t room = world->happening_room * 2;
        world->happenings = memory_grow(world->happenings, room, sizeof *world->happenings);
        for (uint32_t i = room; i-- > world->happening_room;) {
            world->happenings[i].next_free = world->free;
            world->free = i;
        }
        world->happening_room = room;
    }
    uint32_t number = world->free;
    world->free = world->happenings[number].next_free;
    world->happenings[number] = happening;
    heap_add(&world->queue, (uint64_t)due_us, ++world->order, number);
    return number;
}

void world_tick_at(world_t *world, process_t *process, int64_t own_us)
{
    int64_t due = own_us - process->offset_us;
    if (heap_has(&world->queue, process->number))
        heap_remove(&world->queue, process->number);
    if (process->life == LIFE_ALIVE)
        heap_add(&world->queue, (uint64_t)(due > world->now_us ? due : world->now_us + 1), ++world->order,
                 process->number);
}

/* ---- the network ---- */

void world_send(world_t *world, uint32_t from, uint32_t to, uint64_t handle, const message_t *message)
{
    uint32_t peer = world->processes[from].kind == PROCESS_BROKER ? to : from;
    uint32_t broker = (peer == from ? to : from) - OWNERS;
    int copies = world_chance(world, world->loss) ? 0 : world_chance(world, world->twice) ? 2 : 1;
    if (world->cut_until_us[peer][broker][peer == to] > world->now_us)
        copies = 0;
    while (copies-- > 0) {
        buf_t bytes = {0};
        message_encode(message, &bytes);
        int64_t due = world->now_us + 20 + (int64_t)world_below(world, world->delay_us + 1);
        if (world->orderly) {
            if (due <= world->last_us[from][to])
                due = world->last_us[from][to] + 1;
            world->last_us[from][to] = due;
        }
        world_add(world, due,
                  (happening_t){.kind = HAPPENS_DELIVERY,
                                .from = from,
                                .to = to,
                                .handle = handle,
                                .bytes = bytes.bytes,
                                .size = bytes.size});
    }
    if (world->trace) {
        buf_t text = {0};
        message_print(message, &text);
        printf("%.6f %u>%u %s\n", (double)world->now_us / 1e6, from, to, buf_string(&text));
        buf_free(&text);
    }
}

static void deliver(world_t *world, const happening_t *happening)
{
    message_t message;
    size_t taken;
    process_t *to = &world->processes[happening->to];
    if (message_decode(happening->bytes, happening->size, &message, &taken, NULL) < 0 || taken != happening->size)
        world_broken(world, "a message that was encoded cannot be decoded");
    world->hash = chance_mix(world->hash ^ (uint64_t)world->now_us ^ (uint64_t)message.command << 48 ^
                             (uint64_t)happening->to << 56);
    if (to->kind == PROCESS_BROKER) {
        broker_step(world, to, &(event_t){.kind = EVENT_MESSAGE, .peer = happening->handle, .message = &message});
        return;
    }
    uint32_t broker = happening->from - OWNERS;
    if (world->handles[to->number][broker] != happening->handle)
        return; /* the connection that it came over is no more */
    if (to->kind == PROCESS_OWNER)
        owner_receive(world, to, broker, &message);
    else
        host_receive(world, to, broker, &message);
}

/* ---- life and death ---- */

static void connect_to(world_t *world, uint32_t peer, uint32_t broker)
{
    uint64_t old = world->handles[peer][broker];
    world->handles[peer][broker] = ++world->next_handle << 8 | peer;
    process_t *process = world_broker(world, broker);
    if (old && process->life == LIFE_ALIVE && world_chance(world, 500))
        broker_step(world, process, &(event_t){.kind = EVENT_GONE, .peer = old});
}

static void start(world_t *world, process_t *process)
{
    process->life = LIFE_ALIVE;
    process->lives++;
    if (process->kind == PROCESS_BROKER) {
        broker_start(world, process);
        for (uint32_t i = 0; i < PROCESSES; i++)
            connect_to(world, i, process->number - OWNERS);
        return;
    }
    for (uint32_t i = 0; i < BROKERS; i++)
        connect_to(world, process->number, i);
    if (process->kind == PROCESS_OWNER)
        owner_start(world, process);
    else
        host_start(world, process);
}

static void stop(world_t *world, process_t *process)
{
    process->life = LIFE_DEAD;
    if (process->kind == PROCESS_BROKER)
        broker_stop(process);
    else if (process->kind == PROCESS_OWNER)
        owner_stop(process);
    else
        host_stop(process);
    if (heap_has(&world->queue, process->number))
        heap_remove(&world->queue, process->number);
}

static void away(world_t *world, process_t *process, life_t life, int64_t for_us)
{
    if (process->life != LIFE_ALIVE)
        return;
    process->since_us = world->now_us;
    process->until_us = world->now_us + for_us;
    if (world->trace)
        printf("%.6f process %u %s for %.3f s\n", (double)world->now_us / 1e6, process->number,
               life == LIFE_DEAD ? "killed" : "frozen", (double)for_us / 1e6);
    if (life == LIFE_DEAD) {
        world->kills++;
        stop(world, process);
    } else {
        world->freezes++;
        process->life = LIFE_FROZEN;
    }
    /* its ticket brings it back */
    if (heap_has(&world->queue, process->number))
        heap_remove(&world->queue, process->number);
    heap_add(&world->queue, (uint64_t)process->until_us, ++world->order, process->number);
}

static void tick(world_t *world, process_t *process)
{
    if (process->life == LIFE_DEAD) {
        start(world, process);
        return;
    }
    process->life = LIFE_ALIVE; /* a frozen one thaws */
    if (process->kind == PROCESS_BROKER)
        broker_step(world, process, &(event_t){.kind = EVENT_TICK});
    else if (process->kind == PROCESS_OWNER)
        owner_tick(world, process);
    else
        host_tick(world, process);
}

/* Leases of an owner that is away go to the other one. */
static void take_over(world_t *world)
{
    for (uint32_t i = 0; i < OWNERS; i++) {
        const process_t *gone = &world->processes[i];
        process_t *other = &world->processes[(i + 1) % OWNERS];
        if (gone->life != LIFE_ALIVE && world->now_us - gone->since_us > 15000000 && other->life == LIFE_ALIVE)
            owner_takes_over(world, other, i);
    }
}

static void weather(world_t *world)
{
    static const uint32_t losses[] = {0, 0, 10, 50, 200}, delays[] = {200, 200, 5000, 100000, 2000000};
    world->loss = losses[world_below(world, 5)];
    world->twice = losses[world_below(world, 4)];
    world->delay_us = delays[world_below(world, 5)];
    world->orderly = world_chance(world, 500);
}

static int64_t seconds(world_t *world, uint32_t most)
{
    return 50000 + (int64_t)world_below(world, (uint64_t)most * 1000000);
}

/* A link is cut, in both directions or in one. */
static void cut(world_t *world, uint32_t peer, uint32_t broker)
{
    int64_t until = world->now_us + seconds(world, world_chance(world, 100) ? 150 : 10);
    uint64_t ways = 1 + world_below(world, 3);
    for (int way = 0; way < 2; way++)
        if (ways >> way & 1)
            world->cut_until_us[peer][broker][way] = until;
}

static void befall(world_t *world)
{
    process_t *process = &world->processes[world_below(world, PROCESSES)];
    switch (world_below(world, 10)) {
    case 0:
    case 1:
        away(world, process, LIFE_DEAD, seconds(world, world_chance(world, 200) ? 40 : 3));
        break;
    case 2:
    case 3:
        away(world, process, LIFE_FROZEN, seconds(world, world_chance(world, 200) ? 40 : 8));
        break;
    case 4:
        cut(world, process->number, (uint32_t)world_below(world, BROKERS));
        break;
    case 5:
        if (process->kind != PROCESS_BROKER)
            connect_to(world, process->number, (uint32_t)world_below(world, BROKERS));
        break;
    case 6:
        process->offset_us += seconds(world, world_chance(world, 100) ? 200 : 6);
        break;
    case 7:
        if (process->kind == PROCESS_HOST && process->life == LIFE_ALIVE)
            host_drain(world, process);
        break;
    case 8:
        if (process->kind == PROCESS_OWNER && process->life == LIFE_ALIVE)
            owner_cancels(world, process);
        break;
    default:
        weather(world);
    }
}

static void fault(world_t *world)
{
    if (world->calm)
        return;
    befall(world);
    take_over(world);
    world_add(world, world->now_us + seconds(world, 3), (happening_t){.kind = HAPPENS_FAULT});
}

static void job_time(world_t *world)
{
    process_t *owner = &world->processes[world_below(world, OWNERS)];
    if (world->calm)
        return;
    if (owner->life == LIFE_ALIVE && world->alive < world->most)
        owner_new_job(world, owner);
    world_add(world, world->now_us + 1000 + (int64_t)world_below(world, 60000 * JOBS_FEW / world->most),
              (happening_t){.kind = HAPPENS_JOB});
}

/* ---- running ---- */

void world_open(world_t *world, uint64_t seed, bool trace)
{
    *world =
        (world_t){.seed = seed, .chance = {seed}, .trace = trace, .delay_us = 200, .orderly = true, .now_us = 1000000};
    world->most = seed % 5 == 0 ? JOBS_MANY : JOBS_FEW;
    world->queue.places = &world->places;
    world->happening_room = FIRST_HAPPENING + 1;
    world->happenings = memory_new(world->happening_room, sizeof *world->happenings);
    world->free = FIRST_HAPPENING; /* 0 is never free: it is the end of the chain */
    for (uint32_t i = 0; i < PROCESSES; i++) {
        process_t *process = &world->processes[i];
        process->number = i;
        process->kind = i < OWNERS ? PROCESS_OWNER : i < OWNERS + BROKERS ? PROCESS_BROKER : PROCESS_HOST;
        process->offset_us = (int64_t)world_below(world, 1000000000);
    }
    for (uint32_t i = 0; i < PROCESSES; i++)
        start(world, &world->processes[(i + OWNERS) % PROCESSES]);
    world_add(world, world->now_us + 1, (happening_t){.kind = HAPPENS_JOB});
    world_add(world, world->now_us + 1000000, (happening_t){.kind = HAPPENS_FAULT});
}

/* One happening. False when there is none left, which cannot be: ticks go on for ever. */
static void step(world_t *world)
{
    const heap_entry_t *top = heap_top(&world->queue);
    uint32_t number = top->item;
    int64_t due = (int64_t)top->major;
    heap_remove(&world->queue, number);
    world->now_us = due > world->now_us ? due : world->now_us;
    world->steps++;
    if (world->steps % IDLE_STEPS == 0) {
        if (world->now_us - world->mark_us < IDLE_US)
            world_broken(world, "time stands still: somebody is busy with nothing");
        world->mark_us = world->now_us;
    }
    if (number < PROCESSES) {
        tick(world, &world->processes[number]);
        return;
    }
    happening_t happening = world->happenings[number];
    process_t *to = &world->processes[happening.to];
    bool to_process =
        happening.kind == HAPPENS_DELIVERY || happening.kind == HAPPENS_WORK || happening.kind == HAPPENS_WRITE;
    if (to_process && to->life == LIFE_FROZEN) { /* it lies in its socket until then */
        heap_add(&world->queue, (uint64_t)to->until_us + 1, ++world->order, number);
        return;
    }
    world->happenings[number].next_free = world->free;
    world->free = number;
    if (!to_process || to->life == LIFE_ALIVE) {
        switch (happening.kind) {
        case HAPPENS_DELIVERY:
            deliver(world, &happening);
            break;
        case HAPPENS_WORK:
            if (happening.life == to->lives)
                host_work(world, to, happening.worker, happening.handle);
            break;
        case HAPPENS_WRITE:
            if (happening.life == to->lives)
                owner_write(world, to, &happening);
            break;
        case HAPPENS_FAULT:
            fault(world);
            break;
        case HAPPENS_JOB:
            job_time(world);
            break;
        case HAPPENS_TICK:
            break;
        }
    }
    free(happening.bytes);
}

static void calm_down(world_t *world)
{
    world->calm = true;
    world->loss = world->twice = 0;
    world->delay_us = 200;
    world->orderly = true;
    memset(world->cut_until_us, 0, sizeof world->cut_until_us);
    for (uint32_t i = 0; i < PROCESSES; i++) {
        process_t *process = &world->processes[i];
        if (process->life == LIFE_ALIVE)
            continue;
        process->until_us = world->now_us;
        heap_remove(&world->queue, i);
        heap_add(&world->queue, (uint64_t)world->now_us, ++world->order, i);
    }
}

void world_run(world_t *world, uint64_t steps)
{
    while (world->steps < steps)
        step(world);
    calm_down(world);
    int64_t until = world->now_us + CALM_US;
    while (world->alive > 0 && world->now_us < until)
        step(world);
    if (world->alive > 0) {
        rules_explain(world, false);
        world_broken(world, "%u jobs do not end though everybody is well", world->alive);
    }
    until = world->now_us +
            500 * INT64_C(1000000); /* what is left over must go: offers, answers, jobs of owners that are gone */
    while (world->now_us < until)
        step(world);
    rules_at_end(world);
}

void world_close(world_t *world)
{
    for (uint32_t i = 0; i < PROCESSES; i++)
        if (world->processes[i].life != LIFE_DEAD)
            stop(world, &world->processes[i]);
    for (const heap_entry_t *top; (top = heap_top(&world->queue)) != NULL;) {
        if (top->item >= PROCESSES)
            free(world->happenings[top->item].bytes);
        heap_remove(&world->queue, top->item);
    }
    heap_free(&world->queue);
    heap_places_free(&world->places);
    free(world->happenings);
    free(world->rows);
}
