/* phrases: see phrases.h. */
#include "phrases.h"

#include "actors/picture/disjoint.h"

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

/* A letter's neighbours before and behind it: [0] beside it, [1] above and below; -1 none. */
typedef struct {
    int at[2][2];
    double far[2][2]; /* px of white to each */
} neighbours_t;

static void meet(neighbours_t *n, const component_t *a, const component_t *b, int j)
{
    int dx = gap(a->x, a->x + a->w, b->x, b->x + b->w), dy = gap(a->y, a->y + a->h, b->y, b->y + b->h);
    int w = a->w < b->w ? a->w : b->w, h = a->h < b->h ? a->h : b->h;
    int behind[2] = {2 * b->x + b->w > 2 * a->x + a->w, 2 * b->y + b->h > 2 * a->y + a->h};
    bool aligned[2] = {-dy >= 0.4 * h, -dx >= 0.4 * w};
    double far[2] = {dx, dy};
    for (int d = 0; d < 2; d++)
        if (aligned[d] && far[d] < n->far[d][behind[d]])
            n->far[d][behind[d]] = far[d], n->at[d][behind[d]] = j;
}

static neighbours_t neighbours_of(const print_t *p, const squares_t *q, int i)
{
    const component_t *a = &p->parts.items[i];
    int sx = (a->x + a->w / 2) / q->side, sy = (a->y + a->h / 2) / q->side, size = a->w > a->h ? a->w : a->h;
    double near = 1.2 * size + 2;
    neighbours_t n = {{{-1, -1}, {-1, -1}}, {{near, near}, {near, near}}};
    for (int y = sy > 0 ? sy - 1 : 0; y <= sy + 1 && y < q->down; y++)
        for (int x = sx > 0 ? sx - 1 : 0; x <= sx + 1 && x < q->across; x++)
            for (int j = q->first[y * q->across + x]; j >= 0; j = q->next[j]) {
                const component_t *b = &p->parts.items[j];
                int other = b->w > b->h ? b->w : b->h;
                if (j != i && other <= 2.5 * size && size <= 2.5 * other)
                    meet(&n, a, b, j);
            }
    return n;
}

/* Vote of one letter: 1 its nearest neighbour stands beside it, -1 below or above, 0 it has none. */
static int vote(const neighbours_t *n)
{
    double beside = fmin(n->far[0][0], n->far[0][1]), below = fmin(n->far[1][0], n->far[1][1]);
    bool any = n->at[0][0] >= 0 || n->at[0][1] >= 0 || n->at[1][0] >= 0 || n->at[1][1] >= 0;
    return !any ? 0 : beside <= below ? 1 : -1;
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

/* Letters joined to their neighbours in the direction of their vote are a phrase, which reads as most of them say;
 * short ones are upright. Returns how many parts are turned. */
static int sort_letters(const print_t *p, const squares_t *q, const bool *letter, int least, unsigned char *kind)
{
    int n = p->parts.count;
    int *parent = malloc((size_t)(n + 1) * sizeof *parent), *sum = calloc((size_t)n + 1, sizeof *sum);
    int *size = calloc((size_t)n + 1, sizeof *size), turned = -1;
    signed char *votes = calloc((size_t)n + 1, sizeof *votes);
    if (parent && sum && votes && size) {
        turned = 0;
        for (int i = 0; i < n; i++)
            parent[i] = i;
        for (int i = 0; i < n; i++) {
            if (!letter[i])
                continue;
            neighbours_t near = neighbours_of(p, q, i);
            votes[i] = (signed char)vote(&near);
            for (int side = 0; side < 2 && votes[i]; side++)
                if (near.at[votes[i] < 0][side] >= 0)
                    disjoint_join(parent, i, near.at[votes[i] < 0][side]);
        }
        for (int i = 0; i < n; i++)
            sum[disjoint_root(parent, i)] += votes[i], size[disjoint_root(parent, i)] += letter[i];
        for (int i = 0; i < n; i++) {
            int j = kind[i] && !letter[i] ? nearest_letter(p, q, i) : i;
            if (kind[i] && j >= 0 && sum[disjoint_root(parent, j)] < 0 && size[disjoint_root(parent, j)] >= least)
                kind[i] = PHRASE_TURNED, turned++;
        }
    }
    free(sum);
    free(votes);
    free(parent);
    free(size);
    return turned;
}

int phrases_turn(const print_t *p, int letters, unsigned char *kind)
{
    int n = p->parts.count, turned = -1;
    bool *letter = calloc((size_t)n + 1, sizeof *letter);
    squares_t squares = {0};
    if (!letter)
        return -1;
    for (int i = 0; i < n; i++)
        letter[i] = kind[i] && is_letter(&p->parts.items[i], p->text);
    if (!squares_open(&squares, p, letter))
        turned = sort_letters(p, &squares, letter, letters, kind);
    squares_close(&squares);
    free(letter);
    return turned;
}

int phrases_keep(const print_t *p, const unsigned char *kind, int wanted, print_t *copy)
{
    if (print_turn(p, 0, copy))
        return -1;
    print_erase_parts(copy, kind, wanted);
    components_free(&copy->parts);
    return components_find(copy->mask, &copy->parts);
}
