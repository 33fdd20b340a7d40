/* The grid on pictures drawn here: known lattices, merged cells, cells off the lattice, faint rules, fills, tilt. */
#include "actors/ocr/grid.h"
#include "actors/ocr/rectify.h"
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 900, HEIGHT = 600 };

static picture_t *paper(int32_t colour)
{
    picture_t *p = picture_new(WIDTH, HEIGHT, 3);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        p->pixels[3 * i] = (uint8_t)(colour >> 16);
        p->pixels[3 * i + 1] = (uint8_t)(colour >> 8);
        p->pixels[3 * i + 2] = (uint8_t)colour;
    }
    return p;
}

static void fill(picture_t *p, int x, int y, int w, int h, int32_t colour)
{
    for (int j = y; j < y + h; j++)
        for (int i = x; i < x + w; i++) {
            uint8_t *v = p->pixels + (size_t)j * p->stride + (size_t)(3 * i);
            v[0] = (uint8_t)(colour >> 16), v[1] = (uint8_t)(colour >> 8), v[2] = (uint8_t)colour;
        }
}

/* Something with the shape of print: letters of 7 x 12 px with holes. */
static void print(picture_t *p, int x, int y, int letters, int32_t ink, int32_t ground)
{
    for (int i = 0; i < letters; i++, x += 10) {
        fill(p, x, y, 7, 12, ink);
        fill(p, x + 2, y + 2, 3, i % 2 ? 3 : 8, ground);
    }
}

/* Rules of a lattice of 5 columns of 150 px and 5 rows of 80 px from (60, 80), 2 px thick. */
static void lattice(picture_t *p, int32_t colour)
{
    for (int i = 0; i <= 5; i++) {
        fill(p, 60, 80 + 80 * i, 752, 2, colour);
        fill(p, 60 + 150 * i, 80, 2, 402, colour);
    }
}

static void words(picture_t *p, int32_t ink, int32_t ground)
{
    for (int r = 0; r < 5; r++)
        for (int c = 0; c < 5; c++)
            print(p, 80 + 150 * c, 110 + 80 * r, 7, ink, ground);
}

/* Finds the grid; the picture is taken over. */
static page_t *find(arena_t *arena, picture_t *picture)
{
    page_t *page = arena_take(arena, sizeof *page);
    sheet_t sheet;
    traces_t traces;
    lines_t lines;
    homography_t map;
    assert_int_equal(sheet_open(&sheet, &picture), 0);
    assert_int_equal(rectify(&sheet, &map, &traces, &lines), 0);
    page->width = sheet.picture->width, page->height = sheet.picture->height;
    assert_int_equal(grid_find(&sheet, &traces, &lines, arena, page, NULL), 0);
    traces_close(&traces);
    lines_free(&lines);
    sheet_close(&sheet);
    return page;
}

static const cell_t *cell_at(const page_t *page, int x, int y)
{
    int i = grid_cell_at(page, x, y);
    assert_true(i >= 0);
    return LIST_AT(cell_t, page->cells, i);
}

static void check_lattice(const page_t *page)
{
    assert_int_equal(page->cells.count, 25);
    for (int r = 0; r < 5; r++)
        for (int c = 0; c < 5; c++) {
            const cell_t *cell = cell_at(page, 60 + 150 * c + 75, 80 + 80 * r + 40);
            assert_int_equal(cell->row, r);
            assert_int_equal(cell->col, c);
            assert_int_equal(cell->row_span, 1);
            assert_int_equal(cell->col_span, 1);
            assert_int_equal(cell->ruled, 15);
            assert_true(abs(cell->box.x - (62 + 150 * c)) <= 2 && abs(cell->box.y - (82 + 80 * r)) <= 2);
            assert_true(abs(cell->box.w - 148) <= 3 && abs(cell->box.h - 78) <= 3);
        }
}

static void test_rules_of_any_strength(void **state)
{
    (void)state;
    static const int32_t colours[] = {0x000000, 0x808080, 0xD0D0D0, 0xE6E6E6, 0xFF4040};
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++) {
        arena_t *arena = arena_new();
        picture_t *p = paper(0xFFFFFF);
        lattice(p, colours[i]);
        words(p, 0x202020, 0xFFFFFF);
        check_lattice(find(arena, p));
        arena_destroy(&arena);
    }
}

static void test_dark_page(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    picture_t *p = paper(0x202024);
    lattice(p, 0x606060);
    words(p, 0xE0E0E0, 0x202024);
    check_lattice(find(arena, p));
    arena_destroy(&arena);
}

