/* hashbook: see hashbook.h. A line: digest, bytes, nanoseconds of its change, inode, name. */
#include "hashbook.h"
#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/memory.h"
#include "proto/base/output.h"
#include "wordmap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* BLOCK: bytes that are hashed at once. NEW: a file that was changed so short a time before may change again within the
 * same tick of its clock: it is not noted. */
enum { BLOCK = 1 << 18, NEW_S = 2 };

/* What is known of a file. */
typedef struct {
    char sha256[HASH_HEX];
    long long bytes, changed_ns;
    unsigned long long inode;
} page_t;

struct hashbook {
    pthread_mutex_t lock; /* of all that follows */
    wordmap_t *names;     /* to numbers of pages */
    page_t *pages;
    size_t count, room;
    int fd;
};

static long long changed_ns(const struct stat *status)
{
    return (long long)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

static void put(hashbook_t *book, const char *name, const page_t *page)
{
    uint64_t number;
    if (!wordmap_get(book->names, view_of(name), &number)) {
        if (book->count == book->room) {
            book->room = book->room ? 2 * book->room : 256;
            book->pages = memory_grow(book->pages, book->room, sizeof *book->pages);
        }
        number = book->count++;
        wordmap_put(book->names, view_of(name), number);
    }
    book->pages[number] = *page;
}

static void read_line(hashbook_t *book, char *line)
{
    page_t page = {0};
    char *at = line + HASH_HEX;
    line[strcspn(line, "\n")] = 0;
    if (strspn(line, "0123456789abcdef") != HASH_HEX - 1 || line[HASH_HEX - 1] != ' ')
        return;
    memcpy(page.sha256, line, HASH_HEX - 1);
    page.bytes = strtoll(at, &at, 10);
    page.changed_ns = strtoll(at, &at, 10);
    page.inode = strtoull(at, &at, 10);
    if (*at == ' ' && at[1])
        put(book, at + 1, &page);
}

hashbook_t *hashbook_new(const char *path, fault_t *fault)
{
    hashbook_t *book = memory_new(1, sizeof *book);
    char *line = NULL;
    size_t room = 0;
    *book = (hashbook_t){.names = wordmap_new(), .fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    pthread_mutex_init(&book->lock, NULL);
    FILE *file = book->fd < 0 ? NULL : fopen(path, "re");
    if (!file) {
        fault_set(fault, FAULT_OUTPUT, "%s cannot be written: %s", path, strerror(errno));
        hashbook_destroy(&book);
        return NULL;
    }
    while (getline(&line, &room, file) > 0)
        read_line(book, line);
    free(line);
    fclose(file);
    return book;
}

void hashbook_destroy(hashbook_t **book)
{
    if (!book || !*book)
        return;
    if ((*book)->fd >= 0)
        close((*book)->fd);
    wordmap_destroy(&(*book)->names);
    pthread_mutex_destroy(&(*book)->lock);
    free((*book)->pages);
    free(*book);
    *book = NULL;
}

bool hashbook_find(hashbook_t *book, const char *name, const struct stat *status, char sha256[HASH_HEX])
{
    uint64_t number;
    pthread_mutex_lock(&book->lock);
    bool known = wordmap_get(book->names, view_of(name), &number);
    page_t page = known ? book->pages[number] : (page_t){0};
    pthread_mutex_unlock(&book->lock);
    if (!known || page.bytes != (long long)status->st_size || page.changed_ns != changed_ns(status) ||
        page.inode != (unsigned long long)status->st_ino)
        return false;
    memcpy(sha256, page.sha256, HASH_HEX);
    return true;
}

void hashbook_note(hashbook_t *book, const char *name, const struct stat *status, const char *sha256)
{
    struct timespec now;
    page_t page = {.bytes = status->st_size, .changed_ns = changed_ns(status), .inode = status->st_ino};
    buf_t line = {0};
    snprintf(page.sha256, sizeof page.sha256, "%s", sha256);
    clock_gettime(CLOCK_REALTIME, &now);
    if (strchr(name, '\n') || now.tv_sec - status->st_mtim.tv_sec < NEW_S)
        return;
    buf_format(&line, "%s %lld %lld %llu %s\n", sha256, page.bytes, page.changed_ns, page.inode, name);
    pthread_mutex_lock(&book->lock);
    put(book, name, &page);
    if (output_all(book->fd, line.bytes, line.size) < 0) {
        /* it is hashed again another time */
    }
    pthread_mutex_unlock(&book->lock);
    buf_free(&line);
}

static int hash_file(int fd, const char *name, char sha256[HASH_HEX], fault_t *fault)
{
    hash_t hash;
    char *block = memory_new(1, BLOCK);
    ssize_t n;
    off_t from = 0;
    hash_begin(&hash);
    while ((n = pread(fd, block, BLOCK, from)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        hash_add(&hash, block, (size_t)n);
        from += n;
    }
    int number = errno;
    free(block);
    hash_hex(&hash, sha256);
    return n < 0 ? fault_set(fault, FAULT_INPUT, "%s cannot be read: %s", name, strerror(number)) : 0;
}

int hashbook_file(hashbook_t *book, const char *name, int fd, bool fresh, char sha256[HASH_HEX], fault_t *fault)
{
    struct stat before, after;
    if (fstat(fd, &before) < 0)
        return fault_set(fault, FAULT_INPUT, "%s cannot be read: %s", name, strerror(errno));
    if (!fresh && hashbook_find(book, name, &before, sha256))
        return 0;
    if (hash_file(fd, name, sha256, fault) < 0)
        return -1;
    if (fstat(fd, &after) == 0 && after.st_size == before.st_size && changed_ns(&after) == changed_ns(&before))
        hashbook_note(book, name, &after, sha256);
    return 0;
}
