/* blobs_files: blobs as files of a folder, "folder/tenant/sha256".
 *
 * A file is written beside its place under a name of its own, synced, and renamed; then the folder is synced. Bytes
 * that lie in a file without a name on the same file system (O_TMPFILE, as uploads do) are not copied: that file gets
 * the name. What a
 * crash leaves of that begins with a dot and is removed when the folder is opened next, and by blobs_tidy, if nobody
 * writes it any more: it has some age and holds no lock. Modes: 0600 and 0700.
 */
#include "blobs_place.h"

#include "proto/base/mark.h"
#include "proto/base/memory.h"
#include "proto/base/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* TEMPORARY: ".new-" and 16 digits. BLOCK: bytes that move at once. LEFT: age of what a crash has left. */
enum { TEMPORARY_BYTES = 32, BLOCK = 256 * 1024, LEFT_SECONDS = 60 };

typedef struct {
    blobs_t blobs; /* first */
    int folder;    /* descriptor */
    char *path;    /* absolute, for URLs and people */
} files_t;

static int fail(const files_t *files, const char *name, fault_t *fault)
{
    int number = errno;
    fault_code_t code = number == ENOSPC || number == EDQUOT || number == EFBIG || number == EROFS ? FAULT_OUTPUT
                        : number == EACCES || number == EPERM || number == ENOTDIR                 ? FAULT_SETTING
                                                                                                   : FAULT_SYSTEM;
    const char *advice = number == ENOSPC   ? "the disk is full; free some space"
                         : number == EDQUOT ? "the disk quota is used up; free some space"
                         : number == EACCES ? "no permission; change its owner or mode"
                                            : strerror(number);
    return fault_set(fault, code, "%s/%s: %s", files->path, name, advice);
}

/* Splits a key, which holds (blobs_key_holds). Returns the digest in it. */
static const char *split(const char *key, char tenant[BLOBS_TENANT_BYTES])
{
    const char *slash = strchr(key, '/');
    snprintf(tenant, BLOBS_TENANT_BYTES, "%.*s", (int)(slash - key), key);
    return slash + 1;
}

/* Opens the tenant's folder. No symbolic link is followed, here and below. */
static int open_tenant(const files_t *files, const char *tenant)
{
    return openat(files->folder, tenant, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int make_tenant(const files_t *files, const char *tenant)
{
    int at = open_tenant(files, tenant);
    if (at >= 0 || errno != ENOENT)
        return at;
    if (mkdirat(files->folder, tenant, 0700) < 0 && errno != EEXIST)
        return -1;
    return fsync(files->folder) < 0 ? -1 : open_tenant(files, tenant);
}

static int make_name(char name[TEMPORARY_BYTES])
{
    uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        return -1;
    snprintf(name, TEMPORARY_BYTES, ".new-%016llx", (unsigned long long)number);
    return 0;
}

/* Gives the file of these bytes, which has none, a name of its own, locked likewise. Its descriptor; -1 where that
 * cannot be done, and it must be copied. */
static int adopt(int at, int fd, int64_t bytes, char name[TEMPORARY_BYTES])
{
    struct stat status, folder;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fstat(fd, &status) < 0 || fstat(at, &folder) < 0 || !S_ISREG(status.st_mode) || status.st_nlink != 0 ||
        status.st_dev != folder.st_dev || status.st_size != bytes || (status.st_mode & 07777) != 0600)
        return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0 || make_name(name) < 0 ||
        linkat(AT_FDCWD, path, at, name, AT_SYMLINK_FOLLOW) < 0)
        return -1;
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        unlinkat(at, name, 0);
    return own;
}

