/* blobs_s3: blobs as objects of a bucket, "prefix/tenant/sha256". */
#include "blobs_place.h"

#include "proto/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PREFIX: what S3 leaves of a name beside our keys. */
enum { PREFIX_BYTES = S3_KEY_MOST - BLOBS_KEY_BYTES };

typedef struct {
    blobs_t blobs; /* first */
    s3_t *s3;
    char prefix[PREFIX_BYTES]; /* with a slash at its end; "" */
} bucket_t;

typedef struct {
    char text[S3_KEY_MOST + 1];
} name_t;

static s3_t *server(blobs_t *blobs)
{
    return ((bucket_t *)blobs)->s3;
}

/* The name of the key's object. */
static name_t name_of(const blobs_t *blobs, const char *key)
{
    name_t name;
    snprintf(name.text, sizeof name.text, "%s%s", ((const bucket_t *)blobs)->prefix, key);
    return name;
}

/* The digest stands in the key, and the server holds the bytes to it. */
static int put(blobs_t *blobs, const char *key, int fd, int64_t bytes, const char *media, fault_t *fault)
{
    return s3_put(server(blobs), name_of(blobs, key).text, fd, bytes, strchr(key, '/') + 1, media, fault);
}

static int get(blobs_t *blobs, const char *key, int64_t from, int64_t bytes, blobs_sink_fn *sink, void *user,
               fault_t *fault)
{
    return s3_get(server(blobs), name_of(blobs, key).text, from, bytes, sink, user, fault);
}

static void take(const s3_object_t *object, const char *key, blob_info_t *info)
{
    *info = (blob_info_t){.bytes = object->bytes, .changed_s = object->changed_s};
    snprintf(info->key, sizeof info->key, "%.*s", BLOBS_KEY_BYTES - 1, key);
}

static int find(blobs_t *blobs, const char *key, blob_info_t *info, fault_t *fault)
{
    s3_object_t object;
    int there = s3_head(server(blobs), name_of(blobs, key).text, &object, fault);
    if (there == 1)
        take(&object, key, info);
    return there;
}

/* Parts of it that nobody has put together go too. A server that does not let us look for some has a rule of the
 * bucket's life cycle for them, or none. */
static int remove_one(blobs_t *blobs, const char *key, int64_t bytes, fault_t *fault)
{
    name_t name = name_of(blobs, key);
    if (s3_delete(server(blobs), name.text, fault) < 0)
        return -1;
    bool parts = bytes < 0 || bytes > S3_PART_BYTES;
    return parts && s3_give_up(server(blobs), name.text, fault) < 0 && fault->code == FAULT_UNREACHABLE ? -1 : 0;
}

typedef struct {
    blobs_visit_fn *visit;
    void *user;
    size_t prefix; /* bytes of it */
} visitor_t;

static bool on_object(void *user, const s3_object_t *object)
{
    const visitor_t *visitor = user;
    const char *key = object->key + visitor->prefix;
    blob_info_t info;
    if (!blobs_key_holds(key))
        return true;
    take(object, key, &info);
    return visitor->visit(visitor->user, &info);
}

static int list(blobs_t *blobs, blobs_visit_fn *visit, void *user, fault_t *fault)
{
    const char *prefix = ((const bucket_t *)blobs)->prefix;
    visitor_t visitor = {visit, user, strlen(prefix)};
    return s3_list(server(blobs), prefix, on_object, &visitor, fault);
}

static int url_of(blobs_t *blobs, const char *key, int seconds, buf_t *url, fault_t *fault)
{
    return s3_url(server(blobs), name_of(blobs, key).text, seconds, url, fault);
}

static int check(blobs_t *blobs, fault_t *fault)
{
    return s3_check(server(blobs), fault);
}

static void close_bucket(blobs_t *blobs)
{
    s3_destroy(&((bucket_t *)blobs)->s3);
    free(blobs);
}

/* Takes the prefix without the slashes around it. */
static int set_prefix(bucket_t *bucket, const char *prefix, fault_t *fault)
{
    size_t from = strspn(prefix, "/"), size = strlen(prefix + from);
    while (size && prefix[from + size - 1] == '/')
        size--;
    if (size + 2 > sizeof bucket->prefix)
        return fault_set(fault, FAULT_SETTING, "S3_PREFIX has more than %d bytes", PREFIX_BYTES - 2);
    snprintf(bucket->prefix, sizeof bucket->prefix, "%.*s%s", (int)size, prefix + from, size ? "/" : "");
    return 0;
}

blobs_t *blobs_open_s3(const s3_plan_t *plan, const char *prefix, fault_t *fault)
{
    static const blobs_place_t place = {put, get, find, remove_one, list, url_of, check, NULL, close_bucket};
    s3_t *s3 = s3_new(plan, fault);
    if (!s3)
        return NULL;
    bucket_t *bucket = memory_new(1, sizeof *bucket);
    *bucket = (bucket_t){.blobs = {&place}, .s3 = s3};
    if (set_prefix(bucket, prefix ? prefix : "", fault) == 0)
        return &bucket->blobs;
    close_bucket(&bucket->blobs);
    return NULL;
}
