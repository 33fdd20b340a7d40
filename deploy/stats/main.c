/* yogi-stats: what `yogi stats` runs; see stats.h. */
#include "deploy/program.h"
#include "stats.h"

enum { WAIT_S = 5, WAIT_MOST_S = 3600 };

static const option_t table[] = {
    {"json", NULL, OPTION_FLAG, offsetof(stats_options_t, json), 0, 0, NULL, "a line of JSON for each broker"},
    {"once", NULL, OPTION_FLAG, offsetof(stats_options_t, once), 0, 0, NULL, "the table once, on a terminal too"},
    {"wait", "SECONDS", OPTION_INT, offsetof(stats_options_t, wait), 1, WAIT_MOST_S, NULL,
     "how long a broker may take to answer (5)"},
    {"help", NULL, OPTION_FLAG, offsetof(stats_options_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static void write_help(buf_t *out)
{
    buf_text(out, "Usage: yogi stats [options]\n\nShows what the brokers (YOGI_BROKERS) have in hand and have done; "
                  "on a terminal "
                  "anew each second, until q or\nCtrl-C.\n\n");
}

static int run(process_t *process, void *target, char **words, int count)
{
    (void)words, (void)count;
    return stats_run(process, target);
}

int main(int argc, char **argv)
{
    stats_options_t options = {.wait = WAIT_S};
    program_t program = {
        .options = table,
        .option_count = COUNT,
        .target = &options,
        .help = &options.help,
        .write_help = write_help,
        .no_words = "yogi stats takes no files; yogi stats --help tells more",
        .run = run,
    };
    return program_main(&program, argc, argv);
}
