/* Whatever a column of a database holds, its canonical form is its own canonical form: what was moved once is the same
 * when it is compared. The first byte says which kind of column it is. */
#include "gateway/move/value.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

static void check(const column_t *column, sql_value_t value)
{
    buf_t once = {0}, twice = {0};
    buf_text(&once, "");
    buf_text(&twice, "");
    const char *why = value_take(column, &value, &once);
    if (why && once.size)
        abort();
    sql_value_t again = {.kind = SQL_TEXT, .view = {once.bytes, once.size}};
    if (!why && column->kind != VALUE_BYTES &&
        (value_take(column, &again, &twice) || once.size != twice.size ||
         memcmp(once.bytes, twice.bytes, once.size) != 0))
        abort();
    buf_free(&once);
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!size)
        return 0;
    column_t column = {.name = "x", .kind = bytes[0] % VALUE_KINDS};
    view_t view = {(const char *)bytes + 1, size - 1};
    int64_t number = 0;
    double real = 0;
    memcpy(&number, view.at, view.size < sizeof number ? view.size : sizeof number);
    memcpy(&real, &number, sizeof real);
    check(&column, (sql_value_t){.kind = SQL_TEXT, .view = view});
    check(&column, (sql_value_t){.kind = SQL_BYTES, .view = view});
    check(&column, (sql_value_t){.kind = SQL_INT, .number = number});
    check(&column, (sql_value_t){.kind = SQL_REAL, .real = real});
    return 0;
}
