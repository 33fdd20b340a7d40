/* blobs: see blobs.h. What every place has in common: keys are checked before anything is done with them. */
#include "blobs_place.h"

#include "proto/base/tenant.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static bool is_of(const char *text, size_t length, const char *letters)
{
    return length && strspn(text, letters) >= length;
}

static bool is_digest(const char *text)
{
    return strlen(text) == HASH_HEX - 1 && is_of(text, HASH_HEX - 1, "0123456789abcdef");
}

bool blobs_key_holds(const char *key)
{
    const char *slash = strchr(key, '/');
    return slash && tenant_is_name(key, (size_t)(slash - key)) && is_digest(slash + 1);
}

int blobs_key(const char *tenant, const char *sha256, char key[BLOBS_KEY_BYTES], fault_t *fault)
{
    if (!tenant_is_name(tenant, strlen(tenant)))
        return fault_set(fault, FAULT_INPUT, "\"%s\" is no name of a tenant: it has 1 to 64 of a-z, 0-9, - and _",
                         tenant);
    if (!is_digest(sha256))
        return fault_set(fault, FAULT_INPUT, "\"%s\" is no SHA-256 in lower-case hex", sha256);
    snprintf(key, BLOBS_KEY_BYTES, "%s/%s", tenant, sha256);
    return 0;
}

static int check_key(const char *key, fault_t *fault)
{
    return blobs_key_holds(key) ? 0 : fault_set(fault, FAULT_INPUT, "\"%s\" is no key of a blob (tenant/sha256)", key);
}

void blobs_close(blobs_t **blobs)
{
    if (!blobs || !*blobs)
        return;
    (*blobs)->place->close(*blobs);
    *blobs = NULL;
}

int blobs_put(blobs_t *blobs, const char *key, int fd, int64_t bytes, const char *media, fault_t *fault)
{
    assert(bytes >= 0);
    return check_key(key, fault) < 0 ? -1 : blobs->place->put(blobs, key, fd, bytes, media, fault);
}

int blobs_get(blobs_t *blobs, const char *key, int64_t from, int64_t bytes, blobs_sink_fn *sink, void *user,
              fault_t *fault)
{
    assert(from >= 0 && bytes != 0);
    return check_key(key, fault) < 0 ? -1 : blobs->place->get(blobs, key, from, bytes, sink, user, fault);
}

int blobs_find(blobs_t *blobs, const char *key, blob_info_t *info, fault_t *fault)
{
    return check_key(key, fault) < 0 ? -1 : blobs->place->find(blobs, key, info, fault);
}

int blobs_remove(blobs_t *blobs, const char *key, int64_t bytes, fault_t *fault)
{
    return check_key(key, fault) < 0 ? -1 : blobs->place->remove(blobs, key, bytes, fault);
}

int blobs_list(blobs_t *blobs, blobs_visit_fn *visit, void *user, fault_t *fault)
{
    return blobs->place->list(blobs, visit, user, fault);
}

int blobs_url(blobs_t *blobs, const char *key, int seconds, buf_t *url, fault_t *fault)
{
    return check_key(key, fault) < 0 ? -1 : blobs->place->url(blobs, key, seconds, url, fault);
}

void blobs_tidy(blobs_t *blobs, int64_t age_s)
{
    if (blobs->place->tidy)
        blobs->place->tidy(blobs, age_s);
}

int blobs_check(blobs_t *blobs, fault_t *fault)
{
    return blobs->place->check(blobs, fault);
}
