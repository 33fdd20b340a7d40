/* print: see print.h. */
#include "print.h"

#include "actors/picture/picture_filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Least difference of ink and paper after evening, of 255: print at 42 % contrast in light grey has 45. */
enum { CONTRAST_LEAST = 40, CONTRAST_LEAST_PHOTO = 75 };

/* Evened values under which a pixel is ink. Grain fills the gaps between small letters: there less counts (12 px print
 * with noise of 3.5; a mean against the grain would close the gaps altogether). */
enum { INK_MOST = 165, INK_MOST_PHOTO = 145 };

/* Ground that is darker than this may hold pale print; up to FLIPPED_MOST only print that stands out of it by so much
 * (white on dusty pink, 178, does; grain and glare on grey paper do not). Photos have paper as dark. */
enum { FLIPPED_SURELY = 160, FLIPPED_MOST = 200, FLIPPED_STEP = 60 };

/* The value below which a share of the pixels lies. */
static int percentile(const size_t histogram[256], size_t count)
{
    size_t sum = 0;
    for (int v = 0; v < 256; v++)
        if ((sum += histogram[v]) > count)
            return v;
    return 255;
}

static size_t count_values(const picture_t *grey, size_t histogram[256])
{
    memset(histogram, 0, 256 * sizeof *histogram);
    for (int y = 0; y < grey->height; y++)
        for (int x = 0; x < grey->width; x++)
            histogram[grey->pixels[(size_t)y * grey->stride + (size_t)x]]++;
    return (size_t)grey->width * (size_t)grey->height;
}

/* Divides by the background (grey closing, then a mean). */
static int even_out(picture_t *grey, double text)
{
    int size = (int)(2.5 * text) | 1;
    size = size < 15 ? 15 : size > 91 ? 91 : size;
    picture_t *ground = picture_clone(grey), *soft = NULL;
    if (ground && !picture_dilate(ground, size, size) && !picture_erode(ground, size, size))
        soft = picture_mean(ground, size, size);
    picture_destroy(&ground);
    if (!soft)
        return -1;
    uint32_t inverse[256] = {0}; /* of 2^24: exact for every grey under its paper, and a division is slow */
    for (uint32_t paper = 1; paper < 256; paper++)
        inverse[paper] = (1u << 24) / paper + 1;
    for (int y = 0; y < grey->height; y++) {
        uint8_t *row = grey->pixels + (size_t)y * grey->stride;
        const uint8_t *paper = soft->pixels + (size_t)y * soft->stride;
        for (int x = 0; x < grey->width; x++) {
            uint32_t v = row[x];
            row[x] = paper[x] == 0 && v == 0 ? 0 : v >= paper[x] ? 255 : (uint8_t)(v * 255u * inverse[paper[x]] >> 24);
        }
    }
    picture_destroy(&soft);
    return 0;
}

/* Spreads ink … 255 to 0 … 255. */
static void stretch(picture_t *grey, int ink)
{
    uint8_t table[256];
    for (int v = 0; v < 256; v++)
        table[v] = v <= ink ? 0 : (uint8_t)((v - ink) * 255 / (255 - ink));
    for (size_t i = 0; i < grey->stride * (size_t)grey->height; i++)
        grey->pixels[i] = table[grey->pixels[i]];
}

static void erase(print_t *p, int component)
{
    const component_t *item = &p->parts.items[component];
    for (int i = item->first_run; i < p->parts.run_count && p->parts.runs[i].y < item->y + item->h; i++) {
        const run_t *run = &p->parts.runs[i];
        if (run->component != component)
            continue;
        int x0 = run->x0 > 0 ? run->x0 - 1 : 0, x1 = run->x1 < p->even->width ? run->x1 + 1 : run->x1;
        for (int y = run->y - 1; y <= run->y + 1; y++)
            if (y >= 0 && y < p->even->height)
                memset(p->even->pixels + (size_t)y * p->even->stride + x0, 255, (size_t)(x1 - x0));
        memset(p->mask->pixels + (size_t)run->y * p->mask->stride + run->x0, 0, (size_t)(run->x1 - run->x0));
    }
}

/* Whether a part stands in a line of print: the next part to its right or left, a letter's width away, is as high. */
static bool in_line(const print_t *p, int part)
{
    const component_t *c = &p->parts.items[part];
    for (int i = 0; i < p->parts.count; i++) {
        const component_t *o = &p->parts.items[i];
        int gap = o->x > c->x ? o->x - c->x - c->w : c->x - o->x - o->w;
        if (i != part && o->w > 1 && gap <= 0.6 * p->text && 5 * c->h >= 4 * o->h &&
            abs(c->y - o->y) <= 0.4 * p->text && abs(c->y + c->h - o->y - o->h) <= 0.3 * p->text)
            return c->h >= 0.7 * p->text && c->h <= 1.7 * p->text;
    }
    return false;
}

