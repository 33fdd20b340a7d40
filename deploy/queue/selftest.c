/* selftest: see selftest.h. It listens from before the job is added, so no hop is missed. */
#include "selftest.h"

#include "actors/bridge/calls.h"
#include "actors/bridge/packing.h"
#include "census.h"
#include "proto/base/clock.h"
#include "proto/base/ident.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KEPT_S = 60, BLOCK_MS = 500 };

typedef struct {
    office_t *office;
    const char *queue, *refusal; /* as in selftest_way_t */
    hops_t *hops;
    call_scene_t scene;
    keys_t *keys;
    char id[64];
    char place[48];  /* in the stream of events */
    int64_t from_us; /* when the job was added */
    bool active;     /* somebody has it */
    int ended;       /* 1 completed, 2 failed */
    char said[300];  /* what it returned, or why it failed */
} selftest_t;

static void tell(selftest_t *test, const char *hop, bool good, int64_t us, const char *text)
{
    hop_tell(test->hops, hop, good, us, text);
}

static const char *queue_of_noop(const office_t *office)
{
    for (size_t i = 0; i < office->takes.count; i++)
        if (strcmp(office->takes.queues[i].stage, "noop") == 0)
            return office->takes.queues[i].name;
    return NULL;
}

/* ---- the hops ---- */

static int ping(selftest_t *test, fault_t *fault)
{
    char address[REDIS_ADDRESS_TEXT];
    int64_t from_us = clock_now_us();
    const reply_t *reply = OFFICE_ASK(test->office, fault, "PING");
    if (!reply)
        return -1;
    tell(test, "redis", true, clock_now_us() - from_us,
         redis_address_format(&test->office->place.addresses[0], address));
    return 0;
}

static int look(selftest_t *test, fault_t *fault)
{
    census_t census;
    char text[200];
    int64_t from_us = clock_now_us();
    if (census_take(test->office, test->queue, &census, fault) < 0)
        return -1;
    const reply_t *reply =
        OFFICE_ASK(test->office, fault, "XREVRANGE", test->keys->texts[KEY_EVENTS], "+", "-", "COUNT", "1");
    if (!reply)
        return -1;
    snprintf(test->place, sizeof test->place, "%s",
             reply->count ? reply_text(reply_item(reply_item(reply, 0), 0)) : "0-0");
    snprintf(text, sizeof text, "%.60s: %" PRId64 " waiting, %" PRId64 " %s%s", test->queue,
             census.waiting + census.prioritized + census.paused, census.workers < 0 ? 0 : census.workers,
             census.workers == 1 ? "worker" : "workers", census.is_paused ? ", paused" : "");
    tell(test, "queue", !census.is_paused && census.workers != 0, clock_now_us() - from_us, text);
    return 0;
}

static int add(selftest_t *test, fault_t *fault)
{
    buf_t options = {0};
    packing_map(&options, 3);
    packing_name(&options, "attempts");
    packing_int(&options, 1);
    for (int i = 0; i < 2; i++) {
        packing_name(&options, i ? "removeOnFail" : "removeOnComplete");
        packing_map(&options, 1);
        packing_name(&options, "age");
        packing_int(&options, KEPT_S);
    }
    call_add_t job = {.id = span_text(test->id),
                      .name = span_text("selftest"),
                      .data = span_text("{\"op\":\"ok\"}"),
                      .options = span_of(&options)};
    test->from_us = clock_now_us();
    call_add(&test->office->command, &test->scene, &job, clock_wall_ms());
    const reply_t *reply = office_run(test->office, fault);
    buf_free(&options);
    if (!reply)
        return -1;
    if (reply->kind != REPLY_TEXT)
        return fault_set(fault, FAULT_UNAVAILABLE, "Redis does not add a job: %.200s", reply_text(reply));
    tell(test, "added", true, clock_now_us() - test->from_us, test->id);
    return 0;
}

/* ---- its way ---- */

static const char *field_of(const reply_t *fields, const char *name)
{
    for (uint32_t i = 0; i + 1 < fields->count; i += 2)
        if (strcmp(reply_text(&fields->items[i]), name) == 0)
            return reply_text(&fields->items[i + 1]);
    return "";
}

static void take_event(selftest_t *test, const reply_t *fields)
{
    const char *event = field_of(fields, "event");
    if (strcmp(field_of(fields, "jobId"), test->id) != 0)
        return;
    if (strcmp(event, "active") == 0)
        test->active = true;
    if (strcmp(event, "completed") == 0 || strcmp(event, "failed") == 0) {
        test->ended = *event == 'c' ? 1 : 2;
        snprintf(test->said, sizeof test->said, "%s", field_of(fields, *event == 'c' ? "returnvalue" : "failedReason"));
    }
}

