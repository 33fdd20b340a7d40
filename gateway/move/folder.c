/* folder: see folder.h. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* DEPTH: folders below one another that are walked through: the demo has one. */
enum { DEPTH_MOST = 32 };
static const char LEFT[] = ".yogi-move-";

/* Copies the next part of a path to part, without the slashes around it; what is behind it, NULL when there is none or
 * it is too long. */
static const char *next_part(const char *path, char part[FOLDER_PART_MOST + 1])
{
    path += strspn(path, "/");
    size_t size = strcspn(path, "/");
    if (!size || size > FOLDER_PART_MOST)
        return NULL;
    memcpy(part, path, size);
    part[size] = 0;
    return path + size;
}

bool folder_takes(const char *name)
{
    char part[FOLDER_PART_MOST + 1];
    if (*name == '/' || !*name || strlen(name) >= FOLDER_NAME_BYTES - 64 || strstr(name, "//") ||
        name[strlen(name) - 1] == '/')
        return false;
    while (*name) {
        name = next_part(name, part);
        if (!name || strcmp(part, ".") == 0 || strcmp(part, "..") == 0)
            return false;
    }
    return true;
}

/* Goes down to the folder that the last part of the name lies in; a descriptor of its own, or -1 with errno. The last
 * part is copied. make: folders that are missing are made. */
static int descend(int folder, const char *name, char last[FOLDER_PART_MOST + 1], bool make)
{
    int at = dup(folder);
    const char *rest = next_part(name, last);
    while (at >= 0 && rest && *rest) {
        if (make && mkdirat(at, last, 0755) < 0 && errno != EEXIST)
            break;
        int down = openat(at, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int number = errno;
        close(at);
        errno = number;
        at = down;
        rest = next_part(rest, last);
    }
    if (at >= 0 && rest && !*rest)
        return at;
    int number = rest ? errno : ENAMETOOLONG;
    if (at >= 0)
        close(at);
    errno = number;
    return -1;
}

int folder_open(int folder, const char *name)
{
    char last[FOLDER_PART_MOST + 1];
    if (!folder_takes(name)) {
        errno = EINVAL;
        return -1;
    }
    int at = descend(folder, name, last, false);
    if (at < 0)
        return -1;
    int fd = openat(at, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), number = errno;
    close(at);
    errno = number;
    return fd;
}

static bool is_file(int folder, const char *name, struct stat *status)
{
    int fd = folder_open(folder, name);
    bool is = fd >= 0 && fstat(fd, status) == 0 && S_ISREG(status->st_mode);
    if (fd >= 0)
        close(fd);
    return is;
}

/* The path without "." and empty parts, from behind its last ".." on: what goes up says nothing about what is below. */
static const char *plain(const char *path, arena_t *arena)
{
    char *out = arena_take(arena, strlen(path) + 1), part[FOLDER_PART_MOST + 1];
    size_t size = 0;
    while (*path && (path = next_part(path, part))) {
        if (strcmp(part, "..") == 0)
            size = 0;
        else if (strcmp(part, ".") != 0)
            size += (size_t)sprintf(out + size, "%s%s", size ? "/" : "", part);
    }
    out[size] = 0;
    return path ? out : "";
}

const char *folder_find(int folder, const char *path, arena_t *arena, struct stat *status)
{
    const char *name = plain(path, arena);
    while (*name) {
        if (is_file(folder, name, status))
            return name;
        name += strcspn(name, "/");
        name += *name == '/';
    }
    return NULL;
}

/* ---- writing ---- */

int folder_make(int folder, const char *name, char temporary[FOLDER_NAME_BYTES])
{
    char last[FOLDER_PART_MOST + 1], part[64];
    uint64_t number = 0;
    if (!folder_takes(name) || getrandom(&number, sizeof number, 0) != sizeof number) {
        errno = EINVAL;
        return -1;
    }
    int at = descend(folder, name, last, true);
    if (at < 0)
        return -1;
    size_t above = strlen(name) - strlen(last);
    snprintf(part, sizeof part, "%s%016llx", LEFT, (unsigned long long)number);
    snprintf(temporary, FOLDER_NAME_BYTES, "%.*s%s", (int)above, name, part);
    int fd = openat(at, part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644), failure = errno;
    close(at);
    errno = failure;
    return fd;
}

int folder_place(int folder, int fd, const char *temporary, const char *name)
{
    char from[FOLDER_PART_MOST + 1], to[FOLDER_PART_MOST + 1];
    int at = descend(folder, temporary, from, false);
    const char *slash = strrchr(name, '/');
    snprintf(to, sizeof to, "%s", slash ? slash + 1 : name);
    int failed = at < 0 || fsync(fd) < 0 || renameat(at, from, at, to) < 0 || fsync(at) < 0 ? -1 : 0;
    int number = errno;
    if (at >= 0)
        close(at);
    errno = number;
    return failed;
}

void folder_drop(int folder, const char *temporary)
{
    char last[FOLDER_PART_MOST + 1];
    int at = descend(folder, temporary, last, false);
    if (at < 0)
        return;
    unlinkat(at, last, 0);
    close(at);
}

/* ---- walking ---- */

static int walk(int at, const char *prefix, int depth, bool tidy, folder_visit_fn *visit, void *user)
{
    DIR *stream = fdopendir(at);
    int failed = 0;
    if (!stream) {
        close(at);
        return -1;
    }
    for (struct dirent *entry; !failed && (errno = 0, entry = readdir(stream));) {
        struct stat status;
        char name[FOLDER_NAME_BYTES];
        int size = snprintf(name, sizeof name, "%s%s", prefix, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || size >= (int)sizeof name - 1 ||
            fstatat(at, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (S_ISREG(status.st_mode) && strncmp(entry->d_name, LEFT, sizeof LEFT - 1) == 0) {
            if (tidy)
                unlinkat(at, entry->d_name, 0);
        } else if (S_ISREG(status.st_mode)) {
            visit(user, name, &status);
        } else if (S_ISDIR(status.st_mode) && depth < DEPTH_MOST) {
            int down = openat(at, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            snprintf(name, sizeof name, "%s%s/", prefix, entry->d_name);
            failed = down < 0 ? -1 : walk(down, name, depth + 1, tidy, visit, user);
        }
    }
    int number = errno;
    closedir(stream);
    errno = number;
    return failed || number ? -1 : 0;
}

int folder_walk(int folder, bool tidy, folder_visit_fn *visit, void *user)
{
    int at = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return at < 0 ? -1 : walk(at, "", 0, tidy, visit, user);
}
