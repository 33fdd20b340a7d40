/* claim: see claim.h. */
#include "claim.h"
#include "proto/base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* ORPHANS: children of a killed supervisor are killed by the kernel, which takes milliseconds. LOOK: between looks. */
enum { ORPHANS_US = 5000000, LOOK_MS = 10 };

static int lock_data(claim_t *claim, fault_t *fault)
{
    const char *data = claim->site.data;
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/lock", data);
    claim->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (claim->lock_fd < 0)
        return fault_set(fault, FAULT_OUTPUT, "%.200s/lock cannot be opened: %s", data, strerror(errno));
    /* a lock of fcntl and not of flock: who asks who holds it need not take it, and is told by whom it is held */
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(claim->lock_fd, F_SETLK, &lock) == 0)
        return 0;
    int cause = errno;
    close(claim->lock_fd);
    claim->lock_fd = -1;
    if (cause != EACCES && cause != EAGAIN)
        return fault_set(fault, FAULT_SYSTEM, "%.200s/lock cannot be locked: %s", data, strerror(cause));
    pid_t user = site_user(data);
    char who[40] = "";
    if (user > 0)
        snprintf(who, sizeof who, " (process %d)", (int)user);
    return fault_set(fault, FAULT_SETTING,
                     "%.200s is in use by another yogi up%s; end that one, or give this one a folder of its own: "
                     "--data DIR",
                     data, who);
}

static bool is_listened_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    bool answered = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
    close(fd);
    return answered;
}

/* Removes one socket, or -1 where somebody listens there until the end of the time. */
static int sweep_one(const char *path, int64_t until_us)
{
    while (is_listened_at(path)) {
        if (clock_now_us() > until_us)
            return -1;
        poll(NULL, 0, LOOK_MS);
    }
    unlink(path);
    return 0;
}

/* What is no socket of ours is left, and then so is the folder. */
static int sweep(const site_t *site, fault_t *fault)
{
    int64_t until_us = clock_now_us() + ORPHANS_US;
    DIR *folder = opendir(site->run);
    int swept = folder ? 0 : -1;
    if (!folder)
        fault_set(fault, FAULT_OUTPUT, "%s cannot be read: %s", site->run, strerror(errno));
    for (const struct dirent *entry; swept == 0 && (entry = readdir(folder));) {
        char path[SITE_SOCKET];
        struct stat status;
        int size = snprintf(path, sizeof path, "%s/%s", site->run, entry->d_name);
        if (size >= (int)sizeof path || lstat(path, &status) < 0 || !S_ISSOCK(status.st_mode))
            continue;
        if (sweep_one(path, until_us) < 0)
            swept = fault_set(fault, FAULT_SYSTEM,
                              "somebody listens at %s, though no yogi up uses %.200s; end that process first", path,
                              site->data);
    }
    if (folder)
        closedir(folder);
    return swept;
}

static char *link_of(const site_t *site, char path[SITE_SOCKET + 8])
{
    snprintf(path, SITE_SOCKET + 8, "%s/data", site->run);
    return path;
}

/* By which others find it; last, when the lock is held. */
static int sign(const site_t *site, fault_t *fault)
{
    char path[SITE_SOCKET + 8];
    unlink(link_of(site, path));
    if (symlink(site->data, path) < 0)
        return fault_set(fault, FAULT_OUTPUT, "%s cannot be made: %s", path, strerror(errno));
    return 0;
}

int claim_take(const char *data, claim_t *claim, fault_t *fault)
{
    claim->lock_fd = -1;
    if (site_make(data, &claim->site, fault) < 0 || lock_data(claim, fault) < 0)
        return -1;
    if (sweep(&claim->site, fault) == 0 && sign(&claim->site, fault) == 0)
        return 0;
    close(claim->lock_fd);
    claim->lock_fd = -1;
    return -1;
}

void claim_release(claim_t *claim)
{
    char path[SITE_SOCKET + 8];
    fault_t none;
    if (claim->lock_fd < 0)
        return;
    unlink(link_of(&claim->site, path));
    if (sweep(&claim->site, &none) == 0)
        rmdir(claim->site.run); /* not empty: somebody has put something there */
    close(claim->lock_fd);
    claim->lock_fd = -1;
}
