/* typeset: see typeset.h. */
#include "typeset.h"

#include "proto/base/buf.h"
#include "proto/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Distance of lines in font sizes, and how far a line is squeezed before it is broken. */
static const double LEADING = 1.2, SQUEEZE_LEAST = 0.35;
/* Font sizes nearer than this share are one word's. */
static const double SIZE_SAME = 0.08;
/* Longest word that the schema of pages takes (1024), with room for a closing code point. */
enum { WORD_BYTES_MOST = 1000 };

/* A word before it has a place. */
typedef struct {
    buf_t text;
    double width, gap; /* px; gap is the white space before it */
    double size, weight;
    int32_t colour;
    bool struck;
    int breaks; /* line breaks before it */
} atom_t;

typedef struct {
    atom_t *items;
    size_t count, capacity;
} atoms_t;

/* A line of atoms. */
typedef struct {
    size_t from, to; /* atoms */
    double width;    /* px, natural */
    double height;   /* px */
    double above;    /* px of blank lines before it */
} row_t;

/* Advance of a letter in font sizes: Arial's, by groups. */
static double advance(uint32_t point, double weight)
{
    double width = 0.55;
    if (point < 0x80) {
        if (strchr("ijl|'.,:;!I ftr()[]/-", (int)point))
            width = 0.3;
        else if (strchr("mwMW@%", (int)point))
            width = 0.86;
        else if (point >= 'A' && point <= 'Z')
            width = 0.68;
    } else if (point >= 0x1100 && text_is_letter(point)) {
        width = point >= 0x2e80 ? 1 : 0.6;
    }
    return width * (1 + 0.07 * weight);
}

void typeset_add(list_t *spans, const char *text, size_t length, const span_t *look, arena_t *arena)
{
    span_t *last = spans->count ? LIST_AT(span_t, *spans, spans->count - 1) : NULL;
    if (last && last->size == look->size && last->weight == look->weight && last->colour == look->colour &&
        last->struck == look->struck && strlen(last->text) + length < WORD_BYTES_MOST) {
        last->text = arena_format(arena, "%s%.*s", last->text, (int)length, text);
        return;
    }
    size_t count = spans->count;
    if ((count & (count - 1)) == 0) {
        void *items = arena_array(arena, count ? count * 2 : 1, sizeof(span_t));
        if (count)
            memcpy(items, spans->items, count * sizeof(span_t));
        spans->items = items;
    }
    span_t *span = LIST_AT(span_t, *spans, spans->count++);
    *span = *look;
    span->text = arena_text_n(arena, text, length);
}

bool typeset_is_empty(const list_t *spans)
{
    for (size_t i = 0; i < spans->count; i++)
        for (const char *at = LIST_AT(span_t, *spans, i)->text; *at;)
            if (!text_is_space(text_next(&at)))
                return false;
    return true;
}

const char *typeset_text(const list_t *spans, arena_t *arena)
{
    buf_t text = {0};
    for (size_t i = 0; i < spans->count; i++)
        buf_text(&text, LIST_AT(span_t, *spans, i)->text);
    char *out = text.size ? text_squeeze(arena_text_n(arena, text.bytes, text.size)) : NULL;
    buf_free(&text);
    return out && *out ? out : NULL;
}

static atom_t *new_atom(atoms_t *atoms, const span_t *span)
{
    if (atoms->count == atoms->capacity) {
        atoms->capacity = atoms->capacity ? atoms->capacity * 2 : 32;
        atoms->items = realloc(atoms->items, atoms->capacity * sizeof *atoms->items);
        if (!atoms->items)
            abort(); /* as the arena does */
    }
    atom_t *atom = &atoms->items[atoms->count++];
    *atom = (atom_t){.size = span->size, .weight = span->weight, .colour = span->colour, .struck = span->struck};
    return atom;
}

static bool is_seen(uint32_t point)
{
    return point >= 0x20 && point != 0xad && point != 0x7f && !(point >= 0x80 && point < 0xa0) &&
           !(point >= 0x200b && point <= 0x200f) && point != 0xfeff && !(point >= 0xe000 && point <= 0xf8ff);
}

/* Parts the spans into words. A change of look within a word parts it only where the size changes. */
static void make_atoms(const list_t *spans, atoms_t *atoms)
{
    double gap = 0;
    int breaks = 0;
    bool open = false; /* the last atom may grow */
    for (size_t i = 0; i < spans->count; i++) {
        const span_t *span = LIST_AT(span_t, *spans, i);
        if (open && fabs(atoms->items[atoms->count - 1].size - span->size) > SIZE_SAME * span->size)
            open = false;
        for (const char *at = span->text; *at;) {
            uint32_t point = text_next(&at);
            if (point == '\n' || point == '\v' || point == 0x2028) {
                breaks++, gap = 0, open = false;
            } else if (text_is_space(point)) {
                gap += point == '\t' ? 2 * span->size : 0.28 * span->size;
                open = false;
            } else if (is_seen(point)) {
                char utf8[4];
                if (!open || atoms->items[atoms->count - 1].text.size > WORD_BYTES_MOST) {
                    atom_t *atom = new_atom(atoms, span);
                    atom->gap = gap, atom->breaks = breaks;
                    gap = 0, breaks = 0, open = true;
                }
                atom_t *atom = &atoms->items[atoms->count - 1];
                buf_add(&atom->text, utf8, text_encode(point, utf8));
                atom->width += advance(point, span->weight) * span->size;
            }
        }
    }
}

