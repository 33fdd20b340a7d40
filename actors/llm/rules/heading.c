/* Lines of a heading, their claims, and the choice among them. A label whose value is a phrase of its own is joined to
 * the one right of it, else below. Called by the engine of the stage llm, in a worker; nothing here fails. */
#include "heading.h"
#include "headline.h"
#include "proto/base/text.h"

#include <string.h>

enum {
    CLAIMS_MOST = 256,  /* of one heading; the fullest page of the test documents has 30 */
    PHRASES_MOST = 512, /* likewise 90 */
    ALONE_TIMES = 3,    /* on the page, below it, and as the document's title */
};

static const double ALONE_CONFIDENCE = 0.5; /* a bare "4M" that was read worse than that may be anything */
static const double LARGER = 1.15;          /* times: a font that is meant to stand out */
static const double REACH_RIGHT = 25;       /* em: how far right of its label a value may stand */
static const double ABUTS = 0.6;            /* em: nearer pieces are one line */
static const double REACH_BELOW = 1.5;      /* em */

/* A claim with the phrase that makes it. */
typedef struct {
    claim_t claim;
    const heading_phrase_t *phrase;
} said_t;

typedef struct {
    const heading_phrase_t *phrases;
    size_t count;
    bool used[PHRASES_MOST]; /* the value of another's label */
    said_t said[CLAIMS_MOST];
    size_t says;
    double usual; /* px: median font size of the phrases above the table */
    arena_t *arena;
} heading_t;

/* ---- labels and values that stand apart */

static double em_of(const heading_phrase_t *p)
{
    int height = p->box.y1 - p->box.y0;
    return p->size > 0 ? p->size : height > 0 ? height : 1;
}

static int overlap(int a0, int a1, int b0, int b1)
{
    return (a1 < b1 ? a1 : b1) - (a0 > b0 ? a0 : b0);
}

/* How far the value stands from its label, px; negative where it cannot be its value. */
static int distance_right(const heading_phrase_t *label, const heading_phrase_t *value)
{
    int gap = value->box.x0 - label->box.x1, height = label->box.y1 - label->box.y0;
    bool beside = 2 * overlap(label->box.y0, label->box.y1, value->box.y0, value->box.y1) > height;
    return beside && gap > -height && gap < REACH_RIGHT * em_of(label) ? (gap > 0 ? gap : 0) : -1;
}

static int distance_below(const heading_phrase_t *label, const heading_phrase_t *value)
{
    int gap = value->box.y0 - label->box.y1, height = label->box.y1 - label->box.y0;
    bool under = overlap(label->box.x0, label->box.x1, value->box.x0, value->box.x1) > 0;
    return under && gap > -height / 2 && gap < REACH_BELOW * em_of(label) ? (gap > 0 ? gap : 0) : -1;
}

/* The nearest phrase by a distance; count where there is none, or where it is a label itself. */
static size_t nearest(const heading_t *h, size_t label,
                      int (*distance)(const heading_phrase_t *, const heading_phrase_t *))
{
    size_t best = h->count;
    int least = -1;
    for (size_t i = 0; i < h->count; i++) {
        const heading_phrase_t *p = &h->phrases[i];
        int far =
            i == label || h->used[i] || p->title != h->phrases[label].title ? -1 : distance(&h->phrases[label], p);
        if (far >= 0 && (least < 0 || far < least)) {
            least = far;
            best = i;
        }
    }
    return best < h->count && !headline_labels(h->phrases[best].text) ? best : h->count;
}

/* The phrase that goes on where this one ends, in the same print: a line that came in pieces. */
static size_t continued(const heading_t *h, size_t i)
{
    const heading_phrase_t *p = &h->phrases[i];
    size_t next = nearest(h, i, distance_right);
    if (next == h->count || p->size <= 0)
        return h->count;
    const heading_phrase_t *q = &h->phrases[next];
    bool alike = q->size < p->size * LARGER && p->size < q->size * LARGER;
    return alike && q->box.x0 - p->box.x1 < ABUTS * p->size ? next : h->count;
}

/* The phrase's text, with its value where it has a label without one. */
static const char *line_of(heading_t *h, size_t i)
{
    const heading_phrase_t *p = &h->phrases[i];
    size_t rest = p->title ? continued(h, i) : h->count;
    if (rest < h->count) {
        h->used[rest] = true;
        return arena_format(h->arena, "%s %s", p->text, h->phrases[rest].text);
    }
    headline_end_t end = headline_end(p->text);
    if (end == HEADLINE_WHOLE || (end == HEADLINE_LABEL && !p->title) || p->box.x1 <= p->box.x0)
        return p->text;
    size_t value = nearest(h, i, distance_right);
    if (value == h->count)
        value = nearest(h, i, distance_below);
    if (value == h->count)
        return p->text;
    h->used[value] = true;
    return arena_format(h->arena, "%s %s", p->text, h->phrases[value].text);
}

static void listen(heading_t *h, size_t i, const char *line)
{
    claim_t claims[HEADLINE_CLAIMS];
    size_t count = headline_read(line, h->phrases[i].title, h->arena, claims);
    for (size_t k = 0; k < count && h->says < CLAIMS_MOST; k++)
        h->said[h->says++] = (said_t){claims[k], &h->phrases[i]};
}

