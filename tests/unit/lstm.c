/* The network that reads a line and what goes with it: the arithmetic of every kind of processor against plain C, what
 * is read against tesseract's library, damaged models. Reads the English model and a fixture. */
#include "actors/ocr/libtesseract.h"
#include "actors/ocr/lstm/beam.h"
#include "actors/ocr/lstm/kernel.h"
#include "actors/ocr/lstm/matrix.h"
#include "actors/ocr/lstm/model.h"
#include "actors/ocr/lstm/model_parts.h"
#include "actors/ocr/lstm/noise.h"
#include "actors/ocr/lstm/squash.h"
#include "actors/picture/picture_filter.h"
#include "check.h"
#include "proto/base/buf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t seed = 1;

static int chance(int below)
{
    seed = seed * 1664525 + 1013904223;
    return (int)((seed >> 8) % (uint32_t)below);
}

static void fill_bytes(int8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (int8_t)(chance(8) ? chance(255) - 127 : chance(2) ? 127 : -127); /* often the extremes */
}

static void test_every_kernel_multiplies_like_the_plain_one(void **state)
{
    static const int sizes[][3] = {{16, 9, 1},       {111, 192, 1}, {4 * 48, 16, 8},
                                   {4 * 192, 96, 5}, {70, 7, 13},   {1, 1, 4}};
    enum { MOST = 4 * 192, STRIDE = MOST + 16, ROWS = 13, IN = 256 };
    static int32_t expected[ROWS * STRIDE], got[ROWS * STRIDE];
    static int8_t weights[MOST * (IN + 1)], in[ROWS * IN];
    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        int outputs = sizes[s][0], inputs = sizes[s][1], rows = sizes[s][2];
        matrix_file_t file = {weights, NULL, outputs, inputs};
        kernel_matrix_t matrix;
        fill_bytes(weights, sizeof weights);
        fill_bytes(in, sizeof in);
        matrix_pack(&file, 1, 0, inputs, &matrix);
        const kernel_t *kernel;
        for (int k = 0; (kernel = kernel_at(k)); k++) {
            int32_t *sums = k == 0 ? expected : got;
            for (int i = 0; i < ROWS * STRIDE; i++)
                sums[i] = i;
            kernel->multiply(&matrix, in, IN, rows, sums, STRIDE);
            if (sums == got && memcmp(got, expected, sizeof got) != 0)
                fail_msg("%s: other sums than plain for %d x %d x %d", kernel->name, outputs, inputs, rows);
        }
        for (int row = 0; row < rows; row++) /* and the plain one like the definition */
            for (int o = 0; o < outputs; o++) {
                int32_t sum = row * STRIDE + o;
                for (int i = 0; i < inputs; i++)
                    sum += weights[o * (inputs + 1) + i] * in[row * IN + i];
                assert_int_equal(expected[row * STRIDE + o], sum);
            }
        matrix_free(&matrix);
    }
}

static void test_every_kernel_remembers_like_the_plain_one(void **state)
{
    enum { WIDTH = 48, STEPS = 40 };
    static squash_t squash;
    int32_t sums[4 * WIDTH];
    float scales[4 * WIDTH], expected[STEPS][WIDTH], remembered[WIDTH];
    int8_t said[STEPS][WIDTH], out[WIDTH];
    (void)state;
    squash_fill(&squash);
    for (int i = 0; i < 4 * WIDTH; i++)
        scales[i] = (float)chance(1000) / 1e6F;
    const kernel_t *kernel;
    for (int k = 0; (kernel = kernel_at(k)); k++) {
        memset(remembered, 0, sizeof remembered);
        seed = 7;
        for (int step = 0; step < STEPS; step++) {
            for (int i = 0; i < 4 * WIDTH; i++) /* small, large, and so large that cells run full */
                sums[i] = (chance(20001) - 10000) * (chance(4) ? 1 : 1000);
            kernel_cells_t cells = {&squash, sums, scales, remembered, out, WIDTH};
            kernel->cells(&cells);
            if (k == 0) {
                memcpy(expected[step], remembered, sizeof remembered);
                memcpy(said[step], out, sizeof out);
            }
            if (memcmp(expected[step], remembered, sizeof remembered) != 0 || memcmp(said[step], out, sizeof out) != 0)
                fail_msg("%s: step %d is not like the plain one", kernel->name, step);
        }
    }
}

