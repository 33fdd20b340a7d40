/* yogi-migrate: what `yogi migrate` runs; see migrate.h. */
#include "deploy/program.h"
#include "migrate.h"
#include "queues.h"

/* WAIT: a weekend's queue. */
enum { WAIT_MOST_S = 3 * 86400 };

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
    {"redis", "URL", OPTION_TEXT, offsetof(migrate_options_t, redis), 0, 0, NULL,
     "queues: Redis, as redis://user:password@host:6379/0; else as REDIS_* say"},
    {"queue", "NAME", OPTION_TEXT, offsetof(migrate_options_t, queue), 0, 0, NULL,
     "queues: the old queue (document-processing)"},
    {"prefix", "TEXT", OPTION_TEXT, offsetof(migrate_options_t, prefix), 0, 0, NULL,
     "queues: what the old queue's keys begin with (bull)"},
    {"into", "QUEUE", OPTION_TEXT, offsetof(migrate_options_t, into), 0, 0, NULL,
     "queues: jobs go into this queue of BullMQ, as classification; else they become runs"},
    {"wait", "SECONDS", OPTION_INT, offsetof(migrate_options_t, wait), 1, WAIT_MOST_S, NULL,
     "queues: how long old workers are waited for, and answers of what is checked"},
    {"pause", NULL, OPTION_FLAG, offsetof(migrate_options_t, pause), 0, 0, NULL,
     "queues drain: pause the old queue first, so that its workers only end what they have"},
    {"force", NULL, OPTION_FLAG, offsetof(migrate_options_t, force), 0, 0, NULL,
     "queues carry: though old workers are at work; what they have stays theirs"},
    {"json", NULL, OPTION_FLAG, offsetof(migrate_options_t, json), 0, 0, NULL, "queues: as JSON"},
    {"check", NULL, OPTION_FLAG, offsetof(migrate_options_t, check), 0, 0, NULL,
     "schema: change nothing; the exit code says whether everything is there"},
    {"help", NULL, OPTION_FLAG, offsetof(migrate_options_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static void write_help(buf_t *out)
{
    buf_text(out, "Usage: yogi migrate [schema|plan|run|verify|cutover|queues|rollback|status] [options]\n\n");
    migrate_help(out);
    queues_help(out);
    buf_text(out, "\nOptions:\n");
}

static int run(process_t *process, void *target, char **words, int count)
{
    return migrate_run(process, target, words, count);
}

int main(int argc, char **argv)
{
    migrate_options_t options = {.jobs = 8, .sample = 10, .queue = "document-processing", .prefix = "bull"};
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
