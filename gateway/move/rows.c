/* rows: see rows.h.
 *
 * A table that is not empty is gone through twice: rows that have to go are removed first, so that no UNIQUE stands in
 * the way of those that come. Tables that others refer to without a cascade (freed_last) lose theirs at the very end.
 */
#include "rows.h"
#include "proto/base/clock.h"
#include "writer.h"

#include <stdio.h>
#include <string.h>

/* STEP: rows between two looks at the clock. TICK: between two words on the progress. */
enum { STEP_ROWS = 256, TICK_US = 100000 };

/* What a pass through the tables has in hand. */
typedef struct {
    const rows_plan_t *plan;
    wordmap_t *source_ids[SIDE_TABLES_MOST], *target_ids[SIDE_TABLES_MOST];
    const columns_t *columns; /* of the table under way */
    writer_t *writer;
    rows_difference_fn *found;
    void *found_user;
    int64_t done, steps; /* rows of the progress */
    int64_t due_us;
} pass_t;

/* Which tables others refer to is the catalogue's to say. */
static void pass_begin(pass_t *pass, const rows_plan_t *plan)
{
    size_t count;
    const table_t *tables = catalog_tables(&count);
    *pass = (pass_t){.plan = plan};
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < tables[i].columns; c++) {
            const char *parent = tables[i].column[c].parent;
            size_t index = parent ? side_index(catalog_table(parent)) : 0;
            if (!parent || pass->source_ids[index])
                continue;
            pass->source_ids[index] = wordmap_new();
            pass->target_ids[index] = wordmap_new();
        }
}

static void pass_end(pass_t *pass)
{
    writer_destroy(&pass->writer);
    for (size_t i = 0; i < SIDE_TABLES_MOST; i++) {
        wordmap_destroy(&pass->source_ids[i]);
        wordmap_destroy(&pass->target_ids[i]);
    }
}

/* ---- visitors ---- */

static int on_step(void *user, fault_t *fault)
{
    pass_t *pass = user;
    const rows_plan_t *plan = pass->plan;
    pass->done++;
    if (++pass->steps % STEP_ROWS)
        return 0;
    if (plan->stopped && plan->stopped(plan->user))
        return fault_set(fault, FAULT_CANCELLED, STOPPED);
    if (!plan->progress || clock_now_us() < pass->due_us)
        return 0;
    pass->due_us = clock_now_us() + TICK_US;
    plan->progress(plan->user, &(move_progress_t){.phase = pass->found ? "check" : "rows",
                                                  .what = pass->columns->table->name,
                                                  .done = pass->done,
                                                  .total = plan->total});
    return 0;
}

static int on_added(void *user, const row_t *source, fault_t *fault)
{
    return writer_add(((pass_t *)user)->writer, source, fault);
}

static int on_changed(void *user, const row_t *source, const row_t *target, fault_t *fault)
{
    (void)target;
    return writer_change(((pass_t *)user)->writer, source, fault);
}

static int on_gone(void *user, const row_t *target, fault_t *fault)
{
    return writer_remove(((pass_t *)user)->writer, target, fault);
}

static int on_redone(void *user, const row_t *source, const row_t *target, fault_t *fault)
{
    (void)source;
    return writer_remove(((pass_t *)user)->writer, target, fault);
}

static int tell_missing(void *user, const row_t *source, fault_t *fault)
{
    pass_t *pass = user;
    (void)fault;
    pass->found(pass->found_user, pass->columns, source, "missing");
    return 0;
}

static int tell_changed(void *user, const row_t *source, const row_t *target, fault_t *fault)
{
    pass_t *pass = user;
    (void)target, (void)fault;
    pass->found(pass->found_user, pass->columns, source, "changed");
    return 0;
}

static int tell_extra(void *user, const row_t *target, fault_t *fault)
{
    pass_t *pass = user;
    (void)fault;
    pass->found(pass->found_user, pass->columns, target, "extra");
    return 0;
}

/* ---- one table ---- */

static columns_t columns_of(const rows_plan_t *plan, const table_t *table)
{
    columns_t columns = columns_shared(table, plan->source, plan->target);
    if (strcmp(table->name, "documents") == 0)
        manifest_columns(plan->manifest, &columns);
    return columns;
}

