/* region: see region.h. */
#include "region.h"

#include "phrases.h"
#include "proto/dossier.h"
#include "reread.h"
#include "textline.h"
#include "wordmark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Soft edge of letters, px: kept around a line. */
enum { SOFT = 2 };

/* White within a line, in letters' heights, at which it is read in pieces. */
#define PIECE_GAP 1.8

/* Under this mean confidence other orientations are tried. */
#define SURE 0.7

/* From this on they are not, even where the words are in no dictionary: print on its side reads as up to 0.8. */
#define VERY_SURE 0.88

/* Copies one piece: its own components' pixels with their soft edges, everything else white. */
static picture_t *cut_line(const print_t *p, const textlines_t *lines, int piece)
{
    const textline_t *t = &lines->items[piece];
    int x0 = t->x0 - SOFT, y0 = t->y0 - SOFT, w = t->x1 - t->x0 + 2 * SOFT, h = t->y1 - t->y0 + 2 * SOFT;
    picture_t *line = picture_new(w, h, 1);
    if (!line)
        return NULL;
    memset(line->pixels, 255, line->stride * (size_t)h);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (x0 + x >= 0 && x0 + x < p->even->width && y0 + y >= 0 && y0 + y < p->even->height)
                line->pixels[(size_t)y * line->stride + (size_t)x] =
                    p->even->pixels[(size_t)(y0 + y) * p->even->stride + (size_t)(x0 + x)];
    /* ink of other lines that reaches in goes */
    for (int i = 0; i < p->parts.run_count; i++) {
        const run_t *run = &p->parts.runs[i];
        if (lines->of[run->component] == piece || run->y < y0 || run->y >= y0 + h || run->x1 <= x0 || run->x0 >= x0 + w)
            continue;
        for (int y = run->y - 1; y <= run->y + 1; y++)
            for (int x = run->x0 - 1; x <= run->x1; x++)
                if (y >= y0 && y < y0 + h && x >= x0 && x < x0 + w)
                    line->pixels[(size_t)(y - y0) * line->stride + (size_t)(x - x0)] = 255;
    }
    return line;
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Row behind the base line of a piece, px of the print: where most of its letters end. -1 when memory is refused. */
static int base_line(const print_t *p, const textlines_t *lines, int piece)
{
    const textline_t *t = &lines->items[piece];
    double tall = fmax(t->y1 - t->y0, 1.1 * t->height);
    int *ends = malloc((size_t)(p->parts.count + 1) * sizeof *ends), n = 0, base = t->y1;
    if (!ends)
        return -1;
    for (int i = 0; i < p->parts.count; i++)
        if (lines->of[i] == piece && p->parts.items[i].h >= 0.45 * tall)
            ends[n++] = p->parts.items[i].y + p->parts.items[i].h;
    qsort(ends, (size_t)n, sizeof *ends, by_value);
    if (n > 0)
        base = ends[(n - 1) / 2];
    free(ends);
    return base;
}

static int read_piece(reader_t *r, const print_t *p, const textlines_t *lines, int piece, readings_t *out)
{
    const textline_t *t = &lines->items[piece];
    readings_t found = {0};
    int base = base_line(p, lines, piece);
    picture_t *picture = cut_line(p, lines, piece);
    *out = found;
    if (!picture || base < 0) {
        picture_destroy(&picture);
        return -1;
    }
    line_t line = lineread_line(picture, SOFT, base - t->y0 + SOFT, 1.1 * t->height);
    int status = lineread(&r->read, &line, &found);
    picture_destroy(&picture);
    *out = found;
    out->items = arena_array(r->read.scratch, (size_t)found.count + 1, sizeof *out->items);
    for (int i = 0; i < found.count; i++) { /* a cached reading belongs to more than one place */
        out->items[i] = found.items[i];
        out->items[i].x0 += t->x0 - SOFT;
        out->items[i].x1 += t->x0 - SOFT;
    }
    return status;
}

/* Everything read of one print in one orientation. */
typedef struct {
    print_t *print;
    textlines_t lines;
    readings_t *pieces;
    double confidence; /* mean over letters */
} attempt_t;

static void attempt_free(attempt_t *a)
{
    textlines_free(&a->lines);
    free(a->pieces);
    a->pieces = NULL;
}

static int attempt_read(reader_t *r, print_t *p, attempt_t *a)
{
    *a = (attempt_t){.print = p};
    if (textlines_find(p, PIECE_GAP, &a->lines))
        return -1;
    a->pieces = calloc((size_t)a->lines.count + 1, sizeof *a->pieces);
    if (!a->pieces) {
        attempt_free(a);
        return -1;
    }
    double sum = 0, letters = 0;
    for (int i = 0; i < a->lines.count; i++) {
        if (read_piece(r, p, &a->lines, i, &a->pieces[i])) {
            attempt_free(a);
            return -1;
        }
        for (int k = 0; k < a->pieces[i].count; k++) {
            double n = (double)strlen(a->pieces[i].items[k].text);
            sum += n * a->pieces[i].items[k].confidence, letters += n;
        }
    }
    a->confidence = letters > 0 ? sum / letters : 0;
    return 0;
}

/* Share of what was read that is words, times or numbers, over the pieces by their number of words. */
static double attempt_likely(const reader_t *r, const attempt_t *a)
{
    double good = 0, all = 0;
    for (int i = 0; i < a->lines.count; i++) {
        good += a->pieces[i].count * reread_likely(r->read.engine, &a->pieces[i]);
        all += a->pieces[i].count;
    }
    return all > 0 ? good / all : 0;
}

/* Gives each component of a piece to the word that it overlaps most or lies nearest to. */
static int word_of(const readings_t *words, const component_t *c)
{
    int best = 0, least = 1 << 30;
    double middle = c->x + c->w / 2.0;
    for (int k = 0; k < words->count; k++) {
        const reading_t *w = &words->items[k];
        int off = middle < w->x0 ? (int)(w->x0 - middle) + 1 : middle > w->x1 ? (int)(middle - w->x1) + 1 : 0;
        if (off < least)
            least = off, best = k;
    }
    return best;
}

/* The rectangle of a word: of the components that are its, or its stretch of the line when two words share one. */
static box_t word_box(const attempt_t *a, int piece, int word)
{
    const readings_t *words = &a->pieces[piece];
    const textline_t *t = &a->lines.items[piece];
    const print_t *p = a->print;
    int x0 = 1 << 30, y0 = 1 << 30, x1 = -1, y1 = -1;
    for (int i = 0; i < p->parts.count; i++) {
        const component_t *c = &p->parts.items[i];
        if (a->lines.of[i] != piece || word_of(words, c) != word)
            continue;
        x0 = c->x < x0 ? c->x : x0, y0 = c->y < y0 ? c->y : y0;
        x1 = c->x + c->w > x1 ? c->x + c->w : x1, y1 = c->y + c->h > y1 ? c->y + c->h : y1;
    }
    if (x1 < 0) {
        x0 = words->items[word].x0 > t->x0 ? words->items[word].x0 : t->x0;
        x1 = words->items[word].x1 < t->x1 ? words->items[word].x1 : t->x1;
        x1 = x1 > x0 ? x1 : x0 + 1;
        y0 = t->y0, y1 = t->y1;
    }
    return (box_t){.x = x0, .y = y0, .w = x1 - x0, .h = y1 - y0};
}

/* The text of a word with the I that reads as the bar it looks like: alone ("|", "|!") or behind a word ("Art|"). Bars
 * that are rules were erased before. */
static const char *without_bars(arena_t *arena, const char *text)
{
    size_t length = strlen(text), letters = length;
    while (letters > 0 && strchr("|!", text[letters - 1]))
        letters--;
    if (letters == length || !strchr(text + letters, '|'))
        return arena_text(arena, text);
    buf_t with = {0};
    buf_add(&with, text, letters);
    buf_text(&with, letters ? " I" : "I");
    const char *out = arena_text(arena, buf_string(&with));
    buf_free(&with);
    return out;
}

/* Weighs the words that were added last; boxes: their rectangles in the print. A pixel more or less tells small print's
 * size badly, so the tallest of its words stands for it; not one that a mark made much taller. */
static void weigh_words(reader_t *r, const print_t *print, const box_t *boxes, size_t count)
{
    enum { TALLER = 5, OF = 4 };
    size_t first = r->page->words.count - count;
    for (size_t k = 0; k < count; k++) {
        word_t *word = LIST_AT(word_t, r->page->words, first + k);
        double size = word->size;
        for (size_t j = 0; j < count && word->size < WORDMARK_SMALL; j++) {
            double other = LIST_AT(word_t, r->page->words, first + j)->size;
            size = other > size && OF * other <= TALLER * word->size ? other : size;
        }
        const box_t *b = &boxes[k];
        word->weight = wordmark_weight(print, size, b->x, b->y, b->x + b->w, b->y + b->h);
    }
}

static void add_words(reader_t *r, const attempt_t *a, int piece, int cell, int line)
{
    const readings_t *words = &a->pieces[piece];
    const print_t *p = a->print;
    box_t *boxes = arena_array(r->read.scratch, (size_t)words->count + 1, sizeof *boxes);
    for (int k = 0; k < words->count; k++) {
        box_t b = boxes[k] = word_box(a, piece, k);
        word_t *word = list_push(r->arena, &r->page->words, sizeof *word);
        word->text = without_bars(r->arena, words->items[k].text);
        word->box = print_to_page(p, b.x, b.y, b.w, b.h);
        word->angle = (360 - p->turned) % 360;
        word->confidence = words->items[k].confidence;
        word->cell = cell;
        word->line = line;
        wordmark_fill(word, p, r->sheet, b.x, b.y, b.x + b.w, b.y + b.h);
    }
    weigh_words(r, p, boxes, (size_t)words->count);
}

static void add_attempt(reader_t *r, const attempt_t *a, int cell)
{
    int last = -1;
    for (int i = 0; i < a->lines.count; i++) {
        if (a->pieces[i].count == 0)
            continue;
        if (a->lines.items[i].line != last)
            last = a->lines.items[i].line, r->lines++;
        add_words(r, a, i, cell, r->lines - 1);
    }
}

/* Letters one below the other, upright: the parts of each in one rectangle. Returns how many, 0 where they are not. */
static int stack_letters(const print_t *p, box_t *letters, int most)
{
    int n = 0;
    for (int i = 0; i < p->parts.count; i++) {
        const component_t *c = &p->parts.items[i];
        if (c->area < 4)
            continue;
        if (n > 0 && c->y < letters[n - 1].y + letters[n - 1].h + 1) { /* a dot, or a letter in two parts */
            box_t *b = &letters[n - 1];
            int x1 = c->x + c->w > b->x + b->w ? c->x + c->w : b->x + b->w;
            int y1 = c->y + c->h > b->y + b->h ? c->y + c->h : b->y + b->h;
            b->x = c->x < b->x ? c->x : b->x;
            b->w = x1 - b->x, b->h = y1 - b->y;
        } else if (n == most) {
            return 0;
        } else {
            letters[n++] = (box_t){.x = c->x, .y = c->y, .w = c->w, .h = c->h};
        }
    }
    double gaps = 0, wide = 0, tall = 0;
    for (int i = 0; i < n; i++) {
        gaps += i ? letters[i].y - letters[i - 1].y - letters[i - 1].h : 0;
        wide = fmax(wide, letters[i].w);
        tall = fmax(tall, letters[i].h);
        if (abs(2 * letters[i].x + letters[i].w - 2 * letters[0].x - letters[0].w) > 0.8 * p->text)
            return 0;
    }
    /* turned letters stand closer than lines do */
    return n >= 3 && wide <= 1.6 * tall && gaps / (n - 1) >= 0.22 * tall ? n : 0;
}

/* Reads stacked letters side by side as one word. *done tells whether it was one. */
static int read_stacked(reader_t *r, const print_t *p, int cell, bool *done)
{
    enum { MOST = 24 };
    box_t letters[MOST], all;
    int n = stack_letters(p, letters, MOST), tall = 0, width = 0, status = -1;
    *done = false;
    if (n == 0)
        return 0;
    all = letters[0];
    for (int i = 0; i < n; i++) {
        tall = letters[i].h > tall ? letters[i].h : tall;
        all.w = letters[i].x + letters[i].w - all.x > all.w ? letters[i].x + letters[i].w - all.x : all.w;
    }
    all.h = letters[n - 1].y + letters[n - 1].h - all.y;
    int gap = tall / 6 + 1;
    for (int i = 0; i < n; i++)
        width += letters[i].w + gap;
    picture_t *picture = picture_new(width + 2 * SOFT, tall + 2 * SOFT, 1);
    if (!picture)
        return -1;
    memset(picture->pixels, 255, picture->stride * (size_t)picture->height);
    for (int i = 0, x = SOFT; i < n; x += letters[i].w + gap, i++)
        for (int y = 0; y < letters[i].h; y++) /* on one base line */
            memcpy(picture->pixels + (size_t)(SOFT + tall - letters[i].h + y) * picture->stride + x,
                   p->even->pixels + (size_t)(letters[i].y + y) * p->even->stride + letters[i].x, (size_t)letters[i].w);
    readings_t out;
    line_t line = lineread_line(picture, SOFT, SOFT + tall, tall);
    status = lineread(&r->read, &line, &out);
    picture_destroy(&picture);
    if (status || out.count == 0 || out.confidence < 0.6)
        return status;
    buf_t text = {0};
    for (int i = 0; i < out.count; i++)
        buf_text(&text, out.items[i].text);
    word_t *word = list_push(r->arena, &r->page->words, sizeof *word);
    word->text = arena_text(r->arena, buf_string(&text));
    buf_free(&text);
    word->box = print_to_page(p, all.x, all.y, all.w, all.h);
    word->stacked = true;
    word->confidence = out.confidence;
    word->cell = cell;
    word->line = r->lines++;
    wordmark_fill(word, p, r->sheet, all.x, all.y, all.x + all.w, all.y + all.h);
    word->size = tall / 0.72;
    word->weight = wordmark_weight(p, word->size, all.x, all.y, all.x + all.w, all.y + all.h);
    *done = true;
    return 0;
}

/* Tries the print turned as well and keeps what reads best; both attempts and prints stay the caller's. */
static int read_turned(reader_t *r, print_t *upright, int cell)
{
    print_t turned[2] = {{0}, {0}};
    attempt_t tries[3] = {{0}, {0}, {0}};
    int best = -1, status = -1;
    for (int k = 0; k < 3; k++) {
        print_t *p = k < 2 ? &turned[k] : upright;
        if (k < 2 && print_turn(upright, k ? 270 : 90, p))
            goto done;
        if (attempt_read(r, p, &tries[k]))
            goto done;
        if (best < 0 || tries[k].confidence > tries[best].confidence + 0.08)
            best = k;
        if (tries[best].confidence >= VERY_SURE ||
            (tries[best].confidence >= SURE && attempt_likely(r, &tries[best]) >= SURE))
            break;
    }
    add_attempt(r, &tries[best], cell);
    status = 0;
done:
    for (int k = 0; k < 3; k++)
        attempt_free(&tries[k]);
    print_free(&turned[0]);
    print_free(&turned[1]);
    return status;
}

/* Reads a print of which every part reads upright or in one other direction. */
static int read_print(reader_t *r, print_t *print, int cell)
{
    attempt_t attempt = {0};
    bool stacked = false;
    double sure = 0;
    int status;
    if (textlines_turn(print, &sure) == 90) {
        status = read_stacked(r, print, cell, &stacked);
        return status || stacked ? status : read_turned(r, print, cell);
    }
    if ((status = attempt_read(r, print, &attempt)))
        return status;
    add_attempt(r, &attempt, cell);
    attempt_free(&attempt);
    return 0;
}

/* Which parts of a wide print are turned, such as the headings of narrow columns in a row that no rule parts. Returns
 * how many, 0 where all or none are, -1 when memory is refused. */
static int turned_parts(const print_t *print, unsigned char *kind)
{
    enum { WIDE = 3, LETTERS = 4 }; /* times its height; what stands alone tells no direction */
    int n = print->parts.count;
    if (print->box.w < WIDE * print->box.h)
        return 0;
    for (int i = 0; i < n; i++)
        kind[i] = PHRASE_UPRIGHT;
    int turned = phrases_turn(print, LETTERS, kind);
    return turned == n ? 0 : turned;
}

/* Reads a print whose parts read in different directions. */
static int read_mixed(reader_t *r, const print_t *print, const unsigned char *kind, int cell)
{
    print_t some = {0};
    int status = phrases_keep(print, kind, PHRASE_UPRIGHT, &some);
    if (!status)
        status = read_print(r, &some, cell);
    print_free(&some);
    if (status || (status = phrases_keep(print, kind, PHRASE_TURNED, &some)))
        return status;
    status = region_read_phrases(r, &some, cell, true);
    print_free(&some);
    return status;
}

int region_read(reader_t *r, box_t box, int cell, fault_t *fault)
{
    print_t print;
    unsigned char *kind = NULL;
    int turned = 0, status = print_open(&print, r->sheet, box);
    if (!status && print.even) {
        kind = calloc((size_t)print.parts.count + 1, 1);
        turned = kind ? turned_parts(&print, kind) : -1;
        status = turned < 0 ? -1 : turned ? read_mixed(r, &print, kind, cell) : read_print(r, &print, cell);
    }
    free(kind);
    print_free(&print);
    return status ? fault_set(fault, FAULT_MEMORY, "no memory for the print of a page") : 0;
}

/* Whether a piece is more than specks. */
static bool worth_reading(const print_t *p, const textlines_t *lines, int piece)
{
    const textline_t *t = &lines->items[piece];
    return t->y1 - t->y0 >= 0.4 * p->text && t->x1 - t->x0 >= 0.3 * p->text;
}

int region_read_phrases(reader_t *r, const print_t *print, int cell, bool turned)
{
    print_t ways[2] = {{0}, {0}};
    attempt_t tries[2] = {{0}, {0}};
    int status = -1, count = turned ? 2 : 1;
    for (int k = 0; k < count; k++) {
        if (print_turn(print, turned ? k ? 270 : 90 : 0, &ways[k]))
            goto done;
        tries[k].print = &ways[k];
        if (textlines_find(&ways[k], PIECE_GAP, &tries[k].lines))
            goto done;
        tries[k].pieces = calloc((size_t)tries[k].lines.count + 1, sizeof *tries[k].pieces);
        if (!tries[k].pieces)
            goto done;
    }
    for (int i = 0; i < tries[0].lines.count; i++) {
        const attempt_t *best = &tries[0];
        int at = i;
        if (!worth_reading(&ways[0], &tries[0].lines, i))
            continue;
        if (read_piece(r, &ways[0], &tries[0].lines, i, &tries[0].pieces[i]))
            goto done;
        if (turned && tries[0].pieces[i].confidence < SURE) {
            /* the same piece upside down: the one whose middle lies where this one's does */
            const textline_t *t = &tries[0].lines.items[i];
            for (int j = 0; j < tries[1].lines.count; j++) {
                const textline_t *u = &tries[1].lines.items[j];
                if (abs(t->x0 + u->x1 - ways[1].even->width) > 2 || abs(t->y0 + u->y1 - ways[1].even->height) > 2)
                    continue;
                if (read_piece(r, &ways[1], &tries[1].lines, j, &tries[1].pieces[j]))
                    goto done;
                if (tries[1].pieces[j].confidence > tries[0].pieces[i].confidence + 0.08)
                    best = &tries[1], at = j;
            }
        }
        if (best->pieces[at].count)
            add_words(r, best, at, cell, r->lines++);
    }
    status = 0;
done:
    for (int k = 0; k < 2; k++) {
        attempt_free(&tries[k]);
        print_free(&ways[k]);
    }
    return status;
}
