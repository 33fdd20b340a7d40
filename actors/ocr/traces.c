/* traces: see traces.h. */
#include "traces.h"

#include "actors/picture/picture_filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16 };
typedef uint8_t bytes_t __attribute__((vector_size(BLOCK)));

/* Turns 16 x 16 bytes about their diagonal: four times each row of the upper half is shuffled, as cards are, with its
 * fellow of the lower half. */
static void transpose_block(const uint8_t *from, size_t from_stride, uint8_t *to, size_t to_stride)
{
    bytes_t rows[BLOCK], shuffled[BLOCK];
    for (int i = 0; i < BLOCK; i++)
        memcpy(&rows[i], from + (size_t)i * from_stride, BLOCK);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < BLOCK / 2; i++) {
            bytes_t a = rows[i], b = rows[i + BLOCK / 2];
            shuffled[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            shuffled[2 * i + 1] =
                __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        memcpy(rows, shuffled, sizeof rows);
    }
    for (int i = 0; i < BLOCK; i++)
        memcpy(to + (size_t)i * to_stride, &rows[i], BLOCK);
}

static picture_t *transpose(const picture_t *in)
{
    enum { TILE = 64 };
    picture_t *out = picture_unset(in->height, in->width, 1);
    if (!out)
        return NULL;
    int w = in->width / BLOCK * BLOCK, h = in->height / BLOCK * BLOCK;
    for (int tx = 0; tx < w; tx += TILE)
        for (int y = 0; y < h; y += BLOCK)
            for (int x = tx; x < w && x < tx + TILE; x += BLOCK)
                transpose_block(in->pixels + (size_t)y * in->stride + (size_t)x, in->stride,
                                out->pixels + (size_t)x * out->stride + (size_t)y, out->stride);
    for (int y = 0; y < in->height; y++)
        for (int x = y < h ? w : 0; x < in->width; x++)
            out->pixels[(size_t)x * out->stride + (size_t)y] = in->pixels[(size_t)y * in->stride + (size_t)x];
    return out;
}

/* Loops over rows are functions of their own, so that the compiler knows that nothing they read changes. */

/* Means of 2 x 2 px of two rows; step: channels. */
static void half_row(const uint8_t *restrict a, const uint8_t *restrict b, int step, uint8_t *restrict to, int n)
{
    if (step == 1)
        for (int x = 0; x < n; x++)
            to[x] = (uint8_t)((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) / 4);
    else
        for (int x = 0; x < n; x++)
            to[x] = (uint8_t)((a[6 * x] + a[6 * x + 3] + b[6 * x] + b[6 * x + 3] + 2) / 4);
}

/* One channel at half size. */
static picture_t *half_channel(const picture_t *in, int channel)
{
    int w = in->width / 2, h = in->height / 2;
    picture_t *out = w > 0 && h > 0 ? picture_unset(w, h, 1) : NULL;
    for (int y = 0; out && y < h; y++) {
        const uint8_t *row = in->pixels + (size_t)(2 * y) * in->stride + channel;
        half_row(row, row + in->stride, in->channels, out->pixels + (size_t)y * out->stride, w);
    }
    return out;
}

/* Puts the ground of pale print, as the opening shows it, in the place of the closing's. */
static void mend_row(uint8_t *restrict closed, const uint8_t *restrict opened, const uint8_t *restrict mean, int n,
                     int ninths)
{
    enum { PRINT = 70 }; /* least contrast of pale print on a dark ground */
    for (int x = 0; x < n; x++) {
        /* pale print lifts the mean over the ground, by less than so many ninths; dark print draws it below */
        int16_t print = (int16_t)(closed[x] - opened[x]), lift = (int16_t)(mean[x] - opened[x]);
        bool is_pale = (print > PRINT) & (lift >= -1) & ((int16_t)(9 * lift) < (int16_t)(ninths * print));
        closed[x] = is_pale ? opened[x] : closed[x];
    }
}

/* Without print and rules: closed then opened where print is dark, opened then closed where it is pale (the other order
 * would make blobs of it); by the mean of its surroundings. */
