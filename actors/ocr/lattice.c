/* lattice: see lattice.h. */
#include "lattice.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    double at;     /* px */
    double weight; /* length, rules before steps */
} place_t;

static int by_place(const void *a, const void *b)
{
    const place_t *p = a, *q = b;
    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    return (p->weight < q->weight) - (p->weight > q->weight);
}

/* Distinct places: those within `near` of the first of a group are one line, at the group's weighted mean. */
static int cluster(place_t *places, int n, double near, int *out)
{
    int count = 0;
    qsort(places, (size_t)n, sizeof *places, by_place);
    for (int i = 0; i < n && count < LATTICE_LINES_MOST;) {
        double sum = 0, weight = 0, start = places[i].at;
        for (; i < n && places[i].at - start <= near; i++)
            sum += places[i].at * places[i].weight, weight += places[i].weight;
        out[count++] = (int)lround(sum / weight);
    }
    return count;
}

/* Where lines of the other direction end together beyond the outermost line, the table has an open side: its border. */
static void open_sides(const lines_t *lines, const tables_t *tables, int table, int direction, double text, int *at,
                       int *count)
{
    int ends[2] = {1 << 30, -1};
    for (int i = 0; i < lines->count; i++) {
        const segment_t *s = &lines->items[i];
        if (tables->of[i] != table || s->direction == direction)
            continue;
        ends[0] = s->from < ends[0] ? s->from : ends[0];
        ends[1] = s->to > ends[1] ? s->to : ends[1];
    }
    int agree[2] = {0, 0};
    for (int i = 0; i < lines->count; i++) {
        const segment_t *s = &lines->items[i];
        if (tables->of[i] != table || s->direction == direction)
            continue;
        agree[0] += s->from - ends[0] <= text;
        agree[1] += ends[1] - s->to <= text;
    }
    if (agree[0] >= 2 && (*count == 0 || at[0] - ends[0] > text) && *count < LATTICE_LINES_MOST) {
        for (int i = *count; i > 0; i--)
            at[i] = at[i - 1];
        at[0] = ends[0];
        ++*count;
    }
    if (agree[1] >= 2 && *count > 0 && ends[1] - at[*count - 1] > text && *count < LATTICE_LINES_MOST)
        at[(*count)++] = ends[1] - 1;
}

static int find_lines(lattice_t *l, const lines_t *lines, const tables_t *tables, int table, double text)
{
    place_t *places = malloc((size_t)(lines->count + 1) * sizeof *places);
    if (!places)
        return -1;
    for (int d = 0; d < 2; d++) {
        int n = 0;
        for (int i = 0; i < lines->count; i++) {
            const segment_t *s = &lines->items[i];
            if (tables->of[i] == table && s->direction == d)
                places[n++] = (place_t){s->at, (s->to - s->from) * (s->kind == LINE_STEP ? 0.05 : 1)};
        }
        l->lines[d] = malloc((LATTICE_LINES_MOST + 2) * sizeof *l->lines[d]);
        if (!l->lines[d]) {
            free(places);
            return -1;
        }
        l->counts[d] = cluster(places, n, fmax(3, 0.4 * text), l->lines[d]);
        open_sides(lines, tables, table, d, text, l->lines[d], &l->counts[d]);
    }
    free(places);
    return 0;
}

/* Share of the edge that proposed segments cover. */
static double covered(const lines_t *lines, const tables_t *tables, int table, int direction, int at, int from, int to,
                      double near)
{
    int sum = 0;
    for (int i = 0; i < lines->count; i++) {
        const segment_t *s = &lines->items[i];
        if (tables->of[i] != table || s->direction != direction || fabs(s->at - at) > near)
            continue;
        int shared = (s->to < to ? s->to : to) - (s->from > from ? s->from : from);
        sum += shared > 0 ? shared : 0;
    }
    return (double)sum / (to - from);
}

/* Whether a long rule runs along an edge: its trace as a whole says more than the short piece's, which noise hides. */
static bool runs_along(const lines_t *lines, const tables_t *tables, int table, int direction, int at, int from, int to,
                       double text)
{
    for (int i = 0; i < lines->count; i++) {
        const segment_t *s = &lines->items[i];
        if (tables->of[i] == table && s->direction == direction && s->followed &&
            fabs(s->at - at) <= fmax(2, 0.12 * text) && s->to - s->from >= 9 * text && s->from <= from + 2 &&
            s->to >= to - 2)
            return true;
    }
    return false;
}

