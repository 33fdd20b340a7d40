/* aside: see aside.h. */
#include "aside.h"
#include "proto/base/memory.h"
#include "proto/base/output.h"
#include "proto/base/text.h"
#include "proto/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* EXAMPLES: that are shown on the terminal. FLUSH: bytes that are gathered. */
enum { EXAMPLES_MOST = 10, FLUSH = 65536, NAME_MOST = 100 };

struct aside {
    char *path;
    int fd;     /* -1: only counts */
    int number; /* of a failed write; 0 = none */
    int64_t rows, values;
    buf_t lines; /* not written yet */
    buf_t examples;
};

aside_t *aside_new(const char *path, fault_t *fault)
{
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (path && fd < 0) {
        fault_set(fault, FAULT_OUTPUT, "%s, for what does not fit, cannot be written: %s", path, strerror(errno));
        return NULL;
    }
    aside_t *aside = memory_new(1, sizeof *aside);
    *aside = (aside_t){.fd = fd, .path = path ? strdup(path) : NULL};
    return aside;
}

void aside_destroy(aside_t **aside)
{
    if (!aside || !*aside)
        return;
    if ((*aside)->fd >= 0)
        close((*aside)->fd);
    buf_free(&(*aside)->lines);
    buf_free(&(*aside)->examples);
    free((*aside)->path);
    free(*aside);
    *aside = NULL;
}

/* A value as the database gave it. Bytes that are no text, in hex. */
static void write_value(const sql_value_t *value, buf_t *out)
{
    buf_t text = {0};
    bool readable = value->kind == SQL_TEXT && text_valid(value->view.at, value->view.size);
    switch (value->kind) {
    case SQL_NULL:
        buf_text(out, "null");
        break;
    case SQL_TEXT:
    case SQL_BYTES:
        buf_text(&text, readable ? "" : "hex:");
        for (size_t i = 0; i < value->view.size && !readable; i++)
            buf_format(&text, "%02x", (unsigned char)value->view.at[i]);
        if (readable)
            buf_add(&text, value->view.at, value->view.size);
        json_text(text.bytes, out);
        break;
    case SQL_REAL:
        buf_format(&text, "%.17g", value->real);
        json_text(text.bytes, out); /* JSON has no infinity */
        break;
    default:
        buf_format(out, "%lld", (long long)value->number);
    }
    buf_free(&text);
}

static void write_line(const columns_t *columns, const sql_value_t *raw, const column_t *column, const char *why,
                       buf_t *out)
{
    buf_text(out, "{\"table\":");
    json_text(columns->table->name, out);
    buf_text(out, ",\"id\":");
    write_value(&raw[0], out);
    if (column) {
        buf_text(out, ",\"column\":");
        json_text(column->name, out);
    }
    buf_text(out, ",\"why\":");
    json_text(why, out);
    buf_text(out, ",\"row\":{");
    for (size_t i = 0; i < columns->count; i++) {
        buf_text(out, i ? "," : "");
        json_text(columns->column[i]->name, out);
        buf_char(out, ':');
        write_value(&raw[i], out);
    }
    buf_text(out, "}}\n");
}

static void flush(aside_t *aside)
{
    if (aside->fd >= 0 && aside->lines.size && output_all(aside->fd, aside->lines.bytes, aside->lines.size) < 0)
        aside->number = errno;
    buf_clear(&aside->lines);
}

static void add_example(aside_t *aside, const columns_t *columns, const sql_value_t *raw, const column_t *column,
                        const char *why)
{
    buf_t id = {0};
    if (aside->rows + aside->values > EXAMPLES_MOST)
        return;
    write_value(&raw[0], &id);
    text_neuter(id.bytes);
    buf_format(&aside->examples, "%s %.*s%s%s: %s\n", columns->table->name, NAME_MOST, id.bytes, column ? ", " : "",
               column ? column->name : "", why);
    buf_free(&id);
}

void aside_note(void *user, const columns_t *columns, const sql_value_t *raw, const column_t *column, const char *why)
{
    aside_t *aside = user;
    if (column)
        aside->values++;
    else
        aside->rows++;
    add_example(aside, columns, raw, column, why);
    if (aside->fd < 0)
        return;
    write_line(columns, raw, column, why, &aside->lines);
    if (aside->lines.size > FLUSH)
        flush(aside);
}

int64_t aside_rows(const aside_t *aside)
{
    return aside->rows;
}

int64_t aside_values(const aside_t *aside)
{
    return aside->values;
}

const char *aside_examples(const aside_t *aside)
{
    return buf_string(&aside->examples);
}

int aside_finish(aside_t *aside, fault_t *fault)
{
    flush(aside);
    if (!aside->number && aside->fd >= 0 && fsync(aside->fd) < 0)
        aside->number = errno;
    if (aside->number)
        return fault_set(fault, FAULT_OUTPUT, "%s, for what does not fit, cannot be written: %s", aside->path,
                         strerror(aside->number));
    return 0;
}
