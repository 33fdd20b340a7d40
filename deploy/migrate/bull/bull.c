/* bull: see bull.h. */
#include "bull.h"
#include "bull_scripts.h"
#include "proto/base/clock.h"
#include "proto/base/hash.h"
#include "proto/redis/worker_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* OTHERS: queues that are named. SCANS: rounds of a search that is a help and no more. */
enum { OTHERS_MOST = 8, SCANS_MOST = 50 };

/* ---- opening ---- */

static bool is_name(const char *text)
{
    return *text && strlen(text) <= BULL_NAME_MOST;
}

int bull_open(bull_t *bull, const settings_t *settings, const char *prefix, const char *queue, int64_t wait_ms,
              fault_t *fault)
{
    *bull =
        (bull_t){.prefix = prefix, .queue = queue, .wait_ms = wait_ms, .arena = arena_new(), .scratch = arena_new()};
    if (!is_name(prefix) || !is_name(queue))
        return fault_set(fault, FAULT_USAGE, "--prefix and --queue want names of 1 to %d bytes", BULL_NAME_MOST);
    bull->shown = arena_format(bull->arena, "%s:%s", prefix, queue);
    if (redis_place_read(settings, bull->arena, &bull->place, fault) < 0)
        return -1;
    redis_plan_t plan = {.place = &bull->place, .dial_ms = (uint32_t)wait_ms, .answer_ms = (uint32_t)wait_ms};
    bull->redis = redis_new(&plan);
    return redis_join(bull->redis, wait_ms, fault);
}

void bull_close(bull_t *bull)
{
    redis_destroy(&bull->redis);
    buf_free(&bull->command);
    arena_destroy(&bull->arena);
    arena_destroy(&bull->scratch);
}

/* ---- asking ---- */

/* Sends what stands in command; the answer may be an error. */
static const reply_t *send_command(bull_t *bull, fault_t *fault)
{
    const reply_t *reply = redis_ask(bull->redis, &bull->command, bull->wait_ms, fault);
    buf_clear(&bull->command);
    return reply;
}

static const reply_t *ask(bull_t *bull, fault_t *fault)
{
    return redis_judge(send_command(bull, fault), fault);
}

#define ASK(bull, fault, ...) (RESP_COMMAND(&(bull)->command, __VA_ARGS__), ask((bull), (fault)))

/* "bull:document-processing:wait"; ids may hold anything. */
static const char *key_of(arena_t *arena, const bull_t *bull, const char *end)
{
    return arena_format(arena, "%s:%s", bull->shown, end);
}

/* ---- whose queue it is ---- */

/* What a key is in Bull's hands, where it is there, and how it is counted. */
static const struct {
    const char *end, *type, *count; /* count: NULL = it is not counted */
    size_t offset;                  /* of its number in the census */
} keys[] = {{"wait", "list", "LLEN", offsetof(bull_census_t, waiting)},
            {"paused", "list", "LLEN", offsetof(bull_census_t, paused)},
            {"active", "list", "LLEN", offsetof(bull_census_t, active)},
            {"delayed", "zset", "ZCARD", offsetof(bull_census_t, delayed)},
            {"failed", "zset", "ZCARD", offsetof(bull_census_t, failed)},
            {"completed", "zset", "ZCARD", offsetof(bull_census_t, completed)},
            {"repeat", "zset", "ZCARD", offsetof(bull_census_t, repeating)},
            {"priority", "zset", NULL, 0},
            {"stalled", "set", NULL, 0},
            {"id", "string", NULL, 0},
            {"meta-paused", "string", NULL, 0},
            {"meta", "hash", NULL, 0}};

/* Keys that BullMQ alone has. */
static const char *const of_bullmq[] = {"marker", "events", "pc", "prioritized", "waiting-children"};

static int refuse_bullmq(const bull_t *bull, const char *shows, fault_t *fault)
{
    return fault_set(fault, FAULT_INPUT,
                     "%s is a queue of BullMQ (%s), not of Bull 3 or 4: nothing is carried over from it; the bridge "
                     "works on it as it is (YOGI_BULLMQ_QUEUES=%s=classification)",
                     bull->shown, shows, bull->queue);
}