static int by_score(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* The score from which an edge is drawn: a share of the table's own typical line, but not below the noise. */
static double verdict_score(const lattice_t *l, const traces_t *traces, bool photo)
{
    int na = l->counts[0] * (l->counts[1] - 1), nd = l->counts[1] * (l->counts[0] - 1), n = 0;
    double floor = traces->step_least * 0.8, share = photo ? 0.25 : 0.2;
    double *scores = malloc((size_t)(na + nd) * sizeof *scores);
    if (!scores)
        return floor;
    for (int i = 0; i < na; i++)
        if (l->across[i].score >= floor)
            scores[n++] = l->across[i].score;
    for (int i = 0; i < nd; i++)
        if (l->down[i].score >= floor)
            scores[n++] = l->down[i].score;
    qsort(scores, (size_t)n, sizeof *scores, by_score);
    double typical = n ? scores[photo ? n * 3 / 4 : n / 2] : 0;
    free(scores);
    double least = share * typical;
    double most =
        photo ? 20 : 14; /* one page has rules of several greys: a faint one beside black ones is still a rule */
    least = least > most ? most : least;
    return least > floor ? least : floor;
}

/* What JPEG leaves around print makes short edges as strong as this, grey values. */
enum { RINGING = 24 };

static void test_edges(lattice_t *l, const traces_t *traces, const lines_t *lines, const tables_t *tables, int table,
                       double text, int direction, edge_t *edges, bool photo)
{
    int reach = (int)lround(fmax(2, (photo ? 0.5 : 0.35) * text));
    const int *along = l->lines[!direction];
    int n = l->counts[!direction] - 1;
    for (int i = 0; i < l->counts[direction]; i++)
        for (int j = 0; j < n; j++) {
            edge_t *edge = &edges[i * n + j];
            int from = along[j], to = along[j + 1], length = to - from;
            int trim = (int)fmin(0.15 * length, 0.5 * text);
            trim = trim < 2 ? length > 6 ? 2 : 0 : trim;
            edge->score = traces_edge(traces, direction, l->lines[direction][i], from + trim, to - trim, reach,
                                      (int)(14 * text), &edge->at, &edge->kind);
            if (length < 2 * text &&
                covered(lines, tables, table, direction, l->lines[direction][i], from, to, fmax(3, 0.4 * text)) < 0.5)
                edge->score = 0;
            int faint = traces->blocks && length < 8 * text ? RINGING : traces->dark_least * 4 / 5;
            if (edge->kind != LINE_STEP && edge->score < faint)
                edge->score = 0;
            if (photo && edge->score <= 0 &&
                runs_along(lines, tables, table, direction, l->lines[direction][i], from, to, text))
                edge->score = RINGING, edge->kind = LINE_DARK;
        }
}

/* Whether a rule that differs from its sides in one channel only (blue on dark green) runs along a row or column. */
static bool has_colour(const picture_t *p, int direction, int at, int from, int to)
{
    /* px to the sides, out of the rule and JPEG's blur of colour; least difference: twice what that blur leaves of a
     * neighbour; share of the length in percent */
    enum { SIDE = 4, LEAST = 20, SHARE = 85 };
    size_t across = direction ? 3 : p->stride, along = direction ? p->stride : 3;
    int most = direction ? p->width : p->height;
    if (at < SIDE || at + SIDE >= most || to <= from)
        return false;
    for (int c = 0; c < 3; c++) {
        int paler = 0, darker = 0;
        const uint8_t *v = p->pixels + (size_t)at * across + (size_t)from * along + c;
        for (int i = from; i < to; i++, v += along) {
            int before = v[-(ptrdiff_t)(SIDE * across)], behind = v[SIDE * across];
            paler += *v >= before + LEAST && *v >= behind + LEAST;
            darker += *v + LEAST <= before && *v + LEAST <= behind;
        }
        if (100 * (paler > darker ? paler : darker) >= SHARE * (to - from))
            return true;
    }
    return false;
}

/* Draws edges that colour alone shows, where their line is drawn elsewhere; a step with a rule in it becomes one. */
static void draw_coloured(lattice_t *l, const picture_t *picture, int direction, double text)
{
    edge_t *edges = direction ? l->down : l->across;
    const int *along = l->lines[!direction];
    int n = l->counts[!direction] - 1, reach = (int)lround(fmax(2, 0.2 * text));
    for (int i = 0; i < l->counts[direction]; i++) {
        bool known = false;
        for (int j = 0; j < n && !known; j++)
            known = edges[i * n + j].drawn && edges[i * n + j].kind != LINE_STEP;
        for (int j = 0; j < n && known; j++) {
            edge_t *edge = &edges[i * n + j];
            int trim = along[j + 1] - along[j] > 2 * text ? (int)(0.3 * text) : 2;
            bool rule = edge->drawn && edge->kind != LINE_STEP;
            for (int d = 0; d <= 2 * reach && !rule; d++) {
                int at = l->lines[direction][i] + (d % 2 ? (d + 1) / 2 : -d / 2);
                rule = has_colour(picture, direction, at, along[j] + trim, along[j + 1] - trim);
                if (rule)
                    *edge = (edge_t){fmax(edge->score, l->least), at, LINE_COLOUR, true};
            }
        }
    }
}

/* Whether a rule and a fill's border draw an edge together when it is tested piece by piece. */
static bool is_mixed(const traces_t *traces, int direction, int at, int from, int to, double text)
{
    const double most_of = 0.75, some = 0.1; /* of the length: soft corners, pieces half rule and half border */
    int piece = (int)fmax(8, text), reach = (int)lround(fmax(2, 0.35 * text)), rule = 0, border = 0;
    for (int a = from; a < to; a += piece) {
        int b = a + piece < to ? a + piece : to, best, kind;
        if (traces_edge(traces, direction, at, a, b, reach, 0, &best, &kind) > 0)
            *(kind == LINE_STEP ? &border : &rule) += b - a;
    }
    double length = to - from;
    return rule + border >= most_of * length && rule >= some * length && border >= some * length;
}

/* Draws edges that a rule and a fill's border draw together, beside an edge that is drawn: a logo that stands on the
 * lower border of its banner. */
static void draw_mixed(lattice_t *l, const traces_t *traces, int direction, double text)
{
    edge_t *edges = direction ? l->down : l->across;
    const int *along = l->lines[!direction];
    int n = l->counts[!direction] - 1;
    for (int i = 0; i < l->counts[direction]; i++)
        for (int j = 0; j < n; j++) {
            edge_t *edge = &edges[i * n + j];
            bool goes_on = (j > 0 && edge[-1].drawn) || (j + 1 < n && edge[1].drawn);
            int at = l->lines[direction][i];
            if (!edge->drawn && goes_on && along[j + 1] - along[j] >= 1.5 * text &&
                is_mixed(traces, direction, at, along[j], along[j + 1], text))
                *edge = (edge_t){l->least, at, LINE_STEP, true};
        }
}

int lattice_open(lattice_t *l, const traces_t *traces, const lines_t *lines, const tables_t *tables, int table,
                 const sheet_t *sheet)
{
    *l = (lattice_t){0};
    if (find_lines(l, lines, tables, table, sheet->text))
        goto failed;
    if (l->counts[0] < 2 || l->counts[1] < 2) {
        lattice_free(l);
        return 0;
    }
    int na = l->counts[0] * (l->counts[1] - 1), nd = l->counts[1] * (l->counts[0] - 1);
    l->across = calloc((size_t)na, sizeof *l->across);
    l->down = calloc((size_t)nd, sizeof *l->down);
    if (!l->across || !l->down)
        goto failed;
    bool photo = sheet->noise > SHEET_NOISE_PHOTO;
    test_edges(l, traces, lines, tables, table, sheet->text, 0, l->across, photo);
    test_edges(l, traces, lines, tables, table, sheet->text, 1, l->down, photo);
    l->least = verdict_score(l, traces, photo);
    for (int i = 0; i < na; i++)
        l->across[i].drawn = l->across[i].score >= l->least;
    for (int i = 0; i < nd; i++)
        l->down[i].drawn = l->down[i].score >= l->least;
    for (int d = 0; d < 2 && sheet->picture->channels == 3 && !photo; d++)
        draw_coloured(l, sheet->picture, d, sheet->text);
    for (int d = 0; d < 2 && !photo; d++)
        draw_mixed(l, traces, d, sheet->text);
    return 0;
failed:
    lattice_free(l);
    return -1;
}

void lattice_free(lattice_t *l)
{
    free(l->lines[0]);
    free(l->lines[1]);
    free(l->across);
    free(l->down);
    *l = (lattice_t){0};
}
