/* world: owners, brokers and hosts as they are, run together under a seeded storm in a time of their own: messages are
 * lost, doubled, late and out of order; processes die, freeze and return; links are cut; jobs change owners; clocks
 * leap. After every step the rules of DESIGN.md section 5 are checked. The same seed is the same run.
 */
#ifndef YOGI_TESTS_SIMULATION_WORLD_H
#define YOGI_TESTS_SIMULATION_WORLD_H

#include "proto/jobs/jobs.h"
#include "broker/scheduler.h"
#include "proto/base/chance.h"
#include "proto/base/heap.h"
#include "proto/link.h"

#include <stdbool.h>
#include <stdint.h>

enum { OWNERS = 2, BROKERS = 2, HOSTS = 3, PROCESSES = OWNERS + BROKERS + HOSTS, STAGES = 5, WORKERS_MOST = 16 };

/* The low bits of a job's id are the number of its row. */
#define ROW_MASK UINT64_C(0xFFFFFF)

/* Jobs under way at once: few, so that all of them can be looked at after every step; in one world of five many, for
 * long queues. */
enum { JOBS_FEW = 24, JOBS_MANY = 120 };

typedef enum { PROCESS_OWNER, PROCESS_BROKER, PROCESS_HOST } process_kind_t;
typedef enum { LIFE_ALIVE, LIFE_FROZEN, LIFE_DEAD } life_t;

/* A worker of a host: what it does until when, and the job that is prepared for it meanwhile. */
typedef struct {
    bool busy, fetches;     /* at a job; its stage has documents fetched ahead */
    bool killed;            /* its job was called off */
    bool ahead;             /* one is prepared */
    uint32_t stage;         /* place in the host's options */
    uint32_t job, next_job; /* the host's numbers of them */
    int64_t begun_us;       /* by the host's clock */
    uint64_t serial;        /* of the work, so that an event of an earlier one is known */
    message_t view, next;   /* the JOBs; their slices lie in the host's table */
} worker_t;

typedef struct {
    process_kind_t kind;
    uint32_t number; /* among all processes */
    life_t life;
    uint32_t lives;    /* it has had */
    int64_t until_us;  /* FROZEN, DEAD: world time when that ends */
    int64_t since_us;  /* world time when it began to be away */
    int64_t offset_us; /* its clock is so far ahead of the world's */
    scheduler_t *scheduler;
    uint64_t incarnation; /* of the scheduler */
    link_t *link;
    jobs_t *jobs;
    worker_t workers[WORKERS_MOST];
    uint32_t worker_count;
    bool draining;
    int64_t renew_us; /* owner: when it looks after its leases next */
} process_t;

/* What a document does to those who work on it. */
typedef enum { NATURE_FINE, NATURE_FLAKY, NATURE_BROKEN, NATURE_POISON, NATURE_EXPIRING, NATURE_COUNT } nature_t;

/* The owners' disk: one row for a job, written in transactions. */
typedef struct {
    ident_t id;
    uint64_t epoch;
    uint32_t holder; /* process that has the lease */
    uint8_t held_by; /* owners whose links may know it, bits */
    nature_t nature;
    uint8_t route[STAGES];   /* all of it */
    uint8_t route_count, at; /* stages recorded so far */
    uint8_t url;             /* how fresh its URL is */
    bool record, cancel, ended;
    uint32_t delay_ms, limit_ms; /* before it begins, and for all of it (0 = no limit) */
    uint32_t attempt, crashes, losses, priority;
    uint32_t results; /* that were written: must end at 1 */
    uint32_t body_size;
    uint8_t body[256]; /* url, then 17 bytes for each stage done: stage, token */
    struct {           /* what each broker has given out for it last */
        token_t token;
        uint64_t epoch;
        uint8_t stage; /* STAGES: unknown */
    } given[BROKERS];
} row_t;

typedef enum { HAPPENS_TICK, HAPPENS_DELIVERY, HAPPENS_WORK, HAPPENS_WRITE, HAPPENS_FAULT, HAPPENS_JOB } happens_t;

typedef struct {
    happens_t kind;
    uint32_t from, to; /* processes */
    uint32_t life;     /* of `to`, where it must be the same one */
    uint64_t handle;   /* of the connection it came over; serial of work */
    uint32_t worker;   /* WORK */
    char *bytes;       /* a message, encoded */
    size_t size;
    uint32_t next_free; /* among events that are not in use */
} happening_t;

