/* outside: see outside.h. */
#include "outside.h"

#include "darkbox.h"
#include "grid.h"
#include "phrases.h"

#include <stdlib.h>

/* Whether a part lies on a rule between two cells or on a table's border: what is left of the rule itself. */
static bool is_rule_left(const page_t *page, const print_t *p, const component_t *c)
{
    enum { HALF = 5 }; /* px: half a thick rule and what the cells keep off it */
    static const int ways[4][2] = {{HALF, 0}, {0, HALF}, {HALF, HALF}, {HALF, -HALF}};
    int x = p->box.x + c->x + c->w / 2, y = p->box.y + c->y + c->h / 2, near = 0;
    for (int i = 0; i < 4; i++) {
        int before = grid_cell_at(page, x - ways[i][0], y - ways[i][1]);
        int behind = grid_cell_at(page, x + ways[i][0], y + ways[i][1]);
        if (before >= 0 && behind >= 0 && before != behind)
            return true;
        near += (before >= 0) + (behind >= 0);
    }
    bool thin = (c->w < c->h ? c->w : c->h) < 0.4 * p->text, open = c->area < 0.3 * c->w * c->h;
    return near > 0 && (thin || open);
}

/* Dark areas of the page. */
typedef struct {
    box_t items[DARKBOXES_MOST];
    int count;
} dark_t;

/* Whether a part is a disc or a block larger than letters, filled: a badge around a number, an icon. It would make its
 * line as tall as itself. */
static bool is_badge(const print_t *p, const component_t *c)
{
    static const double LARGE = 2, FILLED = 0.72; /* bold letters fill 0.65 at most, a disc with a figure 0.75 */
    return c->w >= LARGE * p->text && c->h >= LARGE * p->text && c->area >= FILLED * c->w * c->h;
}

/* Whether a point lies on the paper; its edge is a shadow. */
static bool is_on_paper(const sheet_t *sheet, int x, int y)
{
    box_t all = sheet->paper;
    int edge = all.w < sheet->grey->width || all.h < sheet->grey->height ? (int)sheet->text : 0;
    return x >= all.x + edge && y >= all.y + edge && x < all.x + all.w - edge && y < all.y + all.h - edge;
}

/* Which parts of the print stay, and how they read: PHRASE_*. */
static int sort_parts(const reader_t *r, const print_t *p, const dark_t *dark, unsigned char *kind)
{
    for (int i = 0; i < p->parts.count; i++) {
        const component_t *c = &p->parts.items[i];
        int x = p->box.x + c->x + c->w / 2, y = p->box.y + c->y + c->h / 2;
        if (c->w > 12 * p->text || c->h > 12 * p->text || grid_cell_at(r->page, x, y) >= 0 ||
            !is_on_paper(r->sheet, x, y) || darkboxes_hold(dark->items, dark->count, x, y) ||
            is_rule_left(r->page, p, c) || is_badge(p, c))
            continue;
        kind[i] = PHRASE_UPRIGHT;
    }
    return phrases_turn(p, 1, kind) < 0 ? -1 : 0;
}

/* Whether what lies outside the cells is pale paper: coloured blocks may take more of the page than it. */
static bool is_pale_outside(const reader_t *r)
{
    enum { STEP = 7, PALE = 200, LEAST = 100 };
    const picture_t *grey = r->sheet->grey;
    size_t pale = 0, all = 0;
    for (int y = 0; y < grey->height; y += STEP)
        for (int x = 0; x < grey->width; x += STEP) {
            if (grid_cell_at(r->page, x, y) >= 0)
                continue;
            pale += grey->pixels[(size_t)y * grey->stride + (size_t)x] >= PALE;
            all++;
        }
    return all >= LEAST && pale * 10 >= all * 7;
}

int outside_read(reader_t *r, fault_t *fault)
{
    print_t print = {0}, some = {0};
    unsigned char *kind = NULL;
    dark_t dark;
    int status = darkboxes_find(r->sheet, r->page, dark.items, &dark.count);
    for (int i = 0; i < dark.count && !status; i++)
        if (region_read(r, dark.items[i], -1, fault))
            return -1;
    box_t all = {.w = r->sheet->grey->width, .h = r->sheet->grey->height};
    if (!status)
        status = is_pale_outside(r) ? print_open_pale(&print, r->sheet, all) : print_open(&print, r->sheet, all);
    if (status || !print.even)
        goto done;
    kind = calloc((size_t)print.parts.count + 1, 1);
    if (!kind || (status = sort_parts(r, &print, &dark, kind)))
        goto done;
    for (int wanted = PHRASE_UPRIGHT; wanted <= PHRASE_TURNED && !status; wanted++) {
        int found = 0;
        for (int i = 0; i < print.parts.count; i++)
            found += kind[i] == wanted;
        if (!found)
            continue;
        if (!(status = phrases_keep(&print, kind, wanted, &some)))
            status = region_read_phrases(r, &some, -1, wanted == PHRASE_TURNED);
        print_free(&some);
    }
done:
    free(kind);
    print_free(&print);
    return status ? fault_set(fault, FAULT_MEMORY, "no memory for the print of a page") : 0;
}