/* What is left of the cell's rules: long and thin, at the border. Returns how many went. */
static int erase_rules(print_t *p)
{
    int w = p->mask->width, h = p->mask->height, gone = 0;
    double thin = 0.4 * p->text;
    bool roomy = w > 4 * p->text && h > 2 * p->text; /* letters do not touch two sides */
    for (int i = 0; i < p->parts.count; i++) {
        const component_t *c = &p->parts.items[i];
        bool side = c->x <= 1 || c->x + c->w >= w - 1, end = c->y <= 1 || c->y + c->h >= h - 1;
        bool across = end && c->w > 0.6 * w && c->h <= thin && c->w > 2 * p->text;
        bool down = side && c->h > 0.6 * h && c->w <= thin && c->h > 2 * p->text;
        bool corner =
            (side || end) && c->w > 0.6 * w && c->h > 0.6 * h && c->area < 0.15 * w * h && c->area < 6 * (c->w + c->h);
        bool ring = c->w > 0.85 * w && c->h > 0.85 * h && c->area < 0.3 * w * h && c->area < 10 * (w + h);
        bool nook = roomy && side && end && c->w < 1.6 * p->text && c->h < 1.6 * p->text; /* outside a round corner */
        /* the soft edge of a rule, or an I that touches it */
        bool sliver = (side && c->w <= 1 && !in_line(p, i)) || (end && c->h <= 1);
        if (across || down || corner || ring || nook || sliver)
            erase(p, i), gone++;
    }
    return gone;
}

/* Rows and columns at the border that are mostly ink are what is left of the cell's rules. */
static void clear_border(print_t *p)
{
    enum { DEEP = 4 }; /* px: half a thick rule */
    int w = p->mask->width, h = p->mask->height;
    for (int side = 0; side < 4; side++) {
        int length = side < 2 ? w : h, across = side < 2 ? h : w, deepest = -1;
        size_t along = side < 2 ? 1 : p->mask->stride, step = side < 2 ? p->mask->stride : 1;
        for (int d = 0; d < DEEP && d < across / 4; d++) {
            size_t start = (size_t)(side % 2 ? across - 1 - d : d) * step;
            int ink = 0;
            for (int i = 0; i < length; i++)
                ink += p->mask->pixels[start + (size_t)i * along] != 0;
            if (2 * ink > length)
                deepest = d;
        }
        for (int d = 0; d <= deepest + (deepest >= 0); d++) {
            size_t start = (size_t)(side % 2 ? across - 1 - d : d) * step;
            for (int i = 0; i < length; i++) {
                p->mask->pixels[start + (size_t)i * along] = 0;
                p->even->pixels[start + (size_t)i * along] = 255;
            }
        }
    }
}

/* Whether a part is a block of colour or its frame, not print: far larger than letters of the page both ways, or larger
 * and filled. */
static bool is_block(const component_t *c, double page_text)
{
    static const double LARGE = 3, HUGE_FRAME = 6, FILLED = 0.6;
    double least = fmin(c->w, c->h) / page_text;
    return least > HUGE_FRAME || (least > LARGE && c->area >= FILLED * c->w * c->h);
}

static void measure(print_t *p, double page_text)
{
    enum { MOST = 200 };
    size_t count[MOST + 1] = {0};
    for (int i = 0; i < p->parts.count; i++) {
        const component_t *c = &p->parts.items[i];
        if (is_block(c, page_text))
            continue;
        int size = c->h > c->w ? c->h : c->w < 2 * c->h ? c->w : c->h;
        if (c->w >= 0.6 * page_text && c->h > 2.3 * c->w)
            size = c->w; /* turned letters grown together */
        if (size >= 4 && size <= MOST && c->w <= 4 * c->h && c->h <= 6 * c->w)
            count[size]++;
    }
    int size = sheet_letter_size(count, MOST);
    p->text = size ? size : page_text;
}

/* Difference of ink and paper when moire and grain are smoothed away, of 255: they can be as dark as print, print stays
 * dark. Where there is no memory to look, there is contrast. */
static int soft_contrast(const picture_t *even, size_t few)
{
    size_t histogram[256];
    picture_t *soft = picture_mean(even, 3, 3);
    if (!soft)
        return 255;
    count_values(soft, histogram);
    int contrast = 255 - percentile(histogram, few / 2);
    picture_destroy(&soft);
    return contrast;
}

