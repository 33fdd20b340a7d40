/* process: what every service does when it starts and when it is told to end: settings of the environment, a log, and
 * signals as a descriptor for its loop.
 *
 * Used by main of every service. A service says itself that it is ready (notify_ready) and alive (notify_beat). What is
 * wrong goes to the standard error, one line each, and the exit code is fault_exit's.
 */
#ifndef YOGI_PROCESS_H
#define YOGI_PROCESS_H

#include "base/fault.h"
#include "base/log.h"
#include "base/notify.h"
#include "settings.h"

#include <stdbool.h>

/* Plain data; filled by process_begin. Stays where it is: log lines refer to it. */
typedef struct {
    const char *program; /* "yogi-broker" */
    settings_t settings;
    log_t log;       /* to the standard error */
    int signal_fd;   /* SIGTERM and SIGINT come here; readable when there is one */
    notify_t notify; /* to the service manager; it hears from here that this process was told to end, or has failed */
    bool reload;     /* SIGHUP has come and was not told yet */
    arena_t *arena;  /* of the texts in settings */
} process_t;

/* 0, or the exit code after the reasons were written; then nothing is to be ended. */
int process_begin(process_t *process, const char *program) __attribute__((warn_unused_result));
void process_end(process_t *process);

/* SIGHUP is heard from now on, on signal_fd too; it would end the process. Before any thread is started. */
void process_hear_reload(process_t *process);

/* Whether it was told to end, or to read its lists again (SIGHUP), since the last call. Never block. */
bool process_told_to_end(process_t *process);
bool process_told_to_reload(process_t *process);

/* Writes "program: sentence" to the standard error and returns the exit code of the fault. */
int process_fail(const process_t *process, const fault_t *fault);

/* Its name for people: YOGI_NAME, else that of the machine, cut and neutered, into name. Returns name. */
char *process_name(const process_t *process, char *name, size_t size);

/* The path of an executable beside this one into path; -1 with the fault. */
int process_beside(const char *executable, char *path, size_t size, fault_t *fault) __attribute__((warn_unused_result));

#endif
