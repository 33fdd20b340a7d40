/* journal: the disk of an owner of tests: lines of text in a file that grows, fsynced before anybody is told of them,
 * and held by one process at a time, as a lease in a database is.
 *
 * For:    tests/tools/keeper.c. What the file says, line by line, is all that its owner knows: `line` is called for
 *         each one, at the start for those that are there, later for those that were just committed.
 * Killed: a line that was cut off by a SIGKILL in the middle of its write is removed at the next start; nobody has
 *         been told of it.
 * Held:   whoever opens it holds it from then on. One that was frozen meanwhile, and thaws, is told so at its next
 *         commit, which writes nothing.
 */
#ifndef YOGI_TESTS_JOURNAL_H
#define YOGI_TESTS_JOURNAL_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

#include <stdbool.h>

typedef struct journal journal_t;

typedef void journal_fn(void *owner, char *line); /* without its end; the function may write into it */

/* Takes hold of the file, which is made where there is none, and reads it. It stays locked until the first commit, so
 * that nobody else reads it in between. NULL with the fault. */
journal_t *journal_open(const char *path, journal_fn *line, void *owner, fault_t *fault);

/* What is to be written with the next commit: whole lines, each closed with '\n'. */
buf_t *journal_next(journal_t *journal);

typedef enum { JOURNAL_FAILED = -1, JOURNAL_DONE, JOURNAL_SUPERSEDED } journal_end_t;

/* Writes and fsyncs it, then tells `line` of each. SUPERSEDED: another process holds the journal now. */
journal_end_t journal_commit(journal_t *journal, fault_t *fault) __attribute__((warn_unused_result));

void journal_close(journal_t **journal); /* takes NULL; nulls the caller's pointer */

#endif
