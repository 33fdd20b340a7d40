/* keyfile: see keyfile.h. */
#include "keyfile.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOT_FOR_OTHERS = S_IRWXG | S_IRWXO, NOT_FOR_GROUP = S_IWGRP | S_IXGRP | S_IRWXO, MODE = 07777 };

/* As PostgreSQL has it for its keys: a pod gets its secrets from root, readable by its group. */
static bool is_exposed(const struct stat *info)
{
    bool from_root = info->st_uid == 0 && geteuid() != 0;
    return info->st_mode & (from_root ? NOT_FOR_GROUP : NOT_FOR_OTHERS);
}

static int check(const char *path, keyfile_kind_t kind, size_t most, const struct stat *info, fault_t *fault)
{
    unsigned mode = info->st_mode & MODE;
    if (!S_ISREG(info->st_mode))
        return fault_set(fault, FAULT_SETTING, "%s is no file", path);
    if (kind == KEYFILE_SECRET && is_exposed(info))
        return fault_set(fault, FAULT_SETTING,
                         "%s may be read by others than its owner (mode %04o): chmod 600 it, and if somebody may have "
                         "seen it, put a new one in its place",
                         path, mode);
    if (kind == KEYFILE_OPEN && info->st_mode & S_IWOTH)
        return fault_set(fault, FAULT_SETTING, "%s may be changed by everybody (mode %04o): chmod o-w it", path, mode);
    if (info->st_size > (off_t)most)
        return fault_set(fault, FAULT_SETTING, "%s is too long: %lld bytes, at most %zu", path,
                         (long long)info->st_size, most);
    return 0;
}

/* All that is there, which may have changed since its size was looked at. */
static int read_all(int fd, const char *path, size_t most, buf_t *out, fault_t *fault)
{
    buf_reserve(out, most + 1); /* at once, so that no copy of a secret stays behind */
    size_t before = out->size;
    char block[4096];
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || (size_t)n > most - (out->size - before))
            break;
        buf_add(out, block, (size_t)n);
    }
    int cause = n < 0 ? errno : EFBIG; /* it grew meanwhile */
    explicit_bzero(block, sizeof block);
    return n == 0 ? 0 : fault_set(fault, FAULT_SETTING, "%s cannot be read: %s", path, strerror(cause));
}

int keyfile_read(const char *path, keyfile_kind_t kind, size_t most, buf_t *out, fault_t *fault)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), done = -1;
    if (fd < 0 || fstat(fd, &info) < 0)
        fault_set(fault, FAULT_SETTING, "%s cannot be read: %s", path, strerror(errno));
    else if (check(path, kind, most, &info, fault) == 0)
        done = read_all(fd, path, most, out, fault);
    if (fd >= 0)
        close(fd);
    return done;
}

int keyfile_write(const char *path, const char *text, size_t size, fault_t *fault)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0 && errno == EEXIST)
        return fault_set(fault, FAULT_OUTPUT, "%s is there already; keys are never replaced: take another name", path);
    if (fd < 0)
        return fault_set(fault, FAULT_OUTPUT, "%s cannot be written: %s", path, strerror(errno));
    int done = output_all(fd, text, size) == 0 && fsync(fd) == 0 ? 0 : -1, cause = errno;
    if (close(fd) < 0 && done == 0)
        done = -1, cause = errno;
    if (done == 0)
        return 0;
    unlink(path);
    return fault_set(fault, FAULT_OUTPUT, "%s cannot be written: %s", path, strerror(cause));
}
