/* yogi-migrate: what `yogi migrate` runs; see migrate.h. */
#include "deploy/program.h"
#include "migrate.h"

static const option_t table[] = {
    {"from", "STORE", OPTION_TEXT, offsetof(migrate_options_t, from), 0, 0, NULL,
     "where the rows are: sqlite:FILE or postgres:URL"},
    {"from-blobs", "FILES", OPTION_TEXT, offsetof(migrate_options_t, from_blobs), 0, 0, NULL,
     "where the files are: file:DIR or s3://BUCKET/PREFIX"},
    {"to", "STORE", OPTION_TEXT, offsetof(migrate_options_t, to), 0, 0, NULL,
     "where the rows go; else as DATABASE_URL, POSTGRES_* or YOGI_DATA say"},
    {"to-blobs", "FILES", OPTION_TEXT, offsetof(migrate_options_t, to_blobs), 0, 0, NULL,
     "where the files go; else as S3_BUCKET or YOGI_DATA say"},
    {"work", "DIR", OPTION_TEXT, offsetof(migrate_options_t, work), 0, 0, NULL,
     "folder of the move's journal; else \"move\" in YOGI_DATA"},
    {"drop", "NAMES", OPTION_TEXT, offsetof(migrate_options_t, drop), 0, 0, NULL,
     "tables and columns (table.column) that stay behind, a comma between"},
    {"quarantine", NULL, OPTION_FLAG, offsetof(migrate_options_t, quarantine), 0, 0, NULL,
     "values that do not fit may stay behind, in a file of the journal"},
    {"allow-missing", NULL, OPTION_FLAG, offsetof(migrate_options_t, allow_missing), 0, 0, NULL,
     "documents whose files are missing are carried without them"},
    {"jobs", "N", OPTION_INT, offsetof(migrate_options_t, jobs), 1, 64, NULL, "files at once (8)"},
    {"limit", "BYTES", OPTION_TEXT, offsetof(migrate_options_t, limit), 0, 0, NULL,
     "most bytes of files a second, as 20M; none at first"},
    {"sample", "N", OPTION_INT, offsetof(migrate_options_t, sample), 1, 1000000, NULL,
     "a check reads every Nth file on both sides (10)"},
    {"full", NULL, OPTION_FLAG, offsetof(migrate_options_t, full), 0, 0, NULL, "a check reads every file"},
    {"report", "DIR", OPTION_TEXT, offsetof(migrate_options_t, report), 0, 0, NULL,
     "where report.json and report.html go; else beside the journal"},
    {"check", NULL, OPTION_FLAG, offsetof(migrate_options_t, check), 0, 0, NULL,
     "schema: change nothing; the exit code says whether everything is there"},
    {"help", NULL, OPTION_FLAG, offsetof(migrate_options_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static void write_help(buf_t *out)
{
    buf_text(out, "Usage: yogi migrate [schema|plan|run|verify|cutover|queues|rollback|status] [options]\n\n");
    migrate_help(out);
    buf_text(out, "\nOptions:\n");
}

static int run(process_t *process, void *target, char **words, int count)
{
    return migrate_run(process, target, words, count);
}

int main(int argc, char **argv)
{
    migrate_options_t options = {.jobs = 8, .sample = 10};
    program_t program = {
        .options = table,
        .option_count = COUNT,
        .target = &options,
        .help = &options.help,
        .write_help = write_help,
        .closing = "\nWhere --from and the like are left out, the journal's last ones are meant.\n",
        .run = run,
    };
    return program_main(&program, argc, argv);
}
