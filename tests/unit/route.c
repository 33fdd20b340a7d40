/* Paths of the table against paths that come, and queries. What the server does with them is in integration/web.py. */
#include "gateway/http/route.h"
#include "check.h"

#include <string.h>

static void nothing(call_t *call, void *owner)
{
    (void)call, (void)owner;
}

static const route_t table[] = {
    {"GET", "/", nothing, ROUTE_NO_BODY, 0, 0},         {"GET", "/a/:id", nothing, ROUTE_NO_BODY, 0, 1},
    {"DELETE", "/a/:id", nothing, ROUTE_NO_BODY, 0, 2}, {"GET", "/a/:id/pages/:page.png", nothing, ROUTE_NO_BODY, 0, 3},
    {"POST", "/a/upload", nothing, ROUTE_FORM, 100, 4},
};
enum { COUNT = sizeof table / sizeof *table };

static void test_found(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path;
        int row; /* -1 = none */
        route_outcome_t outcome;
        const char *id, *page;
    } rows[] = {
        {"GET", "/", 0, ROUTE_FOUND, NULL, NULL},
        {"HEAD", "/", 0, ROUTE_FOUND, NULL, NULL},
        {"GET", "/a/7", 1, ROUTE_FOUND, "7", NULL},
        {"DELETE", "/a/7", 2, ROUTE_FOUND, "7", NULL},
        {"GET", "/a/%2e%2E%2fb", 1, ROUTE_FOUND, "../b", NULL},
        {"GET", "/a/x.y/pages/12.png", 3, ROUTE_FOUND, "x.y", "12"},
        {"GET", "/a/upload", 1, ROUTE_FOUND, "upload", NULL},
        {"POST", "/a/upload", 4, ROUTE_FOUND, NULL, NULL},
        {"PATCH", "/a/7", -1, ROUTE_METHOD, NULL, NULL},
        {"HEAD", "/a/upload", 1, ROUTE_FOUND, "upload", NULL},
        {"GET", "", -1, ROUTE_NOT_THERE, NULL, NULL},
        {"GET", "a/7", -1, ROUTE_NOT_THERE, NULL, NULL},
        {"GET", "/a", -1, ROUTE_NOT_THERE, NULL, NULL},
        {"GET", "/a/", -1, ROUTE_NOT_THERE, NULL, NULL},
        {"GET", "/a/7/", -1, ROUTE_NOT_THERE, NULL, NULL},
        {"GET", "/a/7/pages/.png", -1, ROUTE_NOT_THERE, NULL, NULL},
        {"GET", "/a/7/pages/1.jpg", -1, ROUTE_NOT_THERE, NULL, NULL},
        {"GET", "/a/%", -1, ROUTE_MALFORMED, NULL, NULL},
        {"GET", "/a/%00", -1, ROUTE_MALFORMED, NULL, NULL},
        {"GET", "/a/\xff", -1, ROUTE_MALFORMED, NULL, NULL},
        {"GET", "http://other/a/7", -1, ROUTE_NOT_THERE, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        arena_t *arena = arena_new();
        const route_t *route = NULL;
        route_values_t values;
        assert_int_equal(route_find(table, COUNT, rows[i].method, rows[i].path, arena, &route, &values),
                         rows[i].outcome);
        if (rows[i].outcome == ROUTE_FOUND)
            assert_ptr_equal(route, &table[rows[i].row]);
        if (rows[i].id)
            assert_string_equal(route_value(&values, "id"), rows[i].id);
        if (rows[i].page)
            assert_string_equal(route_value(&values, "page"), rows[i].page);
        arena_destroy(&arena);
    }
}

static void test_methods(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    assert_string_equal(route_methods(table, COUNT, "/a/7", arena), "GET, HEAD, DELETE, OPTIONS");
    assert_string_equal(route_methods(table, COUNT, "/nothing", arena), "OPTIONS");
    arena_destroy(&arena);
}

static void test_queries(void **state)
{
    (void)state;
    static const struct {
        const char *query, *name, *value;
    } rows[] = {
        {"a=1&b=2", "a", "1"}, {"a=1&b=2", "b", "2"}, {"a=1&a=2", "a", "1"},
        {"a", "a", ""},        {"a=", "a", ""},       {"x=a%26b+c", "x", "a&b c"},
        {"%61=1", "a", "1"},   {"a=1", "b", NULL},    {"a=%zz", "a", NULL},
        {"", "a", NULL},       {NULL, "a", NULL},     {"&&a=1", "a", "1"},
        {"a=b=c", "a", "b=c"}, {"aa=1", "a", NULL},   {"a=%C3%A9", "a", "é"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        arena_t *arena = arena_new();
        const char *value = route_query(arena, rows[i].query, rows[i].name);
        if (rows[i].value)
            assert_string_equal(value, rows[i].value);
        else
            assert_null(value);
        arena_destroy(&arena);
    }
}

static void test_broken_queries(void **state)
{
    (void)state;
    static const char *const good[] = {NULL, "", "a", "a=", "a=1&b=%C3%A9+x", "&&", "=", "a=b=c"};
    static const char *const bad[] = {"%", "a=%4", "a=1&b=%zz", "%00=1", "a=x%00y", "a=%ff", "a=1&%C3%28"};
    arena_t *arena = arena_new();
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(route_query_holds(arena, good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(route_query_holds(arena, bad[i]));
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_found), cmocka_unit_test(test_methods),
                                       cmocka_unit_test(test_queries), cmocka_unit_test(test_broken_queries)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
