/* value: see value.h. */
#include "value.h"
#include "jsonform.h"
#include "proto/base/text.h"
#include "stamp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const statuses[] = {"uploaded",     "processing",        "processing_ai", "completed",
                                       "needs_review", "validation_failed", "failed",        "cancelled"};

/* A number that came as text, or as another kind of number. */
static bool whole_of(const sql_value_t *value, int64_t *number)
{
    char text[24], *end;
    switch (value->kind) {
    case SQL_INT:
    case SQL_BOOL:
        *number = value->number;
        return true;
    case SQL_REAL:
        *number = fabs(value->real) < 9e15 ? (int64_t)value->real : 0;
        return (double)*number == value->real;
    case SQL_TEXT:
        if (value->view.size == 0 || value->view.size >= sizeof text)
            return false;
        memcpy(text, value->view.at, value->view.size);
        text[value->view.size] = 0;
        *number = strtoll(text, &end, 10);
        return *end == 0 && text[0] > ' ';
    default:
        return false;
    }
}

static const char *take_whole(const column_t *column, const sql_value_t *value, buf_t *out)
{
    int64_t number;
    if (!whole_of(value, &number))
        return "it is no whole number";
    if (column->kind == VALUE_INT4 && (number < INT32_MIN || number > INT32_MAX))
        return "it is beyond what a column of 32 bits holds";
    if (column->kind == VALUE_COUNT && number < 0)
        return "it is negative";
    buf_format(out, "%lld", (long long)number);
    return NULL;
}

static const char *take_real(const sql_value_t *value, buf_t *out)
{
    char text[64], *end = text;
    double real = value->kind == SQL_REAL ? value->real : (double)value->number;
    if (value->kind == SQL_BYTES)
        return "it is no number";
    if (value->kind == SQL_TEXT) {
        if (value->view.size == 0 || value->view.size >= sizeof text)
            return "it is no number";
        memcpy(text, value->view.at, value->view.size);
        text[value->view.size] = 0;
        real = strtod(text, &end);
        if (*end || text[0] <= ' ')
            return "it is no number";
    }
    if (!isfinite(real))
        return "it is no finite number";
    buf_format(out, "%.17g", real == 0 ? 0.0 : real);
    return NULL;
}

static const char *take_bool(const sql_value_t *value, buf_t *out)
{
    static const char *const yes[] = {"1", "t", "true"}, *const no[] = {"0", "f", "false"};
    int64_t number = -1;
    for (size_t i = 0; i < sizeof yes / sizeof *yes && value->kind == SQL_TEXT; i++) {
        if (strlen(yes[i]) == value->view.size && memcmp(yes[i], value->view.at, value->view.size) == 0)
            number = 1;
        if (strlen(no[i]) == value->view.size && memcmp(no[i], value->view.at, value->view.size) == 0)
            number = 0;
    }
    if (value->kind != SQL_TEXT && !whole_of(value, &number))
        number = -1;
    if (number != 0 && number != 1)
        return "it is neither true nor false";
    buf_char(out, number ? '1' : '0');
    return NULL;
}

static const char *take_time(const sql_value_t *value, buf_t *out)
{
    char stamp[STAMP_BYTES];
    int64_t number;
    bool good = value->kind == SQL_TEXT ? stamp_parse(value->view.at, value->view.size, stamp)
                                        : whole_of(value, &number) && stamp_number(number, stamp);
    if (!good)
        return "it is no time";
    buf_text(out, stamp);
    return NULL;
}

static const char *take_json(const column_t *column, const sql_value_t *value, buf_t *out)
{
    char first = 0, number[40];
    view_t text = value->view;
    size_t before = out->size;
    if (value->kind == SQL_BYTES)
        return "it is bytes, no JSON";
    if (value->kind != SQL_TEXT) {
        snprintf(number, sizeof number, "%.17g", value->kind == SQL_REAL ? value->real : (double)value->number);
        text = view_of(number);
    }
    if (text.size > STATEMENT_JSON_MOST)
        return "it is too large";
    const char *why = jsonform(text.at, text.size, out, &first);
    if (!why && column->kind == VALUE_ARRAY && first != '[')
        why = "it is no JSON array";
    if (!why && column->kind == VALUE_OBJECT && first != '{')
        why = "it is no JSON object";
    if (why)
        out->size = before;
    return why;
}

/* PostgreSQL writes them as "\x" and digits. */
static const char *take_bytes(const sql_value_t *value, buf_t *out)
{
    static const char digits[16] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    view_t view = value->view;
    size_t before = out->size;
    if (value->kind == SQL_BYTES) {
        buf_add(out, view.at, view.size);
        return NULL;
    }
    if (value->kind != SQL_TEXT || view.size < 2 || view.size % 2 || memcmp(view.at, "\\x", 2) != 0)
        return "it is no bytes";
    buf_reserve(out, view.size / 2);
    for (size_t i = 2; i < view.size; i += 2) {
        const char *high = memchr(digits, view.at[i], sizeof digits),
                   *low = memchr(digits, view.at[i + 1], sizeof digits);
        if (!high || !low) {
            out->size = before;
            return "it is no bytes";
        }
        buf_char(out, (char)((high - digits) << 4 | (low - digits)));
    }
    return NULL;
}

