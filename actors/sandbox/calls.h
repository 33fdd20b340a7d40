/* calls: which system calls the process can still make, by seccomp. The only room that knows libseccomp. */
#ifndef YOGI_SANDBOX_CALLS_H
#define YOGI_SANDBOX_CALLS_H

#include <stdbool.h>

/* Locks; needs no_new_privs before. Messages pass on channel_fd alone; new threads only where the stage has some. 0, or
 * -1 when the kernel or the container's runtime refuses a filter. */
int calls_lock(bool threads, int channel_fd) __attribute__((warn_unused_result));

#endif
