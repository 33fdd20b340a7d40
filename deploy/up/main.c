/* yogi-up: what `yogi up` runs; see up.h. */
#include "deploy/options.h"
#include "up.h"

#include <stdio.h>

typedef struct {
    const char *data; /* folder; NULL = as the settings say */
    bool help;
} up_options_t;

static const option_t table[] = {
    {"data", "DIR", OPTION_TEXT, offsetof(up_options_t, data), 0, 0, NULL,
     "folder of its data (YOGI_DATA, else $XDG_DATA_HOME/yogi, else ~/.local/share/yogi)"},
    {"help", NULL, OPTION_FLAG, offsetof(up_options_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static int print_help(void)
{
    buf_t text = {0};
    buf_text(
        &text,
        "Usage: yogi up [options]\n"
        "\n"
        "Runs the whole system on this machine until Ctrl-C: a broker, a host of all stages with a worker for each\n"
        "core (YOGI_WORKERS) and a gateway for browsers and programs (http://127.0.0.1:4000; YOGI_PORT, YOGI_BIND),\n"
        "which are started again when they die. yogi submit and yogi stats find it by themselves.\n"
        "A second one needs a folder of data of its own, and commands that are to go there YOGI_DATA=DIR. Others "
        "reach\n"
        "it where YOGI_BROKER_LISTEN is set; yogi config lists all settings.\n"
        "\n");
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
    up_options_t options = {0};
    int operands = 0, parsed = options_parse(table, COUNT, argc - 1, argv + 1, &options, &operands, &fault);
    if (parsed == 0 && operands > 0)
        parsed = fault_set(&fault, FAULT_USAGE, "yogi up takes no files; send them by yogi submit when it is up");
    if (parsed < 0)
        code = process_fail(&process, &fault);
    else if (options.help)
        code = print_help();
    else
        code = up_run(&process, options.data);
    process_end(&process);
    return code;
}
