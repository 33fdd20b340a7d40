/* yogi-bridge [--print-ready | --print-start]: see bridge.h. Set by the environment (yogi config lists it). */
#include "bridge.h"

#include <string.h>

int main(int argc, char **argv)
{
    process_t process;
    fault_t fault = {0};
    int code = process_begin(&process, "yogi-bridge");
    if (code)
        return code;
    bridge_says_t says = argc != 2                               ? BRIDGE_SAYS_NOTHING
                         : strcmp(argv[1], "--print-ready") == 0 ? BRIDGE_SAYS_READY
                         : strcmp(argv[1], "--print-start") == 0 ? BRIDGE_SAYS_START
                                                                 : BRIDGE_SAYS_NOTHING;
    if (argc > 1 && says == BRIDGE_SAYS_NOTHING) {
        fault_set(&fault, FAULT_USAGE,
                  "it takes --print-ready alone (a line when every queue is being fetched), or --print-start (when it "
                  "runs); it is set by the "
                  "environment (yogi config)");
        code = process_fail(&process, &fault);
    } else {
        code = bridge_run(&process, says);
    }
    process_end(&process);
    return code;
}
