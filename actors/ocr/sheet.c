/* sheet: see sheet.h. */
#include "sheet.h"

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

/* The median height of letter-like components, each counted by its height so that specks weigh little. */
static double letter_height(const components_t *c, int *letters)
{
    double weight[SHEET_TEXT_MOST + 1] = {0}, total = 0, sum = 0;
    *letters = 0;
    for (int i = 0; i < c->count; i++) {
        const component_t *item = &c->items[i];
        if (item->h < SHEET_TEXT_LEAST || item->h > SHEET_TEXT_MOST || item->w > 3 * item->h || item->h > 6 * item->w ||
            item->area < 8 || item->w < 2)
            continue;
        int height = item->h > item->w ? item->h : item->w < 2 * item->h ? item->w : item->h;
        height = height > SHEET_TEXT_MOST ? SHEET_TEXT_MOST : height;
        weight[height] += height;
        total += height;
        ++*letters;
    }
    for (int h = 0; h <= SHEET_TEXT_MOST; h++)
        if ((sum += weight[h]) * 2 >= total && total > 0)
            return h;
    return SHEET_TEXT_DEFAULT;
}

static int measure_text(sheet_t *sheet)
{
    picture_t *ink = picture_mean(sheet->grey, INK_NEAR, INK_NEAR);
    if (!ink)
        return -1;
    for (int y = 0; y < ink->height; y++) {
        uint8_t *mean = ink->pixels + (size_t)y * ink->stride;
        const uint8_t *row = sheet->grey->pixels + (size_t)y * sheet->grey->stride;
        if (sheet->dark)
            for (int x = 0; x < ink->width; x++)
                mean[x] = row[x] > mean[x] + INK_STEP ? 255 : 0;
        else
            for (int x = 0; x < ink->width; x++)
                mean[x] = row[x] + INK_STEP < mean[x] ? 255 : 0;
    }
    components_t c;
    int status = components_find(ink, &c);
    picture_destroy(&ink);
    if (status)
        return -1;
    sheet->text = letter_height(&c, &sheet->letters);
    if (sheet->letters < 8)
        sheet->text = SHEET_TEXT_DEFAULT;
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
            int most = 0;
            for (int c = 0; c < p->channels; c++) {
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

int sheet_open(sheet_t *sheet, picture_t **picture)
{
    *sheet = (sheet_t){.picture = *picture};
    *picture = NULL;
    sheet->grey = picture_grey(sheet->picture);
    if (!sheet->grey)
        return -1;
    sheet->blocks = shows_blocks(sheet->picture);
    sheet->noise = picture_noise(sheet->grey);
    sheet->dark = median_grey(sheet->grey) < 100;
    return measure_text(sheet);
}

void sheet_close(sheet_t *sheet)
{
    picture_destroy(&sheet->picture);
    picture_destroy(&sheet->grey);
}
