/* cuts: see cuts.h. */
#include "cuts.h"

#include <stdlib.h>

/* Cost of crossing a word, and what an edge of a cell is worth; the rest of the cost is distance in px. */
enum { CROSSING = 4000, EDGE_WORTH = 1500, EDGE_NEAR = 2, EDGES_MOST = 6 };

static extent_t side(rect_t r, lie_t lie, bool along_t)
{
    return along_t ? rect_t_axis(r, lie) : rect_d_axis(r, lie);
}

static int cost_at(const view_t *view, rect_t area, lie_t lie, bool along_t, int at, int from, int to)
{
    extent_t across = side(area, lie, !along_t);
    int crossed = 0, edges = 0, room = to - from;
    for (size_t i = 0; i < view->page->words.count; i++) {
        rect_t word = rect_of(LIST_AT(word_t, view->page->words, i)->box);
        extent_t e = side(word, lie, along_t);
        if (extent_shared(side(word, lie, !along_t), across) <= 0)
            continue;
        if (at > e.lo && at < e.hi)
            crossed++;
        else {
            int away = at <= e.lo ? e.lo - at : at - e.hi;
            room = away < room ? away : room;
        }
    }
    for (size_t i = 0; i < view->page->cells.count; i++) {
        rect_t r = rect_of(LIST_AT(cell_t, view->page->cells, i)->box);
        extent_t e = side(r, lie, along_t);
        if (extent_shared(side(r, lie, !along_t), across) <= 0)
            continue;
        edges += abs(e.lo - at) <= EDGE_NEAR || abs(e.hi - at) <= EDGE_NEAR;
    }
    return crossed * CROSSING - (edges > EDGES_MOST ? EDGES_MOST : edges) * EDGE_WORTH - room * 8 +
           abs(at - (from + to) / 2);
}

int cut_between(const view_t *view, rect_t area, lie_t lie, bool along_t, int from, int to)
{
    int best = (from + to) / 2, best_cost = cost_at(view, area, lie, along_t, best, from, to);
    int step = (to - from) / 60 > 1 ? (to - from) / 60 : 1;
    for (int at = from; at <= to; at += step) {
        int cost = cost_at(view, area, lie, along_t, at, from, to);
        if (cost < best_cost)
            best = at, best_cost = cost;
    }
    return best;
}
