/* jwks: see jwks.h. */
#include "jwks.h"

#include "proto/base/buf.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/fetch/fetch_once.h"
#include "proto/redact.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A weaker key is none (RFC 7518, 3.3). */
enum { RSA_BITS_LEAST = 2048 };

/* Plain data. */
typedef struct {
    cjose_jwk_t *keys[JWKS_KEYS_MOST];
    size_t count;
} key_set_t;

struct jwks {
    char *place;
    char *authorities; /* or NULL */
    const log_t *log;  /* or NULL */
    bool is_url;
    char told[400];       /* what was logged last; "" = nothing is wrong, or nothing was logged yet */
    pthread_mutex_t lock; /* of what follows */
    key_set_t set;
    bool asking;         /* a thread is */
    int64_t asked_us;    /* last */
    struct stat version; /* of the file that was read */
};

static void release(key_set_t *set)
{
    for (size_t i = 0; i < set->count; i++)
        cjose_jwk_release(set->keys[i]);
    set->count = 0;
}

/* ---- reading ---- */

static bool is_for_us(const json_t *key)
{
    const char *type = json_string_value(json_object_get(key, "kty")),
               *use = json_string_value(json_object_get(key, "use"));
    const char *algorithm = json_string_value(json_object_get(key, "alg"));
    return type && strcmp(type, "RSA") == 0 && (!use || strcmp(use, "sig") == 0) &&
           (!algorithm || strcmp(algorithm, "RS256") == 0);
}

/* The set of a text; keys that are not for us are passed over. -1 with the fault. */
static int parse(const buf_t *text, key_set_t *set, fault_t *fault)
{
    json_error_t error;
    json_t *root = json_loadb(buf_string(text), text->size, 0, &error);
    const json_t *list = json_object_get(root, "keys");
    *set = (key_set_t){0};
    if (!json_is_array(list)) {
        json_decref(root);
        return fault_set(fault, FAULT_SETTING, "it is no set of keys: a JSON object with an array \"keys\" is wanted");
    }
    for (size_t i = 0; i < json_array_size(list) && set->count < JWKS_KEYS_MOST; i++) {
        const json_t *key = json_array_get(list, i);
        cjose_err problem;
        char *one = is_for_us(key) ? json_dumps(key, JSON_COMPACT) : NULL;
        cjose_jwk_t *jwk = one ? cjose_jwk_import(one, strlen(one), &problem) : NULL;
        free(one);
        if (jwk && cjose_jwk_get_keysize(jwk, &problem) >= RSA_BITS_LEAST)
            set->keys[set->count++] = jwk;
        else if (jwk)
            cjose_jwk_release(jwk);
    }
    json_decref(root);
    return 0;
}

static int read_all(int fd, buf_t *text, fault_t *fault)
{
    char block[16384];
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) > 0 && text->size <= JWKS_BYTES_MOST)
        buf_add(text, block, (size_t)n);
    if (n < 0)
        return fault_set(fault, FAULT_SETTING, "it cannot be read: %s", strerror(errno));
    if (text->size > JWKS_BYTES_MOST)
        return fault_set(fault, FAULT_SETTING, "it has more than %d bytes", JWKS_BYTES_MOST);
    return 0;
}

static int read_file(const char *path, buf_t *text, struct stat *version, fault_t *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, version) < 0) {
        if (fd >= 0)
            close(fd);
        return fault_set(fault, FAULT_SETTING, "it cannot be opened: %s", strerror(errno));
    }
    int done = read_all(fd, text, fault);
    close(fd);
    return done;
}

static int ask_url(const jwks_t *jwks, buf_t *text, fault_t *fault)
{
    fetch_wish_t wish = {.url = jwks->place,
                         .networks = "0.0.0.0/0 ::/0", /* an operator has named it */
                         .authorities = jwks->authorities,
                         .bytes_most = JWKS_BYTES_MOST,
                         .seconds = JWKS_SECONDS};
    return fetch_once(&wish, text, fault);
}

/* Says what has become of the place, where that is something else than it was; by one thread at a time. */
static void tell(jwks_t *jwks, const char *text, size_t keys)
{
    char place[REDACT_BYTES];
    if (!jwks->log || strcmp(text, jwks->told) == 0)
        return;
    snprintf(jwks->told, sizeof jwks->told, "%s", text);
    const char *name = jwks->is_url ? redact_url(jwks->place, place) : jwks->place;
    if (*text)
        LOG(jwks->log, LOG_WARNING, "jwks.fault", {"place", name, 0}, {"message", text, 0});
    else
        LOG(jwks->log, LOG_INFO, "jwks.good", {"place", name, 0}, {"keys", NULL, (int64_t)keys});
}