static picture_t *fill_channel(const picture_t *in, int channel, int size, bool grainy)
{
    picture_t *closed = half_channel(in, channel), *opened = NULL, *mean = NULL;
    int wide = 4 * size, twice = 2 * size - 1; /* one filter after the other with the same window */
    if (!closed || !(opened = picture_eroded(closed, size, size)) ||
        !(mean = picture_mean(closed, wide | 1, wide | 1)) || picture_dilate(closed, size, size) ||
        picture_erode(closed, twice, twice) || picture_dilate(closed, size, size) ||
        picture_dilate(opened, twice, twice) || picture_erode(opened, size, size))
        picture_destroy(&closed);
    for (int y = 0; closed && y < closed->height; y++) {
        size_t row = (size_t)y * closed->stride;
        mend_row(closed->pixels + row, opened->pixels + row, mean->pixels + row, closed->width, grainy ? 4 : 3);
    }
    picture_destroy(&opened);
    picture_destroy(&mean);
    return closed;
}

static void add_step_row(uint8_t *restrict to, const uint8_t *restrict before, const uint8_t *restrict behind, int n)
{
    for (int x = 0; x < n; x++) {
        uint8_t a = before[x], b = behind[x], most = a > b ? a : b, least = a < b ? a : b, d = (uint8_t)(most - least);
        to[x] = to[x] > d ? to[x] : d;
    }
}

/* Raises a plane of half size to the steps of one fill channel: across the lines, from the px before to that behind. */
static void add_steps(picture_t *plane, const picture_t *fill, int direction)
{
    size_t back = direction ? 1 : fill->stride;
    int edge = direction ? 0 : 1;
    for (int y = edge; y < fill->height - edge; y++) {
        size_t at = (size_t)y * fill->stride + (size_t)direction;
        add_step_row(plane->pixels + at, fill->pixels + at - back, fill->pixels + at + back,
                     fill->width - 2 * direction);
    }
}

static void double_row(uint8_t *restrict to, const uint8_t *restrict from, int n)
{
    for (int x = 0; x < n; x++)
        to[2 * x] = to[2 * x + 1] = from[x];
}

/* A plane of half size drawn twice as large in its rows from `first` to before `end`; what an odd width or height
 * leaves over at the side of the lines' ends is drawn as its neighbour. */
static picture_t *double_plane(const picture_t *half, int width, int height, int first, int end, bool to_side)
{
    picture_t *out = picture_unset(width, height, 1);
    for (int y = 0; out && y < height; y++) {
        int row = y / 2 < half->height ? y / 2 : half->height - 1;
        const uint8_t *from = half->pixels + (size_t)row * half->stride;
        uint8_t *to = out->pixels + (size_t)y * out->stride;
        bool drawn = y >= first && y < end;
        double_row(to, from, drawn ? half->width : 0);
        for (int x = drawn ? 2 * half->width : 0; x < width; x++)
            to[x] = drawn && to_side ? from[half->width - 1] : 0;
    }
    return out;
}

/* Steps of colour between fills over 4 px. */
static picture_t *steps(const traces_t *traces, int width, int height, int direction)
{
    int half_width = traces->fills[0]->width, half_height = traces->fills[0]->height;
    picture_t *half = picture_new(half_width, half_height, 1), *out = NULL, *turned = NULL;
    for (int c = 0; half && c < 3; c++)
        if (traces->fills[c])
            add_steps(half, traces->fills[c], direction);
    if (half && !direction)
        out = double_plane(half, width, height, 2, height - 3, false);
    else if (half && (turned = transpose(half)))
        out = double_plane(turned, height, width, 0, 2 * half_width, true);
    picture_destroy(&turned);
    picture_destroy(&half);
    return out;
}

static void pale_row(uint8_t *restrict to, const uint8_t *restrict here, const uint8_t *restrict above,
                     const uint8_t *restrict below, int n)
{
    for (int x = 0; x < n; x++) {
        uint8_t side = above[x] > below[x] ? above[x] : below[x], most = here[x] > side ? here[x] : side;
        to[x] = (uint8_t)(most - side);
    }
}

/* Pixels over the paler of both sides, each side the palest of 7 px along the line. */
static picture_t *pale_lines(const picture_t *grey, int reach)
{
    picture_t *along = picture_dilated(grey, 7, 1), *out = picture_unset(grey->width, grey->height, 1);
    if (!along || !out) {
        picture_destroy(&along);
        picture_destroy(&out);
        return NULL;
    }
    for (int y = 0; y < grey->height; y++) {
        size_t row = (size_t)y * grey->stride, away = (size_t)reach * grey->stride;
        if (y < reach || y + reach >= grey->height)
            memset(out->pixels + row, 0, grey->stride);
        else
            pale_row(out->pixels + row, grey->pixels + row, along->pixels + row - away, along->pixels + row + away,
                     grey->width);
    }
    picture_destroy(&along);
    return out;
}

