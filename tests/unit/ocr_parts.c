/* Small parts of the stage ocr: page sets, the cache of lines, lines of print, colours. */
#include "actors/ocr/darkbox.h"
#include "actors/ocr/linecache.h"
#include "actors/ocr/pageset.h"
#include "actors/ocr/palette.h"
#include "actors/ocr/phrases.h"
#include "actors/ocr/reread.h"
#include "actors/ocr/textline.h"
#include "actors/ocr/wordmark.h"
#include "check.h"
#include "proto/dossier.h"

#include <stdlib.h>
#include <string.h>

static void test_page_sets(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        int page;
        bool has;
    } rows[] = {
        {NULL, 7, true},    {"", 7, true},      {"1", 1, true},
        {"1", 2, false},    {"1-3,5", 3, true}, {"1-3,5", 4, false},
        {"1-3,5", 5, true}, {"3-", 2, false},   {"3-", 99, true},
        {"-2", 2, true},    {"-2", 3, false},   {"x", 1, false},
        {"x,2", 2, true},   {"5-3", 4, false},  {"99999999999999999999", 1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(pageset_has(rows[i].set, rows[i].page), rows[i].has);
}

static picture_t *bar_at(int width, int x)
{
    picture_t *p = picture_new(width, 20, 1);
    memset(p->pixels, 255, (size_t)width * 20);
    for (int y = 2; y < 18; y++)
        memset(p->pixels + y * width + x, 0, 6);
    return p;
}

static void test_equal_lines_are_found_again(void **state)
{
    (void)state;
    linecache_t *cache = linecache_new();
    reading_t word = {"Break", 2, 30, 0.9};
    readings_t reading = {&word, 1, 0.9}, out;
    picture_t *line = bar_at(60, 10), *same = bar_at(61, 10), *other = bar_at(60, 24), *wide = bar_at(70, 10);
    assert_false(linecache_find(cache, line, &out));
    linecache_add(cache, line, &reading);
    assert_true(linecache_find(cache, same, &out));
    assert_string_equal(out.items[0].text, "Break");
    assert_false(linecache_find(cache, other, &out));
    assert_false(linecache_find(cache, wide, &out));
    picture_destroy(&line);
    picture_destroy(&same);
    picture_destroy(&other);
    picture_destroy(&wide);
    linecache_destroy(&cache);
}

/* A print with letters of 8 x 12 px at these places. */
static print_t letters_at(const int (*places)[2], int n)
{
    print_t p = {.text = 12};
    p.mask = picture_new(300, 200, 1);
    p.even = picture_new(300, 200, 1);
    for (int i = 0; i < n; i++)
        for (int y = 0; y < 12; y++)
            memset(p.mask->pixels + (places[i][1] + y) * 300 + places[i][0], 255, 8);
    assert_int_equal(components_find(p.mask, &p.parts), 0);
    return p;
}

static void test_lines_are_cut_at_wide_gaps(void **state)
{
    (void)state;
    static const int places[][2] = {{10, 10}, {20, 11}, {30, 10}, {150, 10}, {160, 10}, {10, 30}, {20, 30}};
    print_t p = letters_at(places, 7);
    textlines_t lines;
    assert_int_equal(textlines_find(&p, 1.8, &lines), 0);
    assert_int_equal(lines.count, 3);
    assert_int_equal(lines.items[0].x1, 38);
    assert_int_equal(lines.items[1].x0, 150);
    assert_int_equal(lines.items[0].line, lines.items[1].line);
    assert_int_not_equal(lines.items[0].line, lines.items[2].line);
    textlines_free(&lines);
    print_free(&p);
}

/* Lines of small print beside large letters are lines of their own height; a few dots there belong to the letters. */
static void test_small_print_beside_a_logo_is_read(void **state)
{
    (void)state;
    print_t p = {.text = 40};
    int n = 0;
    p.parts.items = calloc(40, sizeof *p.parts.items);
    for (int i = 0; i < 4; i++) /* the logo */
        p.parts.items[n++] = (component_t){.x = 400 + 50 * i, .y = 30, .w = 40, .h = 44, .area = 900};
    for (int row = 0; row < 2; row++)
        for (int i = 0; i < 10; i++)
            p.parts.items[n++] = (component_t){.x = 20 + 8 * i, .y = 5 + 12 * row, .w = 5, .h = 6, .area = 20};
    int dot = n;
    p.parts.items[n++] = (component_t){.x = 600, .y = 68, .w = 6, .h = 6, .area = 36};
    p.parts.count = n;
    textlines_t lines;
    assert_int_equal(textlines_find(&p, 1.8, &lines), 0);
    assert_int_equal(lines.count, 3);
    assert_true(lines.of[4] >= 0 && lines.of[4] == lines.of[13] && lines.of[14] == lines.of[23]);
    assert_true(lines.of[4] != lines.of[14] && lines.of[4] != lines.of[0]);
    assert_int_equal(lines.of[dot], lines.of[0]);
    assert_true(lines.items[lines.of[4]].height == 6 && lines.items[lines.of[0]].height == 44);
    textlines_free(&lines);
    free(p.parts.items);
}

/* Two narrow headings turned upright beside a heading that is not: each phrase has its own direction. */
static void test_phrases_of_a_row_have_their_own_direction(void **state)
{
    (void)state;
    static const int places[][2] = {{10, 10},  {10, 24},  {10, 38},  {10, 52},  {30, 10},  {30, 24},
                                    {30, 38},  {30, 52},  {100, 20}, {110, 20}, {120, 20}, {130, 20},
                                    {100, 45}, {110, 45}, {120, 45}, {130, 45}, {200, 30}, {200, 44}};
    enum { COUNT = sizeof places / sizeof *places, TURNED = 8 };
    print_t p = letters_at(places, COUNT);
    unsigned char kind[COUNT];
    memset(kind, PHRASE_UPRIGHT, sizeof kind);
    assert_int_equal(p.parts.count, COUNT);
    assert_int_equal(phrases_turn(&p, 4, kind), TURNED);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(kind[i], p.parts.items[i].x < 60 ? PHRASE_TURNED : PHRASE_UPRIGHT);
    print_free(&p);
}

/* Weight of a word of stems 6 px high, each a dark column and a second one of that grey value beside it. */
static double weight_of_stems(uint8_t second)
{
    print_t p = {.text = 6, .even = picture_new(40, 10, 1)};
    memset(p.even->pixels, 255, p.even->stride * 10);
    for (int x = 2; x < 38; x += 3)
        for (int y = 2; y < 8; y++) {
            p.even->pixels[(size_t)y * p.even->stride + (size_t)x] = 40;
            p.even->pixels[(size_t)y * p.even->stride + (size_t)x + 1] = second;
        }
    double weight = wordmark_weight(&p, 8.3, 2, 2, 38, 8);
    picture_destroy(&p.even);
    return weight;
}

static void test_small_bold_print_weighs_more(void **state)
{
    (void)state;
    double regular = weight_of_stems(235), bold = weight_of_stems(120);
    assert_true(regular < 0.25);
    assert_true(bold > 0.55);
}

static void test_letters_below_one_another_ask_for_a_turn(void **state)
{
    (void)state;
    static const int across[][2] = {{10, 10}, {20, 10}, {30, 10}, {40, 10}},
                     down[][2] = {{10, 10}, {10, 24}, {10, 38}, {10, 52}};
    double sure;
    print_t p = letters_at(across, 4), q = letters_at(down, 4);
    assert_int_equal(textlines_turn(&p, &sure), 0);
    assert_true(sure > 0.9);
    assert_int_equal(textlines_turn(&q, &sure), 90);
    print_free(&p);
    print_free(&q);
}

/* Small print whose letters touch: a word is one part, and says by its shape how it reads. */
static void test_words_grown_together_show_their_direction(void **state)
{
    (void)state;
    static const struct {
        int w, h, step_x, step_y, degrees;
    } rows[] = {{40, 13, 0, 18, 0}, {13, 40, 18, 0, 90}};
    for (int i = 0; i < 2; i++) {
        print_t p = {.text = 12};
        double sure;
        p.mask = picture_new(300, 200, 1);
        p.even = picture_new(300, 200, 1);
        for (int k = 0; k < 2; k++)
            for (int y = 0; y < rows[i].h; y++)
                memset(p.mask->pixels + (20 + k * rows[i].step_y + y) * 300 + 20 + k * rows[i].step_x, 255,
                       (size_t)rows[i].w);
        assert_int_equal(components_find(p.mask, &p.parts), 0);
        assert_int_equal(textlines_turn(&p, &sure), rows[i].degrees);
        print_free(&p);
    }
}

static void test_readings_that_agree_end_the_vote(void **state)
{
    (void)state;
    reading_t words[] = {{"9.00", 0, 30, 0.8}, {"9.OO", 0, 30, 0.9}, {"9.00", 0, 30, 0.75}};
    readings_t all[] = {{&words[0], 1, 0.8}, {&words[1], 1, 0.9}, {&words[2], 1, 0.75}};
    assert_false(reread_settled(all, 1));
    assert_false(reread_settled(all, 2));
    assert_true(reread_settled(all, 3));
    all[2].confidence = 0.3;
    assert_false(reread_settled(all, 3));
}

static void test_places_in_turned_print_lead_back(void **state)
{
    (void)state;
    static const int turns[] = {0, 90, 180, 270};
    for (int i = 0; i < 4; i++) {
        print_t p = {.box = {.x = 100, .y = 50, .w = 40, .h = 30}, .turned = turns[i]};
        /* the page's pixel (3, 5) of the box */
        int x = turns[i] == 90 ? 30 - 1 - 5 : turns[i] == 180 ? 40 - 1 - 3 : turns[i] == 270 ? 5 : 3;
        int y = turns[i] == 90 ? 3 : turns[i] == 180 ? 30 - 1 - 5 : turns[i] == 270 ? 40 - 1 - 3 : 5;
        box_t box = print_to_page(&p, x, y, 1, 1);
        assert_int_equal(box.x, 103);
        assert_int_equal(box.y, 55);
    }
}

static void test_fill_is_the_commonest_colour(void **state)
{
    (void)state;
    picture_t *p = picture_new(50, 50, 3);
    for (int i = 0; i < 2500; i++)
        memcpy(p->pixels + 3 * i, i % 5 ? "\xCF\xE2\xF3" : "\x10\x10\x10", 3);
    assert_int_equal(palette_fill(p, (box_t){.w = 50, .h = 50}, 1), 0xCFE2F3);
    assert_int_equal(palette_distance(0x102030, 0x10302F), 0x10);
    assert_int_equal(palette_grey(0xFFFFFF), 255);
    picture_destroy(&p);
}

/* Ten boxes of 100 px among a hundred letters say nothing of the letters' size; letters larger than grain do. */
static void test_boxes_are_no_letters(void **state)
{
    (void)state;
    size_t page[121] = {[9] = 100, [18] = 30, [85] = 3, [120] = 7}, photo[121] = {[5] = 300, [40] = 20},
           none[121] = {0};
    assert_int_equal(sheet_letter_size(page, 120), 9);
    assert_int_equal(sheet_letter_size(photo, 120), 5);
    photo[40] = 60;
    assert_int_equal(sheet_letter_size(photo, 120), 40);
    assert_int_equal(sheet_letter_size(none, 120), 0);
}

/* A dark column with pale print that no cell covers is found, a pale one and one with a cell are not. */
static void test_dark_areas_outside_cells(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    page_t page = {.width = 600, .height = 400};
    picture_t *p = picture_new(600, 400, 1);
    sheet_t sheet = {.grey = p, .text = 12};
    box_t boxes[DARKBOXES_MOST];
    int count = -1;
    memset(p->pixels, 255, 600 * 400);
    for (int y = 40; y < 360; y++) {
        memset(p->pixels + y * 600 + 20, 60, 100);
        memset(p->pixels + y * 600 + 300, 60, 100);
        if (y % 40 > 14 && y % 40 < 26) {
            memset(p->pixels + y * 600 + 50, 255, 30);
            memset(p->pixels + y * 600 + 330, 255, 30);
        }
    }
    cell_t *cell = list_push(dossier->arena, &page.cells, sizeof *cell);
    *cell = (cell_t){.box = {.x = 290, .y = 30, .w = 120, .h = 340}, .row_span = 1, .col_span = 1};
    assert_int_equal(darkboxes_find(&sheet, &page, boxes, &count), 0);
    assert_int_equal(count, 1);
    assert_true(darkboxes_hold(boxes, count, 60, 200));
    assert_false(darkboxes_hold(boxes, count, 340, 200));
    picture_destroy(&p);
    dossier_destroy(&dossier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_sets),
        cmocka_unit_test(test_equal_lines_are_found_again),
        cmocka_unit_test(test_lines_are_cut_at_wide_gaps),
        cmocka_unit_test(test_small_print_beside_a_logo_is_read),
        cmocka_unit_test(test_phrases_of_a_row_have_their_own_direction),
        cmocka_unit_test(test_small_bold_print_weighs_more),
        cmocka_unit_test(test_letters_below_one_another_ask_for_a_turn),
        cmocka_unit_test(test_words_grown_together_show_their_direction),
        cmocka_unit_test(test_readings_that_agree_end_the_vote),
        cmocka_unit_test(test_places_in_turned_print_lead_back),
        cmocka_unit_test(test_fill_is_the_commonest_colour),
        cmocka_unit_test(test_boxes_are_no_letters),
        cmocka_unit_test(test_dark_areas_outside_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
