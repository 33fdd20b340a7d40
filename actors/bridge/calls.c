/* calls: see calls.h. Keys come by the table of scripts.h; what stands here are the arguments. */
#include "calls.h"
#include "packing.h"
#include "proto/redis/resp.h"

#include <assert.h>
#include <string.h>

span_t span_text(const char *text)
{
    return (span_t){text, text ? strlen(text) : 0};
}

/* ---- keys ---- */

/* What is spoken of: some keys depend on it. */
typedef struct {
    span_t id;
    bool completed; /* the target, else failed */
} subject_t;

static void add_key(buf_t *out, const keys_t *keys, key_kind_t kind, const subject_t *subject)
{
    switch (kind) {
    case KEY_JOB:
        resp_pair(out, keys->prefix, keys->prefix_size, subject->id.at, subject->id.size);
        return;
    case KEY_JOB_LOGS: {
        buf_t rest = {0};
        buf_add(&rest, subject->id.at, subject->id.size);
        buf_text(&rest, ":logs");
        resp_pair(out, keys->prefix, keys->prefix_size, rest.bytes, rest.size);
        buf_free(&rest);
        return;
    }
    case KEY_TARGET:
        kind = subject->completed ? KEY_COMPLETED : KEY_FAILED;
        break;
    case KEY_METRICS:
        kind = subject->completed ? KEY_METRICS_COMPLETED : KEY_METRICS_FAILED;
        break;
    default:
        break;
    }
    assert(kind < KEY_FIXED);
    resp_word(out, keys->texts[kind], keys->sizes[kind]);
}

/* EVALSHA, the hash, the keys; so many arguments must follow. */
static void begin(buf_t *out, const call_scene_t *scene, script_kind_t kind, const subject_t *subject, size_t arguments)
{
    const script_t *script = &scripts[scene->major][kind];
    assert(script->name);
    resp_begin(out, 3 + script->key_count + arguments);
    resp_word(out, "EVALSHA", 7);
    resp_word(out, script->sha1, 40);
    resp_number(out, script->key_count);
    for (size_t i = 0; i < script->key_count; i++)
        add_key(out, scene->keys, (key_kind_t)script->keys[i], subject);
}

/* ---- arguments ---- */

static void add_word(buf_t *out, span_t word)
{
    resp_word(out, word.at, word.size);
}

static void add_prefix(buf_t *out, const call_scene_t *scene)
{
    resp_word(out, scene->keys->prefix, scene->keys->prefix_size);
}

static void add_flag(buf_t *out, bool flag)
{
    resp_word(out, flag ? "1" : "0", 1);
}

static void pack_pair(buf_t *out, const char *name, const char *text)
{
    packing_name(out, name);
    packing_name(out, text);
}

static void pack_count(buf_t *out, const char *name, int64_t number)
{
    packing_name(out, name);
    packing_int(out, number);
}

/* What every script that takes a job is told of the one who takes it; so many pairs. */
static size_t lease_pairs(const call_scene_t *scene)
{
    return 2 + (scene->limit_max > 0) + (scene->worker != NULL);
}

static void pack_lease(buf_t *out, const call_scene_t *scene)
{
    pack_pair(out, "token", scene->token);
    pack_count(out, "lockDuration", scene->lock_ms);
    if (scene->limit_max > 0) {
        packing_name(out, "limiter");
        packing_map(out, 2);
        pack_count(out, "max", scene->limit_max);
        pack_count(out, "duration", scene->limit_ms);
    }
    if (scene->worker)
        pack_pair(out, "name", scene->worker);
}

/* A packed map as an argument; emptied for the next one. */
static void add_packed(buf_t *out, buf_t *packed)
{
    resp_word(out, packed->bytes, packed->size);
    buf_free(packed);
}

static void add_lease(buf_t *out, const call_scene_t *scene)
{
    buf_t packed = {0};
    packing_map(&packed, lease_pairs(scene));
    pack_lease(&packed, scene);
    add_packed(out, &packed);
}

/* ---- a worker's calls ---- */

void call_move_to_active(buf_t *out, const call_scene_t *scene, int64_t now_ms)
{
    begin(out, scene, SCRIPT_MOVE_TO_ACTIVE, NULL, 3);
    add_prefix(out, scene);
    resp_number(out, now_ms);
    add_lease(out, scene);
}

static void pack_keep(buf_t *out, const keep_t *keep)
{
    bool count = keep->count >= 0 || keep->age_s == 0;
    packing_name(out, "keepJobs");
    packing_map(out, (size_t)count + (keep->age_s > 0) + (keep->limit > 0));
    if (count)
        pack_count(out, "count", keep->count);
    if (keep->age_s > 0)
        pack_count(out, "age", keep->age_s);
    if (keep->limit > 0)
        pack_count(out, "limit", keep->limit);
}

