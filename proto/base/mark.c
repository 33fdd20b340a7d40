/* mark: see mark.h. */
#include "mark.h"

#ifdef YOGI_MARKS
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void mark_reach(const char *point)
{
    static atomic_int left = -1; /* hits to go; -1 = not known yet */
    const char *wish = getenv("MARK_KILL");
    size_t length = strlen(point);
    if (!wish || strncmp(wish, point, length) != 0 || (wish[length] && wish[length] != ':'))
        return;
    int unknown = -1;
    atomic_compare_exchange_strong(&left, &unknown, wish[length] ? atoi(wish + length + 1) : 1);
    if (atomic_fetch_sub(&left, 1) == 1)
        kill(getpid(), SIGKILL);
}
#else
typedef int mark_is_compiled_out_t; /* ISO C wants something in every file */
#endif