static int open_print(print_t *p, const sheet_t *sheet, box_t box, bool pale)
{
    *p = (print_t){.box = box};
    p->even = picture_crop(sheet->grey, box.x, box.y, box.w, box.h);
    if (!p->even)
        return 0;
    bool photo = sheet->noise > SHEET_NOISE_PHOTO;
    p->box.x = box.x > 0 ? box.x : 0, p->box.y = box.y > 0 ? box.y : 0;
    p->box.w = p->even->width, p->box.h = p->even->height;
    size_t histogram[256], n = count_values(p->even, histogram), few = n / 300 < 12 ? 12 : n / 300;
    if (n < 30) {
        picture_destroy(&p->even);
        return 0;
    }
    int middle = percentile(histogram, n / 2), low = percentile(histogram, few), high = percentile(histogram, n - few);
    bool middling = !photo && middle < FLIPPED_MOST && high - middle >= FLIPPED_STEP;
    p->flipped = !pale && high - middle > (middle - low) * 1.2 && (middle < FLIPPED_SURELY || middling);
    if (p->flipped)
        picture_invert(p->even);
    if (even_out(p->even, sheet->text))
        return -1;
    count_values(p->even, histogram);
    int ink = percentile(histogram, few / 2), contrast = 255 - ink;
    double least = photo ? fmax(CONTRAST_LEAST, fmin(CONTRAST_LEAST_PHOTO, 130 * sheet->contrast)) : CONTRAST_LEAST;
    if (contrast >= least && photo)
        contrast = soft_contrast(p->even, few);
    if (contrast < least) {
        picture_destroy(&p->even);
        return 0;
    }
    stretch(p->even, ink);
    p->mask = picture_clone(p->even);
    if (!p->mask)
        return -1;
    for (size_t i = 0; i < p->mask->stride * (size_t)p->mask->height; i++)
        p->mask->pixels[i] = p->mask->pixels[i] < (photo ? INK_MOST_PHOTO : INK_MOST) ? 255 : 0;
    clear_border(p);
    if (components_find(p->mask, &p->parts))
        return -1;
    measure(p, sheet->text);
    if (erase_rules(p)) {
        components_free(&p->parts);
        if (components_find(p->mask, &p->parts))
            return -1;
        measure(p, sheet->text);
    }
    return 0;
}

int print_open(print_t *p, const sheet_t *sheet, box_t box)
{
    return open_print(p, sheet, box, false);
}

int print_open_pale(print_t *p, const sheet_t *sheet, box_t box)
{
    return open_print(p, sheet, box, true);
}

int print_turn(const print_t *print, int degrees, print_t *copy)
{
    *copy = *print;
    copy->parts = (components_t){0};
    copy->mask = NULL;
    copy->turned = (print->turned + degrees) % 360;
    copy->even = picture_turn(print->even, degrees);
    if (copy->even && (copy->mask = picture_turn(print->mask, degrees)) && !components_find(copy->mask, &copy->parts))
        return 0;
    print_free(copy);
    return -1;
}

void print_erase_parts(print_t *p, const unsigned char *kinds, int wanted)
{
    for (int i = 0; i < p->parts.run_count; i++) {
        const run_t *run = &p->parts.runs[i];
        if (kinds[run->component] == wanted)
            continue;
        int x0 = run->x0 > 0 ? run->x0 - 1 : 0, x1 = run->x1 < p->even->width ? run->x1 + 1 : run->x1;
        for (int y = run->y - 1; y <= run->y + 1; y++)
            if (y >= 0 && y < p->even->height)
                memset(p->even->pixels + (size_t)y * p->even->stride + x0, 255, (size_t)(x1 - x0));
        memset(p->mask->pixels + (size_t)run->y * p->mask->stride + run->x0, 0, (size_t)(run->x1 - run->x0));
    }
}

void print_free(print_t *print)
{
    picture_destroy(&print->even);
    picture_destroy(&print->mask);
    components_free(&print->parts);
}

box_t print_to_page(const print_t *p, int x, int y, int w, int h)
{
    box_t box = {.w = w, .h = h};
    switch (p->turned) {
    case 90: /* page (px, py) stands at (H - 1 - py, px) */
        box = (box_t){.x = y, .y = p->box.h - x - w, .w = h, .h = w};
        break;
    case 180:
        box = (box_t){.x = p->box.w - x - w, .y = p->box.h - y - h, .w = w, .h = h};
        break;
    case 270:
        box = (box_t){.x = p->box.w - y - h, .y = x, .w = h, .h = w};
        break;
    default:
        box.x = x, box.y = y;
    }
    box.x += p->box.x;
    box.y += p->box.y;
    return box;
}
