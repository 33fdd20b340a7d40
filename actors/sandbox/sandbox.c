/* sandbox: see sandbox.h. The order matters: each step forbids what the one before it needs. */
#include "sandbox.h"
#include "calls.h"
#include "folders.h"
#include "limits.h"

#include <sys/prctl.h>

unsigned sandbox_enter(const sandbox_plan_t *plan)
{
    unsigned missing = 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        missing |= SANDBOX_PRIVILEGES;
    if (folders_lock() < 0)
        missing |= SANDBOX_FILES;
    if (limits_lower(plan->threads) < 0)
        missing |= SANDBOX_LIMITS;
    if (calls_lock(plan->threads, plan->channel_fd) < 0)
        missing |= SANDBOX_CALLS;
    return missing;
}

void sandbox_describe(unsigned missing, buf_t *text)
{
    static const struct {
        unsigned bit;
        const char *words;
    } rows[] = {
        {SANDBOX_PRIVILEGES, "privileges (no_new_privs is refused here)"},
        {SANDBOX_FILES,
         "files (no Landlock: it needs Linux 5.13 or later with landlock among its LSMs, and a container "
         "runtime that lets it through)"},
        {SANDBOX_LIMITS, "limits (setrlimit is refused here)"},
        {SANDBOX_CALLS, "system calls (no seccomp filter: the kernel or the container runtime refuses it)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (missing & rows[i].bit)
            buf_format(text, "%s%s", text->size ? "; " : "", rows[i].words);
}
