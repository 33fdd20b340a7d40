/* units: what stands in the body of a table, on pages made by hand. */
#include "check.h"

#include "actors/llm/rules/dayaxis.h"
#include "actors/llm/rules/matrix.h"
#include "actors/llm/rules/units.h"
#include "proto/dossier.h"

#include <stdio.h>
#include <string.h>

static word_t *add_word(dossier_t *dossier, page_t *page, const char *text, int x, int y, int w, int cell, int line)
{
    word_t *word = list_push(dossier->arena, &page->words, sizeof *word);
    *word = (word_t){.text = text,
                     .box = {.x = x, .y = y, .w = w, .h = 14},
                     .size = 20,
                     .confidence = 1,
                     .cell = cell,
                     .line = line};
    return word;
}

static void add_cell(dossier_t *dossier, page_t *page, int x, int y, int w, int h)
{
    cell_t *cell = list_push(dossier->arena, &page->cells, sizeof *cell);
    *cell = (cell_t){.box = {.x = x, .y = y, .w = w, .h = h}, .row_span = 1, .col_span = 1, .confidence = 1};
}

/* Columns close together in one cell: a line of print is one phrase, and each of its words is an entry of its own. */
static void test_a_line_over_many_columns_is_parted_at_each(void **state)
{
    (void)state;
    static const char *const entries[] = {"Maths", "Dance", "Music", "Drama", "Latin", "Sport", "Craft", "Greek"};
    enum { COLUMNS = 8, WIDTH = 62, LEFT = 200 };
    dossier_t *dossier = dossier_new();
    page_t page = {.number = 1, .width = 900, .height = 300, .origin = "pdf"};
    dayband_t bands[2] = {{.days = 1, .band = {60, 120}, .box = {0, 60, 180, 120}, .read = 1},
                          {.days = 2, .band = {120, 180}, .box = {0, 120, 180, 180}, .read = 1}};
    dayaxis_t days = {.lie = DAYS_ARE_ROWS, .bands = bands, .count = 2, .heads = {0, 180}, .celled = true};
    slot_t columns[COLUMNS] = {{.place = {0, 0}}};
    slots_t slots = {.items = columns, .count = COLUMNS, .celled = false, .timed = true, .heads = {20, 50}};
    add_cell(dossier, &page, LEFT, 60, COLUMNS * WIDTH, 60);
    for (int i = 0; i < COLUMNS; i++) {
        columns[i].place = columns[i].ink = (extent_t){LEFT + i * WIDTH, LEFT + (i + 1) * WIDTH};
        add_word(dossier, &page, entries[i], LEFT + i * WIDTH + 6, 80, WIDTH - 12, 0, 0);
    }
    view_t view = {.arena = dossier->arena, .page = &page, .phrases = phrases_of(dossier->arena, &page)};
    view.labels = labels_of(dossier->arena, &page, &view.phrases);
    assert_int_equal(view.phrases.count, 1);
    units_t units = units_of(&view, &days, &slots, (rect_t){180, 0, 900, 300});
    assert_int_equal(units.count, COLUMNS);
    for (size_t i = 0; i < units.count; i++) {
        assert_int_equal(units.items[i].count, 1);
        assert_string_equal(units.items[i].phrases[0]->text, entries[i]);
        assert_int_equal(units.items[i].t.lo, columns[i].place.lo);
    }
    dossier_destroy(&dossier);
}

/* A drawn cell over two columns with its text in the middle stays one entry. */
static void test_a_drawn_cell_over_two_columns_stays_whole(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    page_t page = {.number = 1, .width = 500, .height = 300, .origin = "pdf"};
    dayband_t bands[2] = {{.days = 1, .band = {60, 120}, .read = 1}, {.days = 2, .band = {120, 180}, .read = 1}};
    dayaxis_t days = {.lie = DAYS_ARE_ROWS, .bands = bands, .count = 2, .heads = {0, 90}, .celled = true};
    slot_t columns[2] = {{.place = {100, 200}}, {.place = {200, 300}}};
    slots_t slots = {.items = columns, .count = 2, .celled = true, .timed = true, .heads = {20, 50}};
    add_cell(dossier, &page, 100, 60, 200, 60);
    add_word(dossier, &page, "Double", 150, 70, 60, 0, 0);
    add_word(dossier, &page, "Science", 215, 70, 60, 0, 0);
    view_t view = {.arena = dossier->arena, .page = &page, .phrases = phrases_of(dossier->arena, &page)};
    view.labels = labels_of(dossier->arena, &page, &view.phrases);
    units_t units = units_of(&view, &days, &slots, (rect_t){90, 0, 500, 300});
    assert_int_equal(units.count, 1);
    assert_int_equal(units.items[0].t.lo, 100);
    assert_int_equal(units.items[0].t.hi, 300);
    assert_true(units.items[0].drawn);
    dossier_destroy(&dossier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_over_many_columns_is_parted_at_each),
        cmocka_unit_test(test_a_drawn_cell_over_two_columns_stays_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
