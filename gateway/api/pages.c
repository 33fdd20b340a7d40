/* pages: the first page, the description of the interface and the page that shows it: the files of gateway/pages. */
#include "api.h"

#include "gateway/pages/pages.h"
#include "handlers.h"
#include "proto/base/hash.h"

#include <stdlib.h>
#include <string.h>

#define POLICY                                                                                                         \
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data: blob:; "               \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* By path. */
static const struct {
    const char *path, *file, *media;
} rows[] = {
    {"/", "first.html", "text/html; charset=utf-8"},        {"/first.js", "first.js", "text/javascript; charset=utf-8"},
    {"/style.css", "style.css", "text/css; charset=utf-8"}, {"/docs.js", "docs.js", "text/javascript; charset=utf-8"},
    {"/api/docs", "docs.html", "text/html; charset=utf-8"}, {"/api/openapi.json", "openapi.json", "application/json"},
};

static const page_t *find(const char *name)
{
    for (size_t i = 0; i < pages_count; i++)
        if (strcmp(pages[i].name, name) == 0)
            return &pages[i];
    abort(); /* the build has left it out */
}

void pages_get(call_t *call, void *gateway)
{
    (void)gateway;
    const char *path = call_route(call)->path;
    size_t i = 0;
    char hex[HASH_HEX];
    hash_t hash;
    buf_t body = {0};
    while (strcmp(rows[i].path, path) != 0) /* every route of this handler is there */
        i++;
    const page_t *page = find(rows[i].file);
    hash_begin(&hash);
    hash_add(&hash, page->bytes, page->size);
    call_set_tag(call, arena_format(call_arena(call), "%.32s", hash_hex(&hash, hex)));
    call_set_header(call, "Cache-Control", "no-cache"); /* asked for again each time, and mostly unchanged */
    if (strncmp(rows[i].media, "text/html", 9) == 0)
        call_set_header(call, "Content-Security-Policy", POLICY);
    buf_add(&body, page->bytes, page->size);
    call_answer(call, 200, rows[i].media, &body);
    buf_free(&body);
}