/* Events until it is active, or until it has ended; until_us at most. */
static int follow(selftest_t *test, bool to_the_end, int64_t until_us, fault_t *fault)
{
    char block[16];
    snprintf(block, sizeof block, "%d", BLOCK_MS);
    while (!test->ended && !(test->active && !to_the_end) && clock_now_us() < until_us) {
        const reply_t *reply = OFFICE_ASK(test->office, fault, "XREAD", "COUNT", "100", "BLOCK", block, "STREAMS",
                                          test->keys->texts[KEY_EVENTS], test->place);
        if (!reply)
            return -1;
        const reply_t *entries = reply_item(reply_item(reply, 0), 1);
        for (uint32_t i = 0; i < entries->count; i++) {
            take_event(test, reply_item(&entries->items[i], 1));
            snprintf(test->place, sizeof test->place, "%s", reply_text(reply_item(&entries->items[i], 0)));
        }
    }
    return 0;
}

/* Who has it. */
static void name_worker(selftest_t *test, char *text, size_t size)
{
    fault_t fault;
    buf_t key = {0};
    buf_format(&key, "%s%s", test->keys->prefix, test->id);
    const reply_t *reply = OFFICE_ASK(test->office, &fault, "HGET", buf_string(&key), "pb");
    snprintf(text, size, "by %.100s", reply && reply->size ? reply_text(reply) : "a worker without a name");
    buf_free(&key);
}

static int remove_it(selftest_t *test, fault_t *fault)
{
    call_remove(&test->office->command, &test->scene, span_text(test->id));
    return office_run(test->office, fault) ? 0 : -1;
}

/* A stage that works on documents must refuse a job without one. */
static bool tell_end(selftest_t *test)
{
    int64_t us = clock_now_us() - test->from_us;
    bool refused = test->refusal && test->ended == 2 && strstr(test->said, test->refusal);
    if (refused)
        tell(test, "answered", true, us, "it refuses a job without a document, as it should");
    else
        tell(test, "completed", test->ended == 1, us, test->ended ? test->said : "its worker does not end it");
    return refused || test->ended == 1;
}

static int walk(selftest_t *test, fault_t *fault)
{
    char text[200];
    int64_t until_us = test->from_us + test->office->wait_ms * 1000;
    if (follow(test, false, until_us, fault) < 0)
        return -1;
    if (test->active || test->ended) {
        name_worker(test, text, sizeof text);
        tell(test, "taken", true, clock_now_us() - test->from_us, text);
    } else {
        tell(test, "taken", false, clock_now_us() - test->from_us,
             "no worker took it: does a yogi-bridge run that serves this queue (YOGI_BULLMQ_QUEUES), and is it not "
             "paused?");
        return remove_it(test, fault) < 0 ? -1 : 1;
    }
    if (follow(test, true, until_us, fault) < 0)
        return -1;
    bool good = tell_end(test);
    if (test->ended && remove_it(test, fault) < 0)
        return -1;
    return good ? 0 : 1;
}

static int begin(selftest_t *test, fault_t *fault)
{
    ident_t ident;
    char run[IDENT_TEXT];
    if (ident_new(&ident, fault) < 0 || office_scene(test->office, test->queue, &test->scene, &test->keys, fault) < 0)
        return -1;
    snprintf(test->id, sizeof test->id, "selftest-%s", ident_format(ident, run));
    return 0;
}

int selftest_way(office_t *office, const selftest_way_t *way, hops_t *hops, fault_t *fault)
{
    selftest_t test = {.office = office, .queue = way->queue, .refusal = way->refusal, .hops = hops};
    int64_t bad = hops->bad;
    if (begin(&test, fault) < 0)
        return -1;
    int done = ping(&test, fault) < 0 || look(&test, fault) < 0 ? -1 : hops->bad > bad;
    if (done >= 0 && !way->looking)
        done = add(&test, fault) < 0 ? -1 : walk(&test, fault);
    keys_destroy(&test.keys);
    return done;
}

int selftest_run(office_t *office, const char *queue, bool json, buf_t *out, fault_t *fault)
{
    hops_t hops = {.out = out, .json = json};
    selftest_way_t way = {.queue = queue ? queue : queue_of_noop(office)};
    if (!way.queue)
        return fault_set(
            fault, FAULT_USAGE,
            "which queue? None of YOGI_BULLMQ_QUEUES has the stage noop, as trial=noop; or yogi queue selftest "
            "QUEUE");
    return selftest_way(office, &way, &hops, fault);
}
