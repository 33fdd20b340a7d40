/* journal: what a move is about and how far it has come, in the work folder: for the commands that come after, and for
 * people. One move at a time has the folder. Nothing that a move needs to be right is only here: rows and files are
 * compared with what is there.
 */
#ifndef YOGI_MOVE_JOURNAL_H
#define YOGI_MOVE_JOURNAL_H

#include "proto/base/arena.h"
#include "proto/base/fault.h"

#include <stdbool.h>

typedef struct journal journal_t;

/* Makes the folder where it is missing, takes it for this process (busy: FAULT_UNAVAILABLE) and reads what is there.
 * looking: only reads; the folder may be in use. NULL with the fault. */
journal_t *journal_open(const char *folder, bool looking, fault_t *fault);
void journal_close(journal_t **journal); /* takes NULL; nulls the caller's pointer */

/* What is written under the name; NULL = nothing. Valid until it is set anew. */
const char *journal_get(const journal_t *journal, const char *name);

/* Sets a value (NULL: none), which is on disk after journal_save. No line feeds. */
void journal_set(journal_t *journal, const char *name, const char *value);
int journal_save(journal_t *journal, fault_t *fault) __attribute__((warn_unused_result));

/* The path of a file in the folder, in the journal's memory. */
const char *journal_path(journal_t *journal, const char *name);

#endif
