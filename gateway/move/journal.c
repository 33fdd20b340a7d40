/* journal: see journal.h. The file "journal": a line "name value" for each. */
#include "journal.h"
#include "proto/base/buf.h"
#include "proto/base/folders.h"
#include "proto/base/mark.h"
#include "proto/base/memory.h"
#include "proto/base/output.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Names that a journal has: those of move.c, and room. */
enum { NAMES_MOST = 48 };

struct journal {
    arena_t *arena;
    const char *folder;
    int lock; /* descriptor; -1 = only looks */
    const char *names[NAMES_MOST + 1], *values[NAMES_MOST];
    size_t count;
};

static int take_lock(journal_t *journal, fault_t *fault)
{
    journal->lock = open(journal_path(journal, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (journal->lock < 0)
        return fault_set(fault, FAULT_SETTING, "the work folder %s cannot be written: %s; name another in --work",
                         journal->folder, strerror(errno));
    if (flock(journal->lock, LOCK_EX | LOCK_NB) < 0)
        return fault_set(fault, FAULT_UNAVAILABLE, "another yogi migrate works in %s; wait until it has ended",
                         journal->folder);
    return 0;
}

static void read_lines(journal_t *journal)
{
    FILE *file = fopen(journal_path(journal, "journal"), "re");
    char *line = NULL;
    size_t room = 0;
    while (file && getline(&line, &room, file) > 0) {
        char *space = strchr(line, ' ');
        line[strcspn(line, "\n")] = 0;
        if (!space || journal->count == NAMES_MOST)
            continue;
        *space = 0;
        journal_set(journal, line, space + 1);
    }
    free(line);
    if (file)
        fclose(file);
}

static int make_folder(const journal_t *journal, fault_t *fault)
{
    if (folders_make(journal->folder) == 0)
        return 0;
    return fault_set(fault, FAULT_SETTING, "the work folder %s cannot be made: %s; name another in --work",
                     journal->folder, strerror(errno));
}

journal_t *journal_open(const char *folder, bool looking, fault_t *fault)
{
    journal_t *journal = memory_new(1, sizeof *journal);
    *journal = (journal_t){.arena = arena_new(), .lock = -1};
    journal->folder = arena_text(journal->arena, folder);
    if (!looking && (make_folder(journal, fault) < 0 || take_lock(journal, fault) < 0))
        journal_close(&journal);
    else
        read_lines(journal);
    return journal;
}

void journal_close(journal_t **journal)
{
    if (!journal || !*journal)
        return;
    if ((*journal)->lock >= 0)
        close((*journal)->lock);
    arena_destroy(&(*journal)->arena);
    free(*journal);
    *journal = NULL;
}

static size_t place_of(const journal_t *journal, const char *name)
{
    size_t i = 0;
    while (i < journal->count && strcmp(journal->names[i], name) != 0)
        i++;
    return i;
}

const char *journal_get(const journal_t *journal, const char *name)
{
    size_t i = place_of(journal, name);
    return i < journal->count ? journal->values[i] : NULL;
}

void journal_set(journal_t *journal, const char *name, const char *value)
{
    size_t i = place_of(journal, name);
    assert(i < NAMES_MOST && (!value || !strchr(value, '\n')));
    if (i == journal->count)
        journal->names[journal->count++] = arena_text(journal->arena, name);
    journal->values[i] = arena_text(journal->arena, value);
}

int journal_save(journal_t *journal, fault_t *fault)
{
    const char *path = journal_path(journal, "journal"), *fresh = journal_path(journal, "journal.new");
    buf_t text = {0};
    for (size_t i = 0; i < journal->count; i++)
        if (journal->values[i])
            buf_format(&text, "%s %s\n", journal->names[i], journal->values[i]);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && output_all(fd, buf_string(&text), text.size) == 0 && fsync(fd) == 0;
    MARK("move.journal");
    good = good && rename(fresh, path) == 0;
    int number = errno;
    if (fd >= 0)
        close(fd);
    buf_free(&text);
    return good ? 0 : fault_set(fault, FAULT_OUTPUT, "%s cannot be written: %s", path, strerror(number));
}

const char *journal_path(journal_t *journal, const char *name)
{
    return arena_format(journal->arena, "%s/%s", journal->folder, name);
}
