/* yogi-stats: what `yogi stats` runs; see stats.h. */
#include "deploy/options.h"
#include "stats.h"

#include <stdio.h>

enum { WAIT_S = 5, WAIT_MOST_S = 3600 };

static const option_t table[] = {
    {"json", NULL, OPTION_FLAG, offsetof(stats_options_t, json), 0, 0, NULL, "a line of JSON for each broker"},
    {"once", NULL, OPTION_FLAG, offsetof(stats_options_t, once), 0, 0, NULL, "the table once, on a terminal too"},
    {"wait", "SECONDS", OPTION_INT, offsetof(stats_options_t, wait), 1, WAIT_MOST_S, NULL,
     "how long a broker may take to answer (5)"},
    {"help", NULL, OPTION_FLAG, offsetof(stats_options_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static int print_help(void)
{
    buf_t text = {0};
    buf_text(&text, "Usage: yogi stats [options]\n\nShows what the brokers (YOGI_BROKERS) have in hand and have done; "
                    "on a terminal "
                    "anew each second, until q or\nCtrl-C.\n\n");
    options_help(table, COUNT, &text);
    int code = fputs(buf_string(&text), stdout) < 0 || fflush(stdout) != 0 ? fault_exit(FAULT_OUTPUT) : 0;
    buf_free(&text);
    return code;
}

int main(int argc, char **argv)
{
    process_t process;
    fault_t fault = {0};
    int code = process_begin(&process, "yogi");
    if (code)
        return code;
    stats_options_t options = {.wait = WAIT_S};
    int operands = 0, parsed = options_parse(table, COUNT, argc - 1, argv + 1, &options, &operands, &fault);
    if (parsed == 0 && operands > 0)
        parsed = fault_set(&fault, FAULT_USAGE, "yogi stats takes no files; yogi stats --help tells more");
    if (parsed < 0)
        code = process_fail(&process, &fault);
    else if (options.help)
        code = print_help();
    else
        code = stats_run(&process, &options);
    process_end(&process);
    return code;
}