/* The 15th percentile of row y from x0 to x1 after a dilation by 3 along it. */
static int low_value(const picture_t *plane, int y, int x0, int x1)
{
    const uint8_t *row = plane->pixels + (size_t)y * plane->stride;
    uint8_t any = 0; /* most of a plane is 0 */
    int end = x1 < plane->width ? x1 + 1 : plane->width;
    for (int x = x0 > 0 ? x0 - 1 : 0; x < end; x++)
        any |= row[x];
    if (!any && x1 > x0)
        return 0;
    int histogram[256] = {0}, n = 0;
    for (int x = x0; x < x1; x++) {
        uint8_t v = row[x];
        if (x > 0 && row[x - 1] > v)
            v = row[x - 1];
        if (x + 1 < plane->width && row[x + 1] > v)
            v = row[x + 1];
        histogram[v]++, n++;
    }
    int limit = n * 15 / 100, sum = 0;
    for (int v = 0; v < 256; v++)
        if ((sum += histogram[v]) > limit)
            return v;
    return 255;
}

/* How strong a line the grain of the paper alone draws: what nine in ten short pieces of rows stay under. Rules are on
 * fewer rows than that, and print has gaps. */
static int grain(const picture_t *plane)
{
    enum { PIECE = 48, EVERY = 5 }; /* px along and across */
    size_t histogram[256] = {0}, n = 0, sum = 0;
    for (int y = EVERY; y < plane->height; y += EVERY)
        for (int x = 0; x + PIECE <= plane->width; x += PIECE)
            histogram[low_value(plane, y, x, x + PIECE)]++, n++;
    for (int v = 0; v < 256; v++)
        if ((sum += histogram[v]) * 10 >= n * 9)
            return v;
    return 0;
}

int traces_open(traces_t *traces, const sheet_t *sheet)
{
    *traces = (traces_t){
        .photo = sheet->noise > SHEET_NOISE_PHOTO, .grainy = sheet->noise > SHEET_NOISE_GRAIN, .blocks = sheet->blocks};
    bool photo = sheet->noise > SHEET_NOISE_PHOTO;
    int size = (int)(sheet->text * 0.75) | 1;
    size = size < 7 ? 7 : size > 31 ? 31 : size;
    traces->grey[0] = photo ? picture_mean(sheet->grey, 3, 3) : picture_clone(sheet->grey);
    if (!traces->grey[0])
        return -1;
    const picture_t *grey = traces->grey[0];
    if (sheet->dark)
        picture_invert(traces->grey[0]);
    traces->grey[1] = transpose(grey);
    traces->dark[0] = picture_black_hat(grey, size, size);
    int half = (int)(sheet->text * 0.5) | 1;
    half = half < 5 ? 5 : half > 21 ? 21 : half;
    for (int c = 0; c < sheet->picture->channels; c++)
        if (!(traces->fills[c] = fill_channel(sheet->picture, c, half, traces->grainy))) {
            traces_close(traces);
            return -1;
        }
    traces->step[0] = steps(traces, grey->width, grey->height, 0);
    traces->step[1] = steps(traces, grey->width, grey->height, 1);
    if (traces->dark[0] && traces->grey[1]) {
        traces->dark[1] = transpose(traces->dark[0]);
        traces->pale[0] = pale_lines(grey, size / 2);
        traces->pale[1] = pale_lines(traces->grey[1], size / 2);
    }
    /* clean drawings show rules of #eee on white (17); noise of sigma s reaches 4 s along no run of 2 letters' length
     */
    int floor = (int)lround(4 * sheet->noise);
    floor = sheet->blocks && floor < 16 ? 16 : floor;
    traces->dark_least = floor > 11 ? floor : 11;
    if (traces->dark[1]) { /* of both ways: dense print fills many rows, but not columns */
        int across = grain(traces->dark[0]), down = grain(traces->dark[1]),
            least = (across < down ? across : down) * 3 / 2;
        traces->dark_least = least > traces->dark_least ? least : traces->dark_least;
    }
    traces->pale_least = floor > 12 ? floor : 12;
    traces->step_least = sheet->blocks ? 13 : 9;
    if (traces->dark[1] && traces->pale[0] && traces->pale[1] && traces->step[0] && traces->step[1])
        return 0;
    traces_close(traces);
    return -1;
}

