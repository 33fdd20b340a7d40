/* service: see service.h. */
#include "service.h"
#include "proto/base/memory.h"
#include "proto/base/text.h"
#include "proto/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NO_PROGRAM = 127, CAUSE_BYTES = 100, PATH_BYTES = 4096 };

struct service {
    service_plan_t plan;
    child_policy_t policy;   /* the state, and when it must be over */
    pid_t pid;               /* 0 = none */
    int said_fd;             /* our end of its standard output; -1 = none */
    char line[SERVICE_LINE]; /* what of a line has come */
    size_t line_size;
    char said[SERVICE_LINE]; /* behind `ready` */
    bool ready_now;          /* it has said so, and nobody was told */
    int64_t steady_us;       /* when it has proved itself */
    char cause[CAUSE_BYTES]; /* of its end */
    int exit;                /* its exit code */
    bool late;               /* it was killed because it did not start or end in time */
};

static void tell(service_t *service, child_event_t event, int64_t now_us)
{
    child_policy_event(&service->policy, &service->plan.terms, event, now_us, INT64_MAX);
}

service_t *service_new(const service_plan_t *plan)
{
    service_t *service = memory_new(1, sizeof *service);
    service->plan = *plan;
    service->said_fd = -1;
    return service;
}

void service_destroy(service_t **service)
{
    if (!service || !*service)
        return;
    service_kill(*service);
    if ((*service)->said_fd >= 0)
        close((*service)->said_fd);
    free(*service);
    *service = NULL;
}

/* ---- a process ---- */

/* A variable that is set takes the place of itself and of its _FILE. */
static void set_variable(const char *assignment)
{
    char name[128];
    size_t length = strcspn(assignment, "=");
    snprintf(name, sizeof name, "%.*s", (int)length, assignment);
    setenv(name, assignment + length + 1, 1);
    snprintf(name, sizeof name, "%.*s_FILE", (int)length, assignment);
    unsetenv(name);
}

/* In the child. Never returns. This process has one thread, so whatever is called here is safe. */
static void become(const service_plan_t *plan, const char *path, int said_fd, pid_t parent)
{
    int nothing = open("/dev/null", O_RDONLY);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(said_fd, STDOUT_FILENO) < 0)
        _exit(EXIT_NO_PROGRAM); /* the parent died before the line above */
    close_range(STDERR_FILENO + 1, ~0u, 0);
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN); /* its log may go to the terminal though it is not in the foreground */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (size_t i = 0; i < SERVICE_VARIABLES && plan->variables[i]; i++)
        set_variable(plan->variables[i]);
    execv(path, (char *const *)(uintptr_t)plan->arguments);
    dprintf(STDERR_FILENO, "yogi: %s cannot be run: %s\n", path, strerror(errno));
    _exit(EXIT_NO_PROGRAM);
}

int service_start(service_t *service, int64_t now_us, fault_t *fault)
{
    char path[PATH_BYTES];
    int said[2];
    if (process_beside(service->plan.program, path, sizeof path, fault) < 0)
        return -1;
    if (pipe2(said, O_CLOEXEC) < 0)
        return fault_set(fault, FAULT_SYSTEM, "no pipe for the %s: %s", service->plan.name, strerror(errno));
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(&service->plan, path, said[1], parent);
    int cause = errno;
    close(said[1]);
    if (pid < 0) {
        close(said[0]);
        return fault_set(fault, FAULT_SYSTEM, "no process for the %s: %s", service->plan.name, strerror(cause));
    }
    fcntl(said[0], F_SETFL, O_NONBLOCK);
    service->pid = pid;
    service->said_fd = said[0];
    service->line_size = 0;
    service->late = false;
    tell(service, CHILD_START, now_us);
    return 0;
}

static void note_end(service_t *service, int status)
{
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    service->exit = number ? fault_exit(FAULT_CRASHED) : WEXITSTATUS(status);
    if (service->late)
        snprintf(service->cause, sizeof service->cause, "did not %s in time and was killed",
                 service->policy.state == CHILD_ENDING ? "end" : "start");
    else if (number)
        snprintf(service->cause, sizeof service->cause, "was ended by signal %d (%s)", number, strsignal(number));
    else
        snprintf(service->cause, sizeof service->cause, "ended with exit code %d", WEXITSTATUS(status));
}

/* The process has ended, or does now where `wait`. Whether it has. */
static bool reap(service_t *service, bool wait, int64_t now_us)
{
    int status = 0;
    pid_t got;
    while ((got = waitpid(service->pid, &status, wait ? 0 : WNOHANG)) < 0 && errno == EINTR)
        ;
    if (got != service->pid)
        return false;
    service->pid = 0;
    if (service->said_fd >= 0)
        close(service->said_fd);
    service->said_fd = -1;
    service->ready_now = false;
    note_end(service, status);
    tell(service, CHILD_GONE, now_us);
    return true;
}

