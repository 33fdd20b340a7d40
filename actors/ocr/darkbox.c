/* darkbox: see darkbox.h. */
#include "darkbox.h"

#include "actors/picture/picture_components.h"
#include "actors/picture/picture_filter.h"
#include "grid.h"

/* Grey values that are dark (white on dusty pink is 178), and those of paper beside which they are. */
enum { DARK_MOST = 200, PAPER_LEAST = 225 };

/* Pale print differs this much from its ground, and takes this many of 1000 pixels at least; dark print takes no more
 * than that. */
enum { PALE_STEP = 40, DARK_STEP = 50, PRINT_LEAST = 20 };

/* Points along each side of an area at which cells are looked for, and how many of all may lie in one. */
enum { PROBES = 6, PROBES_IN_CELLS = 7 };

/* Least size of an area in letters, and share of it that is dark (the rest is print and its surroundings). */
static const double WIDE_LEAST = 3, HIGH_LEAST = 1.8, DARK_SHARE = 0.4;

static picture_t *dark_mask(const picture_t *grey)
{
    picture_t *mask = picture_clone(grey);
    if (mask)
        for (size_t i = 0; i < mask->stride * (size_t)mask->height; i++)
            mask->pixels[i] = mask->pixels[i] < DARK_MOST ? 255 : 0;
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

/* Whether the page around its middle values is pale. */
static bool is_pale(const picture_t *grey)
{
    size_t dark = 0, all = 0;
    for (int y = 0; y < grey->height; y += 3)
        for (int x = 0; x < grey->width; x += 3)
            dark += grey->pixels[(size_t)y * grey->stride + (size_t)x] < PAPER_LEAST, all++;
    return dark * 2 < all;
}

int darkboxes_find(const sheet_t *sheet, const page_t *page, box_t boxes[DARKBOXES_MOST], int *count)
{
    components_t parts = {0};
    int thin = (int)(0.5 * sheet->text) | 1, status = -1; /* lines of a table are thinner than this */
    *count = 0;
    if (sheet->dark || sheet->noise > SHEET_NOISE_PHOTO || !is_pale(sheet->grey))
        return 0;
    picture_t *mask = dark_mask(sheet->grey);
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
