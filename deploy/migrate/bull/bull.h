/* bull: a queue of Bull 3 or 4 in Redis as it is found: the one that the demo leaves behind.
 *
 *     PREFIX:QUEUE:wait, :paused, :active   lists of ids; the right end of wait is taken next
 *     :delayed                              ids by when they are due; :priority: those in wait that have one
 *     :failed, :completed, :repeat          sets by time; :stalled a set, :id the last number
 *     :meta-paused                          there while the queue is paused; what waits is in :paused then
 *     :ID, :ID:lock, :ID:logs               a job, the lock of the worker that has it, its log
 *
 * For:   `yogi migrate queues`. One thread; every call blocks for as long as it was told. What BullMQ keeps has other
 * keys beside these, and is told from it. Source: OptimalBits/bull, lib/queue.js and lib/commands (of 3.29 and 4.16),
 * whose scripts are not used: those here do less.
 */
#ifndef YOGI_DEPLOY_BULL_H
#define YOGI_DEPLOY_BULL_H

#include "bull_job.h"
#include "proto/process.h"
#include "proto/redis/redis.h"

/* NAME: bytes of a prefix or a queue. */
enum { BULL_NAME_MOST = 200 };

typedef struct {
    const char *prefix, *queue;
    const char *shown; /* "bull:document-processing" */
    redis_place_t place;
    redis_t *redis;
    int64_t wait_ms;  /* for an answer */
    buf_t command;    /* that is being put together */
    arena_t *arena;   /* of its names */
    arena_t *scratch; /* of keys */
} bull_t;

/* Connects to the Redis of the settings. -1 with the fault; to be closed all the same. */
int bull_open(bull_t *bull, const settings_t *settings, const char *prefix, const char *queue, int64_t wait_ms,
              fault_t *fault) __attribute__((warn_unused_result));
void bull_close(bull_t *bull);

/* How the queue stands. */
typedef struct {
    bool there; /* there is any key of it */
    bool is_paused;
    int64_t waiting, paused, delayed, active, failed, completed;
    int64_t repeating; /* jobs that come back by a schedule */
    int64_t locked;    /* of the active ones, those that a worker has now */
    int64_t workers;   /* that are connected; -1 = this user may not ask */
} bull_census_t;

/* -1 with the fault: Redis does not answer, a key is of another type than Bull's, or the queue is BullMQ's. */
int bull_look(bull_t *bull, bull_census_t *census, fault_t *fault) __attribute__((warn_unused_result));

/* A job that has not ended, by its id. */
typedef struct {
    const char *id;
    bull_place_t place;
    int64_t due_ms; /* Unix time; 0 = at once */
} bull_id_t;

typedef struct {
    bull_id_t *list;
    size_t count, room;
} bull_ids_t;

/* All of them, in the order in which Bull would take them; in the arena. */
int bull_ids(bull_t *bull, arena_t *arena, bull_ids_t *ids, fault_t *fault) __attribute__((warn_unused_result));

/* The job itself, in the arena. */
int bull_fetch(bull_t *bull, const bull_id_t *id, arena_t *arena, bull_job_t *job, fault_t *fault)
    __attribute__((warn_unused_result));

/* What tells this job from every other that ever was in any queue, though ids come again: hex digits. */
enum { BULL_MARK_BYTES = 80 };
char *bull_mark(const bull_t *bull, const bull_job_t *job, char mark[BULL_MARK_BYTES]);

/* Takes the job out of all lists, with everything that is kept of it. */
typedef enum { BULL_TAKEN, BULL_LOCKED, BULL_NOT_THERE } bull_taken_t; /* gone; a worker has it; it has ended */
int bull_take(bull_t *bull, const char *id, bull_taken_t *taken, fault_t *fault) __attribute__((warn_unused_result));

/* Adds a job as the demo does, behind those that wait; the id is the caller's own. *added: none of that id was there.
 */
int bull_add(bull_t *bull, const char *id, const char *data, bool *added, fault_t *fault)
    __attribute__((warn_unused_result));

/* Bull's own pause, and its end: workers take nothing more, and what is added waits in :paused. *changed: it was not so
 * before. */
int bull_pause(bull_t *bull, bool *changed, fault_t *fault) __attribute__((warn_unused_result));
int bull_resume(bull_t *bull, bool *changed, fault_t *fault) __attribute__((warn_unused_result));

/* Names of other queues of Bull under the prefix, with commas between; "" = none is found. In the bull's arena. */
const char *bull_others(bull_t *bull);

#endif