static void test_squashing_is_near_the_functions(void **state)
{
    static squash_t squash;
    (void)state;
    squash_fill(&squash);
    for (float x = -20; x < 20; x += 0.0137F) {
        assert_true(fabsf(squash_tanh(&squash, x) - tanhf(x)) < 3e-6F);
        assert_true(fabsf(squash_logistic(&squash, x) - 1 / (1 + expf(-x))) < 3e-6F);
    }
    assert_true(squash_tanh(&squash, 1e30F) == 1 && squash_tanh(&squash, -1e30F) == -1);
    assert_int_equal(squash_byte(0.5F / 127), 1); /* half a step, away from 0 */
    assert_int_equal(squash_byte(-0.5F / 127), -1);
    assert_int_equal(squash_byte(3), 127);
    assert_int_equal(squash_byte(-3), -127);
}

static void test_noise_is_the_same_whenever_it_is_made(void **state)
{
    noise_t once = {.seed = 5}, twice = {.seed = 5};
    (void)state;
    noise_need(&once, 1000);
    noise_need(&twice, 10);
    noise_need(&twice, 1000);
    assert_memory_equal(once.items, twice.items, 1000);
    int least = 127, most = -127;
    for (int i = 0; i < 1000; i++)
        least = once.items[i] < least ? once.items[i] : least, most = once.items[i] > most ? once.items[i] : most;
    assert_true(least < -115 && least >= -127 && most > 115); /* all of the range */
    noise_free(&once);
    noise_free(&twice);
}

/* A list of the signs space, two that mean nothing, a and b; codes: space 0, a 1, b 2, none 3. */
static charset_t *small_charset(void)
{
    static const char signs[] =
        "5\nNULL 0 Common 0\nJoined 7 0,255,0,255,0,0,0,0,0,0 Latin 1 0 1 Joined\n"
        "|Broken|0|1 f 0,255,0,255,0,0,0,0,0,0 Common 2 10 2 x\n"
        "a 3 0,255,0,255,0,0,0,0,0,0 Latin 3 0 3 a\nb 3 0,255,0,255,0,0,0,0,0,0 Latin 4 0 4 b\n";
    static const uint8_t codes[][9] = {
        {1, 1, 0, 0, 0, 0}, {1, 1, 0, 0, 0, 3}, {1, 1, 0, 0, 0, 3}, {1, 1, 0, 0, 0, 1}, {1, 1, 0, 0, 0, 2}};
    uint8_t all[4 + sizeof codes] = {5};
    memcpy(all + 4, codes, sizeof codes);
    bytes_t first = {(const uint8_t *)signs, (const uint8_t *)signs + sizeof signs - 1, false};
    bytes_t second = {all, all + sizeof all, false};
    return charset_parse(first, second);
}

static void test_the_likeliest_text_is_found(void **state)
{
    /* space, a, b, none: a, the same held on, none, a again, a passing into b within a place, a space */
    static const float chances[][4] = {{.01F, .97F, .01F, .01F}, {.01F, .96F, .01F, .02F}, {.01F, .02F, .01F, .96F},
                                       {.01F, .96F, .02F, .01F}, {.02F, .45F, .45F, .08F}, {.01F, .01F, .97F, .01F},
                                       {.97F, .01F, .01F, .01F}, {.01F, .97F, .01F, .01F}};
    static const int expected[] = {3, 3, 4, CHARSET_SPACE, 3}, from[] = {0, 2, 4, 6, 7};
    int count;
    (void)state;
    charset_t *charset = small_charset();
    assert_non_null(charset);
    assert_int_equal(charset_sign(charset, 3), CHARSET_BROKEN); /* the last of two with one code */
    beam_t *beam = beam_new(charset, NULL, 3);
    const beam_sign_t *signs = beam_find(beam, chances[0], 8, 4, &count);
    assert_int_equal(count, 5);
    for (int i = 0; i < count; i++) {
        assert_int_equal(signs[i].sign, expected[i]);
        assert_in_range(signs[i].from, from[i] - (from[i] > 0), from[i]);
        assert_true(signs[i].certainty <= 0 && signs[i].certainty > -3);
    }
    assert_int_equal(signs[4].to, 8);
    beam_destroy(&beam);
    charset_destroy(&charset);
}

static void test_reading_beyond_the_end_is_noticed(void **state)
{
    static const uint8_t file[] = {1, 0, 0, 0, 'x', 2, 0};
    bytes_t bytes = {file, file + sizeof file, false};
    char text[8];
    (void)state;
    bytes_text(&bytes, text, sizeof text);
    assert_string_equal(text, "x");
    assert_int_equal(bytes_i32(&bytes), 0);
    assert_true(bytes.failed);
    assert_null(bytes_take(&bytes, 1)); /* not what is still there either */
    bytes = (bytes_t){file, file + 5, false};
    bytes_text(&bytes, text, 1); /* longer than there is room for */
    assert_true(bytes.failed);
}

