/* merge: see merge.h. */
#include "merge.h"

/* One of the two readers, and the row that it stands on. */
typedef struct {
    reader_t *reader;
    const row_t *row; /* NULL: at the end */
    int64_t *rows;
    hash_t *hash; /* NULL: not wanted */
} head_t;

static int advance(head_t *head, const columns_t *columns, fault_t *fault)
{
    head->row = NULL;
    int got = head->reader ? reader_next(head->reader, &head->row, fault) : 0;
    if (got <= 0)
        return got;
    ++*head->rows;
    if (head->hash)
        row_hash(columns, head->row, head->hash);
    return 0;
}

/* Which of the two comes first: below 0 the source's, above the target's, 0 when they are of the same key. */
static int order_of(const columns_t *columns, const head_t *source, const head_t *target)
{
    if (!source->row || !target->row)
        return source->row ? -1 : 1;
    return row_compare(columns, source->row, target->row);
}

static int visit(const columns_t *columns, const head_t *source, const head_t *target, int order,
                 const merge_visitor_t *visitor, merge_count_t *count, fault_t *fault)
{
    if (order < 0) {
        count->added++;
        return visitor->added ? visitor->added(visitor->user, source->row, fault) : 0;
    }
    if (order > 0) {
        count->gone++;
        return visitor->gone ? visitor->gone(visitor->user, target->row, fault) : 0;
    }
    if (row_same(columns, source->row, target->row))
        return 0;
    count->changed++;
    return visitor->changed ? visitor->changed(visitor->user, source->row, target->row, fault) : 0;
}

int merge_run(const columns_t *columns, reader_t *source, reader_t *target, const merge_visitor_t *visitor,
              bool hashing, merge_count_t *count, fault_t *fault)
{
    *count = (merge_count_t){0};
    hash_begin(&count->source_hash);
    hash_begin(&count->target_hash);
    head_t from = {source, NULL, &count->source, hashing ? &count->source_hash : NULL};
    head_t to = {target, NULL, &count->target, hashing ? &count->target_hash : NULL};
    int failed = advance(&from, columns, fault) < 0 || advance(&to, columns, fault) < 0 ? -1 : 0;
    while (!failed && (from.row || to.row)) {
        int order = order_of(columns, &from, &to);
        failed = visit(columns, &from, &to, order, visitor, count, fault);
        if (!failed && order <= 0)
            failed = advance(&from, columns, fault);
        if (!failed && order >= 0)
            failed = advance(&to, columns, fault);
        if (!failed && visitor->step)
            failed = visitor->step(visitor->user, fault);
    }
    return failed;
}
