/* queues: see queues.h. The words, and all of it in turn. */
#include "queues.h"
#include "deploy/options.h"
#include "proto/base/clock.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* ANSWER: of Redis. HOP: where --wait does not say how long a check may take. */
enum { ANSWER_MS = 5000, HOP_S = 5 };

typedef int act_fn(queues_t *queues, fault_t *fault);
static act_fn go_through;

static const struct {
    const char *name;
    act_fn *act;
    bool redis, store; /* it has the old queue open, and the store */
    const char *help;
} commands[] = {
    {"", go_through, true, true, NULL},
    {"plan", queues_plan, true, true, "read only: how the old queue stands, and what would become of each job"},
    {"drain", queues_drain, true, false, "wait until the old workers have emptied it, --wait at most (600)"},
    {"carry", queues_carry, true, true, "what waits there becomes runs here, or jobs of BullMQ (--into)"},
    {"check", queues_check, false, true, "try each hop of the new queues"},
    {"back", queues_back, true, true, "after a rollback: documents that wait get jobs in the old queue again"},
    {"resume", queues_resume, true, false, "end the pause that drain --pause has made"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

void queues_help(buf_t *out)
{
    buf_text(out,
             "\nyogi migrate queues does carry and check, and gives documents that wait without a job a run; or\n");
    for (size_t i = 1; i < COMMANDS; i++)
        buf_format(out, "  queues %-10s %s\n", commands[i].name, commands[i].help);
}

/* ---- all of it ---- */

/* Documents that wait without a job: of a queue that was lost, or of an upload whose program died before it added one.
 */
static int tell_rest(queues_t *queues, fault_t *fault)
{
    requeue_count_t count;
    if (queues->options->into) {
        queues_say(queues,
                   "documents that wait without a job stay so: yogi migrate queues without --into makes runs of "
                   "them");
        return 0;
    }
    if (pickup_rest(queues->pickup, &count, fault) < 0)
        return -1;
    if (queues->options->json)
        buf_format(queues->out, "{\"queued\":%" PRId64 ",\"waiting\":%" PRId64 ",\"lacking\":%" PRId64 "}\n",
                   count.queued, count.waiting, count.lacking);
    queues_say(queues,
               "%" PRId64 " documents that waited in the old queue wait in ours now; %" PRId64
               " wait or are under way in all",
               count.queued, count.waiting);
    if (count.lacking)
        queues_say(queues, "%" PRId64 " more cannot be read: their files were not carried", count.lacking);
    return 0;
}

/* The old queue, where there is one: the Redis of the settings may be there for the new ones alone. */
static int carry_what_is_there(queues_t *queues, fault_t *fault)
{
    bull_census_t census;
    if (!queues->bull.redis) {
        queues_say(queues, "no Redis is named (--redis, REDIS_URL …): only the store is looked at");
        return 0;
    }
    if (bull_look(&queues->bull, &census, fault) < 0)
        return -1;
    if (census.there || queues->options->redis)
        return queues_carry(queues, fault);
    queues_say(queues, "nothing is kept under %s in Redis", queues->bull.shown);
    return 0;
}

static int go_through(queues_t *queues, fault_t *fault)
{
    if (carry_what_is_there(queues, fault) < 0)
        return -1;
    if (tell_rest(queues, fault) < 0)
        return -1;
    int bad = queues_check(queues, fault);
    if (bad > 0)
        queues_say(queues, "not everything is there yet; yogi migrate queues check looks again");
    return bad < 0 ? -1 : 0;
}

/* ---- words ---- */

static int find(char **words, int count, size_t *found, fault_t *fault)
{
    const char *names[COMMANDS];
    const char *typed = count ? words[0] : "";
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    for (*found = 0; *found < COMMANDS; (*found)++)
        if (strcmp(commands[*found].name, typed) == 0)
            break;
    if (count > 1)
        return fault_set(fault, FAULT_USAGE, "yogi migrate queues %s takes no %s; --help tells more", typed, words[1]);
    const char *nearest = *found < COMMANDS ? NULL : options_nearest(typed, names, COMMANDS);
    return *found < COMMANDS
               ? 0
               : fault_set(fault, FAULT_USAGE,
                           "yogi migrate queues has no %s, but plan, drain, carry, check, back and resume%s%s", typed,
                           nearest ? "; did you mean " : "", nearest ? nearest : "");
}

/* --redis stands for every way by which the settings name one. */
static void name_redis(process_t *process, const char *url)
{
    settings_t *settings = &process->settings;
    if (!url)
        return;
    settings->redis_url = url;
    settings->redis_sentinels = settings->redis_cluster = NULL;
}

static bool is_redis_named(const migrate_options_t *options)
{
    static const char *const names[] = {"REDIS_URL", "REDIS_HOST", "REDIS_SENTINELS", "REDIS_CLUSTER"};
    bool named = options->redis != NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        named = named || yogi_settings_given(environ, names[i]);
    return named;
}

/* A plan is of use before anything is known of the store. */
static int open_store(queues_t *queues, size_t which, fault_t *fault)
{
    act_fn *act = commands[which].act;
    bool planning = act == queues_plan || act == queues_check || act == queues_back;
    queues->pickup = pickup_open(queues->move, planning, queues->out, fault);
    if (queues->pickup || !planning || fault->code != FAULT_USAGE || queues->options->from)
        return queues->pickup ? 0 : -1;
    *fault = (fault_t){0};
    return 0;
}

/* BullMQ would take the old queue's keys for its own. */
static int check_into(const queues_t *queues, fault_t *fault)
{
    const migrate_options_t *options = queues->options;
    bool same = options->into && strcmp(options->into, options->queue) == 0 &&
                strcmp(options->prefix, queues->process->settings.bullmq_prefix) == 0;
    return same ? fault_set(fault, FAULT_USAGE,
                            "--into %s is the old queue itself; name another, as classification (YOGI_BULLMQ_QUEUES)",
                            options->into)
                : 0;
}

static int run(queues_t *queues, size_t which, fault_t *fault)
{
    const migrate_options_t *options = queues->options;
    bool named = is_redis_named(options);
    if (check_into(queues, fault) < 0)
        return -1;
    if (commands[which].redis && (named || which > 0) &&
        bull_open(&queues->bull, &queues->process->settings, options->prefix, options->queue, ANSWER_MS, fault) < 0)
        return options->redis && fault->code == FAULT_SETTING ? fault_prefix(fault, "--redis") : -1;
    if (commands[which].store && open_store(queues, which, fault) < 0)
        return -1;
    return commands[which].act(queues, fault);
}

int queues_run(process_t *process, const migrate_options_t *options, move_options_t *move, char **words, int count,
               buf_t *out, fault_t *fault)
{
    size_t which;
    queues_t queues = {.process = process, .options = options, .move = move, .out = out};
    if (find(words, count, &which, fault) < 0)
        return -1;
    name_redis(process, options->redis);
    queues.hop_s = commands[which].act == queues_check && options->wait ? options->wait : HOP_S;
    int code = run(&queues, which, fault);
    pickup_close(&queues.pickup);
    bull_close(&queues.bull);
    return code;
}
