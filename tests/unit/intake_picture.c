/* Files of pictures: every kind and colour model gives the same picture; sizes, EXIF, cut-off files. */
#include "intake_help.h"

#include "actors/picture/picture_file.h"

/* The fixtures show 40 x 20 px: left half black, right half white, the first 8 x 8 px red. */
static void check_base(const picture_t *p, const char *name, int tolerance, bool colour)
{
    const uint8_t *black = p->pixels + 15 * p->stride + (size_t)(10 * p->channels);
    const uint8_t *white = p->pixels + 15 * p->stride + (size_t)(30 * p->channels);
    const uint8_t *red = p->pixels + 3 * p->stride + (size_t)(3 * p->channels);
    if (p->width != 40 || p->height != 20 || black[0] > tolerance || white[0] < 255 - tolerance)
        fail_msg("%s: %dx%d, black %d, white %d", name, p->width, p->height, black[0], white[0]);
    if (colour &&
        (p->channels != 3 || red[0] < 255 - 2 * tolerance || red[1] > 2 * tolerance || red[2] > 2 * tolerance))
        fail_msg("%s: red is %d %d %d of %d channels", name, red[0], red[1], red[2], p->channels);
}

static picture_t *decode(const buf_t *bytes, int index)
{
    fault_t fault = {0};
    picture_t *picture = picture_decode((const uint8_t *)bytes->bytes, bytes->size, index, &fault);
    if (!picture)
        fail_msg("%s", fault.text);
    return picture;
}

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int tolerance;
        bool colour;
    } files[] = {{"base.png", 0, true},  {"sixteen.png", 0, true}, {"palette.png", 0, true}, {"base.gif", 0, true},
                 {"base.bmp", 0, true},  {"base.webp", 0, true},   {"pages.tiff", 0, true},  {"upright.jpg", 60, true},
                 {"cmyk.jpg", 60, true}, {"one.png", 0, false},    {"alpha.png", 0, false}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        buf_t bytes = load_fixture(files[i].name);
        picture_t *picture = decode(&bytes, 0);
        check_base(picture, files[i].name, files[i].tolerance, files[i].colour);
        picture_destroy(&picture);
        buf_free(&bytes);
    }
}

/* 128 x 64 px: left half black, right half white, the first 16 x 16 px red; refused with a sentence where it is not
 * built in. */
static void test_heic(void **state)
{
    (void)state;
    buf_t bytes = load_fixture("base.heic");
    fault_t fault = {0};
    picture_t *p = picture_decode((const uint8_t *)bytes.bytes, bytes.size, 0, &fault);
    if (!p) {
        assert_int_equal(fault.code, FAULT_UNSUPPORTED);
    } else {
        assert_true(p->width == 128 && p->height == 64 && p->channels == 3);
        const uint8_t *row = p->pixels + 40 * p->stride;
        assert_true(row[3 * 30] < 60 && row[3 * 100] > 195);
        assert_true(p->pixels[8 * p->stride + 3 * 8] > 180 && p->pixels[8 * p->stride + 3 * 8 + 1] < 90);
    }
    picture_destroy(&p);
    p = picture_decode((const uint8_t *)bytes.bytes, bytes.size / 2, 0, &fault);
    assert_null(p);
    buf_free(&bytes);
}

static void test_pages(void **state)
{
    (void)state;
    fault_t fault = {0};
    buf_t bytes = load_fixture("pages.tiff");
    assert_int_equal(picture_count((const uint8_t *)bytes.bytes, bytes.size, &fault), 3);
    picture_t *picture = decode(&bytes, 2);
    assert_int_equal(picture->width, 20);
    assert_int_equal(picture->height, 40);
    picture_destroy(&picture);
    buf_free(&bytes);
}

