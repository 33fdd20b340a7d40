/* PDF pages, drawn by cairo here: words, directions, lines, fonts; what is not trusted as text. */
#include "intake_help.h"

#include <cairo-pdf.h>
#include <math.h>

static cairo_status_t write_bytes(void *closure, const unsigned char *data, unsigned length)
{
    buf_add(closure, data, length);
    return CAIRO_STATUS_SUCCESS;
}

/* One string to show. */
typedef struct {
    double x, y, size;
    int degrees; /* clockwise */
    bool bold;
    const char *text;
} shown_t;

static buf_t draw_pdf(const shown_t *shown, size_t count)
{
    buf_t out = {0};
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(write_bytes, &out, 600, 400);
    cairo_t *cairo = cairo_create(surface);
    for (size_t i = 0; i < count; i++) {
        cairo_select_font_face(cairo, "sans", CAIRO_FONT_SLANT_NORMAL,
                               shown[i].bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_font_size(cairo, shown[i].size);
        cairo_save(cairo);
        cairo_move_to(cairo, shown[i].x, shown[i].y);
        cairo_rotate(cairo, shown[i].degrees * M_PI / 180);
        cairo_show_text(cairo, shown[i].text);
        cairo_restore(cairo);
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return out;
}

static const shown_t timetable[] = {
    {200, 40, 20, 0, true, "Class 4M"},         {100, 100, 12, 0, false, "9:00 - 9:30"},
    {250, 100, 12, 0, false, "9:30 - 10:15"},   {50, 200, 12, 270, false, "Monday"},
    {550, 150, 12, 90, false, "Assembly Hall"}, {100, 150, 12, 0, false, "Maths"},
    {100, 165, 8, 0, false, "Room 12"},         {250, 150, 12, 0, false, "English"},
};

static void test_words(void **state)
{
    (void)state;
    opened_t o = open_page(draw_pdf(timetable, sizeof timetable / sizeof *timetable), 0, 144);
    assert_int_equal(intake_page_kind(o.intake, 0), INTAKE_PAGE_TEXT);
    assert_int_equal(o.page.width, 1200);
    assert_int_equal(o.page.height, 800);
    const word_t *day = find_word(&o.page, "Monday"), *hall = find_word(&o.page, "Assembly");
    assert_int_equal(day->angle, 270);
    assert_true(day->box.h > day->box.w);
    assert_int_equal(hall->angle, 90);
    assert_true(hall->box.y < find_word(&o.page, "Hall")->box.y);
    assert_int_equal(hall->line, find_word(&o.page, "Hall")->line);
    assert_true(fabs(find_word(&o.page, "Maths")->size - 24) < 1);
    assert_true(find_word(&o.page, "4M")->weight > 0.9);
    assert_true(find_word(&o.page, "Maths")->weight < 0.1);
    const word_t *maths = find_word(&o.page, "Maths");
    assert_in_range(maths->box.x, 195, 205);
    assert_in_range(maths->box.y + maths->box.h / 2, 270, 305);
    close_page(&o);
}

static void test_lines(void **state)
{
    (void)state;
    opened_t o = open_page(draw_pdf(timetable, sizeof timetable / sizeof *timetable), 0, 100);
    int32_t first = find_word(&o.page, "9:00")->line, second = find_word(&o.page, "10:15")->line;
    assert_int_equal(find_word(&o.page, "9:30")->line, first); /* the one that ends the first */
    assert_int_not_equal(first, second);
    assert_true(find_word(&o.page, "Class")->line < first);
    assert_true(find_word(&o.page, "Maths")->line < find_word(&o.page, "Room")->line);
    for (size_t i = 1; i < o.page.words.count; i++)
        assert_true(LIST_AT(word_t, o.page.words, i)->line >= LIST_AT(word_t, o.page.words, i - 1)->line);
    close_page(&o);
}

static void test_picture(void **state)
{
    (void)state;
    fault_t fault = {0};
    opened_t o = open_page(draw_pdf(timetable, sizeof timetable / sizeof *timetable), 0, 72);
    picture_t *picture = intake_picture(o.intake, 0, 72, &fault);
    assert_non_null(picture);
    assert_int_equal(picture->width, o.page.width);
    assert_int_equal(picture->height, o.page.height);
    /* ink where the words are */
    const box_t *box = &find_word(&o.page, "Class")->box;
    int darkest = 255;
    for (int y = box->y; y < box->y + box->h; y++)
        for (int x = box->x; x < box->x + box->w; x++) {
            int value = picture->pixels[(size_t)y * picture->stride + (size_t)(x * picture->channels)];
            darkest = value < darkest ? value : darkest;
        }
    assert_true(darkest < 80);
    picture_destroy(&picture);
    close_page(&o);
}

/* A page with one picture over all of it, and 20 words in the text rendering mode. */
static buf_t scanned(int mode, const char *before, const char *after)
{
    buf_t content = {0}, out = {0};
    buf_format(&content, "%sq 600 0 0 400 0 0 cm /I Do Q%s BT /F 12 Tf %d Tr 50 350 Td 20 TL ", before, after, mode);
    for (int i = 0; i < 20; i++)
        buf_format(&content, "(Lesson%d) Tj T* ", i);
    buf_text(&content, "ET");
    buf_format(
        &out,
        "%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 400]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>"
        "/Font<</F 6 0 R>>>>>>endobj\n4 0 obj<</Length %zu>>stream\n%s\nendstream endobj\n"
        "5 0 obj<</Type/XObject/Subtype/Image/Width 6/Height 4/BitsPerComponent 8/ColorSpace/DeviceGray/Length 24>>"
        "stream\n%s\nendstream endobj\n6 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        "trailer<</Root 1 0 R>>\n",
        content.size, content.bytes, "abcdefghijklmnopqrstuvwx");
    buf_free(&content);
    return out;
}

static void test_hidden_text(void **state)
{
    (void)state;
    opened_t hidden = open_page(scanned(3, "", ""), 0, 72), shown = open_page(scanned(0, "", ""), 0, 72);
    assert_int_equal(intake_page_kind(hidden.intake, 0), INTAKE_PAGE_PICTURE);
    assert_int_equal(intake_page_kind(shown.intake, 0), INTAKE_PAGE_TEXT); /* a background picture */
    assert_true(fabs(intake_page_dpi(hidden.intake, 0) - 6 * 72 / 600.0) < 0.05);
    close_page(&hidden);
    close_page(&shown);
}

static void test_few_words(void **state)
{
    (void)state;
    opened_t o = open_page(draw_pdf(timetable, 1), 0, 72);
    assert_int_equal(intake_page_kind(o.intake, 0), INTAKE_PAGE_PICTURE);
    close_page(&o);
}

/* Words drawn as outlines beside a few real ones: the page is read as a picture. */
static void test_outlines(void **state)
{
    (void)state;
    buf_t out = {0};
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(write_bytes, &out, 600, 400);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_font_size(cairo, 9);
    cairo_move_to(cairo, 20, 20);
    cairo_show_text(cairo, "one two three four five six seven eight nine");
    for (int i = 0; i < 40 * 30; i++) {
        cairo_move_to(cairo, 20 + i % 40 * 14, 60 + i / 40 * 11);
        cairo_text_path(cairo, "k");
        cairo_fill(cairo);
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    opened_t o = open_page(out, 0, 72);
    assert_int_equal(intake_page_kind(o.intake, 0), INTAKE_PAGE_PICTURE);
    close_page(&o);
}

/* Chrome's Type 3 fonts: turned letters come from last to first. */
static void test_turned_type3(void **state)
{
    (void)state;
    opened_t o = open_page(load_fixture("turned-type3.pdf"), 0, 150);
    const word_t *time = find_word(&o.page, "09:55");
    int turned = 0;
    for (size_t i = 0; i < o.page.words.count; i++)
        turned += LIST_AT(word_t, o.page.words, i)->angle == 270;
    assert_true(time->angle == 270 || time->angle == 0);
    assert_true(turned >= 6);
    assert_int_equal(find_word(&o.page, "12:20")->confidence * 100, 100);
    find_word(&o.page, "07:30");
    close_page(&o);
}

static void test_refused(void **state)
{
    (void)state;
    fault_t fault = {0};
    buf_t whole = draw_pdf(timetable, 3);
    assert_null(intake_open((const uint8_t *)whole.bytes, 60, &fault));
    assert_int_equal(fault.code, FAULT_DAMAGED);
    static const char locked[] =
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[4 0 R]>>endobj\n"
        "4 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n5 0 obj<</Filter/Standard/V 1/R 2/P "
        "-44/O<4141414141"
        "414141414141414141414141414141414141414141414141414141>/U<4242424242424242424242424242424242424242424242424242"
        "424242424242>>>endobj\ntrailer<</Root 1 0 R/Encrypt 5 0 "
        "R/ID[<41414141414141414141414141414141><4141414141414141"
        "4141414141414141>]>>\n";
    assert_null(intake_open((const uint8_t *)locked, sizeof locked - 1, &fault));
    assert_int_equal(fault.code, FAULT_ENCRYPTED);
    buf_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words),        cmocka_unit_test(test_lines),
                                       cmocka_unit_test(test_picture),      cmocka_unit_test(test_hidden_text),
                                       cmocka_unit_test(test_few_words),    cmocka_unit_test(test_outlines),
                                       cmocka_unit_test(test_turned_type3), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
