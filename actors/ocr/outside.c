/* outside: see outside.h. */
#include "outside.h"

#include "darkbox.h"
#include "grid.h"
#include "print.h"

#include <math.h>
#include <stdlib.h>

/* Parts of the print that are letters by their size; a letter of a title is up to 5 times a letter of the body. */
static bool is_letter(const component_t *c, double text)
{
    int size = c->w > c->h ? c->w : c->h;
    return size >= 0.45 * text && size <= 6 * text && c->area >= 6;
}

static int gap(int a0, int a1, int b0, int b1)
{
    return (a0 > b0 ? a0 : b0) - (a1 < b1 ? a1 : b1);
}

/* Letters in a grid of squares, so that neighbours are found without looking at all. */
typedef struct {
    int *first, *next; /* first letter of a square, next of the same square; -1 none */
    int across, side;  /* squares in a row, px of a square */
    int down;          /* rows of squares */
} squares_t;

static int squares_open(squares_t *q, const print_t *p, const bool *letter)
{
    q->side = (int)(6 * p->text) + 8;
    q->across = p->mask->width / q->side + 1;
    q->down = p->mask->height / q->side + 1;
    q->first = malloc((size_t)(q->across * q->down) * sizeof *q->first);
    q->next = malloc((size_t)(p->parts.count + 1) * sizeof *q->next);
    if (!q->first || !q->next)
        return -1;
    for (int i = 0; i < q->across * q->down; i++)
        q->first[i] = -1;
    for (int i = p->parts.count - 1; i >= 0; i--) {
        const component_t *c = &p->parts.items[i];
        int at = (c->y + c->h / 2) / q->side * q->across + (c->x + c->w / 2) / q->side;
        q->next[i] = -1;
        if (letter[i])
            q->next[i] = q->first[at], q->first[at] = i;
    }
    return 0;
}

static void squares_close(squares_t *q)
{
    free(q->first);
    free(q->next);
}

/* Vote of one letter: 1 its nearest neighbour stands beside it, -1 below or above, 0 it has none. *nearest is that one.
 */
static int vote(const print_t *p, const squares_t *q, int i, int *nearest)
{
    const component_t *a = &p->parts.items[i];
    int sx = (a->x + a->w / 2) / q->side, sy = (a->y + a->h / 2) / q->side, size = a->w > a->h ? a->w : a->h;
    double near = 1.2 * size + 2;
    int verdict = 0;
    for (int y = sy > 0 ? sy - 1 : 0; y <= sy + 1 && y < q->down; y++)
        for (int x = sx > 0 ? sx - 1 : 0; x <= sx + 1 && x < q->across; x++)
            for (int j = q->first[y * q->across + x]; j >= 0; j = q->next[j]) {
                const component_t *b = &p->parts.items[j];
                int other = b->w > b->h ? b->w : b->h;
                if (j == i || other > 2.5 * size || size > 2.5 * other)
                    continue;
                int dx = gap(a->x, a->x + a->w, b->x, b->x + b->w), dy = gap(a->y, a->y + a->h, b->y, b->y + b->h);
                int w = a->w < b->w ? a->w : b->w, h = a->h < b->h ? a->h : b->h;
                if (-dy >= 0.4 * h && dx < near)
                    near = dx, verdict = 1, *nearest = j;
                if (-dx >= 0.4 * w && dy < near)
                    near = dy, verdict = -1, *nearest = j;
            }
    return verdict;
}

/* The letter nearest to a part that is none (a dot, a dash), -1 where none is near. */
static int nearest_letter(const print_t *p, const squares_t *q, int i)
{
    const component_t *a = &p->parts.items[i];
    int sx = (a->x + a->w / 2) / q->side, sy = (a->y + a->h / 2) / q->side, best = -1;
    double near = 1.5 * p->text;
    for (int y = sy > 0 ? sy - 1 : 0; y <= sy + 1 && y < q->down; y++)
        for (int x = sx > 0 ? sx - 1 : 0; x <= sx + 1 && x < q->across; x++)
            for (int j = q->first[y * q->across + x]; j >= 0; j = q->next[j]) {
                const component_t *b = &p->parts.items[j];
                int dx = gap(a->x, a->x + a->w, b->x, b->x + b->w), dy = gap(a->y, a->y + a->h, b->y, b->y + b->h);
                double far = hypot(dx > 0 ? dx : 0, dy > 0 ? dy : 0);
                if (far < near)
                    near = far, best = j;
            }
    return best;
}