/* The JPEG with an APP1 segment that holds one tag: the orientation. */
static buf_t with_orientation(const buf_t *jpeg, int orientation, bool big_endian)
{
    static const uint8_t little[] = {0xff, 0xe1, 0,    34, 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0,
                                     1,    0,    0x12, 1,  3,   0,   1,   0,   0, 0, 0,   0,   0,  0, 0, 0, 0, 0};
    static const uint8_t big[] = {0xff, 0xe1, 0, 34,   'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
                                  0,    1,    1, 0x12, 0,   3,   0,   0,   0, 1, 0,   0,   0, 0,  0, 0, 0, 0};
    uint8_t segment[sizeof little];
    memcpy(segment, big_endian ? big : little, sizeof segment);
    segment[big_endian ? 29 : 28] = (uint8_t)orientation;
    buf_t out = {0};
    buf_add(&out, jpeg->bytes, 2);
    buf_add(&out, segment, sizeof segment);
    buf_add(&out, jpeg->bytes + 2, jpeg->size - 2);
    return out;
}

/* Where the red corner is in a picture of each orientation once it is upright: EXIF says where row 0, column 0 lie. */
static void test_orientation(void **state)
{
    (void)state;
    static const struct {
        bool right, bottom, turned;
    } corner[9] = {{0}, {0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}};
    buf_t jpeg = load_fixture("upright.jpg");
    for (int orientation = 1; orientation <= 8; orientation++) {
        buf_t bytes = with_orientation(&jpeg, orientation, orientation % 2 == 0);
        assert_int_equal(picture_file_orientation(PICTURE_FILE_JPEG, (const uint8_t *)bytes.bytes, bytes.size),
                         orientation);
        picture_t *p = decode(&bytes, 0);
        assert_int_equal(p->width, corner[orientation].turned ? 20 : 40);
        int x = corner[orientation].right ? p->width - 4 : 3, y = corner[orientation].bottom ? p->height - 4 : 3;
        const uint8_t *at = p->pixels + (size_t)y * p->stride + (size_t)(3 * x);
        if (at[0] < 180 || at[1] > 90)
            fail_msg("orientation %d: %d %d %d at %d, %d", orientation, at[0], at[1], at[2], x, y);
        picture_destroy(&p);
        buf_free(&bytes);
    }
    buf_free(&jpeg);
}

/* Cut at every length: a sentence or, of formats whose tail is of no matter, the whole picture; never half of one. */
static void test_cut_off(void **state)
{
    (void)state;
    static const char *const names[] = {"base.png", "base.gif", "base.webp", "base.bmp", "upright.jpg", "pages.tiff"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        buf_t bytes = load_fixture(names[i]);
        size_t refused = 0;
        for (size_t size = 0; size < bytes.size; size++) {
            fault_t fault = {0};
            uint8_t *copy = malloc(size + 1); /* so that a read behind the end is seen */
            memcpy(copy, bytes.bytes, size);
            picture_t *picture = picture_decode(copy, size, 0, &fault);
            if (picture)
                check_base(picture, names[i], 60, true);
            else if (!fault.text[0] || fault.code == FAULT_NONE)
                fail_msg("%s cut at %zu: no sentence", names[i], size);
            refused += !picture;
            picture_destroy(&picture);
            free(copy);
        }
        if (refused * 10 < bytes.size * (i == 5 ? 2 : 5)) /* the first of three pages of the TIFF is whole early */
            fail_msg("%s: only %zu of %zu cut files refused", names[i], refused, bytes.size);
        buf_free(&bytes);
    }
}

