/* yogi-doctor: what `yogi doctor` runs; see doctor.h. */
#include "deploy/options.h"
#include "doctor.h"
#include "proto/base/output.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { WAIT_S = 5, WAIT_MOST_S = 600 };

static const option_t table[] = {
    {"json", NULL, OPTION_FLAG, offsetof(doctor_options_t, json), 0, 0, NULL,
     "one JSON object: faults, warnings, checks"},
    {"wait", "SECONDS", OPTION_INT, offsetof(doctor_options_t, wait_s), 1, WAIT_MOST_S, NULL,
     "how long brokers may take to answer (5)"},
    {"help", NULL, OPTION_FLAG, offsetof(doctor_options_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static int print_help(void)
{
    buf_t text = {0};
    buf_text(
        &text,
        "Usage: yogi doctor [options]\n"
        "\n"
        "Looks at everything that the system depends on, with the settings of this environment, whether it runs or\n"
        "not: settings, key files, programs, sandbox, limits, clock, models, fonts, the folder of data, database and\n"
        "schema, blobs, ports, brokers and the stages that they have actors for. A line says ok, warning or fault,\n"
        "and what to do. It changes nothing.\n"
        "\n");
    options_help(table, COUNT, &text);
    buf_text(&text, "\nThe exit code is 0 where nothing is at fault (warnings aside), 1 where something is, 2 for a "
                    "wrong command line.\n");
    int code = output_all(STDOUT_FILENO, buf_string(&text), text.size) < 0 ? fault_exit(FAULT_OUTPUT) : 0;
    buf_free(&text);
    return code;
}

/* Not by program_main: that refuses to start with settings that are wrong, which are to be told of here. */
int main(int argc, char **argv)
{
    doctor_options_t options = {.wait_s = WAIT_S};
    fault_t fault = {0};
    int words = 0;
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an answer of write */
    int parsed = options_parse(table, COUNT, argc - 1, argv + 1, &options, &words, &fault);
    if (parsed == 0 && words > 0)
        parsed = fault_set(&fault, FAULT_USAGE, "yogi doctor takes no words; yogi doctor --help tells more");
    if (parsed < 0) {
        fprintf(stderr, "yogi: %s\n", fault.text);
        return fault_exit(fault.code);
    }
    return options.help ? print_help() : doctor_run(&options);
}
