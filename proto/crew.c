/* crew: see crew.h. One poll(2) without waiting tells which workers have something to say, so that a step costs two
 * system calls and those of the workers concerned, however many there are. */
#include "crew.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

/* A start that the system refused for the moment (no process, no descriptor) is tried again after so long. */
enum { RETRY_US = 1000000 };

/* A job is looked at for the first time so long after its begin: most are over by then, and limits are longer. */
enum { FIRST_LOOK_US = 50000 };

/* A worker and what it is doing. */
typedef struct {
    worker_t *worker;
    uint64_t key;  /* of its job; good while it is BUSY or its result waits */
    int told_done; /* progress that the caller has heard of */
    int told_total;
    int64_t due_us; /* when it wants to be stepped next */
    bool heard;     /* its descriptors have something, or its state was changed by a call */
    bool stopping;  /* told to end, for draining */
} place_t;

struct crew {
    place_t *places;
    size_t count;         /* of places */
    struct pollfd *polls; /* room for all descriptors */
    size_t *owners;       /* place of each of polls */
    bool looked;          /* the descriptors were looked at in this round of steps */
    size_t at;            /* place at which this round goes on */
    bool draining;
    fault_t fault; /* why a worker was refused for good */
};

crew_t *crew_new(const worker_plan_t *plan, size_t count)
{
    assert(count > 0 && count <= CREW_MOST);
    crew_t *crew = calloc(1, sizeof *crew);
    if (!crew || !(crew->places = calloc(count, sizeof *crew->places)) ||
        !(crew->polls = calloc(count * CHILD_POLLS, sizeof *crew->polls)) ||
        !(crew->owners = calloc(count * CHILD_POLLS, sizeof *crew->owners)))
        abort();
    crew->count = count;
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
    free((*crew)->polls);
    free((*crew)->owners);
    free(*crew);
    *crew = NULL;
}

size_t crew_free(const crew_t *crew)
{
    size_t ready = 0;
    for (size_t i = 0; i < crew->count && !crew->draining; i++)
        ready += worker_state(crew->places[i].worker) == CHILD_IDLE && !worker_is_done(crew->places[i].worker);
    return ready;
}

int crew_begin(crew_t *crew, uint64_t key, const worker_job_t *job, int64_t now_us, fault_t *fault)
{
    assert(!crew->draining);
    size_t i = 0;
    while (i < crew->count &&
           (worker_state(crew->places[i].worker) != CHILD_IDLE || worker_is_done(crew->places[i].worker)))
        i++;
    assert(i < crew->count);
    place_t *place = &crew->places[i];
    place->key = key;
    place->told_done = place->told_total = 0;
    place->due_us = job->due_us < now_us + FIRST_LOOK_US ? job->due_us : now_us + FIRST_LOOK_US;
    if (worker_begin(place->worker, job, now_us, fault) == 0)
        return 0;
    place->heard = true; /* it is to be started again */
    return -1;
}

/* The place whose worker has the job; NULL = none. */
static place_t *find(const crew_t *crew, uint64_t key)
{
    for (size_t i = 0; i < crew->count; i++) {
        place_t *place = &crew->places[i];
        if (place->key == key && worker_state(place->worker) == CHILD_BUSY && !worker_is_done(place->worker))
            return place;
    }
    return NULL;
}

bool crew_cancel(crew_t *crew, uint64_t key)
{
    place_t *place = find(crew, key);
    if (!place)
        return false;
    worker_cancel(place->worker);
    place->heard = true;
    return true;
}

pid_t crew_pid(const crew_t *crew, uint64_t key)
{
    const place_t *place = find(crew, key);
    return place ? worker_pid(place->worker) : 0;
}

/* ---- a step ---- */

/* Marks the places whose descriptors have something. */
static void look(crew_t *crew)
{
    size_t count = 0;
    for (size_t i = 0; i < crew->count; i++) {
        size_t more = worker_poll(crew->places[i].worker, crew->polls + count);
        for (size_t j = 0; j < more; j++)
            crew->owners[count + j] = i;
        count += more;
    }
    if (count && poll(crew->polls, count, 0) > 0)
        for (size_t i = 0; i < count; i++)
            crew->places[crew->owners[i]].heard |= crew->polls[i].revents != 0;
}

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
        *event = (crew_event_t){.kind = CREW_ENDED, .key = place->key};
        worker_take(place->worker, &event->result);
        place->heard =
            worker_is_waiting(place->worker) || crew->draining; /* it may have to be started again, or ended */
        return true;
    }
    int done, total;
    worker_progress(place->worker, &done, &total);
    if (worker_state(place->worker) != CHILD_BUSY || (done == place->told_done && total == place->told_total))
        return false;
    place->told_done = done;
    place->told_total = total;
    *event = (crew_event_t){.kind = CREW_PROGRESS, .key = place->key, .done = done, .total = total};
    return true;
}

bool crew_step(crew_t *crew, int64_t now_us, int64_t *next_us, crew_event_t *event)
{
    if (!crew->looked)
        look(crew);
    crew->looked = true;
    while (crew->at < crew->count) { /* each has its turn once a round, so that none keeps the caller */
        place_t *place = &crew->places[crew->at++];
        if ((place->heard || now_us >= place->due_us) && step(crew, place, now_us, event))
            return true;
    }
    crew->looked = false;
    crew->at = 0;
    for (size_t i = 0; i < crew->count; i++) {
        int64_t due_us = crew->places[i].heard ? now_us : crew->places[i].due_us;
        *next_us = due_us < *next_us ? due_us : *next_us;
    }
    return false;
}

/* ---- around ---- */

size_t crew_poll(const crew_t *crew, struct pollfd *polls)
{
    size_t count = 0;
    for (size_t i = 0; i < crew->count; i++)
        count += worker_poll(crew->places[i].worker, polls + count);
    return count;
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
