/* crew: see crew.h. */
#include "crew.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

/* A start that the system refused for the moment (no process, no descriptor) is tried again after so long. */
enum { RETRY_US = 1000000 };

/* A job is looked at for the first time so long after its begin: most are over by then, and limits are longer. */
enum { FIRST_LOOK_US = 20000 };

/* A worker and what it is doing. */
typedef struct {
    worker_t *worker;
    int told_done; /* progress that the caller has heard of, of the job it is at */
    int told_total;
    int64_t due_us; /* when it wants to be stepped next */
    bool heard;     /* its descriptors have something, or its state was changed by a call */
    bool stopping;  /* told to end, for draining */
} place_t;

struct crew {
    place_t *places;
    size_t count;   /* of places */
    size_t *owners; /* place of each descriptor of the last crew_poll */
    size_t polled;  /* how many there were */
    size_t at;      /* place at which this round of steps goes on */
    size_t took;    /* results of that place in this round */
    uint32_t depth; /* jobs that a worker may have */
    size_t unsent;  /* jobs begun since the last crew_flush */
    bool draining;
    fault_t fault; /* why a worker was refused for good */
};

crew_t *crew_new(const worker_plan_t *plan, size_t count)
{
    assert(count > 0 && count <= CREW_MOST);
    crew_t *crew = calloc(1, sizeof *crew);
    if (!crew || !(crew->places = calloc(count, sizeof *crew->places)) ||
        !(crew->owners = calloc(count * CHILD_POLLS, sizeof *crew->owners)))
        abort();
    crew->count = count;
    crew->depth = 1;
    for (size_t i = 0; i < count; i++) {
        worker_plan_t one = *plan;
        one.number = (int)i;
        crew->places[i] = (place_t){.worker = worker_new(&one), .due_us = INT64_MAX, .heard = true};
    }
    return crew;
}

void crew_destroy(crew_t **crew)
{
    if (!crew || !*crew)
        return;
    for (size_t i = 0; i < (*crew)->count; i++)
        worker_destroy(&(*crew)->places[i].worker);
    free((*crew)->places);
    free((*crew)->owners);
    free(*crew);
    *crew = NULL;
}

void crew_deepen(crew_t *crew, uint32_t depth)
{
    assert(depth > 0 && depth <= HAND_MOST);
    crew->depth = depth;
}

/* Jobs that the worker of a place can be handed. */
static size_t room_of(const crew_t *crew, const place_t *place)
{
    child_state_t state = worker_state(place->worker);
    if ((state != CHILD_IDLE && state != CHILD_BUSY) || worker_is_done(place->worker) || worker_is_late(place->worker))
        return 0;
    size_t has = worker_jobs(place->worker);
    return has < crew->depth ? crew->depth - has : 0;
}

size_t crew_free(const crew_t *crew)
{
    size_t room = 0;
    for (size_t i = 0; i < crew->count && !crew->draining; i++)
        room += room_of(crew, &crew->places[i]);
    return room;
}

size_t crew_idle(const crew_t *crew)
{
    size_t idle = 0;
    for (size_t i = 0; i < crew->count && !crew->draining; i++)
        idle += room_of(crew, &crew->places[i]) == crew->depth;
    return idle;
}

int crew_begin(crew_t *crew, uint64_t key, const worker_job_t *job, int64_t now_us, fault_t *fault)
{
    place_t *place = NULL;
    size_t most = 0;
    for (size_t i = 0; i < crew->count; i++) { /* to who has least to do */
        size_t room = room_of(crew, &crew->places[i]);
        if (room <= most)
            continue;
        most = room;
        place = &crew->places[i];
    }
    assert(place && !crew->draining);
    worker_job_t keyed = *job;
    keyed.key = key;
    int64_t look_us = job->due_us < now_us + FIRST_LOOK_US ? job->due_us : now_us + FIRST_LOOK_US;
    place->due_us = look_us < place->due_us ? look_us : place->due_us;
    crew->unsent++;
    if (worker_begin(place->worker, &keyed, now_us, fault) == 0)
        return 0;
    place->heard = true; /* it is to be started again */
    return -1;
}

void crew_flush(crew_t *crew)
{
    for (size_t i = 0; i < crew->count && crew->unsent; i++)
        worker_flush(crew->places[i].worker);
    crew->unsent = 0;
}

/* The place whose worker has the job; NULL = none. */
static place_t *find(const crew_t *crew, uint64_t key)
{
    for (size_t i = 0; i < crew->count; i++)
        if (worker_has(crew->places[i].worker, key))
            return &crew->places[i];
    return NULL;
}

bool crew_cancel(crew_t *crew, uint64_t key)
{
    place_t *place = find(crew, key);
    if (!place)
        return false;
    place->heard = true;
    return worker_cancel(place->worker, key);
}

pid_t crew_pid(const crew_t *crew, uint64_t key)
{
    const place_t *place = find(crew, key);
    return place ? worker_pid(place->worker) : 0;
}

/* ---- a step ---- */