static void test_merged_cells_and_cells_off_the_lattice(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    picture_t *p = paper(0xFFFFFF);
    lattice(p, 0);
    fill(p, 60 + 148, 80 + 82, 6, 76, 0xFFFFFF);   /* row 1: columns 0 and 1 are one */
    fill(p, 60 + 302, 80 + 238, 146, 6, 0xFFFFFF); /* column 2: rows 2 and 3 are one */
    fill(p, 60 + 598, 80 + 322, 6, 76, 0xFFFFFF);  /* row 4: columns 3 and 4 are one … */
    fill(p, 60 + 650, 80 + 320, 2, 82, 0);         /* … parted elsewhere */
    words(p, 0x202020, 0xFFFFFF);
    page_t *page = find(arena, p);
    assert_int_equal(page->cells.count, 23);
    const cell_t *wide = cell_at(page, 210, 200), *tall = cell_at(page, 435, 320);
    assert_true(abs(wide->box.w - 298) <= 3);
    assert_true(abs(tall->box.h - 158) <= 3);
    assert_true(abs(cell_at(page, 600, 440)->box.w - 198) <= 3);
    assert_true(abs(cell_at(page, 760, 440)->box.w - 98) <= 3);
    assert_int_equal(wide->col_span, 2);
    assert_int_equal(tall->row_span, 2);
    arena_destroy(&arena);
}

static void test_fills_without_rules(void **state)
{
    (void)state;
    static const int32_t colours[] = {0xCFE2F3, 0xFCE5CD, 0xD9EAD3};
    arena_t *arena = arena_new();
    picture_t *p = paper(0xFFFFFF);
    for (int r = 0; r < 5; r++)
        for (int c = 0; c < 5; c++) {
            int32_t colour = colours[(r + c) % 3];
            fill(p, 60 + 150 * c, 80 + 80 * r, 150, 80, colour);
            print(p, 80 + 150 * c, 110 + 80 * r, 7, 0x202020, colour);
        }
    page_t *page = find(arena, p);
    assert_int_equal(page->cells.count, 25);
    assert_int_equal(page->fills.count, 25);
    assert_int_equal(cell_at(page, 100, 100)->fill, 0xCFE2F3);
    arena_destroy(&arena);
}

static void test_a_marker_behind_print_is_no_cell(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    picture_t *p = paper(0xFFFFFF);
    lattice(p, 0);
    words(p, 0x202020, 0xFFFFFF);
    fill(p, 76, 106, 80, 20, 0xFFFF40);
    print(p, 80, 110, 7, 0x202020, 0xFFFF40);
    check_lattice(find(arena, p));
    arena_destroy(&arena);
}

static void test_rows_between_rules_across(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    picture_t *p = paper(0xFFFFFF);
    for (int i = 0; i <= 5; i++)
        fill(p, 60, 80 + 80 * i, 752, 2, 0);
    words(p, 0x202020, 0xFFFFFF);
    page_t *page = find(arena, p);
    assert_int_equal(page->cells.count, 5);
    assert_true(LIST_AT(cell_t, page->cells, 0)->box.w > 700);
    assert_int_equal(page->rules.count, 6);
    arena_destroy(&arena);
}

static void test_print_alone_makes_no_cells(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    picture_t *p = paper(0xFFFFFF);
    words(p, 0x202020, 0xFFFFFF);
    page_t *page = find(arena, p);
    assert_int_equal(page->cells.count, 0);
    assert_int_equal(page->rules.count, 0);
    arena_destroy(&arena);
}

/* Dark headings hide their rules from the grey picture; one channel still shows them. */
static void test_rules_seen_by_colour_alone(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    picture_t *p = paper(0xFFFFFF);
    fill(p, 60, 80, 152, 402, 0x1F3864);
    lattice(p, 0x404040);
    words(p, 0x202020, 0xFFFFFF);
    for (int r = 0; r < 5; r++) {
        fill(p, 70, 100 + 80 * r, 120, 40, 0x1F3864);
        print(p, 80, 110 + 80 * r, 7, 0xFFFFFF, 0x1F3864);
    }
    page_t *page = find(arena, p);
    assert_int_equal(page->cells.count, 25);
    for (int r = 0; r < 5; r++)
        assert_true(abs(cell_at(page, 100, 120 + 80 * r)->box.h - 78) <= 4);
    arena_destroy(&arena);
}

/* Fills that go over from one colour to another are one cell each. */
static void test_gradients_are_one_cell(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    picture_t *p = paper(0xFFFFFF);
    for (int j = 0; j < 80; j++)
        fill(p, 360, 160 + j, 150, 1, (0xE0 - 2 * j) << 16);
    lattice(p, 0x1A4F8A);
    words(p, 0x202020, 0xFFFFFF);
    for (int j = 30; j < 42; j++)
        fill(p, 380, 160 + j, 67, 1, (0xE0 - 2 * j) << 16);
    print(p, 390, 180, 8, 0xFFFFFF, 0xB00000);
    print(p, 380, 200, 9, 0xFFFFFF, 0x900000);
    check_lattice(find(arena, p));
    arena_destroy(&arena);
}

