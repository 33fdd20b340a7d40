/* child: see child.h: the process, its channel and its end. When which of it is due is child_policy.c. */
#include "child.h"
#include "buf.h"
#include "clock.h"
#include "text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    START_US = 30 * 1000000, /* a child that is not ready by then hangs; loading takes 0.05 s, 2 s under sanitizers */
    STOP_US = 5 * 1000000,   /* time to end by itself after child_stop */
    REST_US = 100 * 1000,    /* first rest of the throttle; doubles with each early death */
    REST_MOST_US = 30 * 1000000, /* longest rest: a repaired installation is in use again half a minute later */
    LOOK_EVERY_US = 100000,      /* resident memory and CPU time are looked at ten times a second */
    CPU_SLACK_S = 60,            /* the kernel's own limit of CPU time stands at least half of this above ours */
    SAID_BYTES = 8192,           /* what is kept of a child's error text: a sanitizer's report fits */
    CHANNEL_FD = 3,              /* the child's end of the channel */
    DATA_FACTOR = 2,             /* private memory allowed by rlimit, in memory_bytes: reserved is not yet resident */
    EXIT_NO_PROGRAM = 127,       /* the shell's code for a program that cannot be started */
    CHILD_FDS_MOST = 64          /* descriptors a child may have open */
};

struct child {
    child_plan_t plan;
    child_terms_t terms;   /* of the policy */
    child_policy_t policy; /* the state, and when it must be over */
    pid_t pid;             /* 0 = none */
    channel_t *channel;    /* NULL = none */
    int error_fd;          /* our end of its descriptor 2; -1 = none */
    buf_t said;            /* the last of what it wrote there */
    int64_t look_due_us;   /* next look at its memory and CPU time */
    clockid_t cpu_clock;   /* its CPU time */
    bool cpu_known;        /* cpu_begin_us is of the job under way */
    int64_t cpu_begin_us;  /* its CPU time at the first look at its job */
    int64_t cpu_limit_s;   /* the kernel's own limit, as it was last set; 0 = not */
    bool spoke;            /* it has sent a frame since the last tick */
    int64_t peak_bytes;    /* largest resident size of any process */
    int64_t last_bytes;    /* of the one that ended last */
    int64_t cpu_us;        /* of processes that ended */
    int status;            /* of the last process, as wait(2) gives it */
    bool ended_badly;      /* told to stop, it did not exit with 0 */
};

static void child_event(child_t *child, child_event_t event, int64_t now_us)
{
    child_policy_event(&child->policy, &child->terms, event, now_us, INT64_MAX);
}

/* ---- life ---- */

child_t *child_new(const child_plan_t *plan)
{
    child_t *child = calloc(1, sizeof *child);
    if (!child)
        abort();
    child->plan = *plan;
    child->terms = (child_terms_t){.start_us = START_US,
                                   .silence_us = plan->job_us,
                                   .stop_us = STOP_US,
                                   .rest_us = REST_US,
                                   .rest_most_us = REST_MOST_US,
                                   .deaths_most = plan->patient ? 0 : CHILD_EARLY_DEATHS_MOST};
    child->error_fd = -1;
    return child;
}

void child_destroy(child_t **child)
{
    if (!child || !*child)
        return;
    child_kill(*child);
    buf_free(&(*child)->said);
    free(*child);
    *child = NULL;
}

static void set_limit(int resource, int64_t value)
{
    struct rlimit limit = {(rlim_t)value, (rlim_t)value};
    setrlimit(resource, &limit); /* a system without the limit still has the watch on resident memory */
}

/* In the child, after fork: only calls that are safe there. Never returns. */
static void become(const child_plan_t *plan, int channel_fd, int error_fd, pid_t parent)
{
    /* both out of the way of 0 to 3 first */
    int channel = fcntl(channel_fd, F_DUPFD, CHANNEL_FD + 1), error = fcntl(error_fd, F_DUPFD, CHANNEL_FD + 1);
    int nothing = open("/dev/null", O_RDWR);
    if (channel < 0 || error < 0 || nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 || dup2(error, 2) < 0 ||
        dup2(channel, CHANNEL_FD) < 0)
        _exit(EXIT_NO_PROGRAM);
    close_range(CHANNEL_FD + 1, ~0u, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_NO_PROGRAM); /* the parent died before the line above */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGINT, SIG_IGN); /* Ctrl-C is the parent's to handle */
    signal(SIGPIPE, SIG_IGN);
    set_limit(RLIMIT_CORE, 0);
    set_limit(RLIMIT_NOFILE, CHILD_FDS_MOST);
