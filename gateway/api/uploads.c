/* uploads: POST /documents/upload. A file is answered for once its bytes are in their place and its row is on disk
 * (DESIGN.md section 6):
 *
 *     holds_take ──▶ blobs_put (unless it is there) ──▶ documents_accept ──▶ the answer
 *         ▲                                                 │ the object went meanwhile
 *         └─────────────────────────────────────────────────┘
 */
#include "api.h"

#include "gateway/store/holds.h"
#include "handlers.h"
#include "media.h"
#include "options.h"
#include "proto/base/mark.h"
#include "proto/json.h"
#include "show.h"
#include "waiting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* HOLD: bytes that are put in a second even over a poor line, which a blob is held for beside YOGI_GRACE_SECONDS.
 * TRIES: an object that goes away that often while it is put is no chance. KEY: an Idempotency-Key. */
enum { HOLD_BYTES = 1000000, TRIES_MOST = 5, KEY_MOST = 255 };

/* One file on its way in. */
typedef struct {
    gateway_t *gateway;
    const caller_t *caller;
    const call_file_t *file;
    arena_t *arena;
    media_t media;
    const char *birth; /* of the blob, if it is new */
    hold_t hold;
    verdict_t held;
    accept_t accept;
    accepted_t accepted;
} upload_t;

static int hold(session_t *session, store_task_t *task, fault_t *fault)
{
    upload_t *upload = task->context;
    int64_t seconds = upload->gateway->process->settings.grace_seconds + upload->file->bytes / HOLD_BYTES;
    return holds_take(session, upload->caller->tenant, upload->file->sha256, upload->file->bytes, seconds * 1000,
                      upload->birth, upload->arena, &upload->hold, &upload->held, fault);
}

static int take_in(session_t *session, store_task_t *task, fault_t *fault)
{
    upload_t *upload = task->context;
    int failed = documents_accept(session, &upload->accept, upload->arena, &upload->accepted, fault);
    MARK("accept.written");
    return failed;
}

/* The bytes are in their place. false after it has answered. */
static bool place(call_t *call, upload_t *upload)
{
    char key[BLOBS_KEY_BYTES];
    fault_t fault = {0};
    upload->birth = api_id(call);
    if (!api_store(call, upload->gateway, STORE_RELAXED, hold, upload))
        return false;
    MARK("upload.held");
    if (upload->held != VERDICT_DONE || upload->hold.present)
        return true;
    if (blobs_key(upload->caller->tenant, upload->file->sha256, key, &fault) < 0 ||
        blobs_put(upload->gateway->blobs, key, upload->file->fd, upload->file->bytes, upload->media.media, &fault) <
            0) {
        api_fault(call, &fault);
        return false;
    }
    return true;
}

/* Placed and accepted. false after it has answered. */
static bool bring_in(call_t *call, upload_t *upload)
{
    for (int i = 0; i < TRIES_MOST; i++) {
        if (!place(call, upload))
            return false;
        upload->accept.birth = upload->hold.birth;
        if (upload->held != VERDICT_DONE)
            continue;
        MARK("upload.placed");
        if (!api_store(call, upload->gateway, STORE_WRITE, take_in, upload))
            return false;
        MARK("upload.accepted");
        if (upload->accepted.verdict != VERDICT_BLOB_AWAY)
            return true;
    }
    call_set_header(call, "Retry-After", "1");
    call_problem(call, 503, "busy", "the same bytes are just being removed; send them again in a moment");
    return false;
}

static media_t look_at(const call_file_t *file)
{
    size_t size = file->bytes < MEDIA_BYTES ? (size_t)file->bytes : MEDIA_BYTES;
    char *bytes = malloc(size + 1);
    ssize_t n = bytes ? pread(file->fd, bytes, size, 0) : 0;
    media_t media = media_of(bytes ? bytes : "", n > 0 ? (size_t)n : 0);
    free(bytes);
    return media;
}

/* What tells a repetition of an upload from another use of its key. */
static const char *fingerprint(call_t *call, const upload_options_t *options)
{
    static const char *const fields[] = {"name", "className", "teacher"};
    char hex[HASH_HEX];
    hash_t hash;
    const call_file_t *file;
    hash_begin(&hash);
    hash_add(&hash, options->hash, HASH_HEX);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const char *value = call_field(call, fields[i]);
        hash_add(&hash, value ? value : "", value ? strlen(value) + 1 : 1);
    }
    for (size_t i = 0; (file = call_file(call, i)); i++)
        hash_add(&hash, file->sha256, HASH_HEX);
    return arena_text(call_arena(call), hash_hex(&hash, hex));
}

