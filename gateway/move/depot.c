/* depot: see depot.h. */
#include "depot.h"
#include "gateway/store/store_open.h"
#include "proto/base/memory.h"
#include "proto/s3/s3_settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a transfer is tried again: a move has more patience than a request. */
enum { RETRY_MS = 30000 };

/* The folder can be made later: the one above it is there, and ours to write. */
static int check_parent(depot_t *depot, const depot_plan_t *plan, const char *path, fault_t *fault)
{
    const char *slash = strrchr(path, '/');
    const char *above = slash ? arena_text_n(depot->arena, path, slash == path ? 1 : (size_t)(slash - path)) : ".";
    if (access(above, W_OK | X_OK) == 0)
        return 0;
    return fault_set(fault, FAULT_SETTING, "%s: the folder %s cannot be made: %s", plan->what, path, strerror(errno));
}

/* Files of a folder that is not there are not made by looking: only a target's folder is, and none above it. */
static int open_folder(depot_t *depot, const depot_plan_t *plan, const char *path, fault_t *fault)
{
    if (plan->may_create && mkdir(path, 0755) < 0 && errno != EEXIST)
        return fault_set(fault, FAULT_SETTING, "%s: the folder %s cannot be made: %s", plan->what, path,
                         strerror(errno));
    char *real = realpath(path, NULL);
    depot->absent = !real && errno == ENOENT && plan->target;
    if (depot->absent)
        return check_parent(depot, plan, path, fault);
    depot->path = arena_text(depot->arena, real);
    free(real);
    depot->folder = depot->path ? open(depot->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (depot->folder < 0)
        return fault_set(fault, FAULT_INPUT, "%s: the folder %s cannot be read: %s", plan->what, path, strerror(errno));
    if (plan->demo)
        return 0;
    depot->blobs = blobs_open_files(depot->path, fault);
    return depot->blobs ? 0 : -1;
}

static int open_bucket(depot_t *depot, const depot_plan_t *plan, fault_t *fault)
{
    s3_plan_t s3 = s3_settings_plan(plan->settings);
    s3.bucket = depot->bucket;
    s3.line.most_bytes_s = plan->most_bytes_s;
    if (!(depot->s3 = s3_new(&s3, fault)) || s3_check(depot->s3, fault) < 0)
        return fault_prefix(fault, plan->what);
    s3.line.retry_ms = RETRY_MS;
    depot->blobs = blobs_open_s3(&s3, depot->prefix, fault);
    return depot->blobs ? 0 : fault_prefix(fault, plan->what);
}

/* "s3://BUCKET/PREFIX" */
static int open_s3(depot_t *depot, const depot_plan_t *plan, const char *place, fault_t *fault)
{
    size_t size = strcspn(place, "/");
    if (plan->demo)
        return fault_set(fault, FAULT_USAGE, "%s: the demo keeps its files in a folder; name it as file:DIR",
                         plan->what);
    depot->bucket = arena_text_n(depot->arena, place, size);
    depot->prefix = arena_text(depot->arena, place[size] ? place + size + 1 : "");
    return open_bucket(depot, plan, fault);
}

static int open_standard(depot_t *depot, const depot_plan_t *plan, fault_t *fault)
{
    const settings_t *settings = plan->settings;
    if (plan->demo)
        return fault_set(fault, FAULT_USAGE, "%s: where are they? Name the demo's folder of uploads as file:DIR",
                         plan->what);
    if (settings->s3_bucket) {
        depot->bucket = settings->s3_bucket;
        depot->prefix = settings->s3_prefix ? settings->s3_prefix : "";
        depot->address = arena_format(depot->arena, "s3://%s/%s", depot->bucket, depot->prefix);
        return open_bucket(depot, plan, fault);
    }
    const char *data = store_open_folder(settings, depot->arena, fault);
    if (!data)
        return -1;
    depot->address = arena_format(depot->arena, "file:%s/blobs", data);
    return open_folder(depot, plan, depot->address + 5, fault);
}

int depot_open(depot_t *depot, const depot_plan_t *plan, fault_t *fault)
{
    *depot = (depot_t){.arena = arena_new(), .folder = -1, .address = plan->address, .demo = plan->demo};
    if (!plan->address)
        return open_standard(depot, plan, fault);
    if (strncmp(plan->address, "file:", 5) == 0 && plan->address[5])
        return open_folder(depot, plan, plan->address + 5, fault);
    if (strncmp(plan->address, "s3://", 5) == 0 && plan->address[5])
        return open_s3(depot, plan, plan->address + 5, fault);
    return fault_set(fault, FAULT_USAGE, "%s: files are in file:DIR or s3://BUCKET/PREFIX, not in %.100s", plan->what,
                     plan->address);
}

void depot_close(depot_t *depot)
{
    blobs_close(&depot->blobs);
    s3_destroy(&depot->s3);
    if (depot->folder >= 0)
        close(depot->folder);
    wordmap_destroy(&depot->there);
    wordmap_destroy(&depot->synced);
    free(depot->objects);
    arena_destroy(&depot->arena);
}

int depot_check(depot_t *depot, fault_t *fault)
{
    char probe[64];
    if (depot->absent)
        return 0; /* the folder above it was looked at */
    if (depot->blobs)
        return blobs_check(depot->blobs, fault);
    snprintf(probe, sizeof probe, ".yogi-move-check-%d", (int)getpid());
    int fd = openat(depot->folder, probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fault_set(fault, FAULT_SETTING, "the folder %s cannot be written: %s", depot->path, strerror(errno));
    close(fd);
    unlinkat(depot->folder, probe, 0);
    return 0;
}

/* ---- what is there ---- */

static void note_synced(depot_t *depot, const s3_object_t *object)
{
    if (depot->object_count == depot->object_room) {
        depot->object_room = depot->object_room ? 2 * depot->object_room : 256;
        depot->objects = memory_grow(depot->objects, depot->object_room, sizeof *depot->objects);
    }
    depot->objects[depot->object_count] = (synced_t){arena_text(depot->arena, object->key), object->bytes};
    for (const char *end = object->key; *end;) {
        if (!wordmap_get(depot->synced, view_of(end), NULL))
            wordmap_put(depot->synced, view_of(end), depot->object_count);
        end += strcspn(end, "/");
        end += *end == '/';
    }
    depot->object_count++;
}

static bool on_object(void *user, const s3_object_t *object)
{
    depot_t *depot = user;
    char key[BLOBS_KEY_BYTES], name[S3_KEY_MOST + 1];
    fault_t unused;
    const char *slash = strrchr(object->key, '/'), *tenant = slash;
    while (tenant && tenant > object->key && tenant[-1] != '/')
        tenant--;
    if (slash && slash - tenant < BLOBS_TENANT_BYTES) {
        char owner[BLOBS_TENANT_BYTES];
        snprintf(owner, sizeof owner, "%.*s", (int)(slash - tenant), tenant);
        if (blobs_key(owner, slash + 1, key, &unused) == 0) {
            depot_name(depot, key, name);
            if (strcmp(name, object->key) == 0) {
                wordmap_put(depot->there, view_of(key), (uint64_t)object->bytes);
                return true;
            }
        }
    }
    note_synced(depot, object);
    return true;
}

int depot_list(depot_t *depot, fault_t *fault)
{
    if (!depot->s3)
        return 0;
    wordmap_destroy(&depot->there);
    wordmap_destroy(&depot->synced);
    depot->there = wordmap_new();
    depot->synced = wordmap_new();
    depot->object_count = 0;
    return s3_list(depot->s3, depot->prefix, on_object, depot, fault);
}

int depot_has(depot_t *depot, const char *key, int64_t bytes, fault_t *fault)
{
    blob_info_t info;
    uint64_t there;
    if (depot->there)
        return wordmap_get(depot->there, view_of(key), &there) && there == (uint64_t)bytes;
    int found = blobs_find(depot->blobs, key, &info, fault);
    return found == 1 ? info.bytes == bytes : found;
}

const synced_t *depot_synced(const depot_t *depot, const char *name, int64_t bytes)
{
    uint64_t number;
    if (!depot->synced || !wordmap_get(depot->synced, view_of(name), &number) || depot->objects[number].bytes != bytes)
        return NULL;
    return &depot->objects[number];
}

void depot_name(const depot_t *depot, const char *key, char name[S3_KEY_MOST + 1])
{
    size_t size = strlen(depot->prefix);
    bool slash = size && depot->prefix[size - 1] != '/';
    snprintf(name, S3_KEY_MOST + 1, "%s%s%s", depot->prefix, slash ? "/" : "", key);
}
