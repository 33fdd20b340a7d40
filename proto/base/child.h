/* child: one supervised child process that serves jobs on a channel.
 *
 * Used by whoever runs workers (the front command, an actor host), in a poll loop of its own: nothing here blocks but
 * the moment in which a killed process is reaped. The child gets descriptors 0 to 2 (nothing, nothing, and a pipe whose
 * text is kept here), its channel as descriptor 3 and a minimal environment; it dies with its parent.
 *
 * What it decides, by which states, deadlines and rests, is child_policy.h. `gone` comes from the closed channel, a
 * passed deadline, too much memory or CPU time, or a broken message: the process is killed and reaped first.
 */
#ifndef YOGI_BASE_CHILD_H
#define YOGI_BASE_CHILD_H

#include "channel.h"
#include "child_policy.h"

#include <poll.h>
#include <sys/types.h>

typedef struct child child_t;

/* What to run and within which limits. */
typedef struct {
    const char *program;          /* path of the executable */
    const char *const *arguments; /* NULL-ended, the program's name first */
    const char *const *keep;      /* NULL-ended names of environment variables that are passed on; NULL = none */
    int64_t memory_bytes;         /* resident and private memory; 0 = no limit */
    int64_t job_us;               /* longest silence of a child with a job; 0 = no limit */
    int64_t cpu_us;               /* CPU time of one job; 0 = no limit */
    bool patient;                 /* never given up: for a host that runs for months; else CHILD_EARLY_DEATHS_MOST */
    size_t frame_bytes;           /* largest frame */
} child_plan_t;

/* Deaths in a row before a first job after which child_start refuses: three tell a broken installation from bad luck.
 */
enum { CHILD_EARLY_DEATHS_MOST = 3 };

/* Descriptors child_poll may add; environment variables that can be passed on. */
enum { CHILD_POLLS = 2, CHILD_KEEP_MOST = 8 };

/* A child that is down. The plan's texts must outlive it. Never NULL. */
child_t *child_new(const child_plan_t *plan);

/* Kills what still runs, reaps it, frees; takes NULL; nulls the caller's pointer. */
void child_destroy(child_t **child);

child_state_t child_state(const child_t *child);
channel_t *child_channel(child_t *child); /* NULL while DOWN or RESTING */
pid_t child_pid(const child_t *child);    /* 0 while DOWN or RESTING */

/* Starts the process (DOWN only). 0, or -1 with the fault: it cannot be started, or has died too often too early. */
int child_start(child_t *child, int64_t now_us, fault_t *fault) __attribute__((warn_unused_result));

/* Whether it has died too often too early to be started again. */
bool child_gave_up(const child_t *child);

void child_ready(child_t *child); /* the child has said that it is ready */
void child_job(child_t *child, int64_t now_us,
               int64_t due_us);                   /* a job was sent, to be answered by due_us (INT64_MAX: none) */
void child_alive(child_t *child, int64_t now_us); /* a sign of progress: the deadline starts again */
void child_answered(child_t *child);              /* the job is answered */
void child_stop(child_t *child, int64_t now_us);  /* closes our side; the child ends by itself, or is killed soon */

/* Adds the descriptors to wait for to polls (room for CHILD_POLLS) and returns how many. */
size_t child_poll(const child_t *child, struct pollfd *polls);

/* The next frame from the child: 1; 0 when none has come; -1 with the fault when the child is gone: crashed, or it
 * broke the rules and was killed. Never while DOWN or RESTING. */
int child_receive(child_t *child, channel_frame_t *frame, fault_t *fault) __attribute__((warn_unused_result));

/* Flushes the channel, keeps the child's error text, checks deadline, memory and rest, and lowers *next_us to the time
 * at which it wants to be called again. -1 with the fault when the child is gone. */
int child_tick(child_t *child, int64_t now_us, int64_t *next_us, fault_t *fault) __attribute__((warn_unused_result));

/* Kills and reaps the process now; it is DOWN (or RESTING) afterwards. */
void child_kill(child_t *child);

/* The last of what the process that ended last wrote to its descriptor 2; neutered, "" when it wrote nothing. */
const char *child_said(const child_t *child);

/* Whether a process that was told to stop ended otherwise than by exit code 0. */
bool child_ended_badly(const child_t *child);

/* The largest resident size of any process it had, bytes, and the CPU time of those that ended, us. */
int64_t child_peak_bytes(const child_t *child);
int64_t child_cpu_us(const child_t *child);

#endif
