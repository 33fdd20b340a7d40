/* form_render: the stage render on a page that has words and cells and no pixels, as DOCX and XLSX give it. */
#include "actors/picture/picture.h"
#include "actors/stage.h"
#include "proto/layer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void lap(stage_job_t *job, const char *name)
{
    (void)job, (void)name;
}

static void add_word(dossier_t *dossier, page_t *page, const char *text, box_t box, double confidence)
{
    word_t *word = list_push(dossier->arena, &page->words, sizeof *word);
    word->text = arena_text(dossier->arena, text);
    word->box = box;
    word->confidence = confidence;
    word->size = 16;
}

/* A page of five days and three lessons. */
static dossier_t *sample(const char *name)
{
    static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"};
    dossier_t *dossier = dossier_new();
    page_t *page = list_push(dossier->arena, &dossier->pages, sizeof *page);
    timetable_t *timetable = list_push(dossier->arena, &dossier->timetables, sizeof *timetable);
    page->number = 1;
    page->width = 1000;
    page->height = 500;
    for (int day = 0; day < 5; day++)
        for (int row = 0; row < 3; row++) {
            cell_t *cell = list_push(dossier->arena, &page->cells, sizeof *cell);
            cell->box = (box_t){.x = 100 + day * 180, .y = 60 + row * 140, .w = 178, .h = 138};
            cell->fill = row == 1 ? 0xFFF3DC : 0xFFFFFF;
            timeblock_t *block = list_push(dossier->arena, &timetable->timeblocks, sizeof *block);
            block->day = days[day];
            block->name = row == 1 ? "Break" : name;
            block->start_time = row == 0 ? "09:00" : row == 1 ? "10:00" : "10:20";
            block->end_time = row == 0 ? "10:00" : row == 1 ? "10:20" : NULL;
            block->confidence = day == 3 ? 0.6 : 0.97;
            block->page = 1;
            block->box = row == 1 ? (box_t){.x = 100, .y = 200, .w = 898, .h = 138} : cell->box;
            add_word(dossier, page, "Lesson", (box_t){.x = cell->box.x + 40, .y = cell->box.y + 60, .w = 70, .h = 16},
                     day == 2 ? 0.5 : 1);
        }
    return dossier;
}

static stage_end_t render(dossier_t *dossier, buf_t *png, fault_t *fault)
{
    stage_job_t job = {.dossier = dossier, .lap = lap, .attachment = png};
    return stage_render.run(&job, fault);
}

