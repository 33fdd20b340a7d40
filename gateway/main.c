/* yogi-gateway: the HTTP interface, the store of documents and timetables, and the owner of their jobs; see gateway.h.
 * Set by the environment alone (yogi config lists it). It says "ready http://ADDRESS:PORT" on the standard output.
 * SIGTERM ends calls under way first. */
#include "gateway.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    (void)argv;
    process_t process;
    gateway_t gateway;
    fault_t fault = {0};
    int code = process_begin(&process, "yogi-gateway");
    if (code)
        return code;
    if (argc > 1)
        fault_set(&fault, FAULT_USAGE, "it takes no arguments; it is set by the environment (yogi config)");
    if (argc > 1 || gateway_open(&gateway, &process, &fault) < 0) {
        code = process_fail(&process, &fault);
        process_end(&process);
        return code;
    }
    bool v6 = strchr(process.settings.bind, ':');
    printf("ready http://%s%s%s:%d\n", v6 ? "[" : "", process.settings.bind, v6 ? "]" : "", http_port(gateway.http));
    fflush(stdout);
    struct pollfd told = {process.signal_fd, POLLIN, 0};
    while (!process_told_to_end(&process))
        poll(&told, 1, -1);
    gateway_close(&gateway, process.settings.drain_seconds * 1000);
    process_end(&process);
    return 0;
}
