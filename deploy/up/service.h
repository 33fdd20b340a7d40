/* service: one child of the supervisor: a program of ours that runs until it is told to end and says when it is ready.
 *
 * A service is not a worker (proto/base/child.h): it keeps its environment and its standard error, opens what it likes
 * and is told to end by SIGTERM. When which of it is due is decided by the same policy, base/child_policy.h; the job by
 * which a service proves itself there is to have been ready for steady_us. One that dies before rests, each time
 * longer.
 *
 * It runs in a process group of its own, so that Ctrl-C reaches the supervisor alone, and is killed by the kernel when
 * the supervisor dies. Nothing here blocks but the moment in which a killed process is reaped.
 */
#ifndef YOGI_DEPLOY_UP_SERVICE_H
#define YOGI_DEPLOY_UP_SERVICE_H

#include "proto/base/child_policy.h"
#include "proto/base/fault.h"

#include <poll.h>
#include <sys/types.h>

/* LINE: what a service says on its standard output, of which longer lines are cut. VARIABLES: set for it. */
enum { SERVICE_LINE = 512, SERVICE_VARIABLES = 6 };

typedef struct {
    const char *name;                   /* for people: "broker" */
    const char *program;                /* the executable beside this one */
    const char *const *arguments;       /* NULL-ended, the program's name first */
    char *variables[SERVICE_VARIABLES]; /* "NAME=value", in place of what it inherits; NULL-ended where fewer */
    const char *ready;                  /* how the line on its standard output begins by which it is ready */
    child_terms_t terms;                /* how long it may take, how long it rests */
    int64_t steady_us;                  /* ready for so long it has proved itself */
    bool reloads;                       /* it reads its lists again on SIGHUP, which would end others */
} service_plan_t;

typedef enum {
    SERVICE_NOTHING,
    SERVICE_READY, /* service_said is its line */
    SERVICE_GONE,  /* it has ended otherwise than by being told; service_cause says how */
    SERVICE_ENDED, /* told to end, it has */
} service_event_t;

typedef struct service service_t;

/* A service that is down. The plan's texts must outlive it. Never NULL. */
service_t *service_new(const service_plan_t *plan);
void service_destroy(service_t **service); /* kills what still runs; takes NULL; nulls the caller's pointer */

/* Starts it (DOWN only). -1 with the fault. */
int service_start(service_t *service, int64_t now_us, fault_t *fault) __attribute__((warn_unused_result));

void service_stop(service_t *service, int64_t now_us); /* SIGTERM, and SIGKILL when it does not end in time */
void service_kill(service_t *service);                 /* at once */

void service_reload(const service_t *service); /* SIGHUP, to one that reloads and is ready */

/* Hears what it says, looks whether it has ended, does what is due; lowers *next_us to the time of the next call
 * needed. The state is DOWN when it is to be started, or has ended. To be called again until it returns
 * SERVICE_NOTHING. */
service_event_t service_step(service_t *service, int64_t now_us, int64_t *next_us);

size_t service_poll(const service_t *service, struct pollfd *poll); /* 0 or 1 descriptors to wait for, beside SIGCHLD */

child_state_t service_state(const service_t *service);
const char *service_name(const service_t *service);
pid_t service_pid(const service_t *service);         /* 0 = none runs */
const char *service_said(const service_t *service);  /* what stood behind `ready`; neutered */
const char *service_cause(const service_t *service); /* "ended by signal 9 (Killed)" */
int service_exit(const service_t *service);          /* exit code of the last process; 9 by a signal, as of a worker */
int64_t service_rest_us(const service_t *service, int64_t now_us); /* until it is started again */

#endif