/* The files of a form, checked. Returns how many; 0 after it has answered. */
static size_t count_files(call_t *call)
{
    const call_file_t *file;
    size_t count = 0;
    for (; (file = call_file(call, count)); count++) {
        if (strcmp(file->field, "file") != 0) {
            call_problem(call, 400, "wrong-field",
                         "the form's field %s is no file of ours; send files as the field file", file->field);
            return 0;
        }
        if (!file->bytes) {
            call_problem(call, 400, "empty-file", "%s is empty", *file->name ? file->name : "the file");
            return 0;
        }
    }
    if (!count)
        call_problem(call, 400, "no-file", "No file provided");
    return count;
}

static void prepare(call_t *call, gateway_t *gateway, const upload_options_t *options, const char *prints, size_t index,
                    upload_t *upload)
{
    const call_file_t *file = call_file(call, index);
    const char *key = call_header(call, "Idempotency-Key"), *fresh = call_query(call, "fresh");
    *upload = (upload_t){.gateway = gateway,
                         .caller = api_caller(call),
                         .file = file,
                         .arena = call_arena(call),
                         .media = look_at(file)};
    upload->accept = (accept_t){.id = api_id(call),
                                .run = api_id(call),
                                .tenant = upload->caller->tenant,
                                .filename = view_of(*file->name ? file->name : "document"),
                                .file_type = view_of(upload->media.word),
                                .file_size = file->bytes,
                                .sha256 = file->sha256,
                                .options = view_of(options->json),
                                .options_hash = options->hash,
                                .name = view_of(call_field(call, "name")),
                                .teacher_name = view_of(call_field(call, "teacher")),
                                .class_name = view_of(call_field(call, "className")),
                                .uploader = upload->caller->key,
                                .owner = outbox_name(gateway->outbox),
                                .route = OUTBOX_ROUTE,
                                .attempts = OUTBOX_ATTEMPTS,
                                .fresh = fresh && strcmp(fresh, "0") != 0,
                                .key = view_of(key),
                                .fingerprint = prints,
                                .part = (int)index};
}

/* Takes one file in and notes it for the answer. false after it has answered. */
static bool take_file(call_t *call, upload_t *upload, waiting_t *waiting)
{
    if (!bring_in(call, upload))
        return false;
    if (upload->accepted.verdict == VERDICT_CONFLICT) {
        call_problem(call, 409, "key-in-use", "this Idempotency-Key was used for another upload; take a new one");
        return false;
    }
    if (upload->accepted.verdict == VERDICT_DONE && !upload->accepted.reused_from)
        outbox_begin(upload->gateway->outbox, &upload->accept);
    waiting_add(waiting, &upload->accepted);
    return true;
}

void uploads_post(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    caller_t *caller = api_caller(call);
    const char *key = call_header(call, "Idempotency-Key");
    upload_options_t options;
    fault_t fault = {0};
    int64_t seconds;
    if (caller->memo) { /* it waits for its timetables */
        waiting_go_on(caller->memo, call, gateway);
        return;
    }
    MARK("upload.spooled");
    size_t count = count_files(call);
    if (!count || !call_number(call, "wait", 0, WAITING_SECONDS_MOST, 0, &seconds))
        return;
    if (key && strlen(key) > KEY_MOST) {
        call_problem(call, 400, "bad-key", "the Idempotency-Key has more than %d characters", KEY_MOST);
        return;
    }
    if (options_read(call_field(call, "options"), call_arena(call), &options, &fault) < 0) {
        call_problem(call, 400, "bad-options", "%s", fault.text);
        return;
    }
    const char *prints = fingerprint(call, &options);
    waiting_t *waiting = waiting_new(call_arena(call), seconds);
    for (size_t i = 0; i < count; i++) {
        upload_t upload;
        prepare(call, gateway, &options, prints, i, &upload);
        if (!take_file(call, &upload, waiting))
            return;
    }
    MARK("upload.answer");
    caller->memo = waiting;
    waiting_go_on(waiting, call, gateway);
}