static const char *const folders[] = {"/usr/share/tesseract-ocr/5/tessdata/", "/usr/share/tessdata/"};

static void read_bytes(const char *path, buf_t *out)
{
    char block[65536];
    FILE *file = fopen(path, "rb");
    for (size_t n; file && (n = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(out, block, n);
    if (file)
        fclose(file);
}

static void english(buf_t *out)
{
    for (size_t i = 0; i < 2 && out->size == 0; i++) {
        char path[200];
        snprintf(path, sizeof path, "%seng.traineddata", folders[i]);
        read_bytes(path, out);
    }
    if (out->size == 0)
        fail_msg("the English model of tesseract is not installed");
}

/* Strips of a page as lines of a height of 36 px, dense enough to be print or to be nothing like it. */
typedef struct {
    picture_t *page;
    int at; /* number of the next strip */
} strips_t;

static picture_t *next_strip(strips_t *strips)
{
    static const int heights[] = {18, 24, 36};
    int wide = strips->page->width / 4, high = strips->page->height / 40;
    if (strips->at >= wide * high * 3)
        return NULL;
    int n = strips->at, per_row = 4;
    strips->at++;
    int y = n / per_row * 11, x = n % per_row * wide, h = heights[n % 3];
    if (y + h > strips->page->height)
        return NULL;
    picture_t *strip = picture_crop(strips->page, x, y, wide - n % 29, h);
    picture_t *line = strip ? picture_scale(strip, strip->width * 36 / h, 36) : NULL;
    picture_destroy(&strip);
    return line;
}

static void test_lines_are_read_as_tesseract_reads_them(void **state)
{
    buf_t file = {0}, image = {0};
    fault_t fault = {0};
    int compared = 0, words = 0;
    (void)state;
    english(&file);
    read_bytes(YOGI_SOURCE "/tests/fixtures/schools/fet-1.png", &image);
    picture_t *colour = picture_decode((const uint8_t *)image.bytes, image.size, 0, &fault);
    assert_non_null(colour);
    strips_t strips = {.page = picture_grey(colour)};
    model_t *model = model_parse((const uint8_t *)file.bytes, file.size);
    libtesseract_t *library = libtesseract_open("eng");
    arena_t *arena = arena_new();
    assert_non_null(model);
    assert_non_null(library);
    assert_int_equal(model_height(model), 36);
    for (picture_t *line; (line = next_strip(&strips)) != NULL; picture_destroy(&line)) {
        readings_t theirs = {0};
        int count;
        libtesseract_read(library, line, ENGINE_AS_IS, arena, &theirs);
        const model_word_t *ours = model_read(model, line->pixels, line->width, line->stride, &count);
        if (theirs.count == 0) /* it does not look at what seems empty to it */
            continue;
        assert_int_equal(count, theirs.count);
        for (int i = 0; i < count; i++) {
            assert_string_equal(ours[i].text, theirs.items[i].text);
            assert_true(fabs(ours[i].confidence - theirs.items[i].confidence) < 1e-4);
            assert_true(ours[i].x0 >= 0 && ours[i].x1 > ours[i].x0 && ours[i].x1 <= line->width);
            assert_true(i == 0 || ours[i].x0 >= ours[i - 1].x1);
        }
        compared++, words += count;
    }
    print_message("%d lines, %d words\n", compared, words);
    assert_true(compared > 100 && words > 300);
    picture_destroy(&strips.page);
    picture_destroy(&colour);
    libtesseract_close(&library);
    model_destroy(&model);
    arena_destroy(&arena);
    buf_free(&file);
    buf_free(&image);
}

static void test_words_are_known_as_tesseract_knows_them(void **state)
{
    static const char *const words[] = {"school",
                                        "Mathematics",
                                        "Maths",
                                        "SCHOOL",
                                        "sCHOOL",
                                        "zxcv",
                                        "lunch,",
                                        "(lunch)",
                                        "\"Physics\"",
                                        "Physics\"\"",
                                        "12",
                                        "12.30",
                                        "a",
                                        "I",
                                        "",
                                        "don't",
                                        "o'clock",
                                        "well-known",
                                        "lunch-",
                                        "-",
                                        "...",
                                        "\xEF\xAC\x81nd",
                                        "\xEF\xAC\x82ower",
                                        "caf\xC3\xA9",
                                        "\xE2\x80\x94",
                                        "\xC5\x81",
                                        "Mon.",
                                        "Mon"};
    buf_t file = {0};
    int known = 0;
    (void)state;
    english(&file);
    model_t *model = model_parse((const uint8_t *)file.bytes, file.size);
    libtesseract_t *library = libtesseract_open("eng");
    assert_non_null(model);
    assert_non_null(library);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        bool knows = model_knows(model, words[i]);
        if (knows != libtesseract_knows(library, words[i]))
            fail_msg("\"%s\" is %s", words[i], knows ? "known here alone" : "not known here");
        known += knows;
    }
    assert_true(known >= 8);
    libtesseract_close(&library);
    model_destroy(&model);
    buf_free(&file);
}

/* Reads a line with the model of some bytes, if they are one. */
static bool try_model(const uint8_t *bytes, size_t size)
{
    uint8_t line[36 * 90];
    int count = 0;
    model_t *model = model_parse(bytes, size);
    if (!model)
        return false;
    for (size_t i = 0; i < sizeof line; i++)
        line[i] = (uint8_t)chance(256);
    if (model_height(model) == 36 && model_width_least(model) <= 90)
        (void)model_read(model, line, 90, 90, &count);
    (void)model_knows(model, "(Mathematics),");
    model_destroy(&model);
    return true;
}

static void test_damaged_models_do_no_harm(void **state)
{
    enum { TRIALS = 150, HEAD = 200 };
    buf_t file = {0};
    int refused = 0, cut = 0;
    (void)state;
    english(&file);
    assert_true(try_model((const uint8_t *)file.bytes, file.size));
    bytes_t parts[PARTS];
    assert_int_equal(model_parts((const uint8_t *)file.bytes, file.size, parts), 0);
    for (int i = 0; i < TRIALS; i++) {
        size_t size = (size_t)chance((int)file.size); /* a file of its own, so that what is read beyond it is noticed */
        uint8_t *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, file.bytes, size);
        cut += !try_model(copy, size);
        free(copy);
    }
    assert_int_equal(cut, TRIALS); /* the list of codes is at the end */
    for (int i = 0; i < TRIALS; i++) {
        int part = PART_NETWORK + chance(PART_CODES - PART_NETWORK + 1), many = 1 + chance(3);
        uint8_t *copy = malloc(file.size);
        assert_non_null(copy);
        memcpy(copy, file.bytes, file.size);
        for (int k = 0; k < many; k++) {
            size_t first = (size_t)(parts[part].at - (const uint8_t *)file.bytes);
            size_t bytes = (size_t)(parts[part].end - parts[part].at);
            size_t at =
                i % 5 == 0 ? (size_t)chance(HEAD) : first + (size_t)chance(i % 2 && bytes > 600 ? 600 : (int)bytes);
            copy[at] = (uint8_t)(chance(3) ? chance(256) : chance(2) ? 255 : 127);
        }
        refused += !try_model(copy, file.size);
        free(copy);
    }
    print_message("%d of %d damaged models refused\n", refused, TRIALS);
    assert_true(refused > TRIALS / 6);
    buf_free(&file);
}

