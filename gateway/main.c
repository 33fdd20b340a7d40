/* yogi-gateway: the HTTP interface, the store of documents and timetables, and the owner of their jobs; see gateway.h.
 * Set by the environment alone (yogi config lists it). It says "ready http://ADDRESS:PORT" on the standard output.
 * SIGTERM ends calls under way first. */
#include "gateway.h"
#include "proto/base/clock.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

/* Says to the service manager that the gateway lives. The figures are read under the locks of the threads that do the
 * work, so that one which hangs with its lock held keeps this from being said. */
static void beat(gateway_t *gateway, notify_t *notify)
{
    char status[NOTIFY_STATUS_MOST];
    int64_t now_us = clock_now_us();
    if (!notify_is_due(notify, now_us))
        return;
    http_counts_t http = http_counts(gateway->http);
    outbox_figures_t outbox = outbox_figures(gateway->outbox);
    snprintf(status, sizeof status, "%llu connections, %u runs in hand, %u of %u brokers heard",
             (unsigned long long)http.connections, outbox.jobs, outbox.connected, outbox.brokers);
    notify_beat(notify, status, now_us);
}

/* Milliseconds until the next beat, for poll. */
static int until_beat(const notify_t *notify)
{
    int64_t left_us = notify->next_us - clock_now_us();
    return notify->next_us == INT64_MAX ? -1 : left_us > 0 ? (int)((left_us + 999) / 1000) : 0;
}

/* Until it is told to end. */
static void stand(gateway_t *gateway, process_t *process)
{
    struct pollfd told = {process->signal_fd, POLLIN, 0};
    while (!process_told_to_end(process)) {
        beat(gateway, &process->notify);
        poll(&told, 1, until_beat(&process->notify));
    }
}

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
    notify_ready(&process.notify, "serves HTTP");
    stand(&gateway, &process);
    gateway_close(&gateway, process.settings.drain_seconds * 1000);
    process_end(&process);
    return 0;
}
