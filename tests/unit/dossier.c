/* The dossier travels: everything in it comes out as it went in, from stage to stage. */
#include "proto/dossier.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A dossier with something in every part; n of each list. */
static dossier_t *make(int n)
{
    dossier_t *dossier = dossier_new();
    arena_t *arena = dossier->arena;
    dossier->document = (document_t){.id = "d1", .filename = "week.png", .media = "image/png", .bytes = 123456789012};
    dossier->options = (options_t){.engine = "rules", .pages = "1-3", .gate = 0.9};
    texts_push(arena, &dossier->options.languages, "eng");
    dossier->classification = (classification_t){.kind = "image", .pages = n, .orientation = 90, .timetable = 0.75};
    for (int i = 0; i < n; i++) {
        page_t *page = list_push(arena, &dossier->pages, sizeof *page);
        page->number = i + 1;
        page->width = 2000;
        page->height = 1000;
        page->origin = "ocr";
        for (int j = 0; j < n; j++) {
            word_t *word = list_push(arena, &page->words, sizeof *word);
            *word = (word_t){.text = "Maths", .box = {.x = j, .y = 2, .w = 30, .h = 12}, .cell = -1, .confidence = 0.5};
        }
        timetable_t *timetable = list_push(arena, &dossier->timetables, sizeof *timetable);
        timetable->class_name = "2EJ";
        timetable->year = 2024;
        for (int j = 0; j < n; j++) {
            timeblock_t *block = list_push(arena, &timetable->timeblocks, sizeof *block);
            *block = (timeblock_t){.id = arena_format(arena, "b%d", j), .day = "Monday", .start_time = "09:00"};
            texts_push(arena, &block->inferred, "endTime");
            evidence_t *evidence = list_push(arena, &block->evidence, sizeof *evidence);
            *evidence = (evidence_t){.name = "ink", .value = 0.125};
        }
    }
    return dossier;
}

static void test_round_trip(void **state)
{
    (void)state;
    for (int n = 0; n < 9; n++) {
        dossier_t *dossier = make(n);
        buf_t first = {0}, second = {0};
        fault_t fault = {0};
        dossier_encode(dossier, &first);
        dossier_t *again = dossier_decode(first.bytes, first.size, &fault);
        if (!again)
            fail_msg("%d: %s", n, fault.text);
        dossier_encode(again, &second);
        assert_int_equal(first.size, second.size);
        assert_memory_equal(first.bytes, second.bytes, first.size);
        dossier_destroy(&again);
        dossier_destroy(&dossier);
        buf_free(&first);
        buf_free(&second);
    }
}

/* A stage adds to lists that came over the wire, whatever their length, and harms nothing beside them. */
static void test_adding_after_decoding(void **state)
{
    (void)state;
    for (int n = 0; n < 20; n++) {
        dossier_t *dossier = make(n);
        buf_t packed = {0}, before = {0}, after = {0};
        fault_t fault = {0};
        dossier_encode(dossier, &packed);
        dossier_destroy(&dossier);
        dossier = dossier_decode(packed.bytes, packed.size, &fault);
        assert_non_null(dossier);
        texts_push(dossier->arena, &dossier->options.languages, "deu");
        for (int i = 0; i < 3; i++) {
            check_t *check = list_push(dossier->arena, &dossier->checks, sizeof *check);
            *check = (check_t){.rule = "overlap", .severity = "info", .message = "x"};
            page_t *page = list_push(dossier->arena, &dossier->pages, sizeof *page);
            page->number = n + i + 1;
            page->width = page->height = 1;
        }
        assert_int_equal(dossier->options.languages.count, 2);
        assert_int_equal(dossier->pages.count, n + 3);
        for (int i = 0; i < n; i++) {
            assert_int_equal(LIST_AT(page_t, dossier->pages, i)->number, i + 1);
            assert_int_equal(LIST_AT(timetable_t, dossier->timetables, i)->year, 2024);
            assert_int_equal(LIST_AT(timetable_t, dossier->timetables, i)->timeblocks.count, n);
        }
        dossier_encode(dossier, &before);
        dossier_t *again = dossier_decode(before.bytes, before.size, &fault);
        assert_non_null(again);
        dossier_encode(again, &after);
        assert_int_equal(before.size, after.size);
        dossier_destroy(&again);
        dossier_destroy(&dossier);
        buf_free(&packed);
        buf_free(&before);
        buf_free(&after);
    }
}

/* Every truncation of a real dossier is refused. */
static void test_truncations(void **state)
{
    (void)state;
    dossier_t *dossier = make(2);
    buf_t packed = {0};
    dossier_encode(dossier, &packed);
    for (size_t size = 0; size < packed.size; size++) {
        fault_t fault = {0};
        char *copy = malloc(size ? size : 1);
        if (size)
            memcpy(copy, packed.bytes, size);
        assert_null(dossier_decode(copy, size, &fault));
        assert_int_equal(fault.code, FAULT_MESSAGE);
        free(copy);
    }
    dossier_destroy(&dossier);
    buf_free(&packed);
}

static void test_trail(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    assert_null(dossier_trail(dossier, "ocr"));
    ((trail_t *)list_push(dossier->arena, &dossier->trail, sizeof(trail_t)))->stage = "classification";
    ((trail_t *)list_push(dossier->arena, &dossier->trail, sizeof(trail_t)))->stage = "ocr";
    assert_string_equal(dossier_trail(dossier, "ocr")->stage, "ocr");
    assert_null(dossier_trail(dossier, "llm"));
    dossier_destroy(&dossier);
    dossier_destroy(&dossier);
}

/* Whoever writes a stage in another language knows the dossier from that page alone. */
static void test_protocol_page(void **state)
{
    (void)state;
    static const schema_t *const all[] = {&dossier_schema, &document_schema, &options_schema,   &classification_schema,
                                          &page_schema,    &word_schema,     &cell_schema,      &rule_schema,
                                          &fill_schema,    &box_schema,      &timetable_schema, &timeblock_schema,
                                          &reason_schema,  &evidence_schema, &check_schema,     &outcome_schema,
                                          &trail_schema,   &lap_schema};
    buf_t page = {0};
    FILE *file = fopen(YOGI_SOURCE "/proto/PROTOCOL.md", "rb");
    assert_non_null(file);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(&page, block, n);
    fclose(file);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        buf_t row = {0};
        buf_format(&row, "| %s |", all[i]->name);
        for (size_t j = 0; j < all[i]->count; j++)
            buf_format(&row, "%s %s%s", j ? "," : "", all[i]->fields[j].name,
                       all[i]->fields[j].flags & FIELD_REQUIRED ? "!" : "");
        buf_text(&row, " |");
        if (!strstr(page.bytes, row.bytes))
            fail_msg("PROTOCOL.md does not have: %s", row.bytes);
        buf_free(&row);
    }
    buf_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_adding_after_decoding),
        cmocka_unit_test(test_truncations),   cmocka_unit_test(test_trail),
        cmocka_unit_test(test_protocol_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
