/* journal: see journal.h. */
#include "journal.h"
#include "proto/base/ident.h"
#include "proto/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

struct journal {
    int fd;                /* of the lines */
    int holder_fd;         /* of the file beside it, which says who holds it */
    char mark[IDENT_TEXT]; /* what stands there while this process does */
    bool locked;
    buf_t next;
    journal_fn *line;
    void *owner;
};

static int failed(const char *what, fault_t *fault)
{
    return fault_set(fault, FAULT_SYSTEM, "the journal cannot be %s: %s", what, strerror(errno));
}

static int lock(journal_t *journal, fault_t *fault)
{
    while (flock(journal->fd, LOCK_EX) < 0)
        if (errno != EINTR)
            return failed("locked", fault);
    journal->locked = true;
    return 0;
}

static void unlock(journal_t *journal)
{
    flock(journal->fd, LOCK_UN);
    journal->locked = false;
}

static int open_files(journal_t *journal, const char *path, fault_t *fault)
{
    char holder[PATH_ROOM];
    snprintf(holder, sizeof holder, "%s.holder", path);
    journal->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    journal->holder_fd = open(holder, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return journal->fd < 0 || journal->holder_fd < 0 ? failed("opened", fault) : 0;
}

static int take_hold(journal_t *journal, fault_t *fault)
{
    ident_t mark;
    if (ident_new(&mark, fault) < 0)
        return -1;
    ident_format(mark, journal->mark);
    if (pwrite(journal->holder_fd, journal->mark, sizeof journal->mark, 0) != sizeof journal->mark ||
        fsync(journal->holder_fd) < 0)
        return failed("taken", fault);
    return 0;
}

static bool is_held(const journal_t *journal)
{
    char mark[IDENT_TEXT] = "";
    return pread(journal->holder_fd, mark, sizeof mark, 0) == sizeof mark &&
           memcmp(mark, journal->mark, sizeof mark) == 0;
}

/* Tells of the whole lines; returns how many bytes they take. */
static size_t tell(journal_t *journal, char *bytes, size_t size)
{
    size_t told = 0;
    for (char *end; told < size && (end = memchr(bytes + told, '\n', size - told)); told = (size_t)(end + 1 - bytes)) {
        *end = 0;
        journal->line(journal->owner, bytes + told);
    }
    return told;
}

static int read_all(journal_t *journal, fault_t *fault)
{
    struct stat status;
    if (fstat(journal->fd, &status) < 0)
        return failed("read", fault);
    size_t size = (size_t)status.st_size, have = 0;
    char *bytes = memory_new(size + 1, 1);
    for (ssize_t n; have < size && (n = pread(journal->fd, bytes + have, size - have, (off_t)have)) > 0;)
        have += (size_t)n;
    size_t whole = have == size ? tell(journal, bytes, size) : 0;
    free(bytes);
    if (have < size || (whole < size && ftruncate(journal->fd, (off_t)whole) < 0))
        return failed("read", fault);
    return 0;
}

journal_t *journal_open(const char *path, journal_fn *line, void *owner, fault_t *fault)
{
    journal_t *journal = memory_new(1, sizeof *journal);
    *journal = (journal_t){.fd = -1, .holder_fd = -1, .line = line, .owner = owner};
    if (open_files(journal, path, fault) < 0 || lock(journal, fault) < 0 || take_hold(journal, fault) < 0 ||
        read_all(journal, fault) < 0)
        journal_close(&journal);
    return journal;
}

buf_t *journal_next(journal_t *journal)
{
    return &journal->next;
}

static int write_all(const journal_t *journal, fault_t *fault)
{
    const char *at = buf_string(&journal->next);
    for (size_t left = journal->next.size; left;) {
        ssize_t n = write(journal->fd, at, left);
        if (n < 0 && errno != EINTR)
            return failed("written", fault);
        n = n < 0 ? 0 : n;
        at += n, left -= (size_t)n;
    }
    return journal->next.size && fdatasync(journal->fd) < 0 ? failed("synced", fault) : 0;
}

journal_end_t journal_commit(journal_t *journal, fault_t *fault)
{
    if (!journal->locked && lock(journal, fault) < 0)
        return JOURNAL_FAILED;
    bool held = is_held(journal);
    int written = held ? write_all(journal, fault) : 0;
    unlock(journal);
    if (!held)
        return JOURNAL_SUPERSEDED;
    if (written < 0)
        return JOURNAL_FAILED;
    tell(journal, journal->next.bytes, journal->next.size);
    buf_clear(&journal->next);
    return JOURNAL_DONE;
}

void journal_close(journal_t **journal)
{
    if (!journal || !*journal)
        return;
    if ((*journal)->fd >= 0)
        close((*journal)->fd);
    if ((*journal)->holder_fd >= 0)
        close((*journal)->holder_fd);
    buf_free(&(*journal)->next);
    free(*journal);
    *journal = NULL;
}
