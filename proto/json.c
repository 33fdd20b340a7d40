/* json: see json.h. */
#include "json.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    buf_t *out;       /* where it goes */
    json_omit_t omit; /* names left out */
    int indent;       /* spaces a level; 0 = one line */
} writer_t;

void json_text(const char *text, buf_t *out)
{
    buf_char(out, '"');
    for (uint32_t c; (c = text_next(&text));) {
        char bytes[4];
        switch (c) {
        case '"': buf_text(out, "\\\""); break;
        case '\\': buf_text(out, "\\\\"); break;
        case '\n': buf_text(out, "\\n"); break;
        case '\r': buf_text(out, "\\r"); break;
        case '\t': buf_text(out, "\\t"); break;
        default:
            if (c < 32 || c == 127 || c == 0x2028 || c == 0x2029)
                buf_format(out, "\\u%04x", (unsigned)c);
            else
                buf_add(out, bytes, text_encode(c, bytes));
        }
    }
    buf_char(out, '"');
}

static void write_real(double value, buf_t *out)
{
    if (!isfinite(value)) {
        buf_text(out, "null");
        return;
    }
    char text[40];
    snprintf(text, sizeof text, "%.4f", value);
    size_t end = strlen(text);
    while (text[end - 1] == '0')
        end--;
    if (text[end - 1] == '.')
        end--;
    text[end] = 0;
    buf_text(out, strcmp(text, "-0") == 0 ? "0" : text);
}

static void new_line(const writer_t *writer, int level)
{
    if (!writer->indent)
        return;
    buf_char(writer->out, '\n');
    for (int i = 0; i < level * writer->indent; i++)
        buf_char(writer->out, ' ');
}

static void write_struct(const writer_t *writer, const schema_t *schema, const void *object, int level);

static void write_structs(const writer_t *writer, const schema_t *schema, const list_t *list, int level)
{
    buf_char(writer->out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            buf_char(writer->out, ',');
        new_line(writer, level + 1);
        write_struct(writer, schema, (const char *)list->items + i * schema->size, level + 1);
    }
    if (list->count)
        new_line(writer, level);
    buf_char(writer->out, ']');
}

static void write_number(int64_t value, const field_t *field, buf_t *out)
{
    if (value == 0 && (field->flags & FIELD_ZERO_IS_NULL))
        buf_text(out, "null");
    else
        buf_format(out, "%lld", (long long)value);
}

static void write_texts(const texts_t *texts, buf_t *out)
{
    buf_char(out, '[');
    for (size_t i = 0; i < texts->count; i++) {
        if (i)
            buf_text(out, ", ");
        json_text(texts->items[i], out);
    }
    buf_char(out, ']');
}

static void write_reals(const reals_t *reals, buf_t *out)
{
    buf_char(out, '[');
    for (size_t i = 0; i < reals->count; i++)
        buf_format(out, "%s%.9g", i ? ", " : "", reals->items[i]);
    buf_char(out, ']');
}

static void write_field(const writer_t *writer, const field_t *field, const void *place, int level)
{
    buf_t *out = writer->out;
    switch (field->kind) {
    case FIELD_BOOL: buf_text(out, *(const bool *)place ? "true" : "false"); break;
    case FIELD_INT: write_number(*(const int64_t *)place, field, out); break;
    case FIELD_INT32: write_number(*(const int32_t *)place, field, out); break;
    case FIELD_REAL: write_real(*(const double *)place, out); break;
    case FIELD_TEXT:
        *(const char *const *)place ? json_text(*(const char *const *)place, out) : buf_text(out, "null");
        break;
    case FIELD_TEXTS: write_texts(place, out); break;
    case FIELD_REALS: write_reals(place, out); break;
    case FIELD_STRUCT: write_struct(writer, field->schema, place, level); break;
    case FIELD_LIST: write_structs(writer, field->schema, place, level); break;
    }
}

static bool is_omitted(const writer_t *writer, const field_t *field, const void *place)
{
    for (json_omit_t name = writer->omit; name && *name; name++)
        if (strcmp(*name, field->name) == 0)
            return true;
    if (!(field->flags & FIELD_OMIT_EMPTY))
        return false;
    switch (field->kind) {
    case FIELD_TEXT: return !*(const char *const *)place;
    case FIELD_LIST:
    case FIELD_TEXTS:
    case FIELD_REALS: return ((const list_t *)place)->count == 0;
    default: return false;
    }
}

static void write_struct(const writer_t *writer, const schema_t *schema, const void *object, int level)
{
    bool flat = schema->count <= 4; /* boxes, reasons and the like stay on one line */
    writer_t inner = *writer;
    if (flat)
        inner.indent = 0;
    buf_char(writer->out, '{');
    bool first = true;
    for (size_t i = 0; i < schema->count; i++) {
        const field_t *field = &schema->fields[i];
        const void *place = (const char *)object + field->offset;
        if (is_omitted(writer, field, place))
            continue;
        if (!first)
            buf_text(writer->out, inner.indent || !writer->indent ? "," : ", ");
        first = false;
        new_line(&inner, level + 1);
        json_text(field->name, writer->out);
        buf_text(writer->out, writer->indent ? ": " : ":");
        write_field(&inner, field, place, level + 1);
    }
    if (!first)
        new_line(&inner, level);
    buf_char(writer->out, '}');
}

void json_write(const schema_t *schema, const void *object, json_omit_t omit, int indent, buf_t *out)
{
    write_struct(&(writer_t){out, omit, indent}, schema, object, 0);
}

void json_write_list(const schema_t *schema, const list_t *list, json_omit_t omit, int indent, buf_t *out)
{
    write_structs(&(writer_t){out, omit, indent}, schema, list, 0);
}
