/* writer: what a move changes in one table: rows added in streams, others changed or removed one by one.
 *
 * In PostgreSQL batches are committed as they fill, so that a move that is killed goes on where it was; in SQLite
 * everything is one transaction of the caller's.
 */
#ifndef YOGI_MOVE_WRITER_H
#define YOGI_MOVE_WRITER_H

#include "reader.h"

typedef struct writer writer_t;

/* Begins; columns outlive it. batched: there is a transaction open, and it may be committed and begun anew. */
writer_t *writer_new(side_t *side, const columns_t *columns, bool batched);
void writer_destroy(writer_t **writer); /* takes NULL; nulls the caller's pointer; what was not finished is lost */

int writer_add(writer_t *writer, const row_t *row, fault_t *fault) __attribute__((warn_unused_result));
int writer_change(writer_t *writer, const row_t *row, fault_t *fault) __attribute__((warn_unused_result));
int writer_remove(writer_t *writer, const row_t *row, fault_t *fault) __attribute__((warn_unused_result));

/* Everything is in the database's hands (committed, where it is batched). */
int writer_finish(writer_t *writer, fault_t *fault) __attribute__((warn_unused_result));

#endif
