/* yogi-broker: routes jobs between owners and stage actors; see loop.h and proto/PROTOCOL.md. Set by the environment
 * alone (yogi config lists it); SIGHUP reads the allow-list again. It says "ready ENDPOINT" on the standard output for
 * each address it listens at. */
#include "loop.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    (void)argv;
    process_t process;
    fault_t fault = {0};
    int code = process_begin(&process, "yogi-broker");
    if (code)
        return code;
    process_hear_reload(&process);
    loop_t *loop = NULL;
    if (argc > 1)
        fault_set(&fault, FAULT_USAGE, "it takes no arguments; it is set by the environment (yogi config)");
    else
        loop = loop_new(&process, &fault);
    if (loop)
        loop_run(loop);
    else
        code = process_fail(&process, &fault);
    loop_destroy(&loop);
    process_end(&process);
    return code;
}
