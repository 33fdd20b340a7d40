/* Any path and query find a row or none; what is decoded of them is valid UTF-8 without zeros. The first line is the
 * path, the second the query, the third a header Accept-Encoding. */
#include "gateway/http/pack.h"
#include "gateway/http/route.h"
#include "proto/base/text.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

static void nothing(call_t *call, void *owner)
{
    (void)call, (void)owner;
}

static const route_t table[] = {
    {"GET", "/api/v1/documents/:id", nothing, ROUTE_NO_BODY, 0, 0},
    {"GET", "/api/v1/documents/:id/pages/:page.png", nothing, ROUTE_NO_BODY, 0, 0},
    {"GET", "/:a/:b/:c/:d", nothing, ROUTE_NO_BODY, 0, 0},
};
enum { ROWS = sizeof table / sizeof *table };

static void check(const char *text)
{
    if (text && !text_valid(text, strlen(text)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena_t *arena = arena_new();
    char *text = arena_text_n(arena, size ? (const char *)bytes : "", size);
    const char *path = strsep(&text, "\n"), *query = strsep(&text, "\n"), *accept = strsep(&text, "\n");
    const route_t *route;
    route_values_t values;
    if (route_find(table, ROWS, "GET", path, arena, &route, &values) == ROUTE_FOUND)
        for (size_t i = 0; i < values.count; i++)
            check(values.values[i]);
    route_methods(table, ROWS, path, arena);
    for (const char *const *name = (const char *const[]){"a", "limit", "cursor", "", NULL}; *name; name++)
        check(route_query(arena, query, *name));
    pack_is_taken(accept);
    arena_destroy(&arena);
    return 0;
}