static int check_kind(bull_t *bull, fault_t *fault)
{
    arena_t *arena = bull->scratch;
    for (size_t i = 0; i < sizeof of_bullmq / sizeof *of_bullmq; i++) {
        const reply_t *reply = ASK(bull, fault, "EXISTS", key_of(arena, bull, of_bullmq[i]));
        if (!reply)
            return -1;
        if (reply_number(reply))
            return refuse_bullmq(bull, arena_format(arena, "it has a key %s", of_bullmq[i]), fault);
    }
    const reply_t *reply = ASK(bull, fault, "HMGET", key_of(arena, bull, "meta"), "version", "opts.maxLenEvents");
    if (!reply)
        return -1;
    const char *version = reply_text(reply_item(reply, 0));
    if (*version)
        return refuse_bullmq(bull, arena_format(arena, "its meta says %.60s", version), fault);
    return reply_item(reply, 1)->kind == REPLY_TEXT ? refuse_bullmq(bull, "by its meta", fault) : 0;
}

/* Each key is what Bull makes of it, or not there. */
static int check_types(bull_t *bull, bull_census_t *census, fault_t *fault)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *key = key_of(bull->scratch, bull, keys[i].end);
        const reply_t *reply = ASK(bull, fault, "TYPE", key);
        if (!reply)
            return -1;
        const char *type = reply_text(reply);
        bool there = strcmp(type, "none") != 0;
        census->there |= there;
        if (there && strcmp(type, keys[i].type) != 0)
            return fault_set(fault, FAULT_INPUT,
                             "%s is a %s, and Bull keeps a %s there: this is no queue of Bull 3 or 4; see --queue and "
                             "--prefix",
                             key, type, keys[i].type);
        if (strcmp(keys[i].end, "meta-paused") == 0)
            census->is_paused = there;
    }
    return 0;
}

/* ---- counting ---- */

static int count_all(bull_t *bull, bull_census_t *census, fault_t *fault)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!keys[i].count)
            continue;
        const reply_t *reply = ASK(bull, fault, keys[i].count, key_of(bull->scratch, bull, keys[i].end));
        if (!reply)
            return -1;
        *(int64_t *)((char *)census + keys[i].offset) = reply_number(reply);
    }
    return 0;
}

/* Not being allowed to look is no fault. */
static void count_workers(bull_t *bull, bull_census_t *census)
{
    fault_t unused;
    buf_t part = {0};
    worker_name_add(bull->prefix, bull->queue, NULL, &part);
    const reply_t *reply = ASK(bull, &unused, "CLIENT", "LIST");
    census->workers = reply ? worker_name_count(reply_text(reply), buf_string(&part)) : -1;
    buf_free(&part);
}

static int is_locked(bull_t *bull, const char *id, bool *locked, fault_t *fault)
{
    arena_t *arena = arena_new();
    const reply_t *reply = ASK(bull, fault, "EXISTS", arena_format(arena, "%s:%s:lock", bull->shown, id));
    *locked = reply && reply_number(reply);
    arena_destroy(&arena);
    return reply ? 0 : -1;
}

static void add_id(bull_ids_t *ids, arena_t *arena, const reply_t *id, bull_place_t place, int64_t due_ms)
{
    if (ids->count == ids->room) {
        ids->room = ids->room ? 2 * ids->room : 64;
        bull_id_t *more = arena_array(arena, ids->room, sizeof *more);
        if (ids->count)
            memcpy(more, ids->list, ids->count * sizeof *more);
        ids->list = more;
    }
    ids->list[ids->count++] = (bull_id_t){.id = arena_text(arena, reply_text(id)), .place = place, .due_ms = due_ms};
}

/* Ids of a list, the one that is taken next first. */
static int list_ids(bull_t *bull, const char *end, bull_place_t place, arena_t *arena, bull_ids_t *ids, fault_t *fault)
{
    const reply_t *reply = ASK(bull, fault, "LRANGE", key_of(bull->scratch, bull, end), "0", "-1");
    if (!reply)
        return -1;
    for (uint32_t i = reply->count; i > 0; i--)
        add_id(ids, arena, &reply->items[i - 1], place, 0);
    return 0;
}