static int root_of(int *parent, int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* Letters joined to their nearest neighbours are a phrase, which reads as most of them say. */
static int sort_letters(const print_t *p, const squares_t *q, const bool *letter, unsigned char *kind)
{
    int n = p->parts.count;
    int *parent = malloc((size_t)(n + 1) * sizeof *parent), *sum = calloc((size_t)n + 1, sizeof *sum);
    signed char *votes = calloc((size_t)n + 1, sizeof *votes);
    int status = parent && sum && votes ? 0 : -1;
    if (!status) {
        for (int i = 0; i < n; i++)
            parent[i] = i;
        for (int i = 0; i < n; i++) {
            int nearest = -1;
            votes[i] = letter[i] ? (signed char)vote(p, q, i, &nearest) : 0;
            if (nearest >= 0) {
                int a = root_of(parent, i), b = root_of(parent, nearest);
                parent[a > b ? a : b] = a > b ? b : a;
            }
        }
        for (int i = 0; i < n; i++)
            sum[root_of(parent, i)] += votes[i];
        for (int i = 0; i < n; i++) {
            int j = kind[i] && !letter[i] ? nearest_letter(p, q, i) : i;
            if (kind[i] && j >= 0 && sum[root_of(parent, j)] < 0)
                kind[i] = 2;
        }
    }
    free(sum);
    free(votes);
    free(parent);
    return status;
}

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

/* Which parts of the print stay: 0 none, 1 upright, 2 turned. */
static int sort_parts(const reader_t *r, const print_t *p, const dark_t *dark, unsigned char *kind)
{
    int n = p->parts.count, status = -1;
    bool *letter = calloc((size_t)n + 1, sizeof *letter);
    squares_t squares = {0};
    if (!letter)
        return -1;
    for (int i = 0; i < n; i++) {
        const component_t *c = &p->parts.items[i];
        int x = p->box.x + c->x + c->w / 2, y = p->box.y + c->y + c->h / 2;
        if (c->w > 12 * p->text || c->h > 12 * p->text || grid_cell_at(r->page, x, y) >= 0 ||
            darkboxes_hold(dark->items, dark->count, x, y) || is_rule_left(r->page, p, c))
            continue;
        kind[i] = 1;
        letter[i] = is_letter(c, p->text);
    }
    status = squares_open(&squares, p, letter) || sort_letters(p, &squares, letter, kind) ? -1 : 0;
    squares_close(&squares);
    free(letter);
    return status;
}

/* A copy of the print with the parts of one kind alone. */
static int keep_kind(const print_t *p, const unsigned char *kind, int wanted, print_t *copy)
{
    if (print_turn(p, 0, copy))
        return -1;
    print_erase_parts(copy, kind, wanted);
    components_free(&copy->parts);
    return components_find(copy->mask, &copy->parts);
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
    if (!status)
        status = print_open(&print, r->sheet, (box_t){.w = r->sheet->grey->width, .h = r->sheet->grey->height});
    if (status || !print.even)
        goto done;
    kind = calloc((size_t)print.parts.count + 1, 1);
    if (!kind || (status = sort_parts(r, &print, &dark, kind)))
        goto done;
    for (int wanted = 1; wanted <= 2 && !status; wanted++) {
        int found = 0;
        for (int i = 0; i < print.parts.count; i++)
            found += kind[i] == wanted;
        if (!found)
            continue;
        if (!(status = keep_kind(&print, kind, wanted, &some)))
            status = region_read_phrases(r, &some, wanted == 2);
        print_free(&some);
    }
done:
    free(kind);
    print_free(&print);
    return status ? fault_set(fault, FAULT_MEMORY, "no memory for the print of a page") : 0;
}
