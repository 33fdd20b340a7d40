/* lineread: see lineread.h. */
#include "lineread.h"

#include "actors/picture/picture_filter.h"
#include "reread.h"
#include "wordgap.h"

#include <math.h>
#include <string.h>

/* The model reads pictures of this height, px; what is given in it is not scaled again. */
enum { MODEL_HEIGHT = 36 };

/* How the first reading gives a line: letters of RISE px on a base line BASE px above the bottom. The cost of a line is
 * its width, and with it the height of its letters. 6800 lines of 87 documents, by the letters right of 43000, with
 * unsure words read again by the first look below, and the time of both: letters of 23 px and a width of 0.9 of their
 * own read 35390 (27.0 s), 20 px 35426 (23.4 s), 18 px and 0.95 35395 (22.4 s), 20 px and 0.8 35363 (22.5 s); that look
 * alone 35361 (31.1 s, letters of 24 px). Squeezed letters lose the narrow spaces of titles and now and then a time, so
 * that they keep their width. Without the white below the base line dots and spaces get lost. */
#define RISE 20.0
enum { BASE = 11, INK_MOST = 30 };

/* How a later reading gives it: ink height, white above and below and at the ends (px), width as a share of its own;
 * tesseract looks for the line in it itself and scales it to letters of 24 px. */
typedef struct {
    int ink, margin, ends;
    double width;
} look_t;

static const look_t looks[] = {{36, 10, 6, 1}, {40, 12, 8, 0.85}};

line_t lineread_line(const picture_t *picture, int margin, int base, double tall)
{
    double rise = base - margin, drop = picture->height - margin - base;
    tall = fmax(tall, picture->height - 2.0 * margin);
    /* without descenders the letters are as tall as the line, or small ones all; with them they are three quarters */
    rise = fmax(rise, drop < 0.12 * rise ? tall : 0.75 * tall);
    return (line_t){picture, tall, rise, drop, base};
}

/* A white picture with the line scaled to w × h and put at x, y; what lies outside is cut. NULL without memory. */
static picture_t *frame(const picture_t *line, int w, int h, int x, int y, int width, int height)
{
    picture_t *scaled = picture_scale(line, w < 1 ? 1 : w, h < 1 ? 1 : h);
    picture_t *framed = scaled ? picture_new(width, height, 1) : NULL;
    if (framed) {
        memset(framed->pixels, 255, framed->stride * (size_t)framed->height);
        for (int row = 0; row < scaled->height; row++)
            if (row + y >= 0 && row + y < height)
                memcpy(framed->pixels + (size_t)(row + y) * framed->stride + x,
                       scaled->pixels + (size_t)row * scaled->stride, (size_t)scaled->width);
    }
    picture_destroy(&scaled);
    return framed;
}

/* Reads a framed picture, which is destroyed; ends and across lead back to the px of the line. */
static int read_framed(linereader_t *r, picture_t *framed, engine_way_t way, int ends, double across, readings_t *out)
{
    *out = (readings_t){0};
    if (!framed)
        return -1;
    if (r->budget > 0) {
        r->budget--;
        engine_read(r->engine, framed, way, r->scratch, out);
    }
    picture_destroy(&framed);
    for (int i = 0; i < out->count; i++) {
        out->items[i].x0 = (int)floor((out->items[i].x0 - ends) / across);
        out->items[i].x1 = (int)ceil((out->items[i].x1 - ends) / across);
    }
    return 0;
}

static int read_first(linereader_t *r, const line_t *line, readings_t *out)
{
    double scale = RISE / line->rise;
    if (line->drop * scale > BASE - 1) /* deep descenders */
        scale = fmin(scale, INK_MOST / (line->rise + line->drop));
    int w = (int)lround(line->picture->width * scale), h = (int)lround(line->picture->height * scale);
    int y = (int)lround(MODEL_HEIGHT - BASE - line->base * scale);
    w = w < 3 ? 3 : w; /* the model cannot read less */
    return read_framed(r, frame(line->picture, w, h, 0, y, w, MODEL_HEIGHT), ENGINE_AS_IS, 0,
                       (double)w / line->picture->width, out);
}

static int read_look(linereader_t *r, const picture_t *line, double tall, const look_t *look, readings_t *out)
{
    double scale = look->ink / tall;
    int w = (int)lround(line->width * scale * look->width), h = (int)lround(line->height * scale);
    picture_t *framed = frame(line, w, h, look->ends, look->margin, (w < 1 ? 1 : w) + 2 * look->ends,
                              (h < 1 ? 1 : h) + 2 * look->margin);
    return read_framed(r, framed, ENGINE_FIND_LINE, look->ends, scale * look->width, out);
}

/* Part of a reading as a reading of its own. */
static readings_t part_of(const readings_t *all, int from, int to)
{
    readings_t part = {.items = all->items + from, .count = to - from};
    double sum = 0, letters = 0;
    for (int i = 0; i < part.count; i++) {
        double n = (double)strlen(part.items[i].text);
        sum += n * part.items[i].confidence, letters += n;
    }
    part.confidence = letters > 0 ? sum / letters : 0;
    return part;
}

/* Puts the words of a better reading into the place of some. */
static void replace(linereader_t *r, readings_t *all, int from, int to, const readings_t *better, int x)
{
    int count = from + better->count + all->count - to;
    reading_t *items = arena_array(r->scratch, (size_t)count + 1, sizeof *items);
    for (int i = 0; i < from; i++)
        items[i] = all->items[i];
    for (int i = 0; i < better->count; i++) {
        items[from + i] = better->items[i];
        items[from + i].x0 += x, items[from + i].x1 += x;
    }
    for (int i = to; i < all->count; i++)
        items[from + better->count + i - to] = all->items[i];
    readings_t whole = {.items = items, .count = count};
    *all = part_of(&whole, 0, count);
}

/* Reads the words *from … to of a line again and keeps what is best; *from is then the first word read again. */
static int read_again(linereader_t *r, const line_t *line, int *from, int to, int most, readings_t *words)
{
    enum { APART = 2 }; /* words at the beginning that are too little to be parted from the others */
    int x0 = wordgap_cut(line, words, *from), x1 = wordgap_cut(line, words, to), status = 0, count = 1;
    if (*from < APART || x0 < 0 || x1 <= x0) { /* nothing was read, or there is nowhere to cut */
        x0 = *from = 0, to = words->count;
        x1 = line->picture->width;
    }
    picture_t *part = picture_crop(line->picture, x0, 0, x1 - x0, line->picture->height);
    if (!part)
        return -1;
    readings_t all[REREAD_MOST + 1] = {part_of(words, *from, to)};
    for (; count <= most && !reread_settled(all, count) && !status; count++)
        status = read_look(r, part, line->tall, &looks[count - 1], &all[count]);
    picture_destroy(&part);
    int best = status ? 0 : reread_best(r->engine, all, count);
    if (best > 0)
        replace(r, words, *from, to, &all[best], x0);
    return status;
}

int lineread(linereader_t *r, const line_t *line, readings_t *out)
{
    if (linecache_find(r->cache, line->picture, out))
        return 0;
    if (read_first(r, line, out))
        return -1;
    int from = out->count, to = 0, most = reread_most(r->engine, out);
    if (out->count == 0 && read_again(r, line, &from, to, most, out))
        return -1;
    while (most > 0 && reread_unsure(out, from, &from, &to)) /* from the right: places further left stay */
        if (read_again(r, line, &from, to, most, out))
            return -1;
    wordgap_part(line, r->scratch, out);
    linecache_add(r->cache, line->picture, out);
    return 0;
}
