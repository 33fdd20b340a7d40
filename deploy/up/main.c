/* yogi-up: what `yogi up` runs; see up.h. */
#include "deploy/program.h"
#include "up.h"

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

static void write_help(buf_t *out)
{
    buf_text(
        out,
        "Usage: yogi up [options]\n"
        "\n"
        "Runs the whole system on this machine until Ctrl-C: a broker, a host of all stages with a worker for each\n"
        "core (YOGI_WORKERS) and a gateway for browsers and programs (http://127.0.0.1:4000; YOGI_PORT, YOGI_BIND),\n"
        "which are started again when they die. yogi submit and yogi stats find it by themselves.\n"
        "A second one needs a folder of data of its own, and commands that are to go there YOGI_DATA=DIR. Others "
        "reach\n"
        "it where YOGI_BROKER_LISTEN is set; yogi config lists all settings.\n"
        "\n");
}

static int run(process_t *process, void *target, char **words, int count)
{
    const up_options_t *options = target;
    (void)words, (void)count;
    return up_run(process, options->data);
}

int main(int argc, char **argv)
{
    up_options_t options = {0};
    program_t program = {
        .options = table,
        .option_count = COUNT,
        .target = &options,
        .help = &options.help,
        .write_help = write_help,
        .no_words = "yogi up takes no files; send them by yogi submit when it is up",
        .run = run,
    };
    return program_main(&program, argc, argv);
}
