/* Phrases: where words of one line join, where they part. */
#include "actors/llm/rules/phrase.h"
#include "check.h"

#include <string.h>

enum { EM = 20, BODY = 14, ROOM = 40 };

/* A page whose words are added one by one, px. */
typedef struct {
    page_t page;
    word_t words[ROOM];
} sheet_t;

static word_t *add(sheet_t *sheet, const char *text, int x, int y, int w, int h)
{
    word_t *word = &sheet->words[sheet->page.words.count++];
    *word = (word_t){.text = text, .box = {.x = x, .y = y, .w = w, .h = h}, .size = EM, .confidence = 1, .cell = -1};
    sheet->page.words.items = sheet->words;
    return word;
}

/* Two words of 60 px on one line with a gap of this many hundredths of an em. */
static word_t *pair(sheet_t *sheet, int gap)
{
    *sheet = (sheet_t){0};
    add(sheet, "Year", 100, 50, 60, BODY);
    return add(sheet, "5", 160 + gap * EM / 100, 50, 60, BODY);
}

static size_t count_of(sheet_t *sheet)
{
    arena_t *arena = arena_new();
    size_t count = phrases_of(arena, &sheet->page).count;
    arena_destroy(&arena);
    return count;
}

/* Rows of print in a cell of their own, as the edge of the paper makes one in a photo. */
static void test_frame(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int inside, outside; /* phrases */
        cell_t other;        /* a second cell of the table; w 0 for none */
        int cell;            /* of the first phrase afterwards */
    } rows[] = {
        {"a frame around everything", 30, 2, {.box = {.w = 0}}, -1},
        {"with a banner in it", 30, 2, {.box = {.x = 20, .y = 20, .w = 50, .h = 20}}, -1},
        {"a cell beside another", 30, 2, {.box = {.x = 900, .y = 20, .w = 50, .h = 20}}, 0},
        {"a cell with little in it", 8, 2, {.box = {.w = 0}}, 0},
        {"a cell among much else", 26, 6, {.box = {.w = 0}}, -1},
        {"a cell among as much", 16, 16, {.box = {.w = 0}}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sheet_t sheet = {0};
        cell_t cells[2] = {{.box = {.x = 10, .y = 10, .w = 800, .h = 2000}}, rows[i].other};
        sheet.page.cells.items = cells, sheet.page.cells.count = rows[i].other.box.w ? 2 : 1;
        for (int n = 0; n < rows[i].inside + rows[i].outside; n++) {
            word_t *word = add(&sheet, "Maths", 100, 30 + 40 * n, 60, BODY);
            word->line = n, word->cell = n < rows[i].inside ? 0 : -1;
        }
        arena_t *arena = arena_new();
        phrases_t phrases = phrases_of(arena, &sheet.page);
        if (phrases.items[0].cell != rows[i].cell)
            fail_msg("%s: its print is in cell %d", rows[i].what, phrases.items[0].cell);
        arena_destroy(&arena);
    }
}