static void pack_flag(buf_t *out, const char *name, bool flag)
{
    packing_name(out, name);
    packing_bool(out, flag);
}

void call_finish(buf_t *out, const call_scene_t *scene, const call_finish_t *finish, int64_t now_ms)
{
    subject_t subject = {finish->id, finish->completed};
    buf_t packed = {0};
    packing_map(&packed, lease_pairs(scene) + 7);
    pack_lease(&packed, scene);
    pack_keep(&packed, &finish->keep);
    pack_count(&packed, "attempts", finish->attempts);
    packing_name(&packed, "maxMetricsSize");
    if (scene->metrics_points > 0)
        packing_int(&packed, scene->metrics_points);
    else
        packing_name(&packed, "");
    pack_flag(&packed, "fpof", finish->fail_parent);
    pack_flag(&packed, "cpof", finish->continue_parent);
    pack_flag(&packed, "idof", finish->ignore_dependency);
    pack_flag(&packed, "rdof", finish->remove_dependency);
    begin(out, scene, SCRIPT_MOVE_TO_FINISHED, &subject, 9);
    add_word(out, finish->id);
    resp_number(out, now_ms);
    resp_text(out, finish->completed ? "returnvalue" : "failedReason");
    add_word(out, finish->value);
    resp_text(out, finish->completed ? "completed" : "failed");
    add_flag(out, finish->fetch);
    add_prefix(out, scene);
    add_packed(out, &packed);
    add_word(out, finish->fields);
}

void call_retry(buf_t *out, const call_scene_t *scene, span_t id, bool lifo, span_t fields, int64_t now_ms)
{
    subject_t subject = {.id = id};
    begin(out, scene, SCRIPT_RETRY_JOB, &subject, 6);
    add_prefix(out, scene);
    resp_number(out, now_ms);
    resp_text(out, lifo ? "RPUSH" : "LPUSH");
    add_word(out, id);
    resp_text(out, scene->token);
    add_word(out, fields);
}

void call_delay(buf_t *out, const call_scene_t *scene, span_t id, int64_t delay_ms, span_t fields, bool fetch,
                int64_t now_ms)
{
    subject_t subject = {.id = id};
    begin(out, scene, SCRIPT_MOVE_TO_DELAYED, &subject, 9);
    add_prefix(out, scene);
    resp_number(out, now_ms);
    add_word(out, id);
    resp_text(out, scene->token);
    resp_number(out, delay_ms);
    add_flag(out, false); /* the attempt counts */
    add_word(out, fields);
    add_flag(out, fetch);
    add_lease(out, scene);
}

void call_give_back(buf_t *out, const call_scene_t *scene, span_t id)
{
    subject_t subject = {.id = id};
    begin(out, scene, SCRIPT_MOVE_JOB_FROM_ACTIVE_TO_WAIT, &subject, 3);
    add_word(out, id);
    resp_text(out, scene->token);
    add_key(out, scene->keys, KEY_JOB, &subject);
}

void call_stalled(buf_t *out, const call_scene_t *scene, int64_t most, int64_t interval_ms, int64_t now_ms)
{
    begin(out, scene, SCRIPT_MOVE_STALLED_JOBS_TO_WAIT, NULL, 4);
    resp_number(out, most);
    add_prefix(out, scene);
    resp_number(out, now_ms);
    resp_number(out, interval_ms);
}

void call_extend(buf_t *out, const call_scene_t *scene, const span_t *ids, size_t count)
{
    buf_t packed = {0};
    begin(out, scene, SCRIPT_EXTEND_LOCKS, NULL, 4);
    add_prefix(out, scene);
    packing_array(&packed, count);
    for (size_t i = 0; i < count; i++)
        packing_name(&packed, scene->token);
    add_packed(out, &packed);
    packing_array(&packed, count);
    for (size_t i = 0; i < count; i++)
        packing_text(&packed, ids[i].at, ids[i].size);
    add_packed(out, &packed);
    resp_number(out, scene->lock_ms);
}

void call_progress(buf_t *out, const call_scene_t *scene, span_t id, span_t json)
{
    subject_t subject = {.id = id};
    begin(out, scene, SCRIPT_UPDATE_PROGRESS, &subject, 2);
    add_word(out, id);
    add_word(out, json);
}

void call_log(buf_t *out, const call_scene_t *scene, span_t id, span_t row, int64_t keep)
{
    subject_t subject = {.id = id};
    begin(out, scene, SCRIPT_ADD_LOG, &subject, 3);
    add_word(out, id);
    add_word(out, row);
    if (keep > 0)
        resp_number(out, keep);
    else
        resp_word(out, NULL, 0);
}

