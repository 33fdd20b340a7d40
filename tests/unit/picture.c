/* Kernels on pixels: filters, components, maps. */
#include "actors/picture/picture_components.h"
#include "actors/picture/picture_filter.h"
#include "actors/picture/picture_warp.h"
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A grey picture of pseudo-random values, the same each time. */
static picture_t *grain(int width, int height)
{
    picture_t *p = picture_new(width, height, 1);
    uint32_t seed = 7;
    for (int i = 0; i < width * height; i++) {
        seed = seed * 1664525u + 1013904223u;
        p->pixels[i] = (uint8_t)(seed >> 24);
    }
    return p;
}

static int largest(const picture_t *p, int x, int y, int w, int h)
{
    int most = -1;
    for (int j = y - h / 2; j <= y + h / 2; j++)
        for (int i = x - w / 2; i <= x + w / 2; i++)
            if (i >= 0 && j >= 0 && i < p->width && j < p->height && p->pixels[j * (int)p->stride + i] > most)
                most = p->pixels[j * (int)p->stride + i];
    return most;
}

static void test_dilate_is_the_largest_of_each_window(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {3, 1}, {1, 3}, {1, 5}, {7, 7}, {11, 3}, {31, 13}, {61, 51}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        picture_t *p = grain(37, 23), *q = picture_clone(p);
        assert_int_equal(picture_dilate(q, sizes[s][0], sizes[s][1]), 0);
        for (int y = 0; y < p->height; y++)
            for (int x = 0; x < p->width; x++)
                assert_int_equal(q->pixels[y * 37 + x], largest(p, x, y, sizes[s][0], sizes[s][1]));
        picture_destroy(&p);
        picture_destroy(&q);
    }
}

static void test_erode_is_dilate_of_the_negative(void **state)
{
    (void)state;
    picture_t *p = grain(41, 19), *q = picture_clone(p);
    assert_int_equal(picture_erode(p, 5, 9), 0);
    picture_invert(q);
    assert_int_equal(picture_dilate(q, 5, 9), 0);
    picture_invert(q);
    assert_memory_equal(p->pixels, q->pixels, 41 * 19);
    picture_destroy(&p);
    picture_destroy(&q);
}

static void test_black_hat_keeps_thin_dark_lines_alone(void **state)
{
    (void)state;
    picture_t *p = picture_new(60, 60, 1);
    memset(p->pixels, 200, 3600);
    for (int x = 0; x < 60; x++)
        p->pixels[20 * 60 + x] = 120; /* a line */
    for (int y = 35; y < 60; y++)
        memset(p->pixels + y * 60 + 30, 90, 30); /* a dark area wider than the window */
    picture_t *hat = picture_black_hat(p, 9, 9);
    assert_int_equal(hat->pixels[20 * 60 + 30], 80);
    assert_int_equal(hat->pixels[10 * 60 + 30], 0);
    assert_int_equal(hat->pixels[50 * 60 + 45], 0);
    picture_destroy(&p);
    picture_destroy(&hat);
}

static void test_mean_at_border_and_inside(void **state)
{
    (void)state;
    picture_t *p = grain(29, 17), *mean = picture_mean(p, 5, 3);
    for (int y = 0; y < 17; y++)
        for (int x = 0; x < 29; x++) {
            double sum = 0, n = 0;
            for (int j = y - 1; j <= y + 1; j++)
                for (int i = x - 2; i <= x + 2; i++)
                    if (i >= 0 && j >= 0 && i < 29 && j < 17)
                        sum += p->pixels[j * 29 + i], n++;
            /* rounded along, then down */
            assert_true(fabs(mean->pixels[y * 29 + x] - sum / n) <= 1.01);
        }
    picture_destroy(&p);
    picture_destroy(&mean);
}

static void test_turns_come_full_circle(void **state)
{
    (void)state;
    picture_t *p = grain(13, 8), *quarter = picture_turn(p, 90), *back = picture_turn(quarter, 270);
    assert_int_equal(quarter->width, 8);
    assert_int_equal(quarter->pixels[0 * 8 + 7], p->pixels[0]); /* top left goes to top right */
    assert_memory_equal(back->pixels, p->pixels, 13 * 8);
    picture_t *half = picture_turn(p, 180);
    assert_int_equal(half->pixels[13 * 8 - 1], p->pixels[0]);
    picture_destroy(&p);
    picture_destroy(&quarter);
    picture_destroy(&back);
    picture_destroy(&half);
}

static void test_scale_keeps_flat_areas_and_means(void **state)
{
    (void)state;
    picture_t *p = picture_new(40, 30, 3);
    memset(p->pixels, 77, 40 * 30 * 3);
    static const int sizes[][2] = {{20, 15}, {80, 60}, {13, 61}, {1, 1}};
    for (size_t i = 0; i < 4; i++) {
        picture_t *q = picture_scale(p, sizes[i][0], sizes[i][1]);
        for (size_t k = 0; k < q->stride * (size_t)q->height; k++)
            assert_int_equal(q->pixels[k], 77);
        picture_destroy(&q);
    }
    picture_destroy(&p);
    picture_t *stripes = picture_new(64, 4, 1);
    for (int i = 0; i < 256; i++)
        stripes->pixels[i] = i % 2 ? 200 : 0;
    picture_t *q = picture_scale(stripes, 32, 2);
    for (int i = 0; i < 64; i++)
        assert_int_equal(q->pixels[i], 100);
    picture_destroy(&stripes);
    picture_destroy(&q);
}