static const char *take_text(const column_t *column, const sql_value_t *value, buf_t *out)
{
    view_t view = value->view;
    if (value->kind == SQL_BYTES)
        return "it is bytes, no text";
    if (value->kind == SQL_REAL) {
        buf_format(out, "%.17g", value->real);
        return NULL;
    }
    if (value->kind != SQL_TEXT) {
        buf_format(out, "%lld", (long long)value->number);
        return NULL;
    }
    if (!text_valid(view.at, view.size))
        return "it is no UTF-8, or has zeros in it";
    if (column->kind == VALUE_KEY && view.size > VALUE_KEY_MOST)
        return "it is longer than a key may be";
    buf_add(out, view.at, view.size);
    return NULL;
}

static const char *take_status(const sql_value_t *value, buf_t *out)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses && value->kind == SQL_TEXT; i++)
        if (strlen(statuses[i]) == value->view.size && memcmp(statuses[i], value->view.at, value->view.size) == 0) {
            buf_text(out, statuses[i]);
            return NULL;
        }
    return "it is no status that is known";
}

const char *value_take(const column_t *column, const sql_value_t *value, buf_t *out)
{
    switch (column->kind) {
    case VALUE_STATUS:
        return take_status(value, out);
    case VALUE_INT4:
    case VALUE_INT8:
    case VALUE_COUNT:
        return take_whole(column, value, out);
    case VALUE_REAL:
        return take_real(value, out);
    case VALUE_BOOL:
        return take_bool(value, out);
    case VALUE_TIME:
        return take_time(value, out);
    case VALUE_JSON:
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        return take_json(column, value, out);
    case VALUE_BYTES:
        return take_bytes(value, out);
    default:
        return take_text(column, value, out);
    }
}

/* The demo writes seconds; our SQLite milliseconds, of which it drops none. What is finer stays. */
static view_t time_of(view_t canonical, value_place_t place, char room[40])
{
    size_t digits = canonical.size > 20 ? canonical.size - 20 : 0;
    if (place == VALUE_TO_POSTGRES || digits >= 3 || (place == VALUE_TO_DEMO && !digits))
        return canonical;
    int size = snprintf(room, 40, "%.*s%s%.*s", (int)canonical.size, canonical.at, digits ? "" : ".", (int)(3 - digits),
                        "000");
    return (view_t){room, (size_t)size};
}

sql_value_t value_put(const column_t *column, view_t canonical, value_place_t place, char room[40])
{
    char number[40];
    if (!canonical.at)
        return (sql_value_t){.kind = SQL_NULL};
    if (column->kind == VALUE_BYTES)
        return (sql_value_t){.kind = SQL_BYTES, .view = canonical};
    if (column->kind == VALUE_TIME)
        return (sql_value_t){.kind = SQL_TEXT, .view = time_of(canonical, place, room)};
    if (place == VALUE_TO_POSTGRES)
        return (sql_value_t){.kind = SQL_TEXT, .view = canonical};
    switch (column->kind) {
    case VALUE_INT4:
    case VALUE_INT8:
    case VALUE_COUNT:
    case VALUE_BOOL:
        snprintf(number, sizeof number, "%.*s", (int)canonical.size, canonical.at);
        return (sql_value_t){.kind = SQL_INT, .number = strtoll(number, NULL, 10)};
    case VALUE_REAL:
        snprintf(number, sizeof number, "%.*s", (int)canonical.size, canonical.at);
        return (sql_value_t){.kind = SQL_REAL, .real = strtod(number, NULL)};
    default:
        return (sql_value_t){.kind = SQL_TEXT, .view = canonical};
    }
}

/* Whole numbers by their size; everything else by its bytes, as both databases sort our keys. */
int value_compare(const column_t *column, view_t a, view_t b)
{
    if (column->kind == VALUE_INT4 || column->kind == VALUE_INT8 || column->kind == VALUE_COUNT) {
        char x[24], y[24];
        snprintf(x, sizeof x, "%.*s", (int)a.size, a.at);
        snprintf(y, sizeof y, "%.*s", (int)b.size, b.at);
        int64_t one = strtoll(x, NULL, 10), other = strtoll(y, NULL, 10);
        return (one > other) - (one < other);
    }
    int order = memcmp(a.at, b.at, a.size < b.size ? a.size : b.size);
    return order ? order : (a.size > b.size) - (a.size < b.size);
}
