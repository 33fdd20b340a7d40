/* darkbox: see darkbox.h. */
#include "darkbox.h"

#include "actors/picture/picture_components.h"
#include "actors/picture/picture_filter.h"
#include "grid.h"

/* Shares of the paper's grey value, in 255ths: what is dark beside it (white on dusty pink is 178), and what is paper.
 * A page is paper from a quarter of it on, and none is darker than PAPER_DARKEST. */
enum { DARK_MOST = 200, PAPER_LEAST = 225, PAPER_DARKEST = 190 };

/* Pale print differs this much from its ground, and takes this many of 1000 pixels at least; dark print takes no more
 * than that. */
enum { PALE_STEP = 40, DARK_STEP = 50, PRINT_LEAST = 20 };

/* Points along each side of an area at which cells are looked for, and how many of all may lie in one. */
enum { PROBES = 6, PROBES_IN_CELLS = 7 };

/* Least size of an area in letters, and share of it that is dark (the rest is print and its surroundings). */
static const double WIDE_LEAST = 3, HIGH_LEAST = 1.8, DARK_SHARE = 0.4;

static picture_t *dark_mask(const picture_t *grey, int paper)
{
    picture_t *mask = picture_clone(grey);
    if (mask)
        for (size_t i = 0; i < mask->stride * (size_t)mask->height; i++)
            mask->pixels[i] = mask->pixels[i] * 255 < DARK_MOST * paper ? 255 : 0;
    return mask;
}

/* Whether hardly any of an area belongs to cells. */
static bool is_free(const page_t *page, box_t box)
{
    int inside = 0;
    for (int i = 0; i < PROBES * PROBES; i++) {
        int x = box.x + box.w * (2 * (i % PROBES) + 1) / (2 * PROBES),
            y = box.y + box.h * (2 * (i / PROBES) + 1) / (2 * PROBES);
        inside += grid_cell_at(page, x, y) >= 0;
    }
    return inside <= PROBES_IN_CELLS;
}

/* Whether the print in an area is paler than its ground, the value that most of it has. */
static bool has_pale_print(const picture_t *grey, box_t box)
{
    size_t histogram[256] = {0}, all = 0, sum = 0, pale = 0, dark = 0;
    int ground = 0;
    for (int y = box.y < 0 ? 0 : box.y; y < box.y + box.h && y < grey->height; y++)
        for (int x = box.x < 0 ? 0 : box.x; x < box.x + box.w && x < grey->width; x++)
            histogram[grey->pixels[(size_t)y * grey->stride + (size_t)x]]++, all++;
    while (ground < 255 && (sum += histogram[ground]) * 2 < all)
        ground++;
    for (int v = 0; v < 256; v++) {
        pale += v > ground + PALE_STEP ? histogram[v] : 0;
        dark += v < ground - DARK_STEP ? histogram[v] : 0;
    }
    return pale * 1000 >= PRINT_LEAST * all && dark * 1000 < PRINT_LEAST * all;
}

/* The grey value of the page's paper, 0 where no half of the page is paper. A scanner's is not white. */
static int paper_of(const picture_t *grey)
{
    size_t histogram[256] = {0}, all = 0, above = 0, pale = 0;
    int paper = 255;
    for (int y = 0; y < grey->height; y += 3)
        for (int x = 0; x < grey->width; x += 3)
            histogram[grey->pixels[(size_t)y * grey->stride + (size_t)x]]++, all++;
    while (paper > 0 && (above += histogram[paper]) * 4 < all)
        paper--;
    for (int v = 0; v < 256; v++)
        pale += v * 255 >= PAPER_LEAST * paper ? histogram[v] : 0;
    return paper >= PAPER_DARKEST && pale * 2 > all ? paper : 0;
}

int darkboxes_find(const sheet_t *sheet, const page_t *page, box_t boxes[DARKBOXES_MOST], int *count)
{
    components_t parts = {0};
    int thin = (int)(0.5 * sheet->text) | 1, status = -1; /* lines of a table are thinner than this */
    *count = 0;
    int paper = sheet->dark ? 0 : paper_of(sheet->grey);
    if (!paper)
        return 0;
    picture_t *mask = dark_mask(sheet->grey, paper);
    if (!mask || picture_erode(mask, thin, thin) || components_find(mask, &parts))
        goto done;
    for (int i = 0; i < parts.count && *count < DARKBOXES_MOST; i++) {
        const component_t *c = &parts.items[i];
        box_t box = {.x = c->x - thin / 2, .y = c->y - thin / 2, .w = c->w + thin - 1, .h = c->h + thin - 1};
        if (c->w >= WIDE_LEAST * sheet->text && c->h >= HIGH_LEAST * sheet->text &&
            c->area >= DARK_SHARE * c->w * c->h && is_free(page, box) && has_pale_print(sheet->grey, box))
            boxes[(*count)++] = box;
    }
    status = 0;
done:
    components_free(&parts);
    picture_destroy(&mask);
    return status;
}

bool darkboxes_hold(const box_t *boxes, int count, int x, int y)
{
    for (int i = 0; i < count; i++)
        if (x >= boxes[i].x && y >= boxes[i].y && x < boxes[i].x + boxes[i].w && y < boxes[i].y + boxes[i].h)
            return true;
    return false;
}