static void test_components_join_diagonally_and_count_area(void **state)
{
    (void)state;
    static const char *const rows[] = {"##...#..", "..#..#..", "...#....", "#......#", "#.....##"};
    picture_t *p = picture_new(8, 5, 1);
    for (int y = 0; y < 5; y++)
        for (int x = 0; x < 8; x++)
            p->pixels[y * 8 + x] = rows[y][x] == '#' ? 255 : 0;
    components_t c;
    assert_int_equal(components_find(p, &c), 0);
    assert_int_equal(c.count, 4);
    assert_int_equal(c.items[0].area, 4); /* the diagonal */
    assert_int_equal(c.items[0].w, 4);
    assert_int_equal(c.items[0].h, 3);
    assert_int_equal(c.items[1].area, 2);
    assert_int_equal(c.items[3].area, 3);
    components_free(&c);
    assert_int_equal(components_find_runs(p, 0, 0, 2, &c), 0); /* runs of one pixel are left out */
    assert_int_equal(c.count, 2);
    components_free(&c);
    picture_destroy(&p);
}

static void test_runs_hold_what_is_over_the_threshold(void **state)
{
    (void)state;
    for (int threshold = 0; threshold < 256; threshold += 17) {
        picture_t *p = grain(43, 19);
        components_t c;
        for (int i = 0; i < 43 * 9; i++)
            p->pixels[i] /= 8; /* rows where little is over most thresholds */
        int over = 0, held = 0;
        for (int i = 0; i < 43 * 19; i++)
            over += p->pixels[i] > threshold;
        assert_int_equal(components_find_runs(p, threshold, 0, 1, &c), 0);
        for (int i = 0; i < c.run_count; i++)
            for (int x = c.runs[i].x0; x < c.runs[i].x1; x++, held++)
                assert_true(p->pixels[c.runs[i].y * 43 + x] > threshold);
        assert_int_equal(held, over);
        components_free(&c);
        picture_destroy(&p);
    }
}

static void test_homography_takes_points_where_it_should(void **state)
{
    (void)state;
    const double from[4][2] = {{10, 20}, {300, 5}, {320, 240}, {0, 200}},
                 to[4][2] = {{0, 0}, {300, 0}, {300, 200}, {0, 200}};
    homography_t map, back;
    assert_int_equal(homography_from(from, to, &map), 0);
    assert_int_equal(homography_invert(map, &back), 0);
    for (int i = 0; i < 4; i++) {
        double x, y;
        homography_apply(&map, from[i][0], from[i][1], &x, &y);
        assert_true(fabs(x - to[i][0]) < 1e-6 && fabs(y - to[i][1]) < 1e-6);
        homography_apply(&back, x, y, &x, &y);
        assert_true(fabs(x - from[i][0]) < 1e-6 && fabs(y - from[i][1]) < 1e-6);
    }
    const double line[4][2] = {{0, 0}, {1, 1}, {2, 2}, {3, 3}};
    assert_int_equal(homography_from(line, to, &map), -1);
}

static void test_warp_by_identity_is_a_copy(void **state)
{
    (void)state;
    picture_t *p = grain(33, 21);
    homography_t same = homography_identity();
    picture_t *q = picture_warp(p, &same, 33, 21);
    assert_memory_equal(p->pixels, q->pixels, 33 * 21);
    picture_destroy(&p);
    picture_destroy(&q);
}

static void test_noise_of_a_drawing_is_none(void **state)
{
    (void)state;
    picture_t *p = picture_new(200, 100, 1);
    memset(p->pixels, 255, 20000);
    for (int x = 0; x < 200; x++)
        p->pixels[50 * 200 + x] = 0;
    assert_true(picture_noise(p) < 0.1);
    picture_t *g = grain(200, 100);
    for (int i = 0; i < 20000; i++)
        g->pixels[i] = (uint8_t)(180 + g->pixels[i] / 16);
    assert_true(picture_noise(g) > 2);
    picture_destroy(&p);
    picture_destroy(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dilate_is_the_largest_of_each_window),
        cmocka_unit_test(test_erode_is_dilate_of_the_negative),
        cmocka_unit_test(test_black_hat_keeps_thin_dark_lines_alone),
        cmocka_unit_test(test_mean_at_border_and_inside),
        cmocka_unit_test(test_turns_come_full_circle),
        cmocka_unit_test(test_scale_keeps_flat_areas_and_means),
        cmocka_unit_test(test_components_join_diagonally_and_count_area),
        cmocka_unit_test(test_runs_hold_what_is_over_the_threshold),
        cmocka_unit_test(test_homography_takes_points_where_it_should),
        cmocka_unit_test(test_warp_by_identity_is_a_copy),
        cmocka_unit_test(test_noise_of_a_drawing_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
