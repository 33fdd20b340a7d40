/* statement: see statement.h. What is done with the parameters. The texts stand in statement_table.c. */
#include "statement.h"
#include "proto/base/text.h"
#include "statement_table.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The parameter's name (its size in *size) and, behind the colon, its kind. */
static const char *parameter(statement_t statement, size_t i, size_t *size)
{
    const char *at = statement_table[statement].parameters;
    for (; i > 0; i--) {
        at = strchr(at, ' ');
        assert(at);
        at++;
    }
    *size = strcspn(at, ":");
    assert(at[*size] == ':');
    return at;
}

const char *statement_name(statement_t statement)
{
    assert(statement < STATEMENT_COUNT && statement_table[statement].name);
    return statement_table[statement].name;
}

size_t statement_parameters(statement_t statement)
{
    const char *at = statement_table[statement].parameters;
    size_t count = *at ? 1 : 0;
    for (; *at; at++)
        count += *at == ' ';
    return count;
}

char statement_kind(statement_t statement, size_t i)
{
    size_t size;
    const char *at = parameter(statement, i, &size);
    return at[size + 1];
}

void statement_text(statement_t statement, dialect_t dialect, buf_t *out)
{
    const statement_row_t *row = &statement_table[statement];
    dialect_expand(dialect, dialect == DIALECT_SQLITE && row->sqlite ? row->sqlite : row->text, out);
}

/* Whether JSON has \u0000 in it, which is no text that a database takes. A backslash that is escaped begins none. */
static bool has_escaped_zero(view_t json)
{
    for (size_t i = 0; i + 1 < json.size; i++) {
        if (json.at[i] != '\\')
            continue;
        if (json.at[i + 1] == 'u' && i + 6 <= json.size && memcmp(json.at + i + 2, "0000", 4) == 0)
            return true;
        i++;
    }
    return false;
}

static size_t most_of(char kind)
{
    return kind == 'k' ? STATEMENT_KEY_MOST : kind == 't' ? STATEMENT_TEXT_MOST : STATEMENT_JSON_MOST;
}

static bool fits(char kind, sql_kind_t given)
{
    switch (given) {
    case SQL_NULL:
        return true;
    case SQL_TEXT:
        return kind == 'k' || kind == 't' || kind == 'j';
    case SQL_BYTES:
        return kind == 'b';
    case SQL_INT:
        return kind == 'i';
    case SQL_REAL:
        return kind == 'f';
    case SQL_BOOL:
        return kind == 'o';
    }
    return false;
}

static int check_text(const char *name, size_t name_size, char kind, view_t text, fault_t *fault)
{
    int width = (int)name_size;
    if (text.size > most_of(kind))
        return fault_set(fault, FAULT_INPUT, "%.*s is too long: %zu bytes, and at most %zu are kept", width, name,
                         text.size, most_of(kind));
    if (memchr(text.at, 0, text.size))
        return fault_set(fault, FAULT_INPUT, "%.*s has a zero byte in it; send text without", width, name);
    if (!text_valid(text.at, text.size))
        return fault_set(fault, FAULT_INPUT, "%.*s is not UTF-8; send it in that encoding", width, name);
    if (kind == 'j' && has_escaped_zero(text))
        return fault_set(fault, FAULT_INPUT, "%.*s has \\u0000 in a text; send it without", width, name);
    return 0;
}

int statement_check(statement_t statement, const sql_value_t *values, fault_t *fault)
{
    size_t count = statement_parameters(statement);
    assert(count <= SQL_VALUES_MOST);
    for (size_t i = 0; i < count; i++) {
        size_t size;
        const char *name = parameter(statement, i, &size);
        char kind = name[size + 1];
        assert(fits(kind, values[i].kind));
        if (values[i].kind == SQL_TEXT && check_text(name, size, kind, values[i].view, fault) < 0)
            return -1;
    }
    return 0;
}
