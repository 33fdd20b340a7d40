/* yogi-queue: what `yogi queue` runs: BullMQ's queues for who looks after them. */
#include "census.h"
#include "deploy/program.h"
#include "jobs.h"
#include "proto/base/memory.h"
#include "selftest.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    bool json, delayed, help;
    int wait; /* seconds */
} asked_t;

enum { WAIT_S = 10, WAIT_MOST_S = 3600 };

static const option_t table[] = {
    {"json", NULL, OPTION_FLAG, offsetof(asked_t, json), 0, 0, NULL, "JSON, a line for each queue, job or hop"},
    {"delayed", NULL, OPTION_FLAG, offsetof(asked_t, delayed), 0, 0, NULL, "drain: those too that wait for their time"},
    {"wait", "SECONDS", OPTION_INT, offsetof(asked_t, wait), 1, WAIT_MOST_S, NULL,
     "how long Redis may take to answer, and a job of selftest to come back (10)"},
    {"help", NULL, OPTION_FLAG, offsetof(asked_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static void write_help(buf_t *out)
{
    buf_text(
        out,
        "Usage: yogi queue ls [QUEUE...]           how queues stand: all that Redis has, or these\n"
        "       yogi queue show [QUEUE] JOB        everything that is known of a job\n"
        "       yogi queue retry QUEUE [JOB...]    lets failed jobs run again: all, or these\n"
        "       yogi queue drain QUEUE             takes the jobs away that wait\n"
        "       yogi queue selftest [QUEUE]        puts a job that does nothing through a queue of the stage noop\n\n"
        "The queues of BullMQ in the Redis of the settings (yogi config: REDIS_*, YOGI_BULLMQ_*).\n\n");
}

/* Does a command with its words; 1: it ran, and what it found is bad. */
typedef int act_fn(office_t *office, char **words, int count, const asked_t *asked, buf_t *out, fault_t *fault);

static int act_ls(office_t *office, char **words, int count, const asked_t *asked, buf_t *out, fault_t *fault)
{
    const char *names[OFFICE_QUEUES_MOST];
    size_t many = (size_t)count;
    if (many > OFFICE_QUEUES_MOST)
        return fault_set(fault, FAULT_USAGE, "more than %d queues", OFFICE_QUEUES_MOST);
    for (int i = 0; i < count; i++)
        names[i] = words[i];
    if (count == 0 && office_queues(office, names, &many, fault) < 0)
        return -1;
    census_t *rows = memory_new(many ? many : 1, sizeof *rows);
    int done = 0;
    for (size_t i = 0; i < many && done == 0; i++)
        done = census_take(office, names[i], &rows[i], fault);
    if (done == 0)
        (asked->json ? census_json : census_table)(rows, many, out);
    free(rows);
    return done;
}

static int act_show(office_t *office, char **words, int count, const asked_t *asked, buf_t *out, fault_t *fault)
{
    return jobs_show(office, count == 2 ? words[0] : NULL, words[count - 1], asked->json, out, fault);
}

static int act_retry(office_t *office, char **words, int count, const asked_t *asked, buf_t *out, fault_t *fault)
{
    return jobs_retry(office, words[0], words + 1, (size_t)count - 1, asked->json, out, fault);
}

static int act_drain(office_t *office, char **words, int count, const asked_t *asked, buf_t *out, fault_t *fault)
{
    (void)count;
    return jobs_drain(office, words[0], asked->delayed, asked->json, out, fault);
}

static int act_selftest(office_t *office, char **words, int count, const asked_t *asked, buf_t *out, fault_t *fault)
{
    return selftest_run(office, count ? words[0] : NULL, asked->json, out, fault);
}

static const struct {
    const char *name;
    act_fn *act;
    int least, most; /* words behind it */
    const char *wants;
} commands[] = {{"ls", act_ls, 0, OFFICE_QUEUES_MOST, "names of queues"},
                {"show", act_show, 1, 2, "a job, or a queue and a job"},
                {"retry", act_retry, 1, OFFICE_QUEUES_MOST, "a queue, and jobs where not all are meant"},
                {"drain", act_drain, 1, 1, "one queue"},
                {"selftest", act_selftest, 0, 1, "one queue at most"}};
enum { COMMANDS = sizeof commands / sizeof *commands };

static int find(char **words, int count, size_t *found, fault_t *fault)
{
    size_t i = 0;
    while (count > 0 && i < COMMANDS && strcmp(words[0], commands[i].name) != 0)
        i++;
    if (count == 0 || i == COMMANDS)
        return fault_set(fault, FAULT_USAGE, "%s%.60s%s; yogi queue --help tells more",
                         count ? "there is no yogi queue " : "ls, show, retry, drain or selftest?",
                         count ? words[0] : "", count ? ", but ls, show, retry, drain and selftest" : "");
    if (count - 1 < commands[i].least || count - 1 > commands[i].most)
        return fault_set(fault, FAULT_USAGE, "yogi queue %s takes %s; yogi queue --help tells more", words[0],
                         commands[i].wants);
    *found = i;
    return 0;
}

static int run(process_t *process, void *target, char **words, int count)
{
    const asked_t *asked = target;
    fault_t fault = {0};
    buf_t out = {0};
    office_t office = {.redis = NULL};
    size_t found = 0;
    int done = find(words, count, &found, &fault);
    if (done == 0)
        done = office_open(&office, process, asked->wait * 1000LL, &fault);
    if (done == 0)
        done = commands[found].act(&office, words + 1, count - 1, asked, &out, &fault);
    office_close(&office);
    int code = done < 0 && out.size ? program_print(&out) : 0; /* hops that were made before the one that failed */
    if (done < 0)
        return program_end(process, done, &fault, &out);
    code = program_end(process, 0, &fault, &out);
    return code ? code : done;
}

int main(int argc, char **argv)
{
    asked_t asked = {.wait = WAIT_S};
    program_t program = {
        .options = table,
        .option_count = COUNT,
        .target = &asked,
        .help = &asked.help,
        .write_help = write_help,
        .run = run,
    };
    return program_main(&program, argc, argv);
}
