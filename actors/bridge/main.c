/* yogi-bridge [--print-ready]: see bridge.h. Set by the environment (yogi config lists it). */
#include "bridge.h"

#include <string.h>

int main(int argc, char **argv)
{
    process_t process;
    fault_t fault = {0};
    int code = process_begin(&process, "yogi-bridge");
    if (code)
        return code;
    bool print_ready = argc == 2 && strcmp(argv[1], "--print-ready") == 0;
    if (argc > 1 && !print_ready) {
        fault_set(&fault, FAULT_USAGE,
                  "it takes --print-ready alone, and says then when every queue is being fetched; it is set by the "
                  "environment (yogi config)");
        code = process_fail(&process, &fault);
    } else {
        code = bridge_run(&process, print_ready);
    }
    process_end(&process);
    return code;
}
