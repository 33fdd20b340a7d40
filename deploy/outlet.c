/* outlet: see outlet.h. */
#include "outlet.h"

#include "proto/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Written at once to what is not a pipe. */
enum { BLOCK = 64 * 1024 };

void outlet_open(outlet_t *outlet, int fd)
{
    struct stat status;
    *outlet = (outlet_t){.fd = fd};
    outlet->tiny = fstat(fd, &status) == 0 && !S_ISREG(status.st_mode);
}

void outlet_close(outlet_t *outlet)
{
    buf_free(&outlet->bytes);
    outlet->sent = 0;
}

bool outlet_is_pending(const outlet_t *outlet)
{
    return outlet->sent < outlet->bytes.size;
}

/* What to do about an errno of writing. */
static const char *advice(int number)
{
    switch (number) {
    case ENOSPC:
        return "the disk is full; free some space or write elsewhere";
    case EDQUOT:
        return "the disk quota is used up; free some space or write elsewhere";
    case EFBIG:
        return "the file would be larger than allowed (ulimit -f)";
    case EACCES:
        return "no permission; choose another folder or change its mode";
    case EROFS:
        return "the disk is read-only; choose another folder";
    case ENOTDIR:
        return "a part of the path is not a folder; choose another folder";
    case ENOENT:
        return "a folder of the path is missing; make it first, or choose another";
    case EBADF:
        return "it is closed; send it to a file or a pipe";
    default:
        return strerror(number);
    }
}

int outlet_write(outlet_t *outlet, bool *gone, fault_t *fault)
{
    size_t size = outlet->bytes.size - outlet->sent, most = outlet->tiny ? PIPE_BUF : BLOCK;
    ssize_t n = write(outlet->fd, outlet->bytes.bytes + outlet->sent, size < most ? size : most);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n < 0) {
        *gone = errno == EPIPE;
        return fault_set(fault, FAULT_OUTPUT, "the standard output cannot be written: %s", advice(errno));
    }
    outlet->sent += (size_t)n;
    if (!outlet_is_pending(outlet)) {
        buf_clear(&outlet->bytes);
        outlet->sent = 0;
    }
    return 0;
}

/* Makes a new file of mode 0666 less the umask with a name of its own in the folder. */
static int make_temporary(int folder, char *name, size_t size)
{
    for (int i = 0; i < 100; i++) {
        snprintf(name, size, ".yogi-%d-%d", (int)getpid(), i);
        int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    errno = EEXIST;
    return -1;
}

/* Whether the name is taken by a folder, a device, a pipe or a socket. A renamed file would take the place of a device,
 * as that of /dev/null for everybody where root reads. */
static bool is_taken(int folder, const char *name)
{
    struct stat status;
    return fstatat(folder, name, &status, 0) == 0 && !S_ISREG(status.st_mode);
}

int outlet_save(const char *folder, const char *name, const buf_t *bytes, fault_t *fault)
{
    char temporary[64];
    int file = -1, saved = -1, at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool made = false;
    if (at >= 0 && is_taken(at, name)) {
        fault_set(fault, FAULT_OUTPUT, "%s/%s is not a file and is not written over; choose another name", folder,
                  name);
        close(at);
        return -1;
    }
    if (at < 0 || (file = make_temporary(at, temporary, sizeof temporary)) < 0)
        goto done;
    made = true;
    if (output_all(file, buf_string(bytes), bytes->size) < 0 || fsync(file) < 0)
        goto done;
    if (renameat(at, temporary, at, name) < 0)
        goto done;
    made = false;
    saved = fsync(at) < 0 && errno != EINVAL ? -1 : 0; /* EINVAL: a file system without it */
done:
    if (saved < 0)
        fault_set(fault, FAULT_OUTPUT, "%s/%s cannot be written: %s", folder, name, advice(errno));
    if (file >= 0)
        close(file);
    if (made)
        unlinkat(at, temporary, 0);
    if (at >= 0)
        close(at);
    return saved;
}

int outlet_check(const char *folder, fault_t *fault)
{
    char temporary[64];
    if (mkdir(folder, 0777) < 0 && errno != EEXIST)
        return fault_set(fault, FAULT_OUTPUT, "the folder %s cannot be made: %s", folder, advice(errno));
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return fault_set(fault, FAULT_OUTPUT, "%s cannot be used as the output folder: %s", folder, advice(errno));
    int file = make_temporary(at, temporary, sizeof temporary), cause = errno;
    if (file >= 0) {
        close(file);
        unlinkat(at, temporary, 0);
    }
    close(at);
    return file >= 0 ? 0 : fault_set(fault, FAULT_OUTPUT, "no file can be made in %s: %s", folder, advice(cause));
}