/* A stray byte before the end marker is what some cameras write; a code that is none costs the rest of the page. */
static void test_damaged_jpeg(void **state)
{
    (void)state;
    buf_t whole = load_fixture("upright.jpg"), stray = {0}, wrong = {0};
    buf_add(&stray, whole.bytes, whole.size - 2);
    buf_add(&stray, "\x55\x55\xff\xd9", 4);
    picture_t *picture = decode(&stray, 0);
    assert_int_equal(picture->width, 40);
    picture_destroy(&picture);
    size_t scan = whole.size - 2;
    while (memcmp(whole.bytes + scan, "\xff\xda", 2) != 0)
        scan--;
    buf_add(&wrong, whole.bytes, scan + 14); /* the head of the scan is 14 bytes long */
    for (size_t at = scan + 14; at < whole.size - 2; at += 2)
        buf_add(&wrong, "\xff\0", 2);
    buf_add(&wrong, "\xff\xd9", 2);
    fault_t fault = {0};
    assert_null(picture_decode((const uint8_t *)wrong.bytes, wrong.size, 0, &fault));
    assert_int_equal(fault.code, FAULT_DAMAGED);
    assert_non_null(strstr(fault.text, "the JPEG is damaged"));
    buf_free(&whole);
    buf_free(&stray);
    buf_free(&wrong);
}

static void test_size_limit(void **state)
{
    (void)state;
    /* 60,000 x 60,000 px in 57 bytes: refused by its header */
    static const uint8_t huge[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\2\0\0\0\0\0\0\0\0\0\0\0IDA"
                                  "T\0\0\0\0\0\0\0\0IEND\0\0\0";
    fault_t fault = {0};
    assert_null(picture_decode(huge, sizeof huge, 0, &fault));
    assert_int_equal(fault.code, FAULT_TOO_LARGE);
    assert_non_null(strstr(fault.text, "60000 x 60000"));
}

static void test_encode(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 3; channels += 2) {
        picture_t *picture = picture_new(33, 7, channels), *back;
        fault_t fault = {0};
        buf_t png = {0};
        for (size_t i = 0; i < picture->stride * 7; i++)
            picture->pixels[i] = (uint8_t)(i * 37);
        assert_int_equal(picture_encode_png(picture, &png, &fault), 0);
        back = decode(&png, 0);
        assert_int_equal(back->channels, channels);
        assert_memory_equal(back->pixels, picture->pixels, picture->stride * 7);
        picture_destroy(&picture);
        picture_destroy(&back);
        buf_free(&png);
    }
}

/* Two by two pixels: opaque, transparent, half, black at a fifth. */
static void test_transparency_shows_white(void **state)
{
    (void)state;
    static const uint8_t png[] = {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
                                  0x44, 0x52, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x02, 0x08, 0x06, 0x00, 0x00,
                                  0x00, 0x72, 0xb6, 0x0d, 0x24, 0x00, 0x00, 0x00, 0x17, 0x49, 0x44, 0x41, 0x54, 0x78,
                                  0x9c, 0x63, 0x38, 0x91, 0x62, 0xf4, 0x1f, 0x88, 0x19, 0x18, 0x80, 0x44, 0x03, 0x03,
                                  0x03, 0x83, 0x31, 0x00, 0x42, 0x53, 0x05, 0xcd, 0x9b, 0x07, 0xa6, 0xf4, 0x00, 0x00,
                                  0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
    static const uint8_t wanted[2][6] = {{200, 100, 50, 255, 255, 255}, {227, 177, 152, 204, 204, 204}};
    fault_t fault = {0};
    picture_t *p = picture_decode(png, sizeof png, 0, &fault);
    assert_non_null(p);
    assert_int_equal(p->channels, 3);
    for (int y = 0; y < 2; y++)
        assert_memory_equal(p->pixels + (size_t)y * p->stride, wanted[y], 6);
    picture_destroy(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_transparency_shows_white),
                                       cmocka_unit_test(test_kinds),
                                       cmocka_unit_test(test_pages),
                                       cmocka_unit_test(test_heic),
                                       cmocka_unit_test(test_orientation),
                                       cmocka_unit_test(test_cut_off),
                                       cmocka_unit_test(test_damaged_jpeg),
                                       cmocka_unit_test(test_size_limit),
                                       cmocka_unit_test(test_encode)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
