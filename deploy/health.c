/* yogi health: whether the service that keeps its state in the file of YOGI_HEALTH lives. For probes of containers,
 * which need no shell for it.
 */
#include "command.h"
#include "options.h"
#include "proto/base/clock.h"
#include "proto/base/output.h"
#include "proto/base/pulse.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

typedef struct {
    int wait_seconds; /* before it looks */
    bool ready, help;
} asked_t;

/* Longer than any door has to stay open. */
enum { WAIT_MOST = 3600 };

static const option_t table[] = {
    {"ready", NULL, OPTION_FLAG, offsetof(asked_t, ready), 0, 0, NULL, "it must be ready too, and not about to end"},
    {"wait", "SECONDS", OPTION_INT, offsetof(asked_t, wait_seconds), 0, WAIT_MOST, NULL,
     "look after so long: where a container is to go on for a moment before it is told to end"},
    {"help", NULL, OPTION_FLAG, offsetof(asked_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static int say(buf_t *text, int code)
{
    int said = output_all(STDOUT_FILENO, buf_string(text), text->size);
    buf_free(text);
    return said < 0 ? fault_exit(FAULT_OUTPUT) : code;
}

static int help(void)
{
    buf_t text = {0};
    buf_text(&text,
             "Usage: yogi health [--ready]\n\n"
             "Looks at the file of YOGI_HEALTH, which a service keeps its state in, and exits with 0 where that\n"
             "service has given a sign of life lately, with 1 where it has not.\n\n");
    options_help(table, COUNT, &text);
    return say(&text, 0);
}

static int show(const pulse_seen_t *seen, bool must_be_ready)
{
    static const char *const states[] = {"starts", "is ready", "ends"};
    bool good = seen->alive && (!must_be_ready || seen->state == PULSE_READY);
    buf_t text = {0};
    buf_format(&text, "%s: %s, %.1f s ago%s%s\n", seen->alive ? "alive" : "no sign of life", states[seen->state],
               (double)seen->age_us / 1e6, *seen->status ? ": " : "", seen->status);
    return say(&text, good ? 0 : 1);
}

int health_main(const command_t *command, int argc, char **argv)
{
    asked_t asked = {0};
    int operands = 0;
    pulse_seen_t seen;
    fault_t fault = {0};
    int done = options_parse(table, COUNT, argc, argv, &asked, &operands, &fault);
    if (done == 0 && asked.help)
        return help();
    if (done == 0 && asked.wait_seconds)
        poll(NULL, 0, asked.wait_seconds * 1000);
    if (done == 0 && operands)
        done = fault_set(&fault, FAULT_USAGE, "yogi health takes no words");
    else if (done == 0 && !command->settings->health)
        done = fault_set(&fault, FAULT_USAGE,
                         "YOGI_HEALTH is not set: it is the file that the service keeps its state in");
    if (done == 0 && (done = pulse_look(command->settings->health, clock_now_us(), &seen, &fault)) == 0)
        return show(&seen, asked.ready);
    fprintf(stderr, "yogi: %s\n", fault.text);
    return fault.code == FAULT_INPUT ? 1 : fault_exit(fault.code);
}