static int get(jwks_t *jwks, key_set_t *fresh, struct stat *version, fault_t *fault)
{
    buf_t text = {0};
    int done = jwks->is_url ? ask_url(jwks, &text, fault) : read_file(jwks->place, &text, version, fault);
    if (done == 0)
        done = parse(&text, fresh, fault);
    buf_free(&text);
    return done;
}

/* Reads the keys anew; without the lock. Where they cannot be had those of before stay good. */
static int refresh(jwks_t *jwks, fault_t *fault)
{
    key_set_t fresh;
    struct stat version = {0};
    if (get(jwks, &fresh, &version, fault) < 0) {
        tell(jwks, fault->text, 0);
        return -1;
    }
    tell(jwks, fresh.count ? "" : "it has no key for RS256 of 2048 bits or more: no token is taken", fresh.count);
    pthread_mutex_lock(&jwks->lock);
    key_set_t before = jwks->set;
    jwks->set = fresh;
    jwks->version = version;
    pthread_mutex_unlock(&jwks->lock);
    release(&before);
    return 0;
}

/* ---- the interface ---- */

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_new(size, 1), text, size);
}

jwks_t *jwks_new(const char *place, const char *authorities, const log_t *log, fault_t *fault)
{
    jwks_t *jwks = memory_new(1, sizeof *jwks);
    jwks->log = log;
    pthread_mutex_init(&jwks->lock, NULL);
    jwks->place = copy(place);
    jwks->authorities = authorities ? copy(authorities) : NULL;
    jwks->is_url = strncmp(place, "https://", 8) == 0 || strncmp(place, "http://", 7) == 0;
    jwks->asked_us = clock_now_us();
    if (refresh(jwks, fault) < 0 && !jwks->is_url)
        jwks_destroy(&jwks);
    return jwks;
}

void jwks_destroy(jwks_t **jwks)
{
    if (!jwks || !*jwks)
        return;
    release(&(*jwks)->set);
    pthread_mutex_destroy(&(*jwks)->lock);
    free((*jwks)->place);
    free((*jwks)->authorities);
    free(*jwks);
    *jwks = NULL;
}

/* Among those that are here; the lock is held. */
static cjose_jwk_t *look(const jwks_t *jwks, const char *kid)
{
    cjose_err problem;
    if (!kid)
        return jwks->set.count == 1 ? cjose_jwk_retain(jwks->set.keys[0], &problem) : NULL;
    for (size_t i = 0; i < jwks->set.count; i++) {
        const char *name = cjose_jwk_get_kid(jwks->set.keys[i], &problem);
        if (name && strcmp(name, kid) == 0)
            return cjose_jwk_retain(jwks->set.keys[i], &problem);
    }
    return NULL;
}

static bool has_changed(const jwks_t *jwks)
{
    struct stat now;
    return !jwks->is_url && stat(jwks->place, &now) == 0 &&
           (now.st_ino != jwks->version.st_ino || now.st_mtim.tv_sec != jwks->version.st_mtim.tv_sec ||
            now.st_mtim.tv_nsec != jwks->version.st_mtim.tv_nsec);
}

cjose_jwk_t *jwks_find(jwks_t *jwks, const char *kid)
{
    fault_t unused = {0};
    pthread_mutex_lock(&jwks->lock);
    cjose_jwk_t *found = look(jwks, kid);
    int64_t age_us = clock_now_us() - jwks->asked_us;
    bool due = has_changed(jwks) || (jwks->is_url && age_us > JWKS_OLD_S * 1000000LL) ||
               (!found && age_us > JWKS_AGAIN_S * 1000000LL);
    bool mine = due && !jwks->asking;
    if (mine) {
        jwks->asking = true;
        jwks->asked_us = clock_now_us();
    }
    pthread_mutex_unlock(&jwks->lock);
    if (!mine)
        return found;
    if (found)
        cjose_jwk_release(found);
    if (refresh(jwks, &unused) < 0)
        unused = (fault_t){0}; /* it has been told */
    pthread_mutex_lock(&jwks->lock);
    jwks->asking = false;
    found = look(jwks, kid);
    pthread_mutex_unlock(&jwks->lock);
    return found;
}