static uint32_t big_endian(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void test_draws_a_png_of_the_page(void **state)
{
    (void)state;
    fault_t fault = {0};
    buf_t png = {0}, again = {0};
    dossier_t *dossier = sample("Maths");
    assert_int_equal(render(dossier, &png, &fault), STAGE_NEXT);
    assert_true(png.size > 1000);
    assert_memory_equal(png.bytes, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(big_endian(png.bytes + 16), 1500); /* enlarged so that labels can be read */
    assert_true(big_endian(png.bytes + 20) > 750);      /* the page and its legend */
    assert_int_equal(render(dossier, &again, &fault), STAGE_NEXT);
    assert_int_equal(png.size, again.size);
    assert_memory_equal(png.bytes, again.bytes, png.size);
    const char *keep = getenv("FORM_RENDER_PNG"); /* to look at it */
    FILE *file = keep ? fopen(keep, "wb") : NULL;
    if (file) {
        fwrite(png.bytes, 1, png.size, file);
        fclose(file);
    }
    buf_free(&png);
    buf_free(&again);
    dossier_destroy(&dossier);
}

static void test_blocks_change_the_picture(void **state)
{
    (void)state;
    fault_t fault = {0};
    buf_t with = {0}, without = {0};
    dossier_t *dossier = sample("Maths");
    assert_int_equal(render(dossier, &with, &fault), STAGE_NEXT);
    dossier->timetables.count = 0;
    assert_int_equal(render(dossier, &without, &fault), STAGE_NEXT);
    assert_true(with.size != without.size || memcmp(with.bytes, without.bytes, with.size) != 0);
    buf_free(&with);
    buf_free(&without);
    dossier_destroy(&dossier);
}

/* Every layer changes the picture; none is the page alone, without a legend; one that there is not is refused. */
static void test_layers(void **state)
{
    (void)state;
    static const char *const choices[] = {"none",
                                          "cells",
                                          "words",
                                          "blocks",
                                          "confidences",
                                          "words,confidences",
                                          "blocks,confidences",
                                          "cells,words,blocks,confidences"};
    enum { CHOICES = sizeof choices / sizeof *choices };
    buf_t pngs[CHOICES] = {{0}}, all = {0}, refused = {0};
    fault_t fault = {0};
    dossier_t *dossier = sample("Maths");
    for (int i = 0; i < CHOICES; i++) {
        dossier->options.overlay = choices[i];
        assert_int_equal(render(dossier, &pngs[i], &fault), STAGE_NEXT);
        assert_int_equal(big_endian(pngs[i].bytes + 20), i ? 750 + 34 : 750);
        for (int k = 0; k < i; k++)
            if (pngs[k].size == pngs[i].size && memcmp(pngs[k].bytes, pngs[i].bytes, pngs[i].size) == 0)
                fail_msg("%s is drawn as %s", choices[i], choices[k]);
    }
    dossier->options.overlay = NULL;
    assert_int_equal(render(dossier, &all, &fault), STAGE_NEXT);
    assert_int_equal(all.size, pngs[CHOICES - 1].size);
    assert_memory_equal(all.bytes, pngs[CHOICES - 1].bytes, all.size);
    dossier->options.overlay = "cells,wörter";
    assert_int_equal(render(dossier, &refused, &fault), STAGE_FAIL);
    assert_int_equal(fault.code, FAULT_USAGE);
    assert_non_null(strstr(fault.text, "wörter"));
    for (int i = 0; i < CHOICES; i++)
        buf_free(&pngs[i]);
    buf_free(&all);
    dossier_destroy(&dossier);
}

static void test_the_names_of_layers(void **state)
{
    (void)state;
    fault_t fault = {0};
    char text[LAYERS_TEXT];
    for (unsigned layers = 0; layers <= LAYER_ALL; layers++) {
        unsigned read = 99;
        assert_int_equal(layers_parse(layers_write(layers, text), &read, &fault), 0);
        assert_int_equal(read, layers);
    }
    unsigned read;
    assert_int_equal(layers_parse("blocks,cells,blocks", &read, &fault), 0);
    assert_string_equal(layers_write(read, text), "cells,blocks");
    assert_int_equal(layers_parse("", &read, &fault), 0);
    assert_int_equal(read, 0);
    static const char *const bad[] = {",",    "cells,", ",cells",     "cells,,words", "Cells",
                                      "cell", "cellss", "none,cells", " cells",       "all"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(layers_parse(bad[i], &read, &fault), -1);
}

static void test_hostile_names_are_drawn(void **state)
{
    (void)state;
    char *giant = malloc(10001);
    assert_non_null(giant);
    memset(giant, 'W', 10000);
    giant[10000] = 0;
    const char *const names[] = {giant, "", "\xff\xfe\x80", "\u202e\u2066x", "\x01\x1b[31mred", "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fault_t fault = {0};
        buf_t png = {0};
        dossier_t *dossier = sample(names[i]);
        assert_int_equal(render(dossier, &png, &fault), STAGE_NEXT);
        assert_true(png.size > 1000);
        buf_free(&png);
        dossier_destroy(&dossier);
    }
    free(giant);
}

static void test_a_page_that_is_not_there_is_a_fault(void **state)
{
    (void)state;
    fault_t fault = {0};
    buf_t png = {0};
    dossier_t *dossier = sample("Maths");
    dossier->options.pages = "7";
    assert_int_equal(render(dossier, &png, &fault), STAGE_FAIL);
    assert_int_equal(fault.code, FAULT_USAGE);
    assert_non_null(strstr(fault.text, "page 7"));
    assert_int_equal(png.size, 0);
    buf_free(&png);
    dossier_destroy(&dossier);
}

/* Grey value of the rendered page at page px, the legend's strip aside. */
static int value_at(const picture_t *shown, const page_t *page, double x, double y)
{
    double scale = (double)shown->width / page->width;
    const uint8_t *pixel =
        shown->pixels + (size_t)(y * scale) * shown->stride + (size_t)(x * scale) * (size_t)shown->channels;
    return pixel[0];
}

/* A white picture of 200 x 100 with a black square at 50 … 70, 20 … 40, rendered as a page of the given size and
 * transform. */
static picture_t *render_square(page_t *page, double transform[9])
{
    fault_t fault = {0};
    buf_t file = {0}, png = {0};
    picture_t *picture = picture_new(200, 100, 1);
    for (int y = 0; y < 100; y++)
        for (int x = 0; x < 200; x++)
            picture->pixels[(size_t)y * picture->stride + (size_t)x] = x >= 50 && x < 70 && y >= 20 && y < 40 ? 0 : 255;
    assert_int_equal(picture_encode_png(picture, &file, &fault), 0);
    dossier_t *dossier = dossier_new();
    page_t *own = list_push(dossier->arena, &dossier->pages, sizeof *own);
    *own = *page;
    own->number = 1;
    if (transform)
        own->transform = (reals_t){transform, 9};
    stage_job_t job = {
        .dossier = dossier, .bytes = (uint8_t *)file.bytes, .size = file.size, .lap = lap, .attachment = &png};
    if (stage_render.run(&job, &fault) != STAGE_NEXT)
        fail_msg("%s", fault.text);
    picture_t *shown = picture_decode((uint8_t *)png.bytes, png.size, 0, &fault);
    assert_non_null(shown);
    picture_destroy(&picture);
    buf_free(&file);
    buf_free(&png);
    dossier_destroy(&dossier);
    return shown;
}

static void expect_square(const picture_t *shown, const page_t *page, double x, double y, double half)
{
    assert_in_range(value_at(shown, page, x, y), 60, 100); /* black, seen through the pale veil */
    assert_in_range(value_at(shown, page, x - half * 1.3, y), 245, 255);
    assert_in_range(value_at(shown, page, x + half * 1.3, y), 245, 255);
    assert_in_range(value_at(shown, page, x, y - half * 1.3), 245, 255);
    assert_in_range(value_at(shown, page, x, y + half * 1.3), 245, 255);
}

static void test_the_page_is_shown_as_it_was_measured(void **state)
{
    (void)state;
    page_t page = {.width = 200, .height = 100};
    picture_t *shown = render_square(&page, NULL);
    expect_square(shown, &page, 60, 30, 10);
    picture_destroy(&shown);

    page = (page_t){.width = 400, .height = 200};
    shown = render_square(&page, (double[]){2, 0, 0, 0, 2, 0, 0, 0, 1});
    expect_square(shown, &page, 120, 60, 20);
    picture_destroy(&shown);

    page = (page_t){.width = 100, .height = 200}; /* turned clockwise: x, y goes to 100 - y, x */
    shown = render_square(&page, (double[]){0, -1, 100, 1, 0, 0, 0, 0, 1});
    expect_square(shown, &page, 70, 60, 10);
    picture_destroy(&shown);

    page = (page_t){.width = 4000, .height = 2000}; /* larger than any screen: shrunk */
    shown = render_square(&page, (double[]){20, 0, 0, 0, 20, 0, 0, 0, 1});
    assert_int_equal(shown->width, 2600);
    expect_square(shown, &page, 1200, 600, 200);
    picture_destroy(&shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draws_a_png_of_the_page),
        cmocka_unit_test(test_blocks_change_the_picture),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_the_names_of_layers),
        cmocka_unit_test(test_hostile_names_are_drawn),
        cmocka_unit_test(test_a_page_that_is_not_there_is_a_fault),
        cmocka_unit_test(test_the_page_is_shown_as_it_was_measured),
    };
    void *state = stage_render.open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_render.close(state);
    return failed;
}
