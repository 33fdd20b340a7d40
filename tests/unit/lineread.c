/* How lines are read in the stage ocr: which words are read again, how a line lies, what is packed for tesseract. */
#include "actors/ocr/lineread.h"
#include "actors/ocr/lean.h"
#include "actors/ocr/libtesseract.h"
#include "actors/ocr/reread.h"
#include "actors/ocr/wordgap.h"
#include "check.h"

#include <string.h>

static void test_unsure_words_come_in_stretches_from_the_right(void **state)
{
    (void)state;
    reading_t words[] = {{"Maths", 0, 9, 0.5},   {"with", 10, 19, 0.95}, {"Mx", 20, 29, 0.7},
                         {"Bell", 30, 39, 0.95}, {"in", 40, 49, 0.95},   {"\xE2\x80\x94", 50, 59, 0.2},
                         {"9.30", 60, 69, 0.87}, {"am", 70, 79, 0.89}};
    readings_t line = {words, 8, 0.8};
    int from = line.count, to = 0;
    assert_true(reread_unsure(&line, from, &from, &to)); /* the time */
    assert_int_equal(from, 6);
    assert_int_equal(to, 7);
    assert_true(reread_unsure(&line, from, &from, &to)); /* not the dash; one sure word between two unsure ones */
    assert_int_equal(from, 0);
    assert_int_equal(to, 3);
    assert_false(reread_unsure(&line, from, &from, &to));
}

static void test_two_readings_are_enough_but_for_digits(void **state)
{
    (void)state;
    reading_t words[] = {{"Matns", 0, 9, 0.5}, {"Maths", 0, 9, 0.6}, {"9.30", 0, 9, 0.95}};
    readings_t text[] = {{&words[0], 1, 0.5}, {&words[1], 1, 0.6}},
               time[] = {{&words[0], 1, 0.5}, {&words[2], 1, 0.95}};
    assert_false(reread_settled(text, 1));
    assert_true(reread_settled(text, 2));
    assert_false(reread_settled(time, 2));
}

static void test_a_line_without_descenders_is_as_tall_as_its_kind(void **state)
{
    (void)state;
    picture_t *picture = picture_new(60, 24, 1);
    line_t capitals = lineread_line(picture, 2, 22, 12); /* 20 px on the base line */
    assert_true(capitals.rise == 20 && capitals.drop == 0 && capitals.tall == 20);
    line_t small = lineread_line(picture, 2, 22, 28); /* letters without ascenders among taller ones */
    assert_true(small.rise == 28 && small.tall == 28);
    line_t hanging = lineread_line(picture, 2, 17, 12); /* 15 px above, 5 below */
    assert_true(hanging.rise == 15 && hanging.drop == 5 && hanging.base == 17);
    picture_destroy(&picture);
}

static void test_lines_are_packed_here(void **state)
{
    (void)state;
    libtesseract_t *library = libtesseract_open("eng");
    arena_t *arena = arena_new();
    readings_t out = {0};
    picture_t *line = picture_new(120, 36, 1);
    memset(line->pixels, 255, line->stride * 36);
    for (int y = 6; y < 25; y++)
        for (int x = 10; x < 100; x += 12)
            memset(line->pixels + (size_t)y * line->stride + x, 0, 4);
    assert_non_null(library);
    int before = lean_packed();
    libtesseract_read(library, line, ENGINE_AS_IS, arena, &out);
    assert_true(out.count > 0);
    assert_int_equal(lean_packed(), before + 1);
    libtesseract_read(library, line, ENGINE_FIND_LINE, arena, &out);
    assert_true(lean_packed() > before + 1);
    picture_destroy(&line);
    arena_destroy(&arena);
    libtesseract_close(&library);
}

