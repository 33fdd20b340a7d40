/* asides: see asides.h. */
#include "asides.h"

#include <stdlib.h>

/* Fewest pairs that are a habit of the table, and the share of them that must show it, of ten. */
enum { PAIRS_LEAST = 4, SHARE_OF_TEN = 7 };

static bool is_lone_cell(const piece_t *p)
{
    return !p->dropped && p->unit->drawn && *p->name && !p->entry.timed && p->first == p->last;
}

/* Whether one cell stands directly behind the other in their day, over the same time. */
static bool follows(const matrix_t *m, const piece_t *behind, const piece_t *before)
{
    extent_t a = before->unit->t, b = behind->unit->t;
    return behind->first == before->first && extent_shared(a, b) * 10 >= 9 * extent_wider(a, b) &&
           abs(behind->unit->d.lo - before->unit->d.hi) <= 2 * m->exact;
}

/* The cell behind a piece, and no other before it; NULL where there is none. */
static piece_t *partner(const matrix_t *m, const piece_t *p)
{
    piece_t *found = NULL;
    for (size_t i = 0; i < m->count; i++) {
        piece_t *other = &m->pieces[i];
        if (other == p || !is_lone_cell(other))
            continue;
        if (follows(m, p, other) || (found && follows(m, other, found)))
            return NULL; /* three or more */
        if (follows(m, other, p))
            found = other;
    }
    return found;
}

void asides_join(matrix_t *m)
{
    size_t pairs = 0, asides = 0;
    piece_t **behind = arena_array(m->view->arena, m->count + 1, sizeof(piece_t *));
    for (size_t i = 0; i < m->count; i++) {
        piece_t *p = &m->pieces[i];
        behind[i] = is_lone_cell(p) ? partner(m, p) : NULL;
        if (!behind[i])
            continue;
        pairs++;
        asides += entry_is_aside(behind[i]->name) && !entry_is_aside(p->name);
    }
    if (asides < PAIRS_LEAST || asides * 10 < pairs * SHARE_OF_TEN)
        return;
    for (size_t i = 0; i < m->count; i++) {
        piece_t *p = &m->pieces[i];
        if (!behind[i])
            continue;
        p->notes = p->notes ? arena_format(m->view->arena, "%s %s", p->notes, behind[i]->name) : behind[i]->name;
        behind[i]->dropped = true;
    }
}
