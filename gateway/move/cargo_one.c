/* cargo_one: see cargo_one.h. */
#include "cargo_one.h"
#include "folder.h"
#include "proto/base/mark.h"
#include "proto/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char MEDIA[] = "application/octet-stream"; /* the database knows better */

/* A file that comes from a blob: written and hashed. */
typedef struct {
    int fd;
    hash_t hash;
    int64_t bytes;
    int number; /* of a failed write; 0 = none */
} catch_t;

static bool on_bytes(void *user, const void *bytes, size_t size)
{
    catch_t *catch = user;
    hash_add(&catch->hash, bytes, size);
    catch->bytes += (int64_t)size;
    if (catch->fd >= 0 && output_all(catch->fd, bytes, size) < 0)
        catch->number = errno;
    return !catch->number;
}

/* Reads a blob into the descriptor (-1: only hashes). 0; -1 with the fault; 1 where its bytes are not the digest's. */
static int catch_blob(depot_t *depot, const char *key, int fd, const char *sha256, int64_t *bytes, fault_t *fault)
{
    catch_t catch = {.fd = fd};
    char digest[HASH_HEX];
    hash_begin(&catch.hash);
    int failed = blobs_get(depot->blobs, key, 0, -1, on_bytes, &catch, fault);
    *bytes = catch.bytes;
    if (catch.number)
        return fault_set(fault, FAULT_OUTPUT, "%s cannot be written: %s", key, strerror(catch.number));
    if (failed)
        return -1;
    return strcmp(hash_hex(&catch.hash, digest), sha256) == 0 ? 0 : 1;
}

/* ---- from the demo's folder into blobs ---- */

/* What was synced is copied within the bucket and read once, to see that it is this file. Whether it was. */
static bool adopt(cargo_t *cargo, const cargo_item_t *item, const char *key)
{
    depot_t *target = cargo->plan.target;
    const synced_t *object = depot_synced(target, item->name, item->bytes);
    char name[S3_KEY_MOST + 1];
    fault_t unused;
    int64_t bytes;
    if (!object)
        return false;
    depot_name(target, key, name);
    if (s3_copy(target->s3, object->name, name, &unused) < 0)
        return false;
    if (catch_blob(target, key, -1, item->sha256, &bytes, &unused) == 0) {
        atomic_fetch_add(&cargo->figures.adopted, 1);
        return true;
    }
    (void)!blobs_remove(target->blobs, key, item->bytes, &unused); /* it is put over in any case */
    return false;
}

static int put(cargo_t *cargo, cargo_item_t *item, int fd, fault_t *fault)
{
    char key[BLOBS_KEY_BYTES];
    depot_t *target = cargo->plan.target;
    if (blobs_key(item->tenant, item->sha256, key, fault) < 0)
        return -1;
    int there = depot_has(target, key, item->bytes, fault);
    if (there < 0)
        return -1;
    MARK("move.hashed");
    if (!there && !adopt(cargo, item, key)) {
        cargo_pace(cargo, item->bytes);
        if (blobs_put(target->blobs, key, fd, item->bytes, MEDIA, fault) < 0)
            return -1;
        atomic_fetch_add(&cargo->figures.carried, 1);
        atomic_fetch_add(&cargo->figures.carried_bytes, item->bytes);
    }
    MARK("move.blob");
    return 0;
}

/* Opens a file of the source's folder and finds its hash. Its descriptor, or -1: with the fault, or where it is missing
 * by now (its document was deleted since: the next round knows). */