void call_schedule(buf_t *out, const call_scene_t *scene, const call_schedule_t *schedule, int64_t now_ms)
{
    subject_t subject = {.id = schedule->producer};
    begin(out, scene, SCRIPT_UPDATE_JOB_SCHEDULER, &subject, 7);
    resp_number(out, schedule->next_ms);
    add_word(out, schedule->scheduler);
    add_word(out, schedule->data);
    add_word(out, schedule->options);
    resp_number(out, now_ms);
    add_prefix(out, scene);
    add_word(out, schedule->producer);
}

/* ---- a producer's ---- */

void call_add(buf_t *out, const call_scene_t *scene, const call_add_t *add, int64_t now_ms)
{
    buf_t packed = {0};
    script_kind_t kind = add->delay_ms > 0   ? SCRIPT_ADD_DELAYED_JOB
                         : add->priority > 0 ? SCRIPT_ADD_PRIORITIZED_JOB
                                             : SCRIPT_ADD_STANDARD_JOB;
    packing_array(&packed, 9);
    packing_text(&packed, scene->keys->prefix, scene->keys->prefix_size);
    packing_text(&packed, add->id.at, add->id.size);
    packing_text(&packed, add->name.at, add->name.size);
    packing_int(&packed, now_ms);
    for (int i = 0; i < 5; i++) /* parent, its dependencies, its name; scheduler; deduplication */
        packing_nil(&packed);
    begin(out, scene, kind, NULL, 3);
    add_packed(out, &packed);
    add_word(out, add->data);
    add_word(out, add->options);
}

void call_is_finished(buf_t *out, const call_scene_t *scene, span_t id)
{
    subject_t subject = {.id = id};
    begin(out, scene, SCRIPT_IS_FINISHED, &subject, 2);
    add_word(out, id);
    add_flag(out, true);
}

/* ---- for who looks after queues ---- */

void call_remove(buf_t *out, const call_scene_t *scene, span_t id)
{
    subject_t subject = {.id = id};
    begin(out, scene, SCRIPT_REMOVE_JOB, &subject, 3);
    add_word(out, id);
    add_flag(out, false); /* its children stay */
    add_prefix(out, scene);
}

void call_again(buf_t *out, const call_scene_t *scene, span_t id, bool lifo)
{
    subject_t subject = {.id = id};
    begin(out, scene, SCRIPT_REPROCESS_JOB, &subject, 6);
    add_word(out, id);
    resp_text(out, lifo ? "RPUSH" : "LPUSH");
    resp_text(out, "failedReason");
    resp_text(out, "failed");
    add_flag(out, true);
    add_flag(out, true);
}

void call_drain(buf_t *out, const call_scene_t *scene, bool delayed)
{
    begin(out, scene, SCRIPT_DRAIN, NULL, 2);
    add_prefix(out, scene);
    add_flag(out, delayed);
}

void call_load(buf_t *out, const call_scene_t *scene, script_kind_t kind)
{
    const script_t *script = &scripts[scene->major][kind];
    resp_begin(out, 3);
    resp_text(out, "SCRIPT");
    resp_text(out, "LOAD");
    resp_word(out, script->text, script->size);
}

/* ---- answers ---- */

static const script_t *find_script(const char *sha1)
{
    for (size_t major = 0; major < MAJOR_COUNT; major++)
        for (size_t i = 0; i < SCRIPT_COUNT; i++)
            if (memcmp(scripts[major][i].sha1, sha1, 40) == 0)
                return &scripts[major][i];
    return NULL;
}

bool call_with_text(const void *command, size_t size, buf_t *out)
{
    static const char mark[] = "\r\n$7\r\nEVALSHA\r\n$40\r\n";
    const char *bytes = command, *at = memchr(bytes, '\r', size);
    size_t head = sizeof mark - 1;
    if (!at || (size_t)(bytes + size - at) < head + 42 || memcmp(at, mark, head) != 0)
        return false;
    const char *sha1 = at + head, *rest = sha1 + 42;
    const script_t *script = find_script(sha1);
    if (!script)
        return false;
    buf_add(out, bytes, (size_t)(at - bytes));
    buf_text(out, "\r\n$4\r\nEVAL\r\n");
    resp_word(out, script->text, script->size);
    buf_add(out, rest, (size_t)(bytes + size - rest));
    return true;
}

const char *call_refusal(int64_t number)
{
    switch (number) {
    case REFUSAL_NO_JOB:
        return "missing-job";
    case REFUSAL_NO_LOCK:
        return "missing-lock";
    case REFUSAL_NOT_ACTIVE:
        return "not-active";
    case REFUSAL_CHILDREN:
        return "pending-children";
    case REFUSAL_NO_PARENT:
        return "missing-parent";
    case REFUSAL_OTHER_LOCK:
        return "lock-of-another";
    case REFUSAL_PARENT:
        return "parent-cannot-be-replaced";
    case REFUSAL_FAILED_CHILDREN:
        return "failed-children";
    default:
        return NULL;
    }
}