/* Makes a file of a name of its own, and locks it, so that nobody takes it for what a crash left. */
static int make_temporary(int at, char name[TEMPORARY_BYTES])
{
    for (int i = 0; i < 100; i++) {
        if (make_name(name) < 0)
            return -1;
        int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
            close(fd);
            return -1;
        }
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* Copies while it hashes; to -1: hashes only. 0; -1 with errno; 1 where the source has fewer bytes. */
static int copy(int from, int to, int64_t bytes, char sha256[HASH_HEX])
{
    hash_t hash;
    size_t room = bytes < BLOCK ? (size_t)bytes + 1 : BLOCK;
    char *block = memory_new(1, room);
    int failed = 0;
    hash_begin(&hash);
    for (int64_t done = 0; !failed && done < bytes;) {
        ssize_t n = pread(from, block, bytes - done < (int64_t)room ? (size_t)(bytes - done) : room, done);
        if (n < 0 && errno == EINTR)
            continue;
        failed = n < 0 ? -1 : n == 0 ? 1 : to < 0 ? 0 : output_all(to, block, (size_t)n);
        if (!failed)
            hash_add(&hash, block, (size_t)n);
        MARK("blob.half");
        done += n;
    }
    free(block);
    hash_hex(&hash, sha256);
    return failed;
}

/* Writes the file whole and gives it its name. */
static int write_file(const files_t *files, int at, const char *key, const char *digest, int fd, int64_t bytes,
                      fault_t *fault)
{
    char temporary[TEMPORARY_BYTES], sha256[HASH_HEX];
    int own = adopt(at, fd, bytes, temporary), to = own < 0 ? make_temporary(at, temporary) : own, failed = -1;
    if (to < 0)
        return fail(files, key, fault);
    MARK("blob.made");
    int copied = copy(fd, own < 0 ? to : -1, bytes, sha256);
    MARK("blob.written");
    if (copied < 0)
        fail(files, key, fault);
    else if (copied > 0 || strcmp(sha256, digest) != 0)
        fault_set(fault, FAULT_DAMAGED, "%s: the bytes that were to be kept are not those of its digest", key);
    else if (fsync(to) < 0 || renameat(at, temporary, at, digest) < 0 || fsync(at) < 0)
        fail(files, key, fault);
    else
        failed = 0;
    MARK("blob.placed");
    if (failed)
        unlinkat(at, temporary, 0);
    close(to);
    return failed;
}

static int put(blobs_t *blobs, const char *key, int fd, int64_t bytes, const char *media, fault_t *fault)
{
    (void)media; /* the database has it */
    const files_t *files = (const files_t *)blobs;
    char tenant[BLOBS_TENANT_BYTES];
    const char *digest = split(key, tenant);
    int at = make_tenant(files, tenant);
    if (at < 0)
        return fail(files, tenant, fault);
    struct stat status;
    bool there =
        fstatat(at, digest, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) && status.st_size == bytes;
    /* whoever wrote it may not have synced yet */
    int failed = !there          ? write_file(files, at, key, digest, fd, bytes, fault)
                 : fsync(at) < 0 ? fail(files, key, fault)
                                 : 0;
    close(at);
    return failed;
}

/* Opens one for reading: its descriptor, -1 with the fault. */
static int open_blob(const files_t *files, const char *key, fault_t *fault)
{
    char tenant[BLOBS_TENANT_BYTES];
    const char *digest = split(key, tenant);
    int at = open_tenant(files, tenant), fd = at < 0 ? -1 : openat(at, digest, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int number = errno;
    if (at >= 0)
        close(at);
    errno = number;
    if (fd >= 0)
        return fd;
    if (errno == ENOENT)
        return fault_set(fault, FAULT_INPUT, "there is no blob %s in %s", key, files->path);
    return fail(files, key, fault);
}

static int get(blobs_t *blobs, const char *key, int64_t from, int64_t bytes, blobs_sink_fn *sink, void *user,
               fault_t *fault)
{
    const files_t *files = (const files_t *)blobs;
    int fd = open_blob(files, key, fault), failed = 0;
    if (fd < 0)
        return -1;
    char *block = memory_new(1, BLOCK);
    int64_t left = bytes < 0 ? INT64_MAX : bytes;
    while (left) {
        ssize_t n = pread(fd, block, left < BLOCK ? (size_t)left : BLOCK, from);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            failed = fail(files, key, fault);
        else if (n && !sink(user, block, (size_t)n))
            failed = fault_set(fault, FAULT_CANCELLED, "%s: what comes is not wanted any more", key);
        if (n <= 0 || failed)
            break;
        from += n, left -= n;
    }
    free(block);
    close(fd);
    return failed;
}

static void take(const struct stat *status, const char *key, blob_info_t *info)
{
    *info = (blob_info_t){.bytes = status->st_size, .changed_s = status->st_mtim.tv_sec};
    snprintf(info->key, sizeof info->key, "%.*s", BLOBS_KEY_BYTES - 1, key);
}

static int find(blobs_t *blobs, const char *key, blob_info_t *info, fault_t *fault)
{
    struct stat status;
    const files_t *files = (const files_t *)blobs;
    if (fstatat(files->folder, key, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : fail(files, key, fault);
    if (!S_ISREG(status.st_mode))
        return 0;
    take(&status, key, info);
    return 1;
}

static int remove_one(blobs_t *blobs, const char *key, int64_t bytes, fault_t *fault)
{
    (void)bytes; /* what was not written to its end has another name, and goes with blobs_tidy */
    const files_t *files = (const files_t *)blobs;
    if (unlinkat(files->folder, key, 0) < 0 && errno != ENOENT)
        return fail(files, key, fault);
    return 0;
}

/* ---- lists ---- */

static int visible(const struct dirent *entry)
{
    return *entry->d_name != '.';
}

/* Visits the files of one tenant. 0, 1 when the visitor has enough, -1 with errno. */
static int list_tenant(const files_t *files, const char *tenant, blobs_visit_fn *visit, void *user)
{
    struct dirent **names = NULL;
    int count = scandirat(files->folder, tenant, &names, visible, alphasort), ended = 0;
    for (int i = 0; i < count; i++) {
        char key[BLOBS_TENANT_BYTES + NAME_MAX];
        struct stat status;
        blob_info_t info;
        snprintf(key, sizeof key, "%s/%s", tenant, names[i]->d_name);
        if (!ended && blobs_key_holds(key) && fstatat(files->folder, key, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(status.st_mode)) {
            take(&status, key, &info);
            ended = !visit(user, &info);
        }
        free(names[i]);
    }
    free(names);
    return count < 0 && errno != ENOTDIR && errno != ENOENT ? -1 : ended;
}

static int list(blobs_t *blobs, blobs_visit_fn *visit, void *user, fault_t *fault)
{
    const files_t *files = (const files_t *)blobs;
    struct dirent **names = NULL;
    int count = scandirat(files->folder, ".", &names, visible, alphasort), ended = 0, failed = 0;
    if (count < 0)
        return fail(files, "", fault);
    for (int i = 0; i < count; i++) {
        const char *tenant = names[i]->d_name;
        if (!ended && !failed && strlen(tenant) < BLOBS_TENANT_BYTES) {
            ended = list_tenant(files, tenant, visit, user);
            failed = ended < 0 ? fail(files, tenant, fault) : 0;
        }
        free(names[i]);
    }
    free(names);
    return failed;
}

/* ---- */

static int url_of(blobs_t *blobs, const char *key, int seconds, buf_t *url, fault_t *fault)
{
    (void)seconds, (void)fault; /* hosts hold it to their own list of folders */
    const files_t *files = (const files_t *)blobs;
    buf_text(url, "file://");
    s3_encode(url, files->path, true);
    buf_format(url, "/%s", key);
    return 0;
}

static int check(blobs_t *blobs, fault_t *fault)
{
    const files_t *files = (const files_t *)blobs;
    char temporary[TEMPORARY_BYTES];
    int fd = make_temporary(files->folder, temporary);
    if (fd < 0)
        return fail(files, "", fault);
    unlinkat(files->folder, temporary, 0);
    close(fd);
    return 0;
}

static void close_folder(blobs_t *blobs)
{
    files_t *files = (files_t *)blobs;
    close(files->folder);
    free(files->path);
    free(files);
}

/* Removes what crashes have left in a folder: temporary files that nobody holds. */
static void tidy_one(int folder, const char *name, int64_t age_s)
{
    int at = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *stream = at < 0 ? NULL : fdopendir(at);
    if (at >= 0 && !stream)
        close(at);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        if (strncmp(entry->d_name, ".new-", 5) != 0)
            continue;
        struct stat status;
        int fd = openat(at, entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && fstat(fd, &status) == 0 && time(NULL) - status.st_mtim.tv_sec > age_s &&
            flock(fd, LOCK_EX | LOCK_NB) == 0)
            unlinkat(at, entry->d_name, 0);
        if (fd >= 0)
            close(fd);
    }
    if (stream)
        closedir(stream);
}

static void tidy(blobs_t *blobs, int64_t age_s)
{
    const files_t *files = (const files_t *)blobs;
    struct dirent **names = NULL;
    int count = scandirat(files->folder, ".", &names, visible, NULL);
    tidy_one(files->folder, ".", age_s);
    for (int i = 0; i < count; i++) {
        tidy_one(files->folder, names[i]->d_name, age_s);
        free(names[i]);
    }
    free(names);
}

blobs_t *blobs_open_files(const char *folder, fault_t *fault)
{
    static const blobs_place_t place = {put, get, find, remove_one, list, url_of, check, tidy, close_folder};
    char *path = NULL;
    int fd = -1;
    if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
        fault_set(fault, FAULT_SETTING, "the folder %s cannot be made: %s", folder, strerror(errno));
        return NULL;
    }
    path = realpath(folder, NULL);
    if (!path || (fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
        fault_set(fault, FAULT_SETTING, "the folder %s cannot be used: %s", folder, strerror(errno));
        free(path);
        return NULL;
    }
    files_t *files = memory_new(1, sizeof *files);
    *files = (files_t){{&place}, fd, path};
    tidy(&files->blobs, LEFT_SECONDS);
    return &files->blobs;
}