/* Keeps a worker running, or ends it where the crew drains. Whether it did something about it. */
static bool keep(crew_t *crew, place_t *place, int64_t now_us)
{
    fault_t fault = {0};
    child_state_t state = worker_state(place->worker);
    if (crew->draining && !place->stopping && state != CHILD_BUSY) {
        place->stopping = true;
        worker_stop(place->worker, now_us);
        return true;
    }
    if (crew->draining || state != CHILD_DOWN || crew->fault.code != FAULT_NONE)
        return false;
    if (worker_start(place->worker, now_us, &fault) == 0)
        return true;
    if (worker_is_hopeless(place->worker))
        crew->fault = fault; /* and nobody is started any more */
    else
        place->due_us = now_us + RETRY_US;
    return false;
}

/* Steps one worker. true when there is an event. */
static bool step(crew_t *crew, place_t *place, int64_t now_us, crew_event_t *event)
{
    place->heard = false;
    place->due_us = INT64_MAX;
    bool ended = worker_step(place->worker, now_us, &place->due_us);
    if (!ended && keep(crew, place, now_us)) /* what has begun has a time by which it ends */
        ended = worker_step(place->worker, now_us, &place->due_us);
    if (ended) {
        *event = (crew_event_t){.kind = CREW_ENDED};
        worker_take(place->worker, &event->result);
        event->key = event->result.key;
        event->kind = event->result.end == WORKER_BACK ? CREW_BACK : CREW_ENDED;
        place->told_done = place->told_total = 0;
        place->heard = worker_is_done(place->worker) || worker_is_waiting(place->worker) ||
                       crew->draining;                 /* it may have to be started again, or ended */
        if (worker_state(place->worker) == CHILD_BUSY) /* with the next one */
            place->due_us = now_us + FIRST_LOOK_US;
        return true;
    }
    int done, total;
    worker_progress(place->worker, &done, &total);
    if (worker_state(place->worker) != CHILD_BUSY || (done == place->told_done && total == place->told_total))
        return false;
    place->told_done = done;
    place->told_total = total;
    *event = (crew_event_t){.kind = CREW_PROGRESS, .key = worker_key(place->worker), .done = done, .total = total};
    return true;
}

bool crew_step(crew_t *crew, int64_t now_us, int64_t *next_us, crew_event_t *event)
{
    while (crew->at < crew->count) { /* each has its turn once a round, so that none keeps the caller */
        place_t *place = &crew->places[crew->at];
        bool any = (place->heard || now_us >= place->due_us) && step(crew, place, now_us, event);
        bool more = any && event->kind != CREW_PROGRESS && place->heard && ++crew->took < HAND_MOST;
        crew->at += !more; /* else what it has answered besides */
        crew->took = more ? crew->took : 0;
        if (any)
            return true;
    }
    crew->at = 0;
    for (size_t i = 0; i < crew->count; i++) {
        int64_t due_us = crew->places[i].heard ? now_us : crew->places[i].due_us;
        *next_us = due_us < *next_us ? due_us : *next_us;
    }
    return false;
}

/* ---- around ---- */

size_t crew_poll(crew_t *crew, struct pollfd *polls)
{
    crew->polled = 0;
    for (size_t i = 0; i < crew->count; i++)
        for (size_t more = worker_poll(crew->places[i].worker, polls + crew->polled); more > 0; more--)
            crew->owners[crew->polled++] = i;
    return crew->polled;
}

void crew_heard(crew_t *crew, const struct pollfd *polls)
{
    for (size_t i = 0; i < crew->polled; i++)
        crew->places[crew->owners[i]].heard |= polls[i].revents != 0;
}

size_t crew_polls(const crew_t *crew)
{
    return crew->count * CHILD_POLLS;
}

void crew_drain(crew_t *crew)
{
    crew->draining = true;
    for (size_t i = 0; i < crew->count; i++)
        crew->places[i].heard = true;
}

bool crew_is_drained(const crew_t *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        if (worker_state(crew->places[i].worker) != CHILD_DOWN || worker_is_done(crew->places[i].worker))
            return false;
    return crew->draining;
}

const fault_t *crew_fault(const crew_t *crew)
{
    return &crew->fault;
}

const char *crew_missing(const crew_t *crew)
{
    const char *missing = NULL;
    for (size_t i = 0; i < crew->count && !missing; i++)
        missing = worker_missing(crew->places[i].worker);
    return missing;
}

int64_t crew_cpu_us(const crew_t *crew)
{
    int64_t sum_us = 0;
    for (size_t i = 0; i < crew->count; i++)
        sum_us += worker_cpu_us(crew->places[i].worker);
    return sum_us;
}

void crew_count(const crew_t *crew, size_t counts[CHILD_STATES])
{
    for (int state = 0; state < CHILD_STATES; state++)
        counts[state] = 0;
    for (size_t i = 0; i < crew->count; i++)
        counts[worker_state(crew->places[i].worker)]++;
}

bool crew_wants_bytes(const crew_t *crew)
{
    bool wants = false;
    for (size_t i = 0; i < crew->count && !wants; i++)
        wants = worker_wants_bytes(crew->places[i].worker);
    return wants;
}
