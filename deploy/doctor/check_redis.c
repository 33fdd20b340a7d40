/* check_redis: whether the Redis of BullMQ's queues can be worked with: that it answers, is new enough, keeps what it
 * is given, and lets this user do what a bridge does. Where nothing is said of queues or Redis none is needed. */
#include "checks.h"
#include "proto/base/clock.h"
#include "proto/redis/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Redis of which BullMQ needs commands, and from which a wait of a millisecond is one (7.0.8 mended it). */
enum { MAJOR_LEAST = 5, MAJOR_GOOD = 6 };

static bool is_wanted(const settings_t *settings)
{
    static const char *const names[] = {"REDIS_URL", "REDIS_HOST", "REDIS_SENTINELS", "REDIS_CLUSTER"};
    static const char *const stages[] = {"classification", "ocr", "llm", "validation", "store", "noop"};
    bool wanted = settings->bullmq_queues != NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        wanted = wanted || yogi_settings_given(environ, names[i]);
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        wanted = wanted || yogi_settings_stage(settings, stages[i]);
    return wanted;
}

/* The value of NAME:value in what INFO says, into out; false where it does not say. */
static bool read_info(const char *info, const char *name, char *out, size_t size)
{
    size_t length = strlen(name);
    for (const char *at = info; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, name, length) != 0 || at[length] != ':')
            continue;
        at += length + 1;
        snprintf(out, size, "%.*s", (int)strcspn(at, "\r\n"), at);
        return true;
    }
    return false;
}

/* The answer to a command of words; NULL where there is none, or where it is an error, which is noted. */
static const reply_t *ask(doctor_t *doctor, redis_t *redis, const char *const *words, const char *todo)
{
    fault_t fault = {0};
    buf_t command = {0};
    resp_command(&command, words);
    const reply_t *reply = redis_ask(redis, &command, doctor->wait_s * 1000LL, &fault);
    buf_free(&command);
    if (!reply)
        doctor_fault(doctor, NULL, &fault);
    else if (reply->kind == REPLY_ERROR)
        doctor_note(doctor, LEVEL_FAULT, todo, "%s is refused: %.150s", words[0], reply_text(reply));
    return reply && reply->kind != REPLY_ERROR ? reply : NULL;
}
#define ASK(doctor, redis, todo, ...) ask(doctor, redis, (const char *const[]){__VA_ARGS__, NULL}, todo)

static void look_at_version(doctor_t *doctor, const char *info, const char *where)
{
    char version[40] = "of no version that it tells";
    read_info(info, "redis_version", version, sizeof version);
    int major = atoi(version);
    if (major && major < MAJOR_LEAST)
        doctor_note(doctor, LEVEL_FAULT, "BullMQ needs 5.0, and advises 6.2", "%s is Redis %s", where, version);
    else if (major && major < MAJOR_GOOD)
        doctor_note(doctor, LEVEL_WARNING, "BullMQ advises 6.2", "%s is Redis %s", where, version);
    else
        doctor_note(doctor, LEVEL_OK, NULL, "%s answers: Redis %s", where, version);
}

static void look_at_keeping(doctor_t *doctor, const char *info)
{
    char policy[40], aof[8] = "1";
    if (read_info(info, "maxmemory_policy", policy, sizeof policy) && strcmp(policy, "noeviction") != 0)
        doctor_note(doctor, LEVEL_WARNING, "set maxmemory-policy noeviction",
                    "when its memory is full it may drop jobs (%s)", policy);
    if (read_info(info, "aof_enabled", aof, sizeof aof) && strcmp(aof, "0") == 0)
        doctor_note(doctor, LEVEL_WARNING, "set appendonly yes",
                    "it writes no log of changes: jobs of the last minutes are lost when it is killed");
}

/* What a bridge does, on keys of its prefix that are there for nobody else. */
static void look_at_rights(doctor_t *doctor, redis_t *redis)
{
    static const char todo[] = "allow the user ~PREFIX:* +@all -@dangerous -@admin +client|setname +info";
    buf_t key = {0};
    buf_format(&key, "%s:yogi:doctor", doctor->process.settings.bullmq_prefix);
    const char *name = buf_string(&key);
    const reply_t *done =
        ASK(doctor, redis, todo, "EVAL",
            "redis.call('SET', KEYS[1], '1', 'PX', '1000') return redis.call('DEL', KEYS[1])", "1", name);
    if (done && ASK(doctor, redis, todo, "CLIENT", "SETNAME", "yogi-doctor"))
        doctor_note(doctor, LEVEL_OK, NULL, "this user may run scripts on %.60s:*",
                    doctor->process.settings.bullmq_prefix);
    buf_free(&key);
}

static void look_at(doctor_t *doctor, redis_t *redis, const char *where)
{
    const reply_t *reply = ASK(doctor, redis, "allow the user +info", "INFO");
    if (!reply)
        return;
    look_at_version(doctor, reply_text(reply), where);
    look_at_keeping(doctor, reply_text(reply));
    look_at_rights(doctor, redis);
}

void check_redis(doctor_t *doctor)
{
    const settings_t *settings = &doctor->process.settings;
    redis_place_t place;
    fault_t fault = {0};
    char where[REDIS_ADDRESS_TEXT];
    if (!is_wanted(settings)) {
        doctor_note(doctor, LEVEL_OK, NULL, "no queues of BullMQ are named, so none is needed");
        return;
    }
    if (redis_place_read(settings, doctor->process.arena, &place, &fault) < 0) {
        doctor_fault(doctor, NULL, &fault);
        return;
    }
    redis_plan_t plan = {.place = &place, .dial_ms = (uint32_t)doctor->wait_s * 1000};
    redis_t *redis = redis_new(&plan);
    if (redis_join(redis, doctor->wait_s * 1000LL, &fault) < 0)
        doctor_fault(doctor, "start Redis, or name another by REDIS_URL", &fault);
    else
        look_at(doctor, redis, redis_address_format(&place.addresses[0], where));
    redis_destroy(&redis);
}
