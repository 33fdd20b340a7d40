/* yogi-migrate: what `yogi migrate` runs; see migrate.h. */
#include "deploy/program.h"
#include "migrate.h"

static const option_t table[] = {
    {"check", NULL, OPTION_FLAG, offsetof(migrate_options_t, check), 0, 0, NULL,
     "change nothing; the exit code says whether everything is there"},
    {"help", NULL, OPTION_FLAG, offsetof(migrate_options_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static void write_help(buf_t *out)
{
    buf_text(
        out,
        "Usage: yogi migrate [options]\n\nBrings the schema of the database (DATABASE_URL, POSTGRES_*, or the file "
        "in YOGI_DATA) up to date.\nIt may run beside gateways at work, and several at once.\n\n");
}

static int run(process_t *process, void *target, char **words, int count)
{
    (void)words, (void)count;
    return migrate_run(process, target);
}

int main(int argc, char **argv)
{
    migrate_options_t options = {0};
    program_t program = {
        .options = table,
        .option_count = COUNT,
        .target = &options,
        .help = &options.help,
        .write_help = write_help,
        .no_words = "yogi migrate takes no files; yogi migrate --help tells more",
        .run = run,
    };
    return program_main(&program, argc, argv);
}