void traces_close(traces_t *traces)
{
    for (int c = 0; c < 3; c++)
        picture_destroy(&traces->fills[c]);
    for (int d = 0; d < 2; d++) {
        picture_destroy(&traces->grey[d]);
        picture_destroy(&traces->dark[d]);
        picture_destroy(&traces->pale[d]);
        picture_destroy(&traces->step[d]);
    }
}

static double best_row(const picture_t *plane, int at, int from, int to, int reach, int *best)
{
    int most = -1;
    *best = at;
    for (int d = 0; d <= 2 * reach; d++) {
        int y = at + (d % 2 ? (d + 1) / 2 : -d / 2);
        if (y < 0 || y >= plane->height)
            continue;
        int v = low_value(plane, y, from, to);
        if (v > most)
            most = v, *best = y;
    }
    return most;
}

/* Median of one fill channel along a line; places in px of the page. */
static int median_fill(const picture_t *p, int direction, int at, int from, int to)
{
    int histogram[256] = {0}, n = 0, sum = 0;
    for (int i = from / 2; i <= (to - 1) / 2; i++) {
        int x = direction ? at / 2 : i, y = direction ? i : at / 2;
        if (x < p->width && y < p->height)
            histogram[p->pixels[(size_t)y * p->stride + (size_t)x]]++, n++;
    }
    for (int v = 0; v < 256; v++)
        if ((sum += histogram[v]) * 2 >= n)
            return v;
    return 255;
}

/* Values of the rows beside a line that a quarter of the pixels, and three quarters, lie under. */
typedef struct {
    int low, high;
} tones_t;

static tones_t tones_beside(const picture_t *grey, int from_row, int to_row, int from, int to)
{
    size_t histogram[256] = {0}, n = (size_t)(to_row - from_row) * (size_t)(to - from), sum = 0;
    tones_t tones = {-1, 255};
    for (int y = from_row; y < to_row; y++)
        for (int x = from; x < to; x++)
            histogram[grey->pixels[(size_t)y * grey->stride + (size_t)x]]++;
    for (int v = 0; v < 256; v++) {
        sum += histogram[v];
        if (tones.low < 0 && sum * 4 >= n)
            tones.low = v;
        if (sum * 4 >= 3 * n) {
            tones.high = v;
            break;
        }
    }
    return tones;
}

/* Whether print begins at a line, on a ground that goes on beyond it: one of the tones is the same on both sides. Two
 * fills have both unlike. */
static bool is_edge_of_print(const picture_t *grey, int at, int from, int to)
{
    enum { NEAR = 3, FAR = 13, UNLIKE = 28, LIKE = 8 }; /* px beside the line; grey values of print, of one ground */
    if (at < FAR || at + FAR >= grey->height)
        return false;
    tones_t a = tones_beside(grey, at - FAR, at - NEAR, from, to),
            b = tones_beside(grey, at + NEAR, at + FAR, from, to);
    int low = abs(a.low - b.low), high = abs(a.high - b.high), most = low > high ? low : high;
    return most >= UNLIKE && (low < high ? low : high) < LIKE;
}

int traces_sides(const traces_t *traces, int direction, int at, int from, int to)
{
    enum {
        BESIDE = 6,
        BEYOND = 18,
        WEAK = 26
    }; /* px within a narrow cell; px beyond a block of JPEG chroma; its steps */
    const picture_t *plane = traces->dark[direction];
    int most = 0;
    from = from < 0 ? 0 : from, to = to > plane->width ? plane->width : to;
    if (at < BESIDE || at + BESIDE >= plane->height || to <= from)
        return 0;
    if (traces->grainy && is_edge_of_print(traces->grey[direction], at, from, to))
        return 0;
    for (int c = 0; c < 3 && traces->fills[c]; c++) {
        const picture_t *fill = traces->fills[c];
        int a = median_fill(fill, direction, at - BESIDE, from, to);
        int b = median_fill(fill, direction, at + BESIDE, from, to), difference = abs(a - b);
        if (traces->blocks && difference < WEAK && at >= BEYOND && at + BEYOND < plane->height) {
            int before = abs(median_fill(fill, direction, at - BEYOND, from, to) - b);
            int behind = abs(a - median_fill(fill, direction, at + BEYOND, from, to));
            difference = before < difference ? before : difference;
            difference = behind < difference ? behind : difference;
        }
        most = difference > most ? difference : most;
    }
    return most;
}

