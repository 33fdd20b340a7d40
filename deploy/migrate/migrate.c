/* migrate: see migrate.h. */
#include "migrate.h"
#include "deploy/options.h"
#include "deploy/program.h"
#include "gateway/move/move.h"
#include "proto/base/output.h"
#include "queues.h"
#include "schema.h"
#include "terminal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef int command_run_fn(const move_options_t *options, buf_t *out, fault_t *fault);

typedef struct {
    const char *name;
    command_run_fn *run; /* NULL: another file's, by its name */
    const char *help;
} command_row_t;

static const command_row_t commands[] = {
    {"schema", NULL, "bring the schema of the database up to date (also without a word); gateways may be at work"},
    {"plan", move_plan, "read only: rows, bytes and time, what would not fit, what stands in the way"},
    {"run", move_run, "copy rows and files, while the source is in use; again: what has changed since"},
    {"verify", move_verify, "compare both sides, row by row and file by file"},
    {"cutover", move_cutover, "copy the last changes with the source fenced against writing, and check"},
    {"queues", NULL, "what waits in the demo's queue (Bull 3 or 4 in Redis) goes on here; see below"},
    {"rollback", move_rollback, "bring everything back, with what was written since, and fence the new side"},
    {"status", move_status, "how far the move is, and whether going back would lose anything"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

void migrate_help(buf_t *out)
{
    for (size_t i = 0; i < COMMANDS; i++)
        buf_format(out, "  %-10s %s\n", commands[i].name, commands[i].help);
}

static const command_row_t *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int refuse(const char *typed, fault_t *fault)
{
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    const char *nearest = options_nearest(typed, names, COMMANDS);
    return fault_set(fault, FAULT_USAGE, "yogi migrate has no command %s; %s%s", typed,
                     nearest ? "did you mean " : "yogi migrate --help lists them", nearest ? nearest : "");
}

/* "20M" as bytes. */
static int parse_limit(const char *text, int64_t *bytes, fault_t *fault)
{
    static const char units[] = "KMG";
    char *end = NULL;
    *bytes = 0;
    if (!text)
        return 0;
    double number = strtod(text, &end);
    const char *unit = *end ? strchr(units, *end) : NULL;
    for (const char *u = units; unit && u <= unit; u++)
        number *= 1024;
    if (end == text || (*end && (!unit || end[1])) || !(number >= 1024) || number > 1e15)
        return fault_set(fault, FAULT_USAGE, "--limit wants bytes a second, as 20M, not \"%s\"", text);
    *bytes = (int64_t)number;
    return 0;
}

/* What the move is shown on and stopped by. */
typedef struct {
    terminal_t terminal;
    process_t *process;
    atomic_bool stopped; /* somebody has sent SIGINT or SIGTERM */
} watch_t;

static void on_progress(void *user, const move_progress_t *progress)
{
    terminal_show(&((watch_t *)user)->terminal, progress);
}

/* The first one to ask takes the signal; it counts for all. */
static bool is_stopped(void *user)
{
    watch_t *watch = user;
    if (process_told_to_end(watch->process))
        atomic_store(&watch->stopped, true);
    return atomic_load(&watch->stopped);
}

/* What gateway/move is asked for. */
static int want(const migrate_options_t *options, watch_t *watch, move_options_t *wanted, fault_t *fault)
{
    *wanted = (move_options_t){.from = options->from,
                               .from_blobs = options->from_blobs,
                               .to = options->to,
                               .to_blobs = options->to_blobs,
                               .work = options->work,
                               .drop = options->drop,
                               .report = options->report,
                               .quarantine = options->quarantine,
                               .allow_missing = options->allow_missing,
                               .full = options->full,
                               .sample = options->sample,
                               .jobs = options->jobs,
                               .settings = &watch->process->settings,
                               .progress = on_progress,
                               .stopped = is_stopped,
                               .user = watch};
    return parse_limit(options->limit, &wanted->most_bytes_s, fault);
}

/* row NULL: the queues. */
static int move(process_t *process, const migrate_options_t *options, const command_row_t *row, char **words, int count)
{
    watch_t watch = {.process = process};
    buf_t out = {0};
    fault_t fault = {0};
    move_options_t wanted;
    if (want(options, &watch, &wanted, &fault) < 0)
        return process_fail(process, &fault);
    terminal_begin(&watch.terminal);
    int done =
        row ? row->run(&wanted, &out, &fault) : queues_run(process, options, &wanted, words, count, &out, &fault);
    terminal_end(&watch.terminal);
    int code = program_print(&out);
    return done < 0 ? process_fail(process, &fault) : code ? code : done;
}

/* Options that mean something to the queues alone. */
static bool has_queue_options(const migrate_options_t *options)
{
    return options->redis || options->into || options->wait || options->pause || options->force || options->json;
}

static int check_words(const command_row_t *row, const migrate_options_t *options, char **words, int count,
                       fault_t *fault)
{
    bool queues = strcmp(row->name, "queues") == 0, schema = strcmp(row->name, "schema") == 0;
    if (count > 1 && !queues)
        return fault_set(fault, FAULT_USAGE, "yogi migrate %s takes no %s; --help tells more", row->name, words[1]);
    if (!schema && options->check)
        return fault_set(fault, FAULT_USAGE, "--check belongs to yogi migrate schema; see yogi migrate plan");
    if (!queues && has_queue_options(options))
        return fault_set(fault, FAULT_USAGE,
                         "--redis, --into, --wait, --pause, --force and --json belong to yogi migrate queues");
    return 0;
}

int migrate_run(process_t *process, const migrate_options_t *options, char **words, int count)
{
    fault_t fault = {0};
    const command_row_t *row = find(count ? words[0] : "schema");
    if (!row)
        refuse(words[0], &fault);
    if (!row || check_words(row, options, words, count, &fault) < 0)
        return process_fail(process, &fault);
    if (strcmp(row->name, "schema") == 0)
        return schema_run(process, options->check);
    return row->run ? move(process, options, row, NULL, 0) : move(process, options, NULL, words + 1, count - 1);
}
