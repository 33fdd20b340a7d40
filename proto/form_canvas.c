/* form_canvas: see form_canvas.h. */
#include "form_canvas.h"

#include "base/text.h"
#include "form_words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { EDGE_UP = 1, EDGE_RIGHT = 2, EDGE_DOWN = 4, EDGE_LEFT = 8 };

/* Bytes of one column: a character and a few combining marks; more marks are dropped. */
enum { GLYPH_BYTES = 16 };

typedef struct {
    char text[GLYPH_BYTES]; /* UTF-8; "" = blank */
    unsigned char style;    /* form_style_t */
    unsigned char edges;    /* EDGE_* that lines leave this place by */
    bool tail;              /* second column of a wide character */
} glyph_t;

struct canvas {
    int width, height; /* columns, lines */
    glyph_t glyphs[];  /* line by line */
};

static glyph_t *at(const canvas_t *canvas, int x, int y)
{
    assert(x >= 0 && x < canvas->width && y >= 0 && y < canvas->height);
    return (glyph_t *)&canvas->glyphs[(size_t)y * (size_t)canvas->width + (size_t)x];
}

canvas_t *canvas_new(int width, int height)
{
    assert(width > 0 && height > 0);
    canvas_t *canvas = calloc(1, sizeof *canvas + (size_t)width * (size_t)height * sizeof(glyph_t));
    if (!canvas)
        abort();
    canvas->width = width;
    canvas->height = height;
    return canvas;
}

void canvas_destroy(canvas_t **canvas)
{
    free(*canvas);
    *canvas = NULL;
}

void canvas_text(canvas_t *canvas, int x, int y, int columns, const char *text, int style)
{
    glyph_t *last = NULL;
    int end = x + columns < canvas->width ? x + columns : canvas->width;
    for (const char *next = text; *text; text = next) {
        char one[5] = {0};
        uint32_t point = text_next(&next);
        size_t size = text_encode(point, one);
        int wide = (int)text_columns(one);
        if (wide == 0) {
            size_t used = last ? strlen(last->text) : GLYPH_BYTES;
            if (last && used + size < GLYPH_BYTES)
                memcpy(last->text + used, one, size + 1);
            continue;
        }
        if (x + wide > end)
            return;
        last = at(canvas, x, y);
        memcpy(last->text, one, size + 1);
        last->style = (unsigned char)style;
        if (wide == 2)
            at(canvas, x + 1, y)->tail = true;
        x += wide;
    }
}

void canvas_frame(canvas_t *canvas, int x0, int y0, int x1, int y1)
{
    for (int x = x0; x <= x1; x++) {
        unsigned char edges = (unsigned char)((x > x0 ? EDGE_LEFT : 0) | (x < x1 ? EDGE_RIGHT : 0));
        at(canvas, x, y0)->edges |= edges;
        at(canvas, x, y1)->edges |= edges;
    }
    for (int y = y0; y <= y1; y++) {
        unsigned char edges = (unsigned char)((y > y0 ? EDGE_UP : 0) | (y < y1 ? EDGE_DOWN : 0));
        at(canvas, x0, y)->edges |= edges;
        at(canvas, x1, y)->edges |= edges;
    }
}

static const char *glyph_text(const glyph_t *glyph)
{
    /* by EDGE_* bits: up 1, right 2, down 4, left 8 */
    static const char *const lines[16] = {" ", "╵", "╶", "╰", "╷", "│", "╭", "├",
                                          "╴", "╯", "─", "┴", "╮", "┤", "┬", "┼"};
    return *glyph->text ? glyph->text : lines[glyph->edges];
}

void canvas_write(const canvas_t *canvas, bool colour, buf_t *out)
{
    buf_t run = {0};
    for (int y = 0; y < canvas->height; y++) {
        int end = canvas->width;
        while (end > 0 && !*at(canvas, end - 1, y)->text && !at(canvas, end - 1, y)->edges &&
               !at(canvas, end - 1, y)->tail)
            end--;
        int style = STYLE_PLAIN;
        for (int x = 0; x < end; x++) {
            const glyph_t *glyph = at(canvas, x, y);
            if (glyph->tail)
                continue;
            bool blank = !*glyph->text && !glyph->edges;
            int wanted = blank ? style : *glyph->text ? glyph->style : STYLE_DIM;
            if (wanted != style) {
                form_paint(out, colour, style, buf_string(&run));
                buf_clear(&run);
                style = wanted;
            }
            buf_text(&run, glyph_text(glyph));
        }
        form_paint(out, colour, style, buf_string(&run));
        buf_clear(&run);
        buf_char(out, '\n');
    }
    buf_free(&run);
}