/* Whether both sides have the table. */
static bool is_shared(const rows_plan_t *plan, const table_t *table)
{
    size_t index = side_index(table);
    return plan->source->present[index] && plan->target->present[index];
}

/* Goes through a table once. with_target: there may be rows; first: misfits are told, and ids are learned. */
static int go_through(pass_t *pass, const merge_visitor_t *visitor, bool with_target, bool telling, bool hashing,
                      merge_count_t *count, fault_t *fault)
{
    const rows_plan_t *plan = pass->plan;
    bool documents = strcmp(pass->columns->table->name, "documents") == 0;
    bool blobs = strcmp(pass->columns->table->name, "blobs") == 0;
    reader_plan_t from = {.side = plan->source,
                          .columns = pass->columns,
                          .parents = pass->source_ids,
                          .misfit = telling ? aside_note : NULL,
                          .misfit_user = plan->aside,
                          .fix = documents ? manifest_fix : NULL,
                          .fix_user = plan->manifest};
    reader_plan_t to = {.side = plan->target,
                        .columns = pass->columns,
                        .parents = pass->target_ids,
                        .fix = blobs ? manifest_fix_blob : NULL,
                        .fix_user = plan->manifest};
    reader_t *source = reader_new(&from, fault), *target = NULL;
    int failed = source ? 0 : -1;
    if (!failed && with_target && !(target = reader_new(&to, fault)))
        failed = -1;
    if (!failed)
        failed = merge_run(pass->columns, source, target, visitor, hashing, count, fault);
    reader_destroy(&target);
    reader_destroy(&source);
    return failed;
}

static int write_table(pass_t *pass, const merge_visitor_t *visitor, bool with_target, bool telling,
                       merge_count_t *count, fault_t *fault)
{
    pass->writer = writer_new(pass->plan->target, pass->columns, !pass->plan->target->path);
    int failed = go_through(pass, visitor, with_target, telling, false, count, fault);
    if (!failed)
        failed = writer_finish(pass->writer, fault);
    writer_destroy(&pass->writer);
    return failed;
}

/* Reads of another connection than writes only see what is committed. */
static int freeze_target(side_t *target, fault_t *fault)
{
    return target->reader == target->writer ? 0 : bulk_freeze(target->reader, fault);
}

static void thaw_target(side_t *target)
{
    if (target->reader != target->writer)
        bulk_thaw(target->reader);
}

/* One of the two ways through a table. */
static int carry_once(pass_t *pass, const merge_visitor_t *visitor, bool with_target, bool telling,
                      merge_count_t *count, fault_t *fault)
{
    side_t *target = pass->plan->target;
    if (with_target && freeze_target(target, fault) < 0)
        return -1;
    int failed = write_table(pass, visitor, with_target, telling, count, fault);
    if (with_target)
        thaw_target(target);
    return failed;
}

static int carry_table(pass_t *pass, rows_table_t *seen, fault_t *fault)
{
    const table_t *table = seen->table;
    const merge_visitor_t removing = {
        .gone = on_gone, .changed = table->redone ? on_redone : NULL, .step = NULL, .user = pass};
    const merge_visitor_t writing = {.added = on_added, .changed = on_changed, .step = on_step, .user = pass};
    bool has_rows;
    merge_count_t removed = {0};
    if (side_has_rows(pass->plan->target, table, &has_rows, fault) < 0)
        return -1;
    if (has_rows && !table->freed_last && carry_once(pass, &removing, true, false, &removed, fault) < 0)
        return -1;
    if (carry_once(pass, &writing, has_rows, true, &seen->count, fault) < 0)
        return -1;
    seen->count.gone = table->freed_last ? 0 : removed.gone;
    return 0;
}

/* What others referred to until now. */
static int free_table(pass_t *pass, rows_table_t *seen, fault_t *fault)
{
    const merge_visitor_t removing = {.gone = on_gone, .user = pass};
    merge_count_t count = {0};
    pass->columns = &seen->columns;
    if (carry_once(pass, &removing, true, false, &count, fault) < 0)
        return -1;
    seen->count.gone = count.gone;
    return 0;
}