static int delayed_ids(bull_t *bull, arena_t *arena, bull_ids_t *ids, fault_t *fault)
{
    const reply_t *reply = ASK(bull, fault, "ZRANGE", key_of(bull->scratch, bull, "delayed"), "0", "-1", "WITHSCORES");
    if (!reply)
        return -1;
    for (uint32_t i = 0; i + 1 < reply->count; i += 2)
        add_id(ids, arena, &reply->items[i], BULL_DELAYED,
               bull_job_due_ms(strtod(reply_text(&reply->items[i + 1]), NULL)));
    return 0;
}

int bull_ids(bull_t *bull, arena_t *arena, bull_ids_t *ids, fault_t *fault)
{
    *ids = (bull_ids_t){0};
    return list_ids(bull, "active", BULL_ACTIVE, arena, ids, fault) < 0 ||
                   list_ids(bull, "wait", BULL_WAITING, arena, ids, fault) < 0 ||
                   list_ids(bull, "paused", BULL_PAUSED, arena, ids, fault) < 0 ||
                   delayed_ids(bull, arena, ids, fault) < 0
               ? -1
               : 0;
}

/* ---- how it stands ---- */

static int count_locked(bull_t *bull, bull_census_t *census, fault_t *fault)
{
    bull_ids_t ids = {0};
    arena_t *arena = arena_new();
    int failed = list_ids(bull, "active", BULL_ACTIVE, arena, &ids, fault);
    for (size_t i = 0; !failed && i < ids.count; i++) {
        bool locked;
        failed = is_locked(bull, ids.list[i].id, &locked, fault);
        census->locked += !failed && locked;
    }
    arena_destroy(&arena);
    return failed;
}

int bull_look(bull_t *bull, bull_census_t *census, fault_t *fault)
{
    *census = (bull_census_t){0};
    arena_clear(bull->scratch);
    if (check_types(bull, census, fault) < 0 || check_kind(bull, fault) < 0 || count_all(bull, census, fault) < 0 ||
        count_locked(bull, census, fault) < 0)
        return -1;
    count_workers(bull, census);
    return 0;
}

/* ---- one job ---- */

static void put_fetch(bull_t *bull, const char *key)
{
    size_t fields = 0;
    while (bull_job_fields[fields])
        fields++;
    resp_begin(&bull->command, fields + 2);
    resp_text(&bull->command, "HMGET");
    resp_text(&bull->command, key);
    for (size_t i = 0; i < fields; i++)
        resp_text(&bull->command, bull_job_fields[i]);
}

int bull_fetch(bull_t *bull, const bull_id_t *id, arena_t *arena, bull_job_t *job, fault_t *fault)
{
    *job = (bull_job_t){.id = id->id, .place = id->place, .due_ms = id->due_ms};
    put_fetch(bull, key_of(arena, bull, id->id));
    const reply_t *reply = send_command(bull, fault);
    if (!reply || (reply->kind == REPLY_ERROR && !reply_is_error(reply, "WRONGTYPE")))
        return redis_judge(reply, fault) ? 0 : -1;
    bull_job_read(job, reply, arena);
    return job->place == BULL_ACTIVE ? is_locked(bull, job->id, &job->locked, fault) : 0;
}

char *bull_mark(const bull_t *bull, const bull_job_t *job, char mark[BULL_MARK_BYTES])
{
    hash_t hash;
    char hex[HASH_HEX], added[32];
    snprintf(added, sizeof added, "%lld", (long long)job->added_ms);
    const char *const parts[] = {bull->prefix, bull->queue, job->id, added};
    hash_begin(&hash);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        hash_add(&hash, parts[i], strlen(parts[i]) + 1);
    snprintf(mark, BULL_MARK_BYTES, "bull-%s", hash_hex(&hash, hex));
    return mark;
}

/* ---- changing it ---- */

