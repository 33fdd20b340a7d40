/* wordmark: see wordmark.h. */
#include "wordmark.h"

#include "proto/base/text.h"

#include <string.h>

/* Parts of an em that letters take, of common sans and serif faces: capitals and ascenders, x-height, below the line.
 */
#define EM_CAPITAL 0.72
#define EM_X       0.53
#define EM_BELOW   0.20

/* Stroke widths of regular and bold faces as a share of the em. */
#define STROKE_REGULAR 0.085
#define STROKE_BOLD    0.150

/* The same of small print, where strokes blur to a pixel and more, and its ink as a share of length times em: medians
 * of 8 px print in regular and bold of a sans face; both together part 95 % of its words. */
#define SMALL_STROKE_REGULAR 0.158
#define SMALL_STROKE_BOLD    0.178
#define SMALL_INK_REGULAR    0.25
#define SMALL_INK_BOLD       0.31

/* Height of the text's ink in em, from the letters that it has. */
static double ink_em(const char *text)
{
    bool tall = false, low = false, letter = false;
    for (uint32_t c; (c = text_next(&text));) {
        if (text_is_digit(c) || text_is_upper(c) || (c < 128 && strchr("bdfhklti!?/()[]|&%$#@", (int)c)) ||
            (c > 0x2FF && text_is_letter(c)))
            tall = true;
        if (c < 128 && strchr("gjpqy()[]|/;,Q", (int)c))
            low = true;
        if (text_is_letter(c) || text_is_digit(c))
            letter = true;
    }
    if (!letter && !tall)
        return 0;
    return (tall ? EM_CAPITAL : EM_X) + (low ? EM_BELOW : 0);
}

/* Twice the ink over its outline: the mean width of a stroke, px. */
static double stroke_width(const print_t *p, int x0, int y0, int x1, int y1)
{
    double ink = 0, outline = 0;
    for (int y = y0; y < y1; y++) {
        const uint8_t *row = p->even->pixels + (size_t)y * p->even->stride;
        const uint8_t *next = y + 1 < p->even->height ? row + p->even->stride : row;
        for (int x = x0; x < x1; x++) {
            int here = 255 - row[x], right = x + 1 < p->even->width ? 255 - row[x + 1] : here, below = 255 - next[x];
            int dx = here > right ? here - right : right - here, dy = here > below ? here - below : below - here;
            ink += here;
            /* length of the outline from the gradient: exact for straight and for diagonal edges */
            double a = dx > dy ? dx : dy, b = dx > dy ? dy : dx;
            outline += a + 0.41 * b;
        }
    }
    return outline > 0 ? 2 * ink / outline : 0;
}

/* Ink of the word in px of full black. */
static double ink_of(const print_t *p, int x0, int y0, int x1, int y1)
{
    double ink = 0;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            ink += 255 - p->even->pixels[(size_t)y * p->even->stride + (size_t)x];
    return ink / 255;
}

static double clamp(double share)
{
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

double wordmark_weight(const print_t *p, double size, int x0, int y0, int x1, int y1)
{
    if (size <= 0 || x1 <= x0)
        return 0;
    double share = stroke_width(p, x0, y0, x1, y1) / size;
    if (size >= WORDMARK_SMALL)
        return clamp((share - STROKE_REGULAR) / (STROKE_BOLD - STROKE_REGULAR));
    double ink = ink_of(p, x0, y0, x1, y1) / (size * (x1 - x0));
    return clamp((share - SMALL_STROKE_REGULAR) / (SMALL_STROKE_BOLD - SMALL_STROKE_REGULAR)) / 2 +
           clamp((ink - SMALL_INK_REGULAR) / (SMALL_INK_BOLD - SMALL_INK_REGULAR)) / 2;
}

/* Mean colour of the inkiest pixels of the word. */
static int32_t ink_colour(const print_t *p, const sheet_t *sheet, const box_t *box, int x0, int y0, int x1, int y1)
{
    int darkest = 255;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            int v = p->even->pixels[(size_t)y * p->even->stride + (size_t)x];
            darkest = v < darkest ? v : darkest;
        }
    /* the print may be turned: map pixel by pixel */
    long sum[3] = {0}, n = 0;
    const picture_t *picture = sheet->picture;
    (void)box;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            if (p->even->pixels[(size_t)y * p->even->stride + (size_t)x] > darkest + 40)
                continue;
            box_t at = print_to_page(p, x, y, 1, 1);
            const uint8_t *v =
                picture->pixels + (size_t)at.y * picture->stride + (size_t)at.x * (size_t)picture->channels;
            for (int c = 0; c < 3; c++)
                sum[c] += v[picture->channels == 3 ? c : 0];
            n++;
        }
    n = n ? n : 1;
    return (int32_t)((sum[0] / n) << 16 | (sum[1] / n) << 8 | sum[2] / n);
}

void wordmark_fill(word_t *word, const print_t *print, const sheet_t *sheet, int x0, int y0, int x1, int y1)
{
    double em = ink_em(word->text);
    word->size = em > 0 ? (y1 - y0) / em : 0;
    word->colour = ink_colour(print, sheet, &word->box, x0, y0, x1, y1);
}
