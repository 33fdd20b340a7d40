/* noops_actor: a host as yogi-actor is, beside a worker that has the stage noop under several names (noops_worker.c):
 * it takes any names. */
#include "actors/host/loop/hosting.h"

int main(int argc, char **argv)
{
    process_t process;
    fault_t fault = {0};
    int code = process_begin(&process, "yogi-actor");
    if (code)
        return code;
    hosting_t *hosting =
        argc > 1 ? hosting_new(&process, (const char *const *)argv + 1, (size_t)argc - 1, &fault) : NULL;
    if (!hosting || hosting_run(hosting, &fault) < 0)
        code = process_fail(&process, &fault);
    hosting_destroy(&hosting);
    process_end(&process);
    return code;
}