#ifndef __SANITIZE_ADDRESS__ /* its shadow memory is private too */
    if (plan->memory_bytes)
        set_limit(RLIMIT_DATA, plan->memory_bytes * DATA_FACTOR);
#endif
    char omp[] = "OMP_THREAD_LIMIT=1", path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8";
    char *environment[3 + CHILD_KEEP_MOST + 1] = {omp, path, locale};
    size_t count = 3;
    for (const char *const *name = plan->keep; name && *name; name++)
        for (char **entry = environ; *entry; entry++)
            if (strncmp(*entry, *name, strlen(*name)) == 0 && (*entry)[strlen(*name)] == '=' &&
                count < 3 + CHILD_KEEP_MOST)
                environment[count++] = *entry;
    execve(plan->program, (char *const *)(uintptr_t)plan->arguments, environment);
    dprintf(2, "%s: %s\n", plan->program, strerror(errno));
    _exit(EXIT_NO_PROGRAM);
}

int child_start(child_t *child, int64_t now_us, fault_t *fault)
{
    if (child_policy_gave_up(&child->policy, &child->terms))
        return fault_set(fault, FAULT_SYSTEM, "%s cannot be started; it last said: %s", child->plan.program,
                         *child_said(child) ? child_said(child) : "nothing");
    int pair[2], error[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return fault_set(fault, FAULT_SYSTEM, "no socket pair for a worker: %s", strerror(errno));
    if (pipe2(error, O_CLOEXEC) < 0) {
        fault_set(fault, FAULT_SYSTEM, "no pipe for a worker: %s", strerror(errno));
        close(pair[0]), close(pair[1]);
        return -1;
    }
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(&child->plan, pair[1], error[1], parent);
    close(pair[1]);
    close(error[1]);
    if (pid < 0) {
        fault_set(fault, FAULT_SYSTEM, "no process for a worker: %s", strerror(errno));
        close(pair[0]), close(error[0]);
        return -1;
    }
    child_event(child, CHILD_START, now_us);
    child->pid = pid;
    child->channel = channel_new(pair[0], child->plan.frame_bytes);
    child->error_fd = error[0];
    fcntl(error[0], F_SETFL, O_NONBLOCK);
    buf_clear(&child->said);
    child->look_due_us = now_us + LOOK_EVERY_US;
    child->cpu_limit_s = 0;
    child->spoke = false;
    if (clock_getcpuclockid(pid, &child->cpu_clock) != 0)
        child->cpu_clock = -1; /* gone already */
    return 0;
}

/* Reads the child's error text; keeps the last SAID_BYTES. */
static void listen_to(child_t *child)
{
    char block[4096];
    for (ssize_t n; child->error_fd >= 0;) {
        n = read(child->error_fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n == 0) {
                close(child->error_fd);
                child->error_fd = -1;
            }
            return;
        }
        buf_add(&child->said, block, (size_t)n);
        if (child->said.size > 2 * SAID_BYTES) {
            size_t drop = child->said.size - SAID_BYTES;
            memmove(child->said.bytes, child->said.bytes + drop, SAID_BYTES + 1);
            child->said.size = SAID_BYTES;
        }
    }
}