/* EVAL of a script with the keys of these ends and these arguments, both NULL-ended. */
static const reply_t *run(bull_t *bull, const char *script, const char *const *ends, const char *const *arguments,
                          fault_t *fault)
{
    arena_t *arena = arena_new();
    size_t count = 0, given = 0;
    while (ends[count])
        count++;
    while (arguments[given])
        given++;
    resp_begin(&bull->command, 3 + count + given);
    resp_text(&bull->command, "EVAL");
    resp_text(&bull->command, script);
    resp_number(&bull->command, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        resp_text(&bull->command, key_of(arena, bull, ends[i]));
    for (size_t i = 0; i < given; i++)
        resp_text(&bull->command, arguments[i]);
    arena_destroy(&arena);
    return ask(bull, fault);
}

/* Texts, NULL-ended. */
#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})

int bull_take(bull_t *bull, const char *id, bull_taken_t *taken, fault_t *fault)
{
    arena_t *arena = arena_new();
    const reply_t *reply =
        run(bull, bull_script_take, TEXTS("active", "wait", "paused", "delayed", "priority", "stalled", id),
            TEXTS(id, key_of(arena, bull, "")), fault);
    arena_destroy(&arena);
    if (!reply)
        return -1;
    int64_t answer = reply_number(reply);
    *taken = answer > 0 ? BULL_TAKEN : answer < 0 ? BULL_NOT_THERE : BULL_LOCKED;
    return 0;
}

int bull_add(bull_t *bull, const char *id, const char *data, bool *added, fault_t *fault)
{
    char now[32], options[200];
    snprintf(now, sizeof now, "%lld", (long long)clock_wall_ms());
    snprintf(options, sizeof options, /* the demo's own */
             "{\"attempts\":3,\"backoff\":{\"type\":\"exponential\",\"delay\":2000},\"timeout\":600000,\"delay\":0,"
             "\"timestamp\":%s}",
             now);
    const reply_t *reply = run(bull, bull_script_add, TEXTS("wait", "paused", "meta-paused", "id", id),
                               TEXTS(id, "__default__", data, options, now), fault);
    *added = reply && reply_number(reply) == 1;
    return reply ? 0 : -1;
}

static int change_pause(bull_t *bull, bool pause, bool *changed, fault_t *fault)
{
    const reply_t *reply =
        run(bull, bull_script_pause, TEXTS(pause ? "wait" : "paused", pause ? "paused" : "wait", "meta-paused", "meta"),
            TEXTS(pause ? "1" : "0", key_of(bull->scratch, bull, pause ? "paused" : "resumed")), fault);
    *changed = reply && reply_number(reply) == 1;
    return reply ? 0 : -1;
}

int bull_pause(bull_t *bull, bool *changed, fault_t *fault)
{
    return change_pause(bull, true, changed, fault);
}

int bull_resume(bull_t *bull, bool *changed, fault_t *fault)
{
    return change_pause(bull, false, changed, fault);
}

/* ---- others ---- */

/* PREFIX:QUEUE:id is the key that every queue of Bull keeps. */
static void note_other(bull_t *bull, const reply_t *key, buf_t *names, size_t *count)
{
    size_t head = strlen(bull->prefix) + 1;
    const char *text = reply_text(key), *end = strrchr(text, ':');
    if (*count == OTHERS_MOST || !end || strcmp(end, ":id") != 0 || (size_t)(end - text) <= head ||
        strncmp(text, bull->prefix, head - 1) != 0)
        return;
    buf_format(names, "%s%.*s", names->size ? ", " : "", (int)(end - text - (ptrdiff_t)head), text + head);
    (*count)++;
}

const char *bull_others(bull_t *bull)
{
    fault_t unused;
    buf_t names = {0};
    char cursor[32] = "0";
    size_t count = 0;
    const char *pattern = arena_format(bull->arena, "%s:*:id", bull->prefix);
    for (int round = 0; round < SCANS_MOST; round++) {
        const reply_t *reply = ASK(bull, &unused, "SCAN", cursor, "MATCH", pattern, "COUNT", "1000");
        if (!reply)
            break;
        snprintf(cursor, sizeof cursor, "%s", reply_text(reply_item(reply, 0)));
        const reply_t *found = reply_item(reply, 1);
        for (uint32_t i = 0; i < found->count; i++)
            note_other(bull, &found->items[i], &names, &count);
        if (strcmp(cursor, "0") == 0)
            break;
    }
    const char *kept = arena_text(bull->arena, buf_string(&names));
    buf_free(&names);
    return kept;
}
