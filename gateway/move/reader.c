/* reader: see reader.h. */
#include "reader.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a value lies in the bytes of its row; while they grow there are no pointers. */
typedef struct {
    size_t at, size;
    bool there;
} place_t;

struct reader {
    reader_plan_t plan;
    buf_t bytes;    /* of the row */
    buf_t last;     /* the key before, to see that the order is kept */
    arena_t *arena; /* of what a fix needs */
    row_t row;
    size_t last_sizes[4]; /* of the key before */
    bool any;             /* there was a row */
    bool begun;           /* the stream is open */
};

/* ---- columns ---- */

columns_t columns_shared(const table_t *table, const side_t *side, const side_t *other)
{
    columns_t columns = {.table = table};
    size_t index = side_index(table);
    for (size_t i = 0; i < table->columns; i++)
        if (side->has[index][i] && (!other || other->has[index][i]))
            columns.column[columns.count++] = &table->column[i];
    return columns;
}

static size_t place_of(const columns_t *columns, const char *name)
{
    size_t i = 0;
    while (i < columns->count && strcmp(columns->column[i]->name, name) != 0)
        i++;
    return i;
}

void columns_add(columns_t *columns, const char *name)
{
    if (place_of(columns, name) == columns->count)
        columns->column[columns->count++] = catalog_column(columns->table, name);
}

/* ---- the query ---- */

static bool is_text(const column_t *column)
{
    return column->kind == VALUE_TEXT || column->kind == VALUE_KEY || column->kind == VALUE_STATUS;
}

/* A column that the store does not have is read as NULL: a fix fills it. */
static void write_column(const reader_t *reader, const column_t *column, buf_t *text)
{
    const side_t *side = reader->plan.side;
    const table_t *table = reader->plan.columns->table;
    const column_t *instead = column->instead ? catalog_column(table, column->instead) : NULL;
    size_t index = side_index(table);
    if (!side->has[index][column - table->column])
        buf_text(text, "NULL");
    else if (!side->path && is_text(column)) /* also ids of the type UUID */
        buf_format(text, "%s::text", column->name);
    else if (instead && side->has[index][instead - table->column])
        buf_format(text, "COALESCE(%s, %s)", column->name, instead->name);
    else
        buf_text(text, column->name);
}

static void write_query(const reader_t *reader, buf_t *text)
{
    const columns_t *columns = reader->plan.columns;
    const table_t *table = columns->table;
    bool postgres = !reader->plan.side->path;
    buf_text(text, "SELECT ");
    for (size_t i = 0; i < columns->count; i++) {
        buf_text(text, i ? ", " : "");
        write_column(reader, columns->column[i], text);
    }
    buf_format(text, " FROM %s", table->name);
    if (table->filter)
        buf_format(text, " WHERE %s", table->filter);
    buf_text(text, " ORDER BY ");
    for (size_t i = 0; i < table->keys; i++) {
        bool cast = postgres && is_text(&table->column[i]);
        buf_format(text, "%s%s%s", i ? ", " : "", table->column[i].name, cast ? "::text COLLATE \"C\"" : "");
    }
}

reader_t *reader_new(const reader_plan_t *plan, fault_t *fault)
{
    reader_t *reader = memory_new(1, sizeof *reader);
    buf_t query = {0};
    reader->plan = *plan;
    reader->arena = arena_new();
    write_query(reader, &query);
    reader->begun = bulk_read(plan->side->reader, query.bytes, plan->columns->count, fault) == 0;
    buf_free(&query);
    if (!reader->begun)
        reader_destroy(&reader);
    return reader;
}

void reader_destroy(reader_t **reader)
{
    if (!reader || !*reader)
        return;
    if ((*reader)->begun)
        bulk_stop((*reader)->plan.side->reader);
    buf_free(&(*reader)->bytes);
    buf_free(&(*reader)->last);
    arena_destroy(&(*reader)->arena);
    free(*reader);
    *reader = NULL;
}

/* ---- rows ---- */

static void tell(const reader_t *reader, const sql_value_t *raw, const column_t *column, const char *why)
{
    if (reader->plan.misfit)
        reader->plan.misfit(reader->plan.misfit_user, reader->plan.columns, raw, column, why);
}

/* Takes one value. Whether the row can still be. */
static bool take_value(reader_t *reader, const sql_value_t *raw, size_t i, place_t *place)
{
    const columns_t *columns = reader->plan.columns;
    const column_t *column = columns->column[i];
    bool is_key = i < columns->table->keys;
    *place = (place_t){.at = reader->bytes.size};
    const char *why = raw[i].kind == SQL_NULL ? NULL : value_take(column, &raw[i], &reader->bytes);
    bool vital = is_key || column->needed;
    if (why)
        tell(reader, raw, vital ? NULL : column, why);
    if (why && vital)
        return false;
    place->there = raw[i].kind != SQL_NULL && !why;
    if (!place->there && column->standard) {
        buf_text(&reader->bytes, column->standard);
        place->there = true;
    }
    if (!place->there && vital) {
        tell(reader, raw, NULL, "a value is missing that it cannot be without");
        return false;
    }
    place->size = reader->bytes.size - place->at;
    return true;
}