/* Both ways of an engine; the second opens tesseract's library. */
static void test_an_engine_reads_as_is_and_finds_lines(void **state)
{
    (void)state;
    engine_t *engine = engine_new();
    arena_t *arena = arena_new();
    fault_t fault = {0};
    texts_t none = {0};
    readings_t out;
    picture_t *line = picture_new(120, 36, 1), *large = picture_new(240, 72, 1);
    memset(line->pixels, 255, line->stride * 36);
    memset(large->pixels, 255, large->stride * 72);
    for (int y = 6; y < 25; y++)
        for (int x = 10; x < 100; x += 12)
            memset(line->pixels + (size_t)y * line->stride + x, 0, 4);
    for (int y = 12; y < 50; y++)
        for (int x = 20; x < 200; x += 24)
            memset(large->pixels + (size_t)y * large->stride + x, 0, 8);
    engine_read(engine, line, ENGINE_FIND_LINE, arena, &out);
    assert_int_equal(out.count, 0); /* no language is loaded */
    assert_int_equal(engine_languages(engine, &none, &fault), 0);
    engine_read(engine, line, ENGINE_AS_IS, arena, &out);
    assert_true(out.count > 0 && out.confidence > 0);
    assert_true(out.items[out.count - 1].x1 <= 120);
    engine_read(engine, large, ENGINE_AS_IS, arena, &out); /* scaled to the model, and its places back */
    assert_true(out.count > 0 && out.items[out.count - 1].x1 > 120 && out.items[out.count - 1].x1 <= 240);
    engine_read(engine, line, ENGINE_FIND_LINE, arena, &out);
    assert_true(out.count > 0);
    assert_int_equal(engine_calls(engine), 4);
    picture_destroy(&line);
    picture_destroy(&large);
    arena_destroy(&arena);
    engine_destroy(&engine);
}

/* A line of letters of LETTER px, with a gap of so many px before each; -1 ends it. */
static picture_t *letters(const int *gaps)
{
    enum { LETTER = 6, HIGH = 20 };
    picture_t *line = picture_new(200, HIGH, 1);
    memset(line->pixels, 255, line->stride * HIGH);
    for (int x = 0; *gaps >= 0; gaps++) {
        x += *gaps;
        for (int y = 2; y < HIGH - 2; y++)
            memset(line->pixels + (size_t)y * line->stride + x, 0, LETTER);
        x += LETTER;
    }
    return line;
}

/* Parts the words of a line whose places the model told roughly; the words as one text. */
static const char *parted(arena_t *arena, const int *gaps, reading_t *words, int count)
{
    readings_t line = {words, count, 0.9};
    picture_t *picture = letters(gaps);
    line_t whole = lineread_line(picture, 2, 18, 16);
    wordgap_part(&whole, arena, &line);
    const char *text = "";
    for (int i = 0; i < line.count; i++)
        text = arena_format(arena, "%s%s%s", text, i ? "|" : "", line.items[i].text);
    picture_destroy(&picture);
    return text;
}

static void test_words_part_where_the_white_is_a_space(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    static const int narrow[] = {4, 2, 6, 7, 2, 2, -1}, even[] = {4, 2, 2, 7, 2, 2, -1},
                     time[] = {4, 2, 6, 7, 2, 2, -1}, lone[] = {4, 2, 2, 8, 2, -1};
    reading_t class[] = {{"IXA", 4, 30, 0.9}, {"Sub", 37, 59, 0.9}};
    assert_string_equal(parted(arena, narrow, class, 2), "IX|A|Sub");
    reading_t whole[] = {{"IXA", 4, 26, 0.9}, {"Sub", 33, 55, 0.9}};
    assert_string_equal(parted(arena, even, whole, 2), "IXA|Sub");
    reading_t number[] = {{"905", 4, 30, 0.9}, {"Sub", 37, 59, 0.9}};
    assert_string_equal(parted(arena, time, number, 2), "905|Sub"); /* numbers keep together */
    reading_t alone[] = {{"SenLt", 4, 48, 0.9}};
    assert_string_equal(parted(arena, lone, alone, 1), "Sen|Lt"); /* by its own letters and its height */
    reading_t small[] = {{"Mandy", 4, 48, 0.9}};
    assert_string_equal(parted(arena, lone, small, 1), "Mandy"); /* a word that is set wide */
    reading_t touching[] = {{"MrSilva", 4, 48, 0.9}};
    assert_string_equal(parted(arena, lone, touching, 1), "MrSilva"); /* pieces cannot be counted */
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unsure_words_come_in_stretches_from_the_right),
        cmocka_unit_test(test_two_readings_are_enough_but_for_digits),
        cmocka_unit_test(test_a_line_without_descenders_is_as_tall_as_its_kind),
        cmocka_unit_test(test_lines_are_packed_here),
        cmocka_unit_test(test_an_engine_reads_as_is_and_finds_lines),
        cmocka_unit_test(test_words_part_where_the_white_is_a_space),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