static void listen_all(heading_t *h)
{
    const char **lines = arena_array(h->arena, h->count, sizeof *lines);
    for (size_t i = 0; i < h->count; i++)
        lines[i] = line_of(h, i);
    for (size_t i = 0; i < h->count; i++)
        if (!h->used[i])
            listen(h, i, lines[i]);
}

/* ---- the choice */

static double usual_size(const heading_t *h)
{
    double least = 0;
    size_t sized = 0;
    for (size_t i = 0; i < h->count; i++)
        sized += h->phrases[i].title && h->phrases[i].size > 0;
    for (size_t i = 0; i < h->count; i++) { /* the lower median: half of them are no larger */
        size_t smaller = 0;
        double size = h->phrases[i].size;
        for (size_t k = 0; k < h->count; k++)
            smaller += h->phrases[k].title && h->phrases[k].size > 0 && h->phrases[k].size <= size;
        if (h->phrases[i].title && size > 0 && 2 * smaller >= sized && (least <= 0 || size < least))
            least = size;
    }
    return least;
}

static bool same(const claim_t *a, const claim_t *b)
{
    return a->kind == b->kind && (a->text && b->text ? text_same(a->text, b->text) : a->year == b->year);
}

/* What only stands there must be read well, be no smaller than the rest, and not come again and again as in a table. */
static bool believed(const heading_t *h, const said_t *s)
{
    if (s->claim.rank != CLAIM_ALONE)
        return true;
    size_t times = 0;
    for (size_t i = 0; i < h->says; i++)
        times += same(&h->said[i].claim, &s->claim);
    bool small = s->phrase->size > 0 && s->phrase->size * LARGER < h->usual;
    return times <= ALONE_TIMES && !small && s->phrase->confidence >= ALONE_CONFIDENCE;
}

static int worth(const said_t *s)
{
    return 2 * (int)s->claim.rank + s->phrase->title;
}

/* The first of the best claims of a kind, the largest print before smaller of the same worth where `large`. */
static const said_t *best_of(const heading_t *h, claim_kind_t kind, bool large)
{
    const said_t *best = NULL;
    for (size_t i = 0; i < h->says; i++) {
        const said_t *s = &h->said[i];
        if (s->claim.kind != kind || !believed(h, s))
            continue;
        bool larger = large && best && worth(s) == worth(best) && s->phrase->size > best->phrase->size * LARGER;
        if (!best || worth(s) > worth(best) || larger)
            best = s;
    }
    return best;
}

/* Another claim says something else, with the same worth and in print as large. */
static bool disputed(const heading_t *h, const said_t *best)
{
    for (size_t i = 0; i < h->says; i++) {
        const said_t *s = &h->said[i];
        if (s->claim.kind == best->claim.kind && worth(s) == worth(best) && believed(h, s) &&
            !same(&s->claim, &best->claim) && best->phrase->size <= s->phrase->size * LARGER)
            return true;
    }
    return false;
}

/* What is chosen of a kind; NULL where nothing is said, or things that only stand there contradict each other. */
static const claim_t *choose(const heading_t *h, claim_kind_t kind)
{
    bool large = kind == CLAIM_SCHOOL || kind == CLAIM_CLASS;
    const said_t *best = best_of(h, kind, large);
    if (!best)
        return NULL;
    bool doubt = best->claim.rank == CLAIM_ALONE || (kind == CLAIM_WEEK && best->claim.rank < CLAIM_LABEL);
    return doubt && disputed(h, best) ? NULL : &best->claim;
}

static const char *text_chosen(const heading_t *h, claim_kind_t kind)
{
    const claim_t *claim = choose(h, kind);
    return claim ? claim->text : NULL;
}

/* "Grade 4" and section "B" are "Grade 4 B"; a section that is a whole class is one where no other is named. */
static const char *class_chosen(const heading_t *h)
{
    const char *class = text_chosen(h, CLAIM_CLASS), *section = text_chosen(h, CLAIM_SECTION);
    if (!section || !*section)
        return class;
    if (!class)
        return strlen(section) > 1 ? section : NULL;
    char last = class[strlen(class) - 1];
    bool whole = (last >= 'A' && last <= 'Z' && !strchr("IVX", last)) || (last >= 'a' && last <= 'z');
    return whole ? class : arena_format(h->arena, "%s %s", class, section);
}

static void fill(const char **field, const char *value)
{
    if ((!*field || !**field) && value && *value)
        *field = value;
}

void heading_read(const heading_phrase_t *phrases, size_t count, arena_t *arena, timetable_t *table)
{
    heading_t *h = arena_take(arena, sizeof *h);
    *h = (heading_t){.phrases = phrases, .count = count < PHRASES_MOST ? count : PHRASES_MOST, .arena = arena};
    h->usual = usual_size(h);
    listen_all(h);
    fill(&table->teacher, text_chosen(h, CLAIM_TEACHER));
    fill(&table->class_name, class_chosen(h));
    fill(&table->term, text_chosen(h, CLAIM_TERM));
    fill(&table->school, text_chosen(h, CLAIM_SCHOOL));
    fill(&table->week, text_chosen(h, CLAIM_WEEK));
    const claim_t *year = choose(h, CLAIM_YEAR);
    if (!table->year && year)
        table->year = year->year;
}