static void test_gaps(void **state)
{
    (void)state;
    static const struct {
        int gap;         /* 1/100 em */
        int second_size; /* px */
        double second_weight;
        int second_colour;
        size_t phrases;
    } rows[] = {
        {25, EM, 0, 0, 1},     {50, EM, 0, 0, 1},         {80, EM, 0, 0, 1},        {150, EM, 0, 0, 2},
        {-30, EM, 0, 0, 1},    {300, EM, 0, 0, 2},        {50, EM, 1, 0, 1},        {80, EM, 1, 0, 2},
        {80, EM, 0.2, 0, 1},   {80, EM, 0, 0xC00000, 2},  {50, EM, 0, 0xC00000, 1}, {80, EM, 0, 0x101010, 1},
        {50, 2 * EM, 0, 0, 2}, {50, EM * 3 / 2, 0, 0, 1}, {10, 2 * EM, 0, 0, 1},    {80, 0, 0, 0, 1},
        {-160, EM, 0, 0, 1},   {-1000, EM, 0, 0, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sheet_t sheet;
        word_t *second = pair(&sheet, rows[i].gap);
        second->size = rows[i].second_size;
        second->weight = rows[i].second_weight;
        second->colour = rows[i].second_colour;
        print_message("row %zu\n", i);
        assert_int_equal(count_of(&sheet), rows[i].phrases);
    }
}

static void test_what_parts(void **state)
{
    (void)state;
    sheet_t sheet;
    pair(&sheet, 25)->cell = 3;
    assert_int_equal(count_of(&sheet), 2);
    pair(&sheet, 25)->line = 1;
    assert_int_equal(count_of(&sheet), 2);
    pair(&sheet, 25)->angle = 270;
    assert_int_equal(count_of(&sheet), 2);
    pair(&sheet, 25)->stacked = true;
    assert_int_equal(count_of(&sheet), 2);
}

static void test_turned(void **state)
{
    (void)state;
    sheet_t up = {0}, down = {0}, apart = {0};
    add(&up, "Early", 10, 200, BODY, 60)->angle = 270;
    add(&up, "work", 10, 133, BODY, 60)->angle = 270;
    assert_int_equal(count_of(&up), 1);
    add(&down, "Early", 10, 200, BODY, 60)->angle = 90;
    add(&down, "work", 10, 267, BODY, 60)->angle = 90;
    assert_int_equal(count_of(&down), 1);
    add(&apart, "Lunch", 10, 200, BODY, 60)->angle = 270;
    add(&apart, "Break", 10, 100, BODY, 60)->angle = 270;
    assert_int_equal(count_of(&apart), 2);
}

static void test_sum(void **state)
{
    (void)state;
    sheet_t sheet = {0};
    word_t *a = add(&sheet, "Class:", 100, 50, 60, 14);
    word_t *b = add(&sheet, "2EJ", 166, 48, 40, 18);
    a->confidence = 0.9, a->colour = 0xC00000, a->weight = 1;
    b->confidence = 0.7, b->size = 24, b->weight = 0.8, b->cell = a->cell = 4;
    add(&sheet, "Term", 100, 80, 60, 14)->line = 1;
    arena_t *arena = arena_new();
    phrases_t phrases = phrases_of(arena, &sheet.page);
    assert_int_equal(phrases.count, 2);
    const phrase_t *p = phrases.items;
    assert_string_equal(p->text, "Class: 2EJ");
    assert_int_equal(p->box.x0, 100);
    assert_int_equal(p->box.y0, 48);
    assert_int_equal(p->box.x1, 206);
    assert_int_equal(p->box.y1, 66);
    assert_float_equal(p->size, 24, 0.01);
    assert_float_equal(p->weight, 0.9, 0.01);
    assert_float_equal(p->confidence, 0.7, 0.01);
    assert_int_equal(p->colour, 0xC00000);
    assert_int_equal(p->cell, 4);
    assert_int_equal(p->first, 0);
    assert_int_equal(p->count, 2);
    assert_int_equal(phrases.items[1].first, 2);
    arena_destroy(&arena);
}

static void test_unknown_size(void **state)
{
    (void)state;
    sheet_t sheet = {0};
    add(&sheet, "a", 100, 55, 10, 9)->size = 0;
    add(&sheet, "bell", 115, 50, 40, 14)->size = 0;
    add(&sheet, "rings", 180, 50, 40, 14)->size = 0;
    arena_t *arena = arena_new();
    phrases_t phrases = phrases_of(arena, &sheet.page);
    assert_int_equal(phrases.count, 2);
    assert_float_equal(phrases.items[0].size, 14, 0.01);
    arena_destroy(&arena);
}

/* Lines of two words whose gap of 0.7 em stands at the same place, or moves along. */
static size_t count_lines(int lines, int shift)
{
    sheet_t sheet = {0};
    for (int i = 0; i < lines; i++) {
        int x = 100 + i * shift, y = 50 + i * 30;
        add(&sheet, "MONDAY", x, y, 80, BODY)->line = i;
        add(&sheet, "Advisory", x + 80 + EM * 7 / 10, y, 80, BODY)->line = i;
    }
    return count_of(&sheet);
}

static void test_alley(void **state)
{
    (void)state;
    assert_int_equal(count_lines(6, 0), 12);
    assert_int_equal(count_lines(2, 0), 2); /* two lines may agree by chance */
    assert_int_equal(count_lines(6, 25), 6);
}

static void test_nothing(void **state)
{
    (void)state;
    sheet_t sheet = {0};
    assert_int_equal(count_of(&sheet), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame),   cmocka_unit_test(test_gaps),  cmocka_unit_test(test_what_parts),
        cmocka_unit_test(test_turned),  cmocka_unit_test(test_sum),   cmocka_unit_test(test_unknown_size),
        cmocka_unit_test(test_nothing), cmocka_unit_test(test_alley),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
