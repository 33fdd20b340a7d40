/* inputs: see inputs.h. */
#include "inputs.h"
#include "proto/base/memfile.h"
#include "proto/dossier.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Folders below folders that are walked; deeper is a loop of mounts. BLOCK: bytes copied at once. */
enum { DEPTH_MOST = 32, BLOCK = 256 * 1024 };

typedef struct {
    arena_t *arena;
    list_t list; /* input_t */
    fault_t *fault;
} lister_t;

static input_t *add(lister_t *lister, const char *path, bool walked)
{
    if (lister->list.count == INPUTS_MOST) {
        fault_set(lister->fault, FAULT_TOO_LARGE, "more than %d files: name fewer at a time", INPUTS_MOST);
        return NULL;
    }
    input_t *input = list_push(lister->arena, &lister->list, sizeof *input);
    input->path = arena_text(lister->arena, path);
    input->walked = walked;
    struct stat status;
    if (stat(path, &status) == 0) {
        input->device = status.st_dev;
        input->inode = status.st_ino;
    }
    return input;
}

static int add_missing(lister_t *lister, const char *path, fault_code_t code, const char *what)
{
    input_t *input = add(lister, path, false);
    if (!input)
        return -1;
    input->fault = arena_take(lister->arena, sizeof *input->fault);
    fault_set(input->fault, code, "%s", what);
    return 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int walk(lister_t *lister, const char *folder, int depth)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, not_hidden, by_bytes), result = 0;
    if (count < 0)
        return add_missing(lister, folder, FAULT_INPUT,
                           errno == EACCES
                               ? "no permission to look into this folder; change its mode or run as its owner"
                               : strerror(errno));
    for (int i = 0; i < count; i++) {
        const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
        const char *path = arena_format(lister->arena, "%s%s%s", folder, slash, entries[i]->d_name);
        struct stat status;
        if (result == 0 && lstat(path, &status) == 0) {
            if (S_ISDIR(status.st_mode) && depth < DEPTH_MOST)
                result = walk(lister, path, depth + 1);
            else if (S_ISREG(status.st_mode) ||
                     (S_ISLNK(status.st_mode) && stat(path, &status) == 0 && S_ISREG(status.st_mode)))
                result = add(lister, path, true) ? 0 : -1;
        }
        free(entries[i]);
    }
    free(entries);
    return result;
}

static int list_one(lister_t *lister, const char *path, bool *is_folder)
{
    struct stat status;
    if (strcmp(path, "-") == 0 || stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
        return add(lister, path, false) ? 0 : -1;
    *is_folder = true;
    size_t before = lister->list.count;
    if (walk(lister, path, 0) < 0)
        return -1;
    return lister->list.count > before ? 0
                                       : add_missing(lister, path, FAULT_INPUT,
                                                     "there is no document in this folder; name a folder or files with "
                                                     "timetables");
}

int inputs_list(char *const *paths, size_t count, arena_t *arena, inputs_t *inputs, fault_t *fault)
{
    lister_t lister = {arena, {0}, fault};
    *inputs = (inputs_t){0};
    for (size_t i = 0; i < count; i++)
        if (list_one(&lister, paths[i], &inputs->folders) < 0)
            return -1;
    inputs->items = lister.list.items;
    inputs->count = lister.list.count;
    return 0;
}

/* ---- bytes ---- */

/* Opens an ordinary file or a named pipe. Its descriptor, or -1 with the fault. */
static int open_file(const char *path, bool *is_pipe, fault_t *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        const char *what = errno == ENOENT    ? "no such file; check the name"
                           : errno == EACCES  ? "no permission to read it; change its mode or run as its owner"
                           : errno == ENOTDIR ? "no such file: a part of the path is not a folder; check the name"
                                              : strerror(errno);
        return fault_set(fault, FAULT_INPUT, "%s", what);
    }
    struct stat status;
    const char *what = NULL;
    if (fstat(fd, &status) < 0)
        what = strerror(errno);
    else if (S_ISDIR(status.st_mode))
        what = "is a folder; name the documents in it";
    else if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
        what = "is not an ordinary file; name a document, or - for the standard input";
    if (what) {
        close(fd);
        return fault_set(fault, FAULT_INPUT, "%s", what);
    }
    *is_pipe = S_ISFIFO(status.st_mode);
    if (status.st_size > INPUT_BYTES_MOST) {
        close(fd);
        return fault_set(fault, FAULT_TOO_LARGE, "the file has %lld MB, more than the %d MB that are read",
                         (long long)status.st_size >> 20, INPUT_BYTES_MOST >> 20);
    }
    return fd;
}

/* Waits until from can be read (a disk file always can); -1 when stop can be. */
static int await(int from, int stop)
{
    struct pollfd polls[2] = {{from, POLLIN, 0}, {stop, POLLIN, 0}};
    while (poll(polls, 2, -1) < 0 && errno == EINTR)
        ;
    return polls[1].revents ? -1 : 0;
}

/* Copies up to the limit. 0 or -1 with the fault. */
static int copy(int from, memfile_t *to, bool waits, int stop_fd, fault_t *fault)
{
    char block[BLOCK];
    for (ssize_t n;;) {
        if (waits && await(from, stop_fd) < 0)
            return fault_set(fault, FAULT_CANCELLED, "cancelled");
        n = read(from, block, sizeof block);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n < 0)
            return fault_set(fault, FAULT_INPUT, "cannot be read: %s",
                             errno == EBADF ? "it is closed; name a file, or pipe a document in" : strerror(errno));
        if (n == 0)
            break;
        if (to->bytes + n > INPUT_BYTES_MOST)
            return fault_set(fault, FAULT_TOO_LARGE, "more than the %d MB that are read", INPUT_BYTES_MOST >> 20);
        if (memfile_add(to, block, (size_t)n, fault) < 0)
            return -1;
    }
    return to->bytes ? 0 : fault_set(fault, FAULT_DAMAGED, "the file is empty; send or save it again");
}

int input_read(const input_t *input, int stop_fd, input_bytes_t *bytes, fault_t *fault)
{
    if (input->fault) {
        *fault = *input->fault;
        return -1;
    }
    bool standard = strcmp(input->path, "-") == 0, waits = standard;
    int from = standard ? STDIN_FILENO : open_file(input->path, &waits, fault);
    if (from < 0)
        return -1;
    memfile_t file;
    int done = memfile_begin(&file, fault);
    if (done == 0 && (done = copy(from, &file, waits, stop_fd, fault)) < 0)
        memfile_drop(&file);
    if (!standard)
        close(from);
    if (done < 0)
        return -1;
    bytes->bytes = file.bytes;
    bytes->fd = memfile_seal(&file, bytes->sha256, fault);
    return bytes->fd < 0 ? -1 : 0;
}