int traces_percent(const picture_t *grey, int y, int from, int to, int share)
{
    int histogram[256] = {0}, sum = 0;
    const uint8_t *row = grey->pixels + (size_t)y * grey->stride;
    for (int x = from; x < to; x++)
        histogram[row[x]]++;
    for (int v = 0; v < 256; v++)
        if ((sum += histogram[v]) * 100 >= (to - from) * share)
            return v;
    return 255;
}

bool traces_solid(const traces_t *traces, int direction, int at, int from, int to, int kind)
{
    const picture_t *grey = traces->grey[direction];
    enum { THICK = 6, SOLID = 70, SOLID_THICK = 90 }; /* a line of small print is as thick as the thickest rules */
    int thick = traces_thickness(traces, direction, at, from, to, kind), half = thick / 2 + 2;
    int share = thick >= THICK ? SOLID_THICK : SOLID;
    from = from < 0 ? 0 : from, to = to > grey->width ? grey->width : to;
    if (at - half < 0 || at + half >= grey->height || to <= from)
        return true; /* at the page's border there is nothing to compare with */
    int least = kind == LINE_PALE ? traces->pale_least / 2 : traces->dark_least / 2;
    int line = traces_percent(grey, at, from, to, kind == LINE_PALE ? 100 - share : share);
    int above = traces_percent(grey, at - half, from, to, 50), below = traces_percent(grey, at + half, from, to, 50);
    int typical = traces_percent(grey, at, from, to, 50),
        side = kind == LINE_PALE ? (above > below ? above : below) : (above < below ? above : below);
    int strength = kind == LINE_PALE ? typical - side : side - typical,
        weakest = kind == LINE_PALE ? line - side : side - line;
    if (strength >= EVEN_FROM && 2 * weakest < strength)
        return false;
    if (kind == LINE_PALE)
        return line >= above + least && line >= below + least;
    return line + least <= above && line + least <= below;
}

int traces_thickness(const traces_t *traces, int direction, int at, int from, int to, int kind)
{
    const picture_t *plane = kind == LINE_PALE ? traces->pale[direction] : traces->dark[direction];
    if (kind == LINE_COLOUR)
        return 2;
    if (kind == LINE_STEP || to <= from || at < 0 || at >= plane->height)
        return 0;
    int here = low_value(plane, at, from, to), thick = 1;
    if (here == 0)
        return 0; /* the rule stands elsewhere */
    for (int way = -1; way <= 1; way += 2)
        for (int y = at + way; y >= 0 && y < plane->height && abs(y - at) < 16; y += way) {
            if (low_value(plane, y, from, to) * 2 < here)
                break;
            thick++;
        }
    return thick;
}

/* The weaker of both halves at the best row of each. */
static double edge_score(const picture_t *plane, int at, int from, int to, int reach, int *best)
{
    int first, second, middle = (from + to) / 2;
    if (to - from < 10)
        return best_row(plane, at, from, to, reach, best);
    double score = best_row(plane, at, from, middle, reach, &first);
    double other = best_row(plane, at, middle, to, reach, &second);
    *best = (first + second) / 2;
    return other < score ? other : score;
}

double traces_edge(const traces_t *traces, int direction, int at, int from, int to, int reach, int solid_most,
                   int *best, int *kind)
{
    const picture_t *planes[3] = {traces->dark[direction], traces->pale[direction], traces->step[direction]};
    enum { OVERSHADOWS = 4 }; /* so many times as strong as the trace of a rule, which then is the step's blur */
    const int kinds[3] = {LINE_DARK, LINE_PALE, LINE_STEP};
    int leasts[3] = {traces->dark_least, traces->pale_least, traces->step_least};
    double most = 0;
    from = from < 0 ? 0 : from;
    to = to > planes[0]->width ? planes[0]->width : to;
    *best = at, *kind = 0;
    if (to <= from)
        return 0;
    for (int k = 0; k < 3; k++) {
        int place;
        /* a rule makes steps of its own: from where one is more (no score is over 255) */
        double rule = k < 2 || most <= 0 ? 0 : traces->photo ? 256 : OVERSHADOWS * most;
        if (rule > 255)
            break;
        double score = edge_score(planes[k], at, from, to, reach, &place);
        if (score < rule)
            break;
        if (score <= most || 5 * score < 4 * leasts[k])
            continue;
        bool real = k == 2 ? 3 * traces_sides(traces, direction, place, from, to) >= 2 * traces->step_least
                           : to - from >= solid_most || traces_solid(traces, direction, place, from, to, kinds[k]);
        if (real)
            most = score, *best = place, *kind = kinds[k];
    }
    return most;
}
