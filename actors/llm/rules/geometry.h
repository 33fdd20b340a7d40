/* geometry: rectangles of a page seen along its two axes, so that days down the side and days across are one case.
 *
 * t runs along the time axis, d along the day axis. Where days are rows, t is x and d is y; where they are columns, t
 * is y and d is x.
 */
#ifndef YOGI_RULES_GEOMETRY_H
#define YOGI_RULES_GEOMETRY_H

#include "phrase.h"

#include <stdbool.h>

typedef struct {
    int lo, hi; /* px, hi just outside */
} extent_t;

/* How days lie on the page. */
typedef enum { DAYS_ARE_ROWS, DAYS_ARE_COLUMNS } lie_t;

static inline extent_t rect_x(rect_t r)
{
    return (extent_t){r.x0, r.x1};
}

static inline extent_t rect_y(rect_t r)
{
    return (extent_t){r.y0, r.y1};
}

static inline extent_t rect_t_axis(rect_t r, lie_t lie)
{
    return lie == DAYS_ARE_ROWS ? rect_x(r) : rect_y(r);
}

static inline extent_t rect_d_axis(rect_t r, lie_t lie)
{
    return lie == DAYS_ARE_ROWS ? rect_y(r) : rect_x(r);
}

static inline rect_t rect_from(extent_t t, extent_t d, lie_t lie)
{
    return lie == DAYS_ARE_ROWS ? (rect_t){t.lo, d.lo, t.hi, d.hi} : (rect_t){d.lo, t.lo, d.hi, t.hi};
}

static inline int extent_size(extent_t e)
{
    return e.hi - e.lo;
}

static inline int extent_middle(extent_t e)
{
    return e.lo + (e.hi - e.lo) / 2;
}

/* px that two extents share, 0 or less where they do not meet. */
static inline int extent_shared(extent_t a, extent_t b)
{
    return (a.hi < b.hi ? a.hi : b.hi) - (a.lo > b.lo ? a.lo : b.lo);
}

/* px of the narrower and of the wider of two. */
static inline int extent_narrower(extent_t a, extent_t b)
{
    return extent_size(a) < extent_size(b) ? extent_size(a) : extent_size(b);
}

static inline int extent_wider(extent_t a, extent_t b)
{
    return extent_size(a) > extent_size(b) ? extent_size(a) : extent_size(b);
}

static inline bool extent_holds(extent_t e, int at)
{
    return at >= e.lo && at < e.hi;
}

static inline extent_t extent_union(extent_t a, extent_t b)
{
    return (extent_t){a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
}

static inline rect_t rect_union(rect_t a, rect_t b)
{
    return (rect_t){a.x0 < b.x0 ? a.x0 : b.x0, a.y0 < b.y0 ? a.y0 : b.y0, a.x1 > b.x1 ? a.x1 : b.x1,
                    a.y1 > b.y1 ? a.y1 : b.y1};
}

static inline rect_t rect_of(box_t b)
{
    return (rect_t){b.x, b.y, b.x + b.w, b.y + b.h};
}

#endif