typedef struct {
    uint64_t seed;
    chance_t chance;
    int64_t now_us;
    uint64_t steps, order;
    int64_t mark_us;      /* time at the last look whether it goes on */
    bool calm;            /* the storm is over: everybody is well */
    bool trace;           /* print everything */
    uint32_t most;        /* jobs under way at once */
    uint32_t loss, twice; /* per mille */
    uint32_t delay_us;    /* most */
    bool orderly;         /* messages of one connection stay in order */
    process_t processes[PROCESSES];
    uint64_t handles[PROCESSES][BROKERS];        /* connection of a peer to a broker */
    int64_t cut_until_us[PROCESSES][BROKERS][2]; /* nothing comes through until then: to the broker, from it */
    int64_t last_us[PROCESSES][PROCESSES];       /* arrival of the last message, where they stay in order */
    uint64_t next_handle, next_serial;
    row_t *rows;
    uint32_t row_count, row_room, alive;
    happening_t *happenings;
    uint32_t happening_room, free;
    heap_places_t places;
    heap_t queue;                                  /* happenings by world time */
    uint64_t hash;                                 /* of everything that happened */
    uint64_t finished, taken_over, kills, freezes; /* for the report */
} world_t;

/* Told when a rule is broken: prints seed, step and what, and ends the process with 1. */
void world_broken(const world_t *world, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

void world_open(world_t *world, uint64_t seed, bool trace);
void world_run(world_t *world,
               uint64_t steps); /* so many steps of storm, then until all is done; broken rules do not return */
void world_close(world_t *world);

/* ---- for the rooms of the simulation ---- */
uint64_t world_below(world_t *world, uint64_t bound);
bool world_chance(world_t *world, uint32_t per_mille);
int64_t world_clock(const world_t *world, const process_t *process); /* its own */
uint32_t world_add(world_t *world, int64_t due_us, happening_t happening);
void world_tick_at(world_t *world, process_t *process, int64_t own_us); /* its next tick, by its own clock */
void world_send(world_t *world, uint32_t from, uint32_t to, uint64_t handle, const message_t *message);
row_t *world_row(const world_t *world, ident_t id);
process_t *world_broker(world_t *world, uint32_t number); /* from 0 */

/* stages as every broker knows them */
extern const char *const world_stages[STAGES];
uint32_t world_stage(slice_t name);

/* Bytes that every stage attaches to its result for this job, a token and more; 0 = none. */
enum { ATTACHMENT_MOST = 64 };
uint32_t world_attachment(ident_t job);

/* ---- owner.c ---- */
void owner_start(world_t *world, process_t *owner);
void owner_stop(process_t *owner);
void owner_receive(world_t *world, process_t *owner, uint32_t broker, const message_t *message);
void owner_tick(world_t *world, process_t *owner);
void owner_write(world_t *world, process_t *owner, const happening_t *happening); /* a delayed write reaches the disk */
void owner_new_job(world_t *world, process_t *owner);
void owner_takes_over(world_t *world, process_t *owner, uint32_t other); /* all jobs of the other one */
void owner_cancels(world_t *world, process_t *owner);                    /* one of its jobs */

/* ---- peers.c: brokers and hosts ---- */
void broker_start(world_t *world, process_t *broker);
void broker_stop(process_t *broker);
void broker_step(world_t *world, process_t *broker, const event_t *event);
void host_start(world_t *world, process_t *host);
void host_stop(process_t *host);
void host_receive(world_t *world, process_t *host, uint32_t broker, const message_t *message);
void host_tick(world_t *world, process_t *host);
void host_work(world_t *world, process_t *host, uint32_t worker, uint64_t serial);
void host_drain(world_t *world, process_t *host);

/* ---- rules.c ---- */
void rules_after_broker(world_t *world, process_t *broker, const event_t *event, const action_t *actions, size_t count);
void rules_result(world_t *world, row_t *row, const message_t *finished); /* an owner is about to write this down */
void rules_at_end(world_t *world);
void rules_explain(const world_t *world,
                   bool ended); /* prints where each job is that has not ended, or is at a broker still */

#endif