static int open_hashed(cargo_t *cargo, cargo_item_t *item, fault_t *fault)
{
    depot_t *source = cargo->plan.source;
    struct stat status;
    int fd = folder_open(source->folder, item->name);
    item->missing = fd < 0 && errno == ENOENT;
    if (item->missing)
        return -1;
    if (fd < 0 || fstat(fd, &status) < 0) {
        fault_set(fault, FAULT_INPUT, "%s/%s cannot be read: %s", source->path, item->name, strerror(errno));
    } else {
        item->bytes = status.st_size;
        if (hashbook_file(cargo->plan.source_book, item->name, fd, false, item->sha256, fault) == 0)
            return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

static int pack(cargo_t *cargo, cargo_item_t *item, fault_t *fault)
{
    int fd = open_hashed(cargo, item, fault);
    if (fd < 0)
        return item->missing ? 0 : -1;
    int failed = put(cargo, item, fd, fault);
    close(fd);
    return failed;
}

int cargo_hash_one(cargo_t *cargo, cargo_item_t *item, fault_t *fault)
{
    if (!item->loose)
        return 0;
    int fd = open_hashed(cargo, item, fault);
    if (fd < 0)
        return item->missing ? 0 : -1;
    close(fd);
    return 0;
}

/* ---- from blobs into the demo's folder ---- */

/* Whether the file is there already, with these bytes. */
static bool is_unpacked(cargo_t *cargo, const cargo_item_t *item)
{
    char sha256[HASH_HEX];
    fault_t unused;
    int fd = folder_open(cargo->plan.target->folder, item->name);
    bool is = fd >= 0 && hashbook_file(cargo->plan.target_book, item->name, fd, false, sha256, &unused) == 0 &&
              strcmp(sha256, item->sha256) == 0;
    if (fd >= 0)
        close(fd);
    return is;
}

static int fail_write(const depot_t *depot, const char *name, fault_t *fault)
{
    bool full = errno == ENOSPC || errno == EDQUOT;
    return fault_set(fault, FAULT_OUTPUT, "%s/%s cannot be written: %s%s", depot->path, name, strerror(errno),
                     full ? "; make room and run the same command again" : "");
}

static int fail_damaged(const cargo_item_t *item, const char *key, fault_t *fault)
{
    return fault_set(fault, FAULT_DAMAGED,
                     "the blob %s of document %s has other bytes than its name says; "
                     "`verify --full` lists all such",
                     key, item->document ? item->document : "(none)");
}

static int unpack(cargo_t *cargo, cargo_item_t *item, fault_t *fault)
{
    char key[BLOBS_KEY_BYTES], temporary[FOLDER_NAME_BYTES];
    const depot_t *target = cargo->plan.target;
    struct stat status;
    if (blobs_key(item->tenant, item->sha256, key, fault) < 0)
        return -1;
    if (is_unpacked(cargo, item))
        return 0;
    int fd = folder_make(target->folder, item->name, temporary);
    if (fd < 0)
        return fail_write(target, item->name, fault);
    int caught = catch_blob(cargo->plan.source, key, fd, item->sha256, &item->bytes, fault);
    MARK("move.caught");
    if (caught == 1)
        fail_damaged(item, key, fault);
    else if (caught == 0 && folder_place(target->folder, fd, temporary, item->name) < 0)
        caught = fail_write(target, item->name, fault);
    MARK("move.placed");
    if (caught)
        folder_drop(target->folder, temporary);
    else if (fstat(fd, &status) == 0)
        hashbook_note(cargo->plan.target_book, item->name, &status, item->sha256);
    close(fd);
    if (caught)
        return -1;
    cargo_pace(cargo, item->bytes);
    atomic_fetch_add(&cargo->figures.carried, 1);
    atomic_fetch_add(&cargo->figures.carried_bytes, item->bytes);
    return 0;
}

/* ---- from blobs into blobs ---- */

/* A file without a name in the work folder. */
static int make_nameless(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || errno != EOPNOTSUPP)
        return fd;
    char path[FOLDER_NAME_BYTES];
    snprintf(path, sizeof path, "%s/ship-XXXXXX", folder);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static int ship(cargo_t *cargo, cargo_item_t *item, fault_t *fault)
{
    char key[BLOBS_KEY_BYTES];
    if (blobs_key(item->tenant, item->sha256, key, fault) < 0)
        return -1;
    int there = item->bytes < 0 ? 0 : depot_has(cargo->plan.target, key, item->bytes, fault);
    if (there)
        return there < 0 ? -1 : 0;
    int fd = make_nameless(cargo->plan.work);
    if (fd < 0)
        return fault_set(fault, FAULT_OUTPUT, "no file can be made in %s: %s", cargo->plan.work, strerror(errno));
    int caught = catch_blob(cargo->plan.source, key, fd, item->sha256, &item->bytes, fault);
    if (caught == 1)
        fail_damaged(item, key, fault);
    else if (caught == 0)
        caught = put(cargo, item, fd, fault);
    close(fd);
    return caught ? -1 : 0;
}

int cargo_carry_one(cargo_t *cargo, cargo_item_t *item, fault_t *fault)
{
    int failed = item->loose                ? pack(cargo, item, fault)
                 : cargo->plan.target->demo ? unpack(cargo, item, fault)
                                            : ship(cargo, item, fault);
    if (failed)
        return -1;
    atomic_fetch_add(&cargo->figures.files, 1);
    atomic_fetch_add(&cargo->figures.bytes, item->bytes > 0 ? item->bytes : 0);
    return 0;
}

/* ---- checks ---- */

/* Whether a fault tells of the file, not of the way to it. */
static bool is_of_file(const fault_t *fault)
{
    return fault->code == FAULT_INPUT || fault->code == FAULT_DAMAGED;
}

static int check_blob(cargo_t *cargo, const cargo_item_t *item, depot_t *depot, const char *side, fault_t *fault)
{
    char key[BLOBS_KEY_BYTES];
    int64_t bytes;
    fault_t own = {0};
    if (blobs_key(item->tenant, item->sha256, key, fault) < 0)
        return -1;
    int caught = catch_blob(depot, key, -1, item->sha256, &bytes, &own);
    if (caught == 1)
        cargo_tell(cargo, item, side, "its bytes are not those of its SHA-256");
    else if (caught < 0 && is_of_file(&own))
        cargo_tell(cargo, item, side, own.text);
    else if (caught < 0)
        *fault = own;
    return caught < 0 && !is_of_file(&own) ? -1 : 0;
}

static int check_file(cargo_t *cargo, const cargo_item_t *item, const depot_t *depot, const char *side, fault_t *fault)
{
    char sha256[HASH_HEX];
    hashbook_t *book = depot == cargo->plan.source ? cargo->plan.source_book : cargo->plan.target_book;
    int fd = folder_open(depot->folder, item->name);
    if (fd < 0) {
        cargo_tell(cargo, item, side, strerror(errno));
        return 0;
    }
    int failed = hashbook_file(book, item->name, fd, true, sha256, fault);
    close(fd);
    if (!failed && strcmp(sha256, item->sha256) != 0)
        cargo_tell(cargo, item, side, "its bytes are not those of its SHA-256");
    return failed;
}

int cargo_check_one(cargo_t *cargo, cargo_item_t *item, fault_t *fault)
{
    depot_t *const depots[] = {cargo->plan.source, cargo->plan.target};
    static const char *const sides[] = {"source", "target"};
    const bool is_file[] = {item->loose, cargo->plan.target->demo};
    int failed = 0;
    if (!*item->sha256) {
        cargo_tell(cargo, item, "target", "it has not been carried");
        return 0;
    }
    for (size_t i = 0; i < 2 && !failed; i++)
        failed = is_file[i] ? check_file(cargo, item, depots[i], sides[i], fault)
                            : check_blob(cargo, item, depots[i], sides[i], fault);
    atomic_fetch_add(&cargo->checked, 1);
    return failed;
}
