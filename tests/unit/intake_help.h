/* What the tests of intake share: fixtures, and packages made in memory. */
#ifndef YOGI_TESTS_INTAKE_HELP_H
#define YOGI_TESTS_INTAKE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "actors/intake/intake.h"
#include "proto/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

typedef struct {
    const char *name, *text;
} part_t;

static inline buf_t load_fixture(const char *name)
{
    char path[1024];
    buf_t out = {0};
    snprintf(path, sizeof path, FIXTURES "%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(&out, block, n);
    fclose(file);
    return out;
}

/* A zip of the parts, up to one without a name. */
static inline buf_t make_package(const part_t *parts)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_source_keep(source);
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    assert_non_null(zip);
    for (; parts->name; parts++) {
        zip_source_t *part = zip_source_buffer(zip, parts->text, strlen(parts->text), 0);
        assert_true(zip_file_add(zip, parts->name, part, ZIP_FL_ENC_UTF_8) >= 0);
    }
    assert_int_equal(zip_close(zip), 0);
    buf_t out = {0};
    char block[4096];
    assert_int_equal(zip_source_open(source), 0);
    for (zip_int64_t n; (n = zip_source_read(source, block, sizeof block)) > 0;)
        buf_add(&out, block, (size_t)n);
    zip_source_close(source);
    zip_source_free(source);
    zip_error_fini(&error);
    return out;
}

/* A document opened and one page of it read. */
typedef struct {
    buf_t bytes;
    intake_t *intake;
    arena_t *arena;
    page_t page;
} opened_t;

static inline opened_t open_page(buf_t bytes, int index, double dpi)
{
    fault_t fault = {0};
    opened_t o = {.bytes = bytes, .arena = arena_new()};
    o.intake = intake_open((const uint8_t *)bytes.bytes, bytes.size, &fault);
    if (!o.intake)
        fail_msg("%s", fault.text);
    if (intake_page_kind(o.intake, index) != INTAKE_PAGE_PICTURE)
        assert_int_equal(intake_page(o.intake, index, dpi, o.arena, &o.page, &fault), 0);
    return o;
}

static inline void close_page(opened_t *o)
{
    intake_close(&o->intake);
    arena_destroy(&o->arena);
    buf_free(&o->bytes);
}

/* The first word of that text; fails where there is none. */
static inline const word_t *find_word(const page_t *page, const char *text)
{
    for (size_t i = 0; i < page->words.count; i++)
        if (strcmp(LIST_AT(word_t, page->words, i)->text, text) == 0)
            return LIST_AT(word_t, page->words, i);
    fail_msg("no word '%s'", text);
    return NULL;
}

static inline const cell_t *find_cell(const page_t *page, const char *text)
{
    int32_t cell = find_word(page, text)->cell;
    assert_in_range(cell, 0, page->cells.count - 1);
    return LIST_AT(cell_t, page->cells, cell);
}

/* The words of a cell, with " " between words and "/" between lines, into out. */
static inline const char *cell_text(const page_t *page, int32_t cell, char *out, size_t size)
{
    int32_t line = -1;
    *out = 0;
    for (size_t i = 0; i < page->words.count; i++) {
        const word_t *word = LIST_AT(word_t, page->words, i);
        size_t length = strlen(out);
        if (word->cell != cell)
            continue;
        snprintf(out + length, size - length, "%s%s", line < 0 ? "" : line == word->line ? " " : "/", word->text);
        line = word->line;
    }
    return out;
}

#endif