/* Numbers that the database gives itself go on behind those that were brought. */
static int set_sequences(const side_t *target, fault_t *fault)
{
    if (target->path || !target->present[side_index(catalog_table("processing_events"))])
        return 0;
    return bulk_script(target->writer,
                       "SELECT setval(pg_get_serial_sequence('processing_events', 'id'), GREATEST((SELECT max(id) FROM "
                       "processing_events), 1))",
                       fault);
}

/* ---- all ---- */

static void sum_up(rows_result_t *result)
{
    for (size_t i = 0; i < result->count; i++) {
        const merge_count_t *count = &result->table[i].count;
        result->rows += count->source;
        result->changes += count->added + count->changed + count->gone;
    }
}

static void list_tables(const rows_plan_t *plan, rows_result_t *result)
{
    size_t count;
    const table_t *tables = catalog_tables(&count);
    *result = (rows_result_t){0};
    for (size_t i = 0; i < count; i++)
        if (is_shared(plan, &tables[i]))
            result->table[result->count++] =
                (rows_table_t){.table = &tables[i], .columns = columns_of(plan, &tables[i])};
}

int rows_carry(const rows_plan_t *plan, rows_result_t *result, fault_t *fault)
{
    pass_t pass;
    pass_begin(&pass, plan);
    list_tables(plan, result);
    int failed = plan->target->layout == LAYOUT_YOGI ? manifest_write_blobs(plan->manifest, plan->target, fault) : 0;
    for (size_t i = 0; !failed && i < result->count; i++) {
        pass.columns = &result->table[i].columns;
        failed = carry_table(&pass, &result->table[i], fault);
    }
    for (size_t i = result->count; !failed && i-- > 0;)
        if (result->table[i].table->freed_last)
            failed = free_table(&pass, &result->table[i], fault);
    if (!failed)
        failed = set_sequences(plan->target, fault);
    pass_end(&pass);
    sum_up(result);
    return failed;
}

int rows_compare(const rows_plan_t *plan, rows_difference_fn *found, void *user, rows_result_t *result, fault_t *fault)
{
    pass_t pass;
    int failed = 0;
    pass_begin(&pass, plan);
    pass.found = found;
    pass.found_user = user;
    const merge_visitor_t telling = {
        .added = tell_missing, .changed = tell_changed, .gone = tell_extra, .step = on_step, .user = &pass};
    list_tables(plan, result);
    for (size_t i = 0; !failed && i < result->count; i++) {
        rows_table_t *seen = &result->table[i];
        pass.columns = &seen->columns;
        failed = go_through(&pass, &telling, true, true, true, &seen->count, fault);
        hash_hex(&seen->count.source_hash, seen->source_hash);
        hash_hex(&seen->count.target_hash, seen->target_hash);
    }
    pass_end(&pass);
    sum_up(result);
    return failed;
}

int rows_try(const rows_plan_t *plan, rows_result_t *result, fault_t *fault)
{
    pass_t pass;
    size_t count;
    const table_t *tables = catalog_tables(&count);
    int failed = 0;
    pass_begin(&pass, plan);
    const merge_visitor_t nothing = {.step = on_step, .user = &pass};
    *result = (rows_result_t){0};
    for (size_t i = 0; !failed && i < count; i++) {
        if (!plan->source->present[i])
            continue;
        rows_table_t *seen = &result->table[result->count++];
        *seen = (rows_table_t){.table = &tables[i], .columns = columns_shared(&tables[i], plan->source, NULL)};
        pass.columns = &seen->columns;
        failed = go_through(&pass, &nothing, false, true, false, &seen->count, fault);
    }
    pass_end(&pass);
    sum_up(result);
    return failed;
}

int rows_count(side_t *source, const side_t *target, int64_t *rows, fault_t *fault)
{
    size_t count;
    const table_t *tables = catalog_tables(&count);
    *rows = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t own = 0;
        bool wanted = target->layout == LAYOUT_EMPTY || target->present[i];
        if (wanted && side_count(source, &tables[i], &own, fault) < 0)
            return -1;
        *rows += own;
    }
    return 0;
}
