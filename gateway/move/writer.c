/* writer: see writer.h. */
#include "writer.h"
#include "proto/base/mark.h"
#include "proto/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Rows of a batch: a tenth of a second of work, and no more is done again after a kill. */
enum { BATCH_ROWS = 5000, ROOM = 40 };

struct writer {
    side_t *side;
    const columns_t *columns;
    value_place_t place;
    bool batched, loading;
    size_t batch; /* rows since the last commit */
    buf_t names;  /* "a, b, c" */
    buf_t change; /* UPDATE */
    buf_t remove; /* DELETE */
};

/* " WHERE a = $1 AND b = $2" of the key, from this number on. In PostgreSQL a value comes as text: a cast says what it
 * is meant as. */
static void write_key(const writer_t *writer, size_t from, buf_t *text)
{
    for (size_t i = 0; i < writer->columns->table->keys; i++)
        buf_format(text, "%s%s = $%zu", i ? " AND " : " WHERE ", writer->columns->column[i]->name, from + i);
}

static void write_texts(writer_t *writer)
{
    const columns_t *columns = writer->columns;
    const char *table = columns->table->name;
    for (size_t i = 0; i < columns->count; i++)
        buf_format(&writer->names, "%s%s", i ? ", " : "", columns->column[i]->name);
    buf_format(&writer->remove, "DELETE FROM %s", table);
    write_key(writer, 1, &writer->remove);
    buf_format(&writer->change, "UPDATE %s SET ", table);
    for (size_t i = columns->table->keys; i < columns->count; i++)
        buf_format(&writer->change, "%s%s = $%zu", i > columns->table->keys ? ", " : "", columns->column[i]->name,
                   i + 1);
    write_key(writer, 1, &writer->change);
}

writer_t *writer_new(side_t *side, const columns_t *columns, bool batched)
{
    writer_t *writer = memory_new(1, sizeof *writer);
    *writer = (writer_t){.side = side, .columns = columns, .place = side_place(side), .batched = batched};
    write_texts(writer);
    return writer;
}

void writer_destroy(writer_t **writer)
{
    if (!writer || !*writer)
        return;
    fault_t unused;
    if ((*writer)->loading)
        (void)bulk_loaded((*writer)->side->writer, &unused);
    buf_free(&(*writer)->names);
    buf_free(&(*writer)->change);
    buf_free(&(*writer)->remove);
    free(*writer);
    *writer = NULL;
}

static int end_load(writer_t *writer, fault_t *fault)
{
    bool loading = writer->loading;
    writer->loading = false;
    return loading && bulk_loaded(writer->side->writer, fault) < 0 ? fault_prefix(fault, writer->columns->table->name)
                                                                   : 0;
}

static int commit_batch(writer_t *writer, fault_t *fault)
{
    if (end_load(writer, fault) < 0)
        return -1;
    writer->batch = 0;
    MARK("move.batch");
    if (writer->batched && bulk_script(writer->side->writer, "COMMIT; BEGIN", fault) < 0)
        return -1;
    MARK("move.committed");
    return 0;
}

static void put_values(const writer_t *writer, const row_t *row, size_t count, sql_value_t *values,
                       char rooms[BULK_COLUMNS_MOST][ROOM])
{
    for (size_t i = 0; i < count; i++)
        values[i] = value_put(writer->columns->column[i], row->value[i], writer->place, rooms[i]);
}

int writer_add(writer_t *writer, const row_t *row, fault_t *fault)
{
    sql_value_t values[BULK_COLUMNS_MOST];
    char rooms[BULK_COLUMNS_MOST][ROOM];
    const columns_t *columns = writer->columns;
    if (!writer->loading) {
        if (bulk_load(writer->side->writer, columns->table->name, writer->names.bytes, columns->count, fault) < 0)
            return fault_prefix(fault, columns->table->name);
        writer->loading = true;
    }
    put_values(writer, row, columns->count, values, rooms);
    if (bulk_add(writer->side->writer, values, fault) < 0)
        return fault_prefix(fault, columns->table->name);
    return ++writer->batch < BATCH_ROWS ? 0 : commit_batch(writer, fault);
}

static int ask(writer_t *writer, const buf_t *text, const row_t *row, size_t count, fault_t *fault)
{
    sql_value_t values[BULK_COLUMNS_MOST];
    char rooms[BULK_COLUMNS_MOST][ROOM];
    if (end_load(writer, fault) < 0)
        return -1;
    put_values(writer, row, count, values, rooms);
    if (bulk_ask(writer->side->writer, text->bytes, values, count, NULL, NULL, fault) < 0)
        return fault_prefix(fault, writer->columns->table->name);
    return ++writer->batch < BATCH_ROWS ? 0 : commit_batch(writer, fault);
}

int writer_change(writer_t *writer, const row_t *row, fault_t *fault)
{
    if (writer->columns->count == writer->columns->table->keys)
        return 0; /* there is nothing but its key */
    return ask(writer, &writer->change, row, writer->columns->count, fault);
}

int writer_remove(writer_t *writer, const row_t *row, fault_t *fault)
{
    return ask(writer, &writer->remove, row, writer->columns->table->keys, fault);
}

int writer_finish(writer_t *writer, fault_t *fault)
{
    return commit_batch(writer, fault);
}
