/* check_machine: what the machine and its kernel offer: our programs, the sandbox, limits, the clock. */
#include "actors/sandbox/sandbox.h"
#include "checks.h"
#include "proto/worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* FILES: a gateway with a thousand connections, its threads, database and spool, and room. PROCESSES: hosts, workers
 * and their threads. */
enum { FILES_LEAST = 256, FILES_GOOD = 4096, PROCESSES_GOOD = 256 };

/* 2025: no clock that is right has been before it since this program was written. */
static const time_t WRITTEN = 1735689600;

/* ---- programs ---- */

void check_programs(doctor_t *doctor)
{
    static const char *const names[] = {"yogi",         "yogi-worker", "yogi-actor",   "yogi-broker",
                                        "yogi-gateway", "yogi-up",     "yogi-submit",  "yogi-stats",
                                        "yogi-keys",    "yogi-tokens", "yogi-migrate", "yogi-logs"};
    enum { COUNT = sizeof names / sizeof *names };
    char path[PATH_MAX];
    fault_t fault = {0};
    size_t there = 0;
    for (size_t i = 0; i < COUNT; i++)
        if (process_beside(names[i], path, sizeof path, &fault) < 0)
            doctor_fault(doctor, NULL, &fault);
        else if (access(path, X_OK) < 0)
            doctor_note(doctor, LEVEL_FAULT, "install all programs of Yogi into one folder, executable", "%s: %s", path,
                        strerror(errno));
        else
            there++;
    if (there == COUNT)
        doctor_note(doctor, LEVEL_OK, NULL, "all %zu stand beside this one, %.*s", there,
                    (int)(strrchr(path, '/') - path), path);
}

/* ---- sandbox ---- */

/* What a worker would go without here: a child shuts itself in as one does, and says so as it ends. -1: it cannot be
 * told.
 */
static int try_sandbox(void)
{
    int channel[2], status = 0;
    if (pipe(channel) < 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        sandbox_plan_t plan = {.threads = true, .channel_fd = channel[1]};
        _exit((int)sandbox_enter(&plan));
    }
    close(channel[0]);
    close(channel[1]);
    if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

void check_sandbox(doctor_t *doctor)
{
    bool strict = doctor->process.settings.sandbox == WORKER_STRICT;
    if (doctor->process.settings.sandbox == WORKER_OPEN) {
        doctor_note(doctor, LEVEL_WARNING, "it is for measuring alone; remove the setting",
                    "YOGI_SANDBOX=off: workers are not shut in");
        return;
    }
    buf_t missing = {0};
    int lacks = try_sandbox();
    if (lacks > 0)
        sandbox_describe((unsigned)lacks, &missing);
    if (lacks < 0)
        doctor_note(doctor, LEVEL_FAULT, "look whether this system forbids processes",
                    "no process could be shut in for a trial");
    else if (lacks && strict)
        doctor_note(doctor, LEVEL_FAULT,
                    "with YOGI_SANDBOX=strict nothing is read here; use another kernel or runtime, or set it to on",
                    "not in force: %s", missing.bytes);
    else if (lacks)
        doctor_note(doctor, LEVEL_WARNING, "workers go on without it", "not in force: %s", missing.bytes);
    else
        doctor_note(doctor, LEVEL_OK, NULL, "seccomp, Landlock, limits and no_new_privs are in force");
    buf_free(&missing);
}

/* ---- limits ---- */

static void check_files(doctor_t *doctor, const struct rlimit *files)
{
    if (files->rlim_cur < FILES_LEAST)
        doctor_note(doctor, LEVEL_FAULT, "ulimit -n 4096, or LimitNOFILE= of the service",
                    "a process may have %llu files open", (unsigned long long)files->rlim_cur);
    else if (files->rlim_cur < FILES_GOOD)
        doctor_note(doctor, LEVEL_WARNING, "for many clients at once: ulimit -n 4096, or LimitNOFILE= of the service",
                    "a process may have %llu files open, and a gateway as many connections less a few",
                    (unsigned long long)files->rlim_cur);
    else
        doctor_note(doctor, LEVEL_OK, NULL, "a process may have %llu files open", (unsigned long long)files->rlim_cur);
}

void check_limits(doctor_t *doctor)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        check_files(doctor, &limit);
    if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur < PROCESSES_GOOD)
        doctor_note(doctor, LEVEL_WARNING, "ulimit -u 4096, or LimitNPROC= of the service",
                    "this user may have %llu processes and threads; hosts need some for each worker",
                    (unsigned long long)limit.rlim_cur);
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        doctor_note(doctor, LEVEL_WARNING, "ulimit -f unlimited, or LimitFSIZE= of the service",
                    "no file may be longer than %llu bytes, databases too", (unsigned long long)limit.rlim_cur);
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        doctor_note(doctor, LEVEL_WARNING, "ulimit -v unlimited; workers limit themselves (YOGI_WORKER_MEMORY)",
                    "a process may have %llu MB of addresses", (unsigned long long)limit.rlim_cur >> 20);
}

/* ---- clock ---- */

void check_clock(doctor_t *doctor)
{
    struct timex state = {0};
    if (time(NULL) < WRITTEN)
        doctor_note(doctor, LEVEL_FAULT, "set it, or let the system do so (systemd-timesyncd, chrony)",
                    "the clock is before the year 2025");
    else if (adjtimex(&state) == TIME_ERROR && state.status & STA_UNSYNC)
        doctor_note(doctor, LEVEL_WARNING,
                    "signed requests to S3 fail from 15 minutes on; let the system set it (systemd-timesyncd, chrony)",
                    "the kernel does not know that anybody keeps the clock right");
    else
        doctor_note(doctor, LEVEL_OK, NULL, "it is kept right");
}
