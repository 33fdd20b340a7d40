/* The stage classification: kinds, pages asked for, orientation, and what is no timetable. */
#include "intake_help.h"

#include "actors/classification/letters.h"
#include "actors/classification/page_choice.h"
#include "actors/stage.h"

#include <cairo.h>

static void test_page_choice(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int pages;
        fault_code_t code;
        const char *chosen;
    } rows[] = {
        {NULL, 3, FAULT_NONE, "1 2 3 "},
        {"", 2, FAULT_NONE, "1 2 "},
        {"2", 3, FAULT_NONE, "2 "},
        {"1-3,5", 6, FAULT_NONE, "1 2 3 5 "},
        {" 3 - 4 , 1", 4, FAULT_NONE, "1 3 4 "},
        {"3-", 5, FAULT_NONE, "3 4 5 "},
        {"-2", 5, FAULT_NONE, "1 2 "},
        {"2,2,1-2", 5, FAULT_NONE, "1 2 "},
        {"0", 5, FAULT_USAGE, ""},
        {"a", 5, FAULT_USAGE, ""},
        {"1,,2", 5, FAULT_USAGE, ""},
        {"3-1", 5, FAULT_USAGE, ""},
        {"1-", 1, FAULT_NONE, "1 "},
        {"7", 5, FAULT_USAGE, ""},
        {"1,", 5, FAULT_USAGE, ""},
        {"-", 5, FAULT_USAGE, ""},
        {"99999999999999999999", 5, FAULT_USAGE, ""},
        {"1;2", 5, FAULT_USAGE, ""},
        {NULL, 11, FAULT_TOO_LARGE, ""},
        {"1-11", 11, FAULT_TOO_LARGE, ""},
        {"2-11", 3000, FAULT_NONE, "2 3 4 5 6 7 8 9 10 11 "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        arena_t *arena = arena_new();
        page_choice_t choice;
        fault_t fault = {0};
        char chosen[100] = "";
        int status = page_choice_read(rows[i].text, rows[i].pages, 10, arena, &choice, &fault);
        for (size_t n = 0; status == 0 && n < choice.count; n++)
            snprintf(chosen + strlen(chosen), sizeof chosen - strlen(chosen), "%d ", choice.pages[n]);
        if (fault.code != rows[i].code || strcmp(chosen, rows[i].chosen) != 0)
            fail_msg("--pages %s of %d: '%s' %s", rows[i].text ? rows[i].text : "(none)", rows[i].pages, chosen,
                     fault.text);
        arena_destroy(&arena);
    }
}

/* A page of lines of print, in the middle of words. */
static picture_t *draw_print(const char *line)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 900, 600);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_set_source_rgb(cairo, 0, 0, 0);
    cairo_select_font_face(cairo, "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, 20);
    for (int y = 60; y < 560; y += 60) {
        cairo_move_to(cairo, 40, y);
        cairo_show_text(cairo, line);
    }
    cairo_surface_flush(surface);
    picture_t *picture = picture_new(900, 600, 1);
    for (int y = 0; y < 600; y++)
        for (int x = 0; x < 900; x++)
            picture->pixels[y * 900 + x] =
                cairo_image_surface_get_data(surface)[y * cairo_image_surface_get_stride(surface) + 4 * x];
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return picture;
}

/* Turned clockwise by quarters. */
static picture_t *turn(const picture_t *in, int quarters)
{
    picture_t *out = quarters % 2 ? picture_new(in->height, in->width, 1) : picture_new(in->width, in->height, 1);
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++) {
            int sx = quarters == 0 ? x : quarters == 1 ? y : quarters == 2 ? in->width - 1 - x : in->width - 1 - y;
            int sy = quarters == 0 ? y : quarters == 1 ? in->height - 1 - x : quarters == 2 ? in->height - 1 - y : x;
            out->pixels[(size_t)y * out->stride + (size_t)x] = in->pixels[(size_t)sy * in->stride + (size_t)sx];
        }
    return out;
}

