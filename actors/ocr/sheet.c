/* sheet: see sheet.h. */
#include "sheet.h"
#include "paper.h"

#include "actors/picture/picture_components.h"
#include "actors/picture/picture_filter.h"

#include <stdlib.h>

/* Ink differs from its neighbourhood by this many grey values at least (print at 42 % contrast has 100). */
enum { INK_STEP = 26 };

/* Side of the neighbourhood, px: three lines of 12 px text. */
enum { INK_NEAR = 41 };

static uint8_t median_grey(const picture_t *grey)
{
    size_t histogram[256] = {0}, total = 0, sum = 0;
    for (int y = 0; y < grey->height; y += 2)
        for (int x = 0; x < grey->width; x += 2)
            histogram[grey->pixels[(size_t)y * grey->stride + (size_t)x]]++, total++;
    for (int v = 0; v < 256; v++)
        if ((sum += histogram[v]) * 2 >= total)
            return (uint8_t)v;
    return 255;
}

/* A few parts far larger than all others are frames and filled boxes: sizes from this many times the next smaller on,
 * where they are at most 1/OUTSIZE_SHARE of the parts but 1/OUTSIZE_WEIGHT of their weight, and the others are no grain
 * (whose median is smaller). */
enum { OUTSIZE_TIMES = 2, OUTSIZE_SHARE = 8, OUTSIZE_WEIGHT = 4, GRAIN_MOST = 6 };

static size_t weight_to(const size_t *count, int most)
{
    size_t weight = 0;
    for (int v = 0; v <= most; v++)
        weight += count[v] * (size_t)v;
    return weight;
}

static int weighted_median(const size_t *count, int most)
{
    size_t total = weight_to(count, most), sum = 0;
    for (int v = 0; v <= most && total > 0; v++)
        if ((sum += count[v] * (size_t)v) * 2 >= total)
            return v;
    return 0;
}

int sheet_letter_size(const size_t *count, int most)
{
    size_t all = 0, below = 0;
    int last = 0;
    for (int v = 0; v <= most; v++)
        all += count[v];
    for (int v = 0; v <= most; v++) {
        if (!count[v])
            continue;
        if (last && v >= OUTSIZE_TIMES * last && (all - below) * OUTSIZE_SHARE <= all &&
            weight_to(count, last) * OUTSIZE_WEIGHT <= weight_to(count, most) * (OUTSIZE_WEIGHT - 1)) {
            int rest = weighted_median(count, last);
            if (rest > GRAIN_MOST)
                return rest;
        }
        below += count[v];
        last = v;
    }
    return weighted_median(count, most);
}

/* The typical height of letter-like components. */
static double letter_height(const components_t *c, int *letters)
{
    size_t count[SHEET_TEXT_MOST + 1] = {0};
    *letters = 0;
    for (int i = 0; i < c->count; i++) {
        const component_t *item = &c->items[i];
        if (item->h < SHEET_TEXT_LEAST || item->h > SHEET_TEXT_MOST || item->w > 3 * item->h || item->h > 6 * item->w ||
            item->area < 8 || item->w < 2)
            continue;
        int height = item->h > item->w ? item->h : item->w < 2 * item->h ? item->w : item->h;
        count[height > SHEET_TEXT_MOST ? SHEET_TEXT_MOST : height]++;
        ++*letters;
    }
    int height = sheet_letter_size(count, SHEET_TEXT_MOST);
    return height ? height : SHEET_TEXT_DEFAULT;
}

/* The contrast of the darker half of letter-like components, each by its darkest pixel against the mean around. */
static double print_contrast(const sheet_t *sheet, const picture_t *mean, const components_t *c)
{
    double shares[101] = {0}, total = 0, sum = 0;
    for (int i = 0; i < c->run_count; i++) {
        const run_t *run = &c->runs[i];
        const component_t *item = &c->items[run->component];
        if (item->h < 0.5 * sheet->text || item->h > 3 * sheet->text || item->w > 3 * item->h)
            continue;
        size_t at = (size_t)run->y * sheet->grey->stride + (size_t)((run->x0 + run->x1) / 2);
        int ink = sheet->grey->pixels[at], paper = mean->pixels[at];
        if (sheet->dark)
            ink = 255 - ink, paper = 255 - paper;
        int share = paper > 0 ? 100 - 100 * ink / paper : 0;
        shares[share < 0 ? 0 : share] += 1, total += 1;
    }
    for (int v = 100; v >= 0; v--)
        if ((sum += shares[v]) * 3 >= total && total > 0)
            return v / 100.0;
    return 1;
}