void service_kill(service_t *service)
{
    if (!service->pid)
        return;
    kill(service->pid, SIGKILL);
    reap(service, true, service->policy.since_us);
}

void service_stop(service_t *service, int64_t now_us)
{
    if (service->policy.state == CHILD_ENDING)
        return;
    tell(service, CHILD_STOP, now_us);
    if (service->pid)
        kill(service->pid, SIGTERM);
}

void service_reload(const service_t *service)
{
    if (service->plan.reloads && service->policy.state == CHILD_IDLE)
        kill(service->pid, SIGHUP);
}

/* ---- what it says ---- */

/* Several such lines in one breath are one: a broker has one for each address. */
static void take_line(service_t *service, int64_t now_us)
{
    const char *ready = service->plan.ready;
    bool first = service->policy.state == CHILD_STARTING;
    if ((!first && !service->ready_now) || strncmp(service->line, ready, strlen(ready)) != 0)
        return;
    size_t size = first ? 0 : strlen(service->said);
    snprintf(service->said + size, sizeof service->said - size, "%s%s", first ? "" : " ",
             service->line + strlen(ready));
    text_neuter(service->said);
    if (!first)
        return;
    tell(service, CHILD_READY, now_us);
    service->steady_us = now_us + service->plan.steady_us;
    service->ready_now = true;
}

static void listen_to(service_t *service, int64_t now_us)
{
    char block[SERVICE_LINE];
    ssize_t n = -1;
    while (service->said_fd >= 0 && (n = read(service->said_fd, block, sizeof block)) > 0)
        for (ssize_t i = 0; i < n; i++)
            if (block[i] == '\n') {
                service->line[service->line_size] = 0;
                take_line(service, now_us);
                service->line_size = 0;
            } else if (service->line_size < sizeof service->line - 1) {
                service->line[service->line_size++] = block[i];
            }
    if (n == 0) { /* it has closed its end; whether it has ended is told by SIGCHLD */
        close(service->said_fd);
        service->said_fd = -1;
    }
}

/* ---- a step ---- */

/* A service that has stood so long has done its job, in the policy's words. */
static void prove(service_t *service, int64_t now_us, int64_t *next_us)
{
    if (service->policy.state != CHILD_IDLE || service->policy.worked)
        return;
    if (now_us >= service->steady_us) {
        tell(service, CHILD_JOB, now_us);
        tell(service, CHILD_ANSWERED, now_us);
    } else if (service->steady_us < *next_us) {
        *next_us = service->steady_us;
    }
}

static service_event_t end_of(child_state_t before)
{
    return before == CHILD_ENDING ? SERVICE_ENDED : SERVICE_GONE;
}

service_event_t service_step(service_t *service, int64_t now_us, int64_t *next_us)
{
    child_state_t before = service->policy.state;
    if (service->pid) {
        listen_to(service, now_us);
        if (reap(service, false, now_us))
            return end_of(before);
    }
    if (service->ready_now) {
        service->ready_now = false;
        return SERVICE_READY;
    }
    child_verdict_t verdict = child_policy_verdict(&service->policy, &service->plan.terms, now_us);
    if (verdict == CHILD_AWAKE) {
        tell(service, CHILD_RESTED, now_us);
    } else if (verdict != CHILD_NOTHING) {
        service->late = true;
        kill(service->pid, SIGKILL);
        reap(service, true, now_us);
        return end_of(before);
    }
    prove(service, now_us, next_us);
    int64_t due_us = child_policy_due(&service->policy, &service->plan.terms);
    *next_us = due_us < *next_us ? due_us : *next_us;
    return SERVICE_NOTHING;
}

size_t service_poll(const service_t *service, struct pollfd *poll)
{
    if (service->said_fd < 0)
        return 0;
    *poll = (struct pollfd){service->said_fd, POLLIN, 0};
    return 1;
}

/* ---- what is known of it ---- */

child_state_t service_state(const service_t *service)
{
    return service->policy.state;
}

const char *service_name(const service_t *service)
{
    return service->plan.name;
}

pid_t service_pid(const service_t *service)
{
    return service->pid;
}

const char *service_said(const service_t *service)
{
    return service->said;
}

const char *service_cause(const service_t *service)
{
    return service->cause;
}

int service_exit(const service_t *service)
{
    return service->exit;
}

int64_t service_rest_us(const service_t *service, int64_t now_us)
{
    int64_t left_us = service->policy.state == CHILD_RESTING ? service->policy.rested_us - now_us : 0;
    return left_us > 0 ? left_us : 0;
}
