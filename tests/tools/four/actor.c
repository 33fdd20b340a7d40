/* A host as yogi-actor is one, for stages by any name: those of the worker beside it. */
#include "actors/hosting.h"

int main(int argc, char **argv)
{
    process_t process;
    fault_t fault = {0};
    int code = process_begin(&process, "yogi-actor");
    if (code)
        return code;
    hosting_t *hosting = hosting_new(&process, (const char *const *)argv + 1, (size_t)argc - 1, &fault);
    if (!hosting || hosting_run(hosting, &fault) < 0)
        code = process_fail(&process, &fault);
    hosting_destroy(&hosting);
    process_end(&process);
    return code;
}