/* Whether everything that the row refers to is there. */
static bool has_parents(const reader_t *reader, const sql_value_t *raw, const row_t *row)
{
    const columns_t *columns = reader->plan.columns;
    for (size_t i = 0; reader->plan.parents && i < columns->count; i++) {
        const char *parent = columns->column[i]->parent;
        const wordmap_t *ids = parent ? reader->plan.parents[side_index(catalog_table(parent))] : NULL;
        if (!ids || !row->value[i].at || wordmap_get(ids, row->value[i], NULL))
            continue;
        tell(reader, raw, NULL, "what it belongs to is not there");
        return false;
    }
    return true;
}

/* Makes the row; whether it fits. */
static bool take_row(reader_t *reader, const sql_value_t *raw)
{
    const columns_t *columns = reader->plan.columns;
    place_t places[BULK_COLUMNS_MOST];
    buf_clear(&reader->bytes);
    buf_text(&reader->bytes, "");
    for (size_t i = 0; i < columns->count; i++)
        if (!take_value(reader, raw, i, &places[i]))
            return false;
    for (size_t i = 0; i < columns->count; i++)
        reader->row.value[i] =
            places[i].there ? (view_t){reader->bytes.bytes + places[i].at, places[i].size} : (view_t){NULL, 0};
    return has_parents(reader, raw, &reader->row);
}

/* Two sides can only be compared when both come in the same order. */
static int check_order(reader_t *reader, fault_t *fault)
{
    const columns_t *columns = reader->plan.columns;
    size_t keys = columns->table->keys;
    row_t last;
    assert(keys <= sizeof reader->last_sizes / sizeof *reader->last_sizes);
    for (size_t i = 0, at = 0; i < keys; at += reader->last_sizes[i++])
        last.value[i] = (view_t){buf_string(&reader->last) + at, reader->last_sizes[i]};
    if (reader->any && row_compare(columns, &last, &reader->row) >= 0)
        return fault_set(fault, FAULT_INPUT,
                         "%s: the keys of %s do not come in the order of their bytes; is its column id of another type "
                         "than text?",
                         reader->plan.side->address, columns->table->name);
    buf_clear(&reader->last);
    for (size_t i = 0; i < keys; i++) {
        buf_add(&reader->last, reader->row.value[i].at, reader->row.value[i].size);
        reader->last_sizes[i] = reader->row.value[i].size;
    }
    reader->any = true;
    return 0;
}

/* The ids of tables that others refer to are kept. */
static void keep_id(reader_t *reader)
{
    wordmap_t **parents = reader->plan.parents;
    wordmap_t *ids = parents ? parents[side_index(reader->plan.columns->table)] : NULL;
    if (ids)
        wordmap_put(ids, reader->row.value[0], 0);
}

int reader_next(reader_t *reader, const row_t **row, fault_t *fault)
{
    sql_value_t raw[BULK_COLUMNS_MOST];
    for (;;) {
        int got = bulk_next(reader->plan.side->reader, raw, fault);
        if (got <= 0)
            return got < 0 ? fault_prefix(fault, reader->plan.columns->table->name) : 0;
        if (!take_row(reader, raw))
            continue;
        if (check_order(reader, fault) < 0)
            return -1;
        keep_id(reader);
        if (reader->plan.fix) {
            arena_clear(reader->arena);
            if (!reader->plan.fix(reader->plan.fix_user, reader, &reader->row))
                continue;
        }
        *row = &reader->row;
        return 1;
    }
}

void reader_put(reader_t *reader, row_t *row, const char *column, const char *text)
{
    size_t i = place_of(reader->plan.columns, column);
    if (i < reader->plan.columns->count)
        row->value[i] = view_of(arena_text(reader->arena, text));
}

const char *reader_value(reader_t *reader, const row_t *row, const char *column)
{
    size_t i = place_of(reader->plan.columns, column);
    if (i == reader->plan.columns->count || !row->value[i].at)
        return NULL;
    return arena_text_n(reader->arena, row->value[i].at, row->value[i].size);
}

void reader_forget(reader_t *reader)
{
    arena_clear(reader->arena);
}

/* ---- what is done with them ---- */

int row_compare(const columns_t *columns, const row_t *a, const row_t *b)
{
    for (size_t i = 0; i < columns->table->keys; i++) {
        int order = value_compare(columns->column[i], a->value[i], b->value[i]);
        if (order)
            return order;
    }
    return 0;
}

bool row_same(const columns_t *columns, const row_t *a, const row_t *b)
{
    for (size_t i = 0; i < columns->count; i++) {
        view_t x = a->value[i], y = b->value[i];
        bool same = x.at && y.at ? x.size == y.size && memcmp(x.at, y.at, x.size) == 0 : !x.at && !y.at;
        if (!same)
            return false;
    }
    return true;
}

void row_hash(const columns_t *columns, const row_t *row, hash_t *hash)
{
    for (size_t i = 0; i < columns->count; i++) {
        view_t value = row->value[i];
        uint64_t size = value.at ? value.size : UINT64_MAX;
        hash_add(hash, &size, sizeof size);
        hash_add(hash, value.at, value.size);
    }
}

void row_name(const columns_t *columns, const row_t *row, buf_t *out)
{
    for (size_t i = 0; i < columns->table->keys; i++) {
        buf_text(out, i ? "/" : "");
        buf_add(out, row->value[i].at, row->value[i].size);
    }
}
