/* route: see route.h. */
#include "route.h"

#include "proto/base/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

const char *route_decode(arena_t *arena, const char *text, size_t length, bool plus)
{
    char *out = arena_take(arena, length + 1);
    size_t size = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            int high = i + 1 < length ? digit(text[i + 1]) : -1, low = i + 2 < length ? digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high << 4 | low), i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        out[size++] = c;
    }
    return text_valid(out, size) ? out : NULL;
}

/* ---- paths ---- */

const char *route_path(const char *target)
{
    if (strncasecmp(target, "http://", 7) != 0 && strncasecmp(target, "https://", 8) != 0)
        return target;
    const char *host = strstr(target, "//") + 2, *path = host + strcspn(host, "/?");
    return *path == '/' ? path : "/";
}

/* One part of a path, up to the next slash. */
typedef struct {
    const char *text;
    size_t length;
} part_t;

/* The next part; *at moves to the slash behind it. false at the end. */
static bool next_part(const char **at, part_t *part)
{
    if (**at != '/')
        return false;
    part->text = *at + 1;
    part->length = strcspn(part->text, "/");
    *at = part->text + part->length;
    return true;
}

static bool take_value(part_t wanted, part_t got, arena_t *arena, route_values_t *values, bool *malformed)
{
    size_t name = 0;
    while (1 + name < wanted.length && isalnum((unsigned char)wanted.text[1 + name]))
        name++;
    size_t ending = wanted.length - 1 - name;
    const char *tail = wanted.text + 1 + name;
    if (got.length <= ending || memcmp(got.text + got.length - ending, tail, ending) != 0)
        return false;
    const char *value = route_decode(arena, got.text, got.length - ending, false);
    if (!value)
        *malformed = true;
    else if (values->count < ROUTE_VALUES_MOST)
        values->names[values->count] = wanted.text + 1, values->lengths[values->count] = name,
        values->values[values->count++] = value;
    return value != NULL;
}

/* Whether a path of the table fits the one that came. */
static bool fits(const char *wanted, const char *path, arena_t *arena, route_values_t *values, bool *malformed)
{
    part_t a, b;
    *values = (route_values_t){.count = 0};
    for (;;) {
        bool more = next_part(&wanted, &a);
        if (more != next_part(&path, &b))
            return false;
        if (!more)
            return *wanted == 0 && *path == 0;
        bool same = a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
        if (*a.text == ':' ? !take_value(a, b, arena, values, malformed) : !same)
            return false;
    }
}

static bool serves(const route_t *route, const char *method)
{
    return strcmp(route->method, method) == 0 || (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

route_outcome_t route_find(const route_t *table, size_t count, const char *method, const char *path, arena_t *arena,
                           const route_t **route, route_values_t *values)
{
    bool there = false, malformed = false;
    for (size_t i = 0; i < count; i++) {
        if (!fits(table[i].path, path, arena, values, &malformed))
            continue;
        there = true;
        if (serves(&table[i], method)) {
            *route = &table[i];
            return ROUTE_FOUND;
        }
    }
    return there ? ROUTE_METHOD : malformed ? ROUTE_MALFORMED : ROUTE_NOT_THERE;
}

const char *route_methods(const route_t *table, size_t count, const char *path, arena_t *arena)
{
    const char *methods = "";
    for (size_t i = 0; i < count; i++) {
        route_values_t values;
        bool malformed = false;
        if (fits(table[i].path, path, arena, &values, &malformed))
            methods =
                arena_format(arena, "%s%s, ", methods, strcmp(table[i].method, "GET") ? table[i].method : "GET, HEAD");
    }
    return arena_format(arena, "%sOPTIONS", methods);
}

const char *route_value(const route_values_t *values, const char *name)
{
    for (size_t i = 0; i < values->count; i++)
        if (strlen(name) == values->lengths[i] && memcmp(values->names[i], name, values->lengths[i]) == 0)
            return values->values[i];
    return NULL;
}

/* ---- queries ---- */

bool route_query_holds(arena_t *arena, const char *query)
{
    while (query && *query) {
        size_t length = strcspn(query, "&"), equals = strcspn(query, "=&");
        if (!route_decode(arena, query, equals, true) ||
            (equals < length && !route_decode(arena, query + equals + 1, length - equals - 1, true)))
            return false;
        query += length + (query[length] == '&');
    }
    return true;
}

const char *route_query(arena_t *arena, const char *query, const char *name)
{
    while (query && *query) {
        size_t length = strcspn(query, "&"), equals = strcspn(query, "=&");
        const char *found = route_decode(arena, query, equals, true);
        if (found && strcmp(found, name) == 0)
            return equals < length ? route_decode(arena, query + equals + 1, length - equals - 1, true) : "";
        query += length + (query[length] == '&');
    }
    return NULL;
}