static void free_atoms(atoms_t *atoms)
{
    for (size_t i = 0; i < atoms->count; i++)
        buf_free(&atoms->items[i].text);
    free(atoms->items);
}

/* Rows of the atoms within `along` px. rows has room for one for each atom. Returns how many. */
static size_t make_rows(const atoms_t *atoms, double along, bool broken, row_t *rows)
{
    size_t count = 0;
    double most = broken ? along : along / SQUEEZE_LEAST;
    for (size_t i = 0; i < atoms->count; i++) {
        const atom_t *atom = &atoms->items[i];
        row_t *row = count ? &rows[count - 1] : NULL;
        if (!row || atom->breaks || row->width + atom->gap + atom->width > most) {
            row = &rows[count++];
            /* the space at which a long line was broken is not seen; one that begins a line is */
            *row = (row_t){.from = i, .width = i == 0 || atom->breaks ? atom->gap : 0};
            row->above =
                atom->breaks > 1 || (i == 0 && atom->breaks) ? (atom->breaks - (i > 0)) * LEADING * atom->size : 0;
        } else {
            row->width += atom->gap;
        }
        row->width += atom->width;
        row->height = fmax(row->height, atom->size * LEADING);
        row->to = i + 1;
    }
    return count;
}

double typeset_along(const list_t *spans)
{
    atoms_t atoms = {0};
    make_atoms(spans, &atoms);
    double most = 0;
    row_t *rows = calloc(atoms.count + 1, sizeof *rows);
    size_t count = rows ? make_rows(&atoms, INFINITY, true, rows) : 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, rows[i].width);
    free(rows);
    free_atoms(&atoms);
    return most + 2 * TYPESET_PADDING;
}

double typeset_across(const list_t *spans, double along, const typeset_t *how)
{
    atoms_t atoms = {0};
    make_atoms(spans, &atoms);
    double sum = 0;
    row_t *rows = calloc(atoms.count + 1, sizeof *rows);
    size_t count = rows ? make_rows(&atoms, fmax(along - 2 * TYPESET_PADDING, 1), how->broken, rows) : 0;
    for (size_t i = 0; i < count; i++)
        sum += rows[i].above + rows[i].height;
    free(rows);
    free_atoms(&atoms);
    return sum + 2 * TYPESET_PADDING;
}

/* A place along and across the lines of a box as a place on the page. */
static box_t turned(const box_t *box, int32_t angle, double u, double v, double along, double across)
{
    double x = box->x + u, y = box->y + v, w = along, h = across;
    if (angle == 90)
        x = box->x + box->w - v - across, y = box->y + u, w = across, h = along;
    else if (angle == 270)
        x = box->x + v, y = box->y + box->h - u - along, w = across, h = along;
    else if (angle == 180)
        x = box->x + box->w - u - along, y = box->y + box->h - v - across;
    return (box_t){.x = (int32_t)lround(x),
                   .y = (int32_t)lround(y),
                   .w = (int32_t)fmax(lround(w), 1),
                   .h = (int32_t)fmax(lround(h), 1)};
}

static void place_row(const atoms_t *atoms, const row_t *row, const box_t *box, const typeset_t *how, double v,
                      const word_t *common, arena_t *arena, list_t *words)
{
    double length = how->angle % 180 == 90 ? box->h : box->w, room = fmax(length - 2 * TYPESET_PADDING, 1);
    double scale = row->width > room ? room / row->width : 1;
    double u = TYPESET_PADDING + (how->centred ? fmax(room - row->width * scale, 0) / 2 : 0);
    for (size_t i = row->from; i < row->to; i++) {
        const atom_t *atom = &atoms->items[i];
        if (i > row->from || atom->breaks || i == 0)
            u += atom->gap * scale;
        size_t count = words->count;
        if ((count & (count - 1)) == 0) {
            void *items = arena_array(arena, count ? count * 2 : 1, sizeof(word_t));
            if (count)
                memcpy(items, words->items, count * sizeof(word_t));
            words->items = items;
        }
        word_t *word = LIST_AT(word_t, *words, words->count++);
        *word = *common;
        word->text = arena_text_n(arena, atom->text.bytes, atom->text.size);
        word->box = turned(box, how->angle, u, v, atom->width * scale, atom->size * LEADING);
        word->size = atom->size, word->weight = atom->weight;
        word->colour = atom->colour, word->struck = atom->struck;
        u += atom->width * scale;
    }
}

void typeset_place(const list_t *spans, const box_t *box, const typeset_t *how, int32_t cell, int32_t *line,
                   arena_t *arena, list_t *words)
{
    atoms_t atoms = {0};
    make_atoms(spans, &atoms);
    typeset_t as = *how;
    if (as.stacked) /* letters below one another: a line that reads down, of upright letters */
        as.angle = 90;
    double along = as.angle % 180 == 90 ? box->h : box->w;
    row_t *rows = calloc(atoms.count + 1, sizeof *rows);
    size_t count = rows ? make_rows(&atoms, fmax(along - 2 * TYPESET_PADDING, 1), as.broken, rows) : 0;
    word_t common = {.angle = as.stacked ? 0 : as.angle, .stacked = as.stacked, .confidence = 1, .cell = cell};
    double v = TYPESET_PADDING;
    for (size_t i = 0; i < count; i++) {
        v += rows[i].above;
        common.line = (*line)++;
        place_row(&atoms, &rows[i], box, &as, v, &common, arena, words);
        v += rows[i].height;
    }
    free(rows);
    free_atoms(&atoms);
}