static void test_orientation(void **state)
{
    (void)state;
    picture_t *upright = draw_print("Monday Tuesday Literacy Handwriting Phonics 9.00 until half past twelve");
    for (int quarters = 0; quarters < 4; quarters++) {
        picture_t *turned = turn(upright, quarters);
        letters_t letters;
        assert_int_equal(letters_look(turned, &letters), 0);
        if (letters.orientation != (360 - 90 * quarters) % 360)
            fail_msg("turned by %d: to be turned by %d (%d up, %d over)", 90 * quarters, letters.orientation,
                     letters.upright, letters.overturned);
        picture_destroy(&turned);
    }
    picture_destroy(&upright);
}

/* Figures have no ascenders: such a page stays as it is. */
static void test_unsure(void **state)
{
    (void)state;
    picture_t *upright = draw_print("1020 1130 1240 2350 0090 4410 2230 1080 0070 3320 1190"),
              *turned = turn(upright, 2);
    letters_t letters;
    assert_int_equal(letters_look(turned, &letters), 0);
    assert_int_equal(letters.orientation, 0);
    picture_destroy(&upright);
    picture_destroy(&turned);
}

static void lap(stage_job_t *job, const char *name)
{
    (void)job, (void)name;
}

static void progress(stage_job_t *job, int done, int total)
{
    (void)job, (void)done, (void)total;
}

static stage_end_t classify(const buf_t *bytes, const char *pages, dossier_t *dossier, fault_t *fault)
{
    stage_job_t job = {.dossier = dossier,
                       .bytes = (const uint8_t *)bytes->bytes,
                       .size = bytes->size,
                       .lap = lap,
                       .progress = progress};
    dossier->options.pages = pages;
    return stage_classification.run(&job, fault);
}

static void test_documents(void **state)
{
    (void)state;
    static const struct {
        const char *name, *kind;
    } files[] = {{"days-as-columns.docx", "docx"}, {"rich-strings.xlsx", "xlsx"}, {"turned-type3.pdf", "text-pdf"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        buf_t bytes = load_fixture(files[i].name);
        dossier_t *dossier = dossier_new();
        fault_t fault = {0};
        assert_int_equal(classify(&bytes, NULL, dossier, &fault), STAGE_NEXT);
        assert_string_equal(dossier->classification.kind, files[i].kind);
        assert_int_equal(dossier->classification.pages, 1);
        assert_true(dossier->classification.timetable > 0.8);
        assert_non_null(dossier->document.media);
        assert_int_equal(classify(&bytes, "2", dossier, &fault), STAGE_FAIL);
        assert_int_equal(fault.code, FAULT_USAGE);
        dossier_destroy(&dossier);
        buf_free(&bytes);
    }
}

static stage_end_t classify_picture(picture_t *picture, dossier_t *dossier)
{
    fault_t fault = {0};
    buf_t png = {0};
    assert_int_equal(picture_encode_png(picture, &png, &fault), 0);
    stage_end_t end = classify(&png, NULL, dossier, &fault);
    picture_destroy(&picture);
    buf_free(&png);
    return end;
}

static void test_no_timetable(void **state)
{
    (void)state;
    dossier_t *dossier = dossier_new();
    picture_t *blank = picture_new(800, 600, 1), *grain = picture_new(800, 600, 1);
    uint32_t seed = 7;
    memset(blank->pixels, 250, blank->stride * 600);
    for (int y = 0; y < 600; y += 2)
        for (int x = 0; x < 800; x += 2) {
            seed = seed * 1664525 + 1013904223;
            for (int n = 0; n < 4; n++)
                grain->pixels[(y + n / 2) * 800 + x + n % 2] = (uint8_t)(seed >> 24);
        }
    assert_int_equal(classify_picture(blank, dossier), STAGE_END);
    assert_string_equal(dossier->outcome.error, "not-a-timetable");
    assert_string_equal(dossier->outcome.status, "failed");
    assert_non_null(strstr(dossier->outcome.message, "blank"));
    assert_int_equal(classify_picture(grain, dossier), STAGE_END);
    assert_int_equal(classify_picture(draw_print("Monday 9:00 Maths English Lunch French 10:30"), dossier), STAGE_NEXT);
    assert_string_equal(dossier->classification.kind, "image");
    dossier_destroy(&dossier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_page_choice), cmocka_unit_test(test_orientation),
                                       cmocka_unit_test(test_unsure), cmocka_unit_test(test_documents),
                                       cmocka_unit_test(test_no_timetable)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