/* Kills, reaps and closes; changes the state by the event GONE. */
static void bury(child_t *child)
{
    if (!child->pid)
        return;
    struct rusage usage = {0};
    kill(child->pid, SIGKILL);
    while (wait4(child->pid, &child->status, 0, &usage) < 0 && errno == EINTR)
        ;
    listen_to(child);
    if (child->said.bytes) {
        text_neuter(child->said.bytes);
        child->said.size = strlen(child->said.bytes);
    }
    if (child->error_fd >= 0)
        close(child->error_fd);
    child->error_fd = -1;
    channel_destroy(&child->channel);
    child->pid = 0;
    child->last_bytes = (int64_t)usage.ru_maxrss * 1024;
    child->peak_bytes = child->last_bytes > child->peak_bytes ? child->last_bytes : child->peak_bytes;
    child->cpu_us += (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
                     usage.ru_stime.tv_usec;
    if (child->policy.state == CHILD_ENDING)
        child->ended_badly |= child->status != 0;
    child_event(child, CHILD_GONE, clock_now_us());
}

void child_kill(child_t *child)
{
    bury(child);
}

/* Whether its own words tell of refused memory: the allocators of C++, of our arena and of the sanitizers. */
static bool starved(const child_t *child)
{
    const char *said = buf_string(&child->said);
    return strstr(said, "out of memory") || strstr(said, "bad_alloc") || strstr(said, "out-of-memory");
}

/* Signals that a process does not get by its own mistake: a person, a service manager or the kernel out of memory. */
static bool is_from_outside(int number)
{
    return number == SIGKILL || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
}

static int overspent(const child_t *child, fault_t *fault)
{
    return fault_set(fault, FAULT_TIMEOUT, "the work took more than %lld s of CPU time (YOGI_JOB_CPU_SECONDS)",
                     (long long)(child->plan.cpu_us / 1000000));
}

/* Why a process ended that was not told to: by its status and its last words. -1. */
static int explain(const child_t *child, fault_t *fault)
{
    int number = WIFSIGNALED(child->status) ? WTERMSIG(child->status) : 0;
    if (number == SIGXCPU && child->plan.cpu_us)
        return overspent(child, fault);
    if (number == SIGSYS) {
        const char *said = strstr(child_said(child), "the sandbox forbids");
        return fault_set(fault, FAULT_CRASHED, "the worker was ended by its sandbox%s%.100s", said ? ": " : "",
                         said ? said : "");
    }
    if (number)
        return fault_set(fault, is_from_outside(number) ? FAULT_KILLED : FAULT_CRASHED,
                         "the worker was ended by signal %d (%s)", number, strsignal(number));
    return fault_set(fault, FAULT_CRASHED, "the worker ended in the middle (exit code %d)",
                     WIFEXITED(child->status) ? WEXITSTATUS(child->status) : -1);
}

/* The child has ended by itself or broke the rules: buries it and says what happened. -1. */
static int lost(child_t *child, fault_t *fault)
{
    int64_t limit = child->plan.memory_bytes;
    fault_t broken = *fault;
    child_state_t before = child->policy.state;
    bury(child); /* the kill comes too late to change the ending of one that has closed its end by dying */
    if (before == CHILD_ENDING && broken.code == FAULT_CRASHED)
        return fault_set(fault, FAULT_CANCELLED, "the worker has ended");
    if (starved(child) || (limit && child->last_bytes >= limit))
        return fault_set(fault, FAULT_MEMORY,
                         "the worker needed more than the %lld MB it is allowed (YOGI_WORKER_MEMORY)",
                         (long long)(limit >> 20));
    if (broken.code != FAULT_CRASHED)
        return -1;
    return explain(child, fault);
}

bool child_gave_up(const child_t *child)
{
    return child_policy_gave_up(&child->policy, &child->terms);
}

/* ---- jobs ---- */

void child_ready(child_t *child)
{
    child_event(child, CHILD_READY, 0);
}

/* CPU time of the process so far, us; 0 when it cannot be told. */
static int64_t spent_us(const child_t *child)
{
    struct timespec time;
    return clock_gettime(child->cpu_clock, &time) < 0 ? 0 : (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* Our own watch ends a job that takes too much; the kernel's limit does it where nobody watches. It is of the process
 * and not of a job, so it moves on with the jobs. */
static void limit_cpu(child_t *child, int64_t now_spent_us)
{
    int64_t wanted_s = (now_spent_us + child->plan.cpu_us) / 1000000 + CPU_SLACK_S;
    struct rlimit limit;
    if (wanted_s - CPU_SLACK_S / 2 < child->cpu_limit_s || prlimit(child->pid, RLIMIT_CPU, NULL, &limit) < 0)
        return;
    limit.rlim_cur = (rlim_t)wanted_s < limit.rlim_max ? (rlim_t)wanted_s : limit.rlim_max;
    prlimit(child->pid, RLIMIT_CPU, &limit, NULL);
    child->cpu_limit_s = wanted_s;
}

void child_job(child_t *child, int64_t now_us, int64_t due_us)
{
    child_policy_event(&child->policy, &child->terms, CHILD_JOB, now_us, due_us);
    child->cpu_known = false; /* most jobs are over before the first look */
}

void child_alive(child_t *child, int64_t now_us)
{
    child_policy_alive(&child->policy, now_us);
}

void child_answered(child_t *child)
{
    child_event(child, CHILD_ANSWERED, 0);
}

void child_stop(child_t *child, int64_t now_us)
{
    child_event(child, CHILD_STOP, now_us);
    if (child->policy.state == CHILD_ENDING)
        shutdown(channel_fd(child->channel), SHUT_WR);
}

size_t child_poll(const child_t *child, struct pollfd *polls)
{
    size_t count = 0;
    if (!child->pid)
        return 0;
    polls[count++] =
        (struct pollfd){channel_fd(child->channel), POLLIN | (channel_is_pending(child->channel) ? POLLOUT : 0), 0};
    if (child->error_fd >= 0)
        polls[count++] = (struct pollfd){child->error_fd, POLLIN, 0};
    return count;
}

int child_receive(child_t *child, channel_frame_t *frame, fault_t *fault)
{
    assert(child->pid);
    int got = channel_receive(child->channel, frame, fault);
    child->spoke |= got > 0;
    return got < 0 ? lost(child, fault) : got;
}

/* Resident memory now, bytes; 0 when it cannot be told. */
static int64_t resident(pid_t pid)
{
    char path[40], text[128];
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    const char *second = strchr(text, ' '); /* the first is all that is mapped, the second what is resident */
    return second ? (int64_t)strtoll(second, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}

/* Whether the job under way has taken more CPU time than it may. */
static bool has_spent(child_t *child)
{
    int64_t now_spent_us = spent_us(child);
    if (!child->cpu_known)
        child->cpu_begin_us = now_spent_us;
    child->cpu_known = true;
    limit_cpu(child, now_spent_us);
    return now_spent_us - child->cpu_begin_us > child->plan.cpu_us;
}

/* Memory and CPU time of a busy child, where it is time for a look; lowers *next_us to the time of the next. */
static int look(child_t *child, int64_t now_us, int64_t *next_us, fault_t *fault)
{
    const child_plan_t *plan = &child->plan;
    if (!plan->memory_bytes && !plan->cpu_us)
        return 0;
    if (now_us >= child->look_due_us) {
        child->look_due_us = now_us + LOOK_EVERY_US;
        if (plan->memory_bytes && resident(child->pid) > plan->memory_bytes) {
            bury(child);
            return fault_set(fault, FAULT_MEMORY,
                             "the worker needed more than the %lld MB it is allowed (YOGI_WORKER_MEMORY)",
                             (long long)(plan->memory_bytes >> 20));
        }
        if (plan->cpu_us && has_spent(child)) {
            bury(child);
            return overspent(child, fault);
        }
    }
    *next_us = child->look_due_us < *next_us ? child->look_due_us : *next_us;
    return 0;
}

/* Does what the policy says is due. -1 with the fault when the child is gone. */
static int obey(child_t *child, child_verdict_t verdict, int64_t now_us, fault_t *fault)
{
    if (verdict == CHILD_AWAKE) {
        child_event(child, CHILD_RESTED, now_us);
        return 0;
    }
    bury(child);
    if (verdict == CHILD_SILENT)
        return fault_set(fault, FAULT_TIMEOUT, "nothing was heard of the worker for %lld s (YOGI_JOB_SECONDS)",
                         (long long)(child->plan.job_us / 1000000));
    if (verdict == CHILD_OVERDUE)
        return fault_set(fault, FAULT_TIMEOUT, "the work was not done by its deadline");
    return fault_set(fault, FAULT_TIMEOUT, "the worker did not %s in time",
                     verdict == CHILD_LATE_START ? "start" : "end");
}

int child_tick(child_t *child, int64_t now_us, int64_t *next_us, fault_t *fault)
{
    if (child->policy.state == CHILD_DOWN)
        return 0;
    if (child->pid) {
        if (!child->spoke) /* else what it wrote to descriptor 2 wakes the caller again */
            listen_to(child);
        child->spoke = false;
        fault_t gone;
        /* of one that has closed its end what it said before is received first, then that it has ended: an answer that
         * comes between the last look and this one counts */
        if (channel_flush(child->channel, &gone) < 0 && child->policy.state != CHILD_ENDING &&
            !channel_is_cut(child->channel)) {
            *fault = gone;
            return lost(child, fault);
        }
    }
    child_verdict_t verdict = child_policy_verdict(&child->policy, &child->terms, now_us);
    if (verdict != CHILD_NOTHING)
        return obey(child, verdict, now_us, fault);
    int64_t due_us = child_policy_due(&child->policy, &child->terms);
    *next_us = due_us < *next_us ? due_us : *next_us;
    return child->policy.state == CHILD_BUSY ? look(child, now_us, next_us, fault) : 0;
}

/* ---- what is known of it ---- */

child_state_t child_state(const child_t *child)
{
    return child->policy.state;
}

channel_t *child_channel(child_t *child)
{
    return child->channel;
}

pid_t child_pid(const child_t *child)
{
    return child->pid;
}

const char *child_said(const child_t *child)
{
    return buf_string(&child->said);
}

bool child_ended_badly(const child_t *child)
{
    return child->ended_badly;
}

int64_t child_peak_bytes(const child_t *child)
{
    return child->peak_bytes;
}

int64_t child_cpu_us(const child_t *child)
{
    return child->cpu_us;
}