static void test_a_title_above_a_table_is_no_cell(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    picture_t *p = paper(0xFFFFFF);
    lattice(p, 0);
    fill(p, 200, 40, 500, 2, 0); /* an underlined title, joined to the table by nothing but its nearness */
    words(p, 0x202020, 0xFFFFFF);
    page_t *page = find(arena, p);
    assert_int_equal(grid_cell_at(page, 400, 62), -1);
    arena_destroy(&arena);
}

/* A banner with a logo that stands on its lower border, above a row of days that no rule parts from it. */
static void test_a_banner_with_a_logo_stands_above_its_row(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    picture_t *p = paper(0xFFFFFF);
    lattice(p, 0x000000);
    fill(p, 60, 0, 752, 120, 0x242321);
    fill(p, 62, 80, 748, 2, 0x242321);
    for (int i = 0; i < 3; i++) { /* white letters of 44 px, with a thin line below */
        fill(p, 500 + 60 * i, 70, 14, 50, 0xFFFFFF);
        fill(p, 500 + 60 * i, 106, 46, 14, 0xFFFFFF);
        fill(p, 532 + 60 * i, 70, 14, 50, 0xFFFFFF);
        fill(p, 500 + 60 * i, 119, 46, 1, 0x404040);
    }
    for (int c = 0; c < 5; c++)
        print(p, 70 + 150 * c, 130, 7, 0x202020, 0xFFFFFF);
    for (int r = 1; r < 5; r++)
        for (int c = 0; c < 5; c++)
            print(p, 80 + 150 * c, 110 + 80 * r, 7, 0x202020, 0xFFFFFF);
    page_t *page = find(arena, p);
    for (int c = 0; c < 5; c++) {
        const cell_t *cell = cell_at(page, 60 + 150 * c + 75, 140);
        assert_true(abs(cell->box.y - 121) <= 3 && abs(cell->box.h - 38) <= 4);
        assert_true(abs(cell->box.x - (62 + 150 * c)) <= 2 && abs(cell->box.w - 148) <= 3);
    }
    assert_true(cell_at(page, 100, 60)->box.y + cell_at(page, 100, 60)->box.h <= 122);
    arena_destroy(&arena);
}

static void test_grain_draws_no_lines(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    picture_t *p = paper(0xF0F0F0);
    lattice(p, 0x202020);
    words(p, 0x202020, 0xF0F0F0);
    uint32_t seed = 1;
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        seed = seed * 1664525 + 1013904223;
        int v = p->pixels[3 * i] - (int)(seed >> 24) / 6; /* up to 42 darker */
        memset(p->pixels + 3 * i, v < 0 ? 0 : v, 3);
    }
    page_t *page = find(arena, p);
    assert_int_equal(page->cells.count, 25);
    for (size_t i = 0; i < 25; i++) {
        const box_t *box = &LIST_AT(cell_t, page->cells, i)->box;
        assert_true(abs(box->w - 148) <= 6 && abs(box->h - 78) <= 6);
    }
    arena_destroy(&arena);
}

static void test_tilted_page_is_straightened(void **state)
{
    (void)state;
    static const double degrees[] = {-3, -1, 0.6, 2};
    for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++) {
        arena_t *arena = arena_new();
        picture_t *p = paper(0xFFFFFF);
        lattice(p, 0x303030);
        words(p, 0x202020, 0xFFFFFF);
        double a = degrees[i] * 3.14159265358979 / 180, c = cos(a), s = sin(a);
        homography_t turn = {
            {c, -s, WIDTH / 2.0 * (1 - c) + HEIGHT / 2.0 * s, s, c, HEIGHT / 2.0 * (1 - c) - WIDTH / 2.0 * s, 0, 0, 1}};
        picture_t *tilted = picture_warp(p, &turn, WIDTH, HEIGHT);
        picture_destroy(&p);
        page_t *page = find(arena, tilted);
        assert_int_equal(page->cells.count, 25);
        for (size_t k = 0; k < 25; k++) {
            const box_t *box = &LIST_AT(cell_t, page->cells, k)->box;
            assert_true(abs(box->w - 148) <= 5 && abs(box->h - 78) <= 5);
        }
        arena_destroy(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_of_any_strength),
        cmocka_unit_test(test_dark_page),
        cmocka_unit_test(test_merged_cells_and_cells_off_the_lattice),
        cmocka_unit_test(test_fills_without_rules),
        cmocka_unit_test(test_a_marker_behind_print_is_no_cell),
        cmocka_unit_test(test_rows_between_rules_across),
        cmocka_unit_test(test_print_alone_makes_no_cells),
        cmocka_unit_test(test_rules_seen_by_colour_alone),
        cmocka_unit_test(test_gradients_are_one_cell),
        cmocka_unit_test(test_a_title_above_a_table_is_no_cell),
        cmocka_unit_test(test_a_banner_with_a_logo_stands_above_its_row),
        cmocka_unit_test(test_grain_draws_no_lines),
        cmocka_unit_test(test_tilted_page_is_straightened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