/* Marks what stands out of the mean around it: ink. */
static void ink_row(uint8_t *restrict to, const uint8_t *restrict grey, const uint8_t *restrict mean, bool dark, int n)
{
    if (dark)
        for (int x = 0; x < n; x++)
            to[x] = grey[x] > mean[x] + INK_STEP ? 255 : 0;
    else
        for (int x = 0; x < n; x++)
            to[x] = grey[x] + INK_STEP < mean[x] ? 255 : 0;
}

static int measure_text(sheet_t *sheet)
{
    picture_t *mean = picture_mean(sheet->grey, INK_NEAR, INK_NEAR),
              *ink = mean ? picture_unset(mean->width, mean->height, 1) : NULL;
    if (!ink) {
        picture_destroy(&mean);
        return -1;
    }
    for (int y = 0; y < ink->height; y++)
        ink_row(ink->pixels + (size_t)y * ink->stride, sheet->grey->pixels + (size_t)y * sheet->grey->stride,
                mean->pixels + (size_t)y * mean->stride, sheet->dark, ink->width);
    components_t c;
    int status = components_find(ink, &c);
    picture_destroy(&ink);
    if (status) {
        picture_destroy(&mean);
        return -1;
    }
    sheet->text = letter_height(&c, &sheet->letters);
    if (sheet->letters < 8)
        sheet->text = SHEET_TEXT_DEFAULT;
    sheet->contrast = sheet->letters < 8 ? 1 : print_contrast(sheet, mean, &c);
    picture_destroy(&mean);
    components_free(&c);
    return 0;
}

/* Whether small steps are much commoner on the borders of blocks of 8 px than off them. */
static bool shows_blocks(const picture_t *p)
{
    size_t on = 0, off = 0;
    for (int y = 0; y < p->height; y += 2) {
        const uint8_t *row = p->pixels + (size_t)y * p->stride;
        for (int x = 1; x < p->width; x++) {
            while (x + PICTURE_ALIKE <= p->width && picture_alike(row + (size_t)(x * p->channels), p->channels))
                x += PICTURE_ALIKE;
            int most = 0;
            for (int c = 0; c < p->channels && x < p->width; c++) {
                int d = abs(row[x * p->channels + c] - row[(x - 1) * p->channels + c]);
                most = d > most ? d : most;
            }
            if (most < 3 || most > 24)
                continue;
            if (x % 8 == 0)
                on++;
            else
                off++;
        }
    }
    return on > off / 7 * 1.25;
}

int sheet_open_drawn(sheet_t *sheet, picture_t **picture)
{
    *sheet = (sheet_t){.picture = *picture};
    *picture = NULL;
    sheet->grey = picture_grey(sheet->picture);
    if (!sheet->grey)
        return -1;
    sheet->dark = median_grey(sheet->grey) < 100;
    sheet->paper = (box_t){.w = sheet->grey->width, .h = sheet->grey->height};
    return measure_text(sheet);
}

int sheet_open(sheet_t *sheet, picture_t **picture)
{
    if (sheet_open_drawn(sheet, picture))
        return -1;
    sheet->blocks = shows_blocks(sheet->picture);
    sheet->noise = picture_noise(sheet->grey);
    return sheet->noise > SHEET_NOISE_PHOTO && !sheet->dark ? paper_find(sheet->grey, &sheet->paper) : 0;
}

void sheet_close(sheet_t *sheet)
{
    picture_destroy(&sheet->picture);
    picture_destroy(&sheet->grey);
}
