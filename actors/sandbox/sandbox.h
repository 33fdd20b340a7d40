/* sandbox: shuts the process in for good, before it reads the first byte from outside.
 *
 * Called once by the process around a stage (actors/skeleton.c), after start and before it says that it is ready. Four
 * protections, each alone of use and none in need of a privilege, so that all work for an ordinary user and in a
 * container without capabilities:
 *
 *     privileges   no_new_privs: nothing that it starts could gain any
 *     limits       of address space, files' size, processes; open files and data are limited by the supervisor already
 *     files        Landlock: read-only on the models, fonts and tables of the libraries (folders.c); nothing else opens
 *     calls        seccomp: the system calls that the stages make (calls.c); no socket, no exec, no open for writing
 *
 * A protection that the kernel does not offer is told, not hidden: whether the work goes on without it is the
 * supervisor's to decide. Nothing here can be undone. Diagnostics: a forbidden call ends the process by SIGSYS after a
 * line on descriptor 2 that names it (without one where it had blocked its signals); a file outside gives EACCES, one
 * for writing EPERM.
 */
#ifndef YOGI_SANDBOX_H
#define YOGI_SANDBOX_H

#include "proto/base/buf.h"

#include <stdbool.h>

enum { SANDBOX_PRIVILEGES = 1, SANDBOX_LIMITS = 2, SANDBOX_FILES = 4, SANDBOX_CALLS = 8 };

typedef struct {
    bool threads;   /* whether a library of the stage starts threads (libde265 does) */
    int channel_fd; /* the only socket that may be spoken on */
} sandbox_plan_t;

/* Enters; returns the protections that could not be had, as SANDBOX_ bits; 0 = all are in force. */
unsigned sandbox_enter(const sandbox_plan_t *plan) __attribute__((warn_unused_result));

/* Appends what is missing in words, with the reason: "files: this kernel has no Landlock (Linux 5.13); …". */
void sandbox_describe(unsigned missing, buf_t *text);

#endif