static void test_a_model_with_a_weight_too_small_is_refused(void **state)
{
    static const uint8_t head[] = {0x81, 1, 0, 0, 0, 3, 0, 0, 0, 0};
    uint8_t file[sizeof head + 3 + 4 + 8] = {0};
    bytes_t bytes = {file, file + sizeof file, false};
    matrix_file_t matrix;
    double scale = 0.5;
    (void)state;
    memcpy(file, head, sizeof head);
    file[sizeof head + 3] = 1; /* one scale */
    memcpy(file + sizeof head + 7, &scale, 8);
    assert_int_equal(matrix_parse(&bytes, &matrix), 0);
    file[sizeof head + 1] = 0x80; /* -128: its product with -128 has no room in 16 bits beside another */
    bytes = (bytes_t){file, file + sizeof file, false};
    assert_int_equal(matrix_parse(&bytes, &matrix), -1);
    file[sizeof head + 1] = 0;
    scale = NAN;
    memcpy(file + sizeof head + 7, &scale, 8);
    bytes = (bytes_t){file, file + sizeof file, false};
    assert_int_equal(matrix_parse(&bytes, &matrix), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kernel_multiplies_like_the_plain_one),
        cmocka_unit_test(test_every_kernel_remembers_like_the_plain_one),
        cmocka_unit_test(test_squashing_is_near_the_functions),
        cmocka_unit_test(test_noise_is_the_same_whenever_it_is_made),
        cmocka_unit_test(test_the_likeliest_text_is_found),
        cmocka_unit_test(test_reading_beyond_the_end_is_noticed),
        cmocka_unit_test(test_lines_are_read_as_tesseract_reads_them),
        cmocka_unit_test(test_words_are_known_as_tesseract_knows_them),
        cmocka_unit_test(test_damaged_models_do_no_harm),
        cmocka_unit_test(test_a_model_with_a_weight_too_small_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
