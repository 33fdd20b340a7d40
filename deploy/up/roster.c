/* roster: see roster.h. */
#include "roster.h"

#include "bucket.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* START: a host under sanitizers on a busy machine takes some 10 s. OVERTIME: on top of YOGI_DRAIN_SECONDS a host takes
 * at most 8 s to say goodbye and end its workers. FAREWELL: when the hosts are gone no job of the broker's can end any
 * more; owners fetch what has ended within milliseconds. */
enum {
    START_US = 120 * 1000000,
    OVERTIME_US = 15 * 1000000,
    FAREWELL_S = 2,
    REST_US = 100 * 1000,
    REST_MOST_US = 10 * 1000000,
    STEADY_US = 10 * 1000000,
};

typedef struct {
    const settings_t *settings;
    arena_t *arena;
    const site_t *site;
    char broker[SITE_ENDPOINT]; /* the endpoint */
} scene_t;

typedef void dress_fn(const scene_t *scene, service_plan_t *plan); /* sets its variables */

static dress_fn dress_broker, dress_host, dress_gateway, dress_bridge;

static const struct {
    const char *name, *program;
    const char *arguments[8]; /* NULL-ended */
    const char *ready;        /* how its line begins by which it is ready */
    bool reloads;             /* it hears SIGHUP */
    int64_t rest_most_us;     /* longest rest before it is started again; the first is REST_US, the next the double */
    dress_fn *dress;
    bool bridges; /* it is wanted alone where queues are named, or stages given to workers of BullMQ */
} rows[] = {
    {"broker", "yogi-broker", {"yogi-broker"}, "ready ", true, REST_MOST_US, dress_broker, false},
    {"host",
     "yogi-actor",
     {"yogi-actor", "classification", "ocr", "llm", "validation", "render"},
     "ready ",
     false,
     REST_MOST_US,
     dress_host,
     false},
    {"gateway", "yogi-gateway", {"yogi-gateway"}, "ready ", false, REST_MOST_US, dress_gateway, false},
    /* it has started, that is: Redis may be away as long as it likes */
    {"bridge", "yogi-bridge", {"yogi-bridge", "--print-start"}, "started ", false, REST_MOST_US, dress_bridge, true},
};
enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert(ROWS <= (int)ROSTER_MOST, "room for every row");

/* Where YOGI_BROKER_LISTEN is set the broker listens there as well, for hosts and owners elsewhere. */
static void dress_broker(const scene_t *scene, service_plan_t *plan)
{
    const settings_t *settings = scene->settings;
    bool more = yogi_settings_given(environ, "YOGI_BROKER_LISTEN");
    int64_t drain_s = settings->drain_seconds < FAREWELL_S ? settings->drain_seconds : FAREWELL_S;
    plan->variables[0] = arena_format(scene->arena, "YOGI_BROKER_LISTEN=%s%s%s", scene->broker, more ? " " : "",
                                      more ? settings->broker_listen : "");
    plan->variables[1] = arena_format(scene->arena, "YOGI_DRAIN_SECONDS=%" PRId64, drain_s);
}

/* Unless it is said otherwise its host reads whatever this user can read: nobody else comes in. Where the broker
 * listens elsewhere too others may, and then it has to be said. What its own gateway has kept it reads in any case, in
 * its folder or in a bucket. */
static void dress_host(const scene_t *scene, service_plan_t *plan)
{
    const char *endpoints = bucket_endpoints(scene->settings, scene->arena);
    const char *networks = bucket_networks(scene->settings);
    plan->variables[0] = arena_format(scene->arena, "YOGI_BROKERS=%s", scene->broker);
    plan->variables[1] = arena_text(scene->arena, "YOGI_KEYS="); /* those are its broker's */
    const char *roots = scene->settings->source_roots;
    if (!roots && !yogi_settings_given(environ, "YOGI_BROKER_LISTEN"))
        plan->variables[2] = arena_text(scene->arena, "YOGI_SOURCE_ROOTS=/");
    else
        plan->variables[2] = arena_format(scene->arena, "YOGI_SOURCE_ROOTS=%s%s%s", roots ? roots : "",
                                          roots ? ":" : "", roster_blobs(scene->site, scene->arena));
    if (endpoints)
        plan->variables[3] = arena_format(scene->arena, "YOGI_SOURCE_ENDPOINTS=%s", endpoints);
    if (endpoints && networks)
        plan->variables[4] = arena_format(scene->arena, "YOGI_SOURCE_NETWORKS=%s", networks);
}

/* It has the folder of data, beside what is the supervisor's; it is an owner at its broker, by the socket. */
static void dress_gateway(const scene_t *scene, service_plan_t *plan)
{
    plan->variables[0] = arena_format(scene->arena, "YOGI_BROKERS=%s", scene->broker);
    plan->variables[1] = arena_text(scene->arena, "YOGI_KEYS=");
    plan->variables[2] = arena_format(scene->arena, "YOGI_DATA=%s", scene->site->data);
}

/* It is an owner at its broker as well. Which folders jobs may name files in has to be said (YOGI_SOURCE_ROOTS). */
static void dress_bridge(const scene_t *scene, service_plan_t *plan)
{
    plan->variables[0] = arena_format(scene->arena, "YOGI_BROKERS=%s", scene->broker);
    plan->variables[1] = arena_text(scene->arena, "YOGI_KEYS=");
}

/* Whether workers of BullMQ serve the stage, by the bridge. */
static bool is_given(const settings_t *settings, const char *stage)
{
    const char *value = yogi_settings_stage(settings, stage);
    return value && strncmp(value, "bullmq", 6) == 0;
}

static bool gives(const settings_t *settings)
{
    static const char *const stages[] = {"classification", "ocr", "llm", "validation", "store", "noop"};
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (is_given(settings, stages[i]))
            return true;
    return false;
}

/* The program's words, but for stages that others serve. */
static const char *const *own_words(const settings_t *settings, const char *const *words, arena_t *arena)
{
    size_t count = 0, kept = 0;
    while (words[count])
        count++;
    const char **own = arena_array(arena, count + 1, sizeof *own);
    for (size_t i = 0; i < count; i++)
        if (!is_given(settings, words[i]))
            own[kept++] = words[i];
    return own;
}

const char *roster_blobs(const site_t *site, arena_t *arena)
{
    return arena_format(arena, "%s/blobs", site->data);
}

size_t roster_fill(const settings_t *settings, const site_t *site, arena_t *arena, service_plan_t plans[ROSTER_MOST])
{
    scene_t scene = {.settings = settings, .arena = arena, .site = site};
    site_endpoint(site, "broker", scene.broker);
    size_t count = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].bridges && !settings->bullmq_queues && !gives(settings))
            continue;
        service_plan_t *plan = &plans[count++];
        *plan = (service_plan_t){.name = rows[i].name,
                                 .program = rows[i].program,
                                 .arguments = own_words(settings, rows[i].arguments, arena),
                                 .ready = rows[i].ready,
                                 .terms = {.start_us = START_US,
                                           .stop_us = settings->drain_seconds * 1000000 + OVERTIME_US,
                                           .rest_us = REST_US,
                                           .rest_most_us = rows[i].rest_most_us},
                                 .steady_us = STEADY_US,
                                 .reloads = rows[i].reloads};
        rows[i].dress(&scene, plan);
    }
    return count;
}
