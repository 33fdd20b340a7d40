/* limits: the resource limits that a process lowers for itself (setrlimit(2)); they cannot be raised again. */
#ifndef YOGI_SANDBOX_LIMITS_H
#define YOGI_SANDBOX_LIMITS_H

#include <stdbool.h>

/* Address space, size of files, and processes where the stage needs no threads (RLIMIT_NPROC counts both, and those of
 * all processes of the user). 0, or -1 when one is refused. */
int limits_lower(bool threads) __attribute__((warn_unused_result));

#endif
