/* overlay: see overlay.h. Blocks that share one box (a cell that spans days) get one label with all their days. A label
 * stands where it hides the fewest words: at the top, in the middle or at the bottom of its box.
 */
#include "overlay.h"

#include "proto/base/text.h"
#include "proto/layer.h"
#include "sheet.h"

#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    FOOT_PX = 34,     /* of the legend below the page */
    CUT_PX = 300,     /* hidden px of words that losing the end of a line is as bad as: a word or so */
    LINES_MOST = 8,   /* of one label */
    GROUP_MOST = 32,  /* blocks of one box that are named */
    LABEL_BYTES = 240 /* of one line of a label; longer ones would not fit any page */
};

static const double font_most = 15, font_least = 9; /* px of labels: readable on a screen without zooming */
static const double gate_default = 0.90;
static const int32_t word_line = 0x4A6FA5; /* below words of whose confidence nothing is to be said */
static const char font_family[] = "DejaVu Sans";

typedef struct {
    double r, g, b; /* 0 … 1 */
} colour_t;

/* What the parts of one drawing share. */
typedef struct {
    cairo_t *cairo;           /* in output px */
    const dossier_t *dossier; /* what was found */
    const page_t *page;       /* on this page */
    unsigned layers;          /* to be drawn */
    double scale;             /* output px per page px */
    double width, height;     /* of the page, output px */
} overlay_t;

/* One line of a label. */
typedef struct {
    char text[LABEL_BYTES]; /* UTF-8 */
} label_line_t;

static colour_t from_rgb(int32_t rgb)
{
    return (colour_t){(rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0};
}

/* HSL to RGB; hue in degrees. */
static colour_t from_hue(double hue, double saturation, double lightness)
{
    double part[3], a = saturation * fmin(lightness, 1 - lightness);
    for (int i = 0; i < 3; i++) {
        double k = fmod((i == 0 ? 0 : i == 1 ? 8 : 4) + hue / 30, 12);
        part[i] = lightness - a * fmax(-1, fmin(fmin(k - 3, 9 - k), 1));
    }
    return (colour_t){part[0], part[1], part[2]};
}

static void use(overlay_t *overlay, colour_t colour, double alpha)
{
    cairo_set_source_rgba(overlay->cairo, colour.r, colour.g, colour.b, alpha);
}

/* A hue for a name, the same for all that differ in case or spaces alone. */
static double name_hue(const char *name)
{
    uint32_t hash = 2166136261u;
    for (uint32_t c; name && (c = text_next(&name));)
        if (!text_is_space(c))
            hash = (hash ^ text_lower(c)) * 16777619u; /* FNV-1a */
    return (hash ^ hash >> 15) % 24 * 15.0;
}

static void rounded(cairo_t *cairo, double x, double y, double w, double h, double radius)
{
    double r = fmin(radius, fmin(w, h) / 2);
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, x + w - r, y + r, r, -M_PI / 2, 0);
    cairo_arc(cairo, x + w - r, y + h - r, r, 0, M_PI / 2);
    cairo_arc(cairo, x + r, y + h - r, r, M_PI / 2, M_PI);
    cairo_arc(cairo, x + r, y + r, r, M_PI, 3 * M_PI / 2);
    cairo_close_path(cairo);
}

/* A box in output px. */
static void scaled(const overlay_t *overlay, const box_t *box, double *x, double *y, double *w, double *h)
{
    *x = box->x * overlay->scale;
    *y = box->y * overlay->scale;
    *w = box->w * overlay->scale;
    *h = box->h * overlay->scale;
}

/* --- the page itself --- */

static void put_picture(overlay_t *overlay, const picture_t *picture)
{
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture->width, picture->height);
    if (cairo_surface_status(image) == CAIRO_STATUS_SUCCESS) {
        unsigned char *to = cairo_image_surface_get_data(image);
        int stride = cairo_image_surface_get_stride(image), step = picture->channels, blue = step == 3 ? 2 : 0;
        for (int y = 0; y < picture->height; y++) {
            const uint8_t *from = picture->pixels + (size_t)y * picture->stride;
            for (int x = 0; x < picture->width; x++) {
                uint32_t pixel =
                    (uint32_t)from[x * step] << 16 | (uint32_t)from[x * step + blue / 2] << 8 | from[x * step + blue];
                memcpy(to + (size_t)y * (size_t)stride + 4 * (size_t)x, &pixel, 4);
            }
        }
        cairo_surface_mark_dirty(image);
        cairo_set_source_surface(overlay->cairo, image, 0, 0);
        cairo_paint(overlay->cairo);
    }
    cairo_surface_destroy(image);
    if (!overlay->layers)
        return;
    cairo_set_source_rgba(overlay->cairo, 1, 1, 1, 0.30); /* paler, so that what is drawn over it stands out */
    cairo_paint(overlay->cairo);
}

/* A word of a page without pixels, in its box. */
static void put_word(overlay_t *overlay, const word_t *word)
{
    cairo_t *cairo = overlay->cairo;
    double x, y, w, h, across = (word->angle / 90 % 2) ? word->box.h : word->box.w;
    scaled(overlay, &word->box, &x, &y, &w, &h);
    cairo_save(cairo);
    cairo_select_font_face(cairo, font_family, CAIRO_FONT_SLANT_NORMAL,
                           word->weight > 0.5 ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, (word->size > 0 ? word->size : word->box.h) * overlay->scale);
    cairo_text_extents_t size;
    cairo_font_extents_t face;
    cairo_text_extents(cairo, word->text, &size);
    cairo_font_extents(cairo, &face);
    cairo_translate(cairo, x + w / 2, y + h / 2);
    cairo_rotate(cairo, word->angle * M_PI / 180);
    if (size.x_advance >
        across * overlay->scale) /* another font than the document's: condensed to keep it in its box */
        cairo_scale(cairo, across * overlay->scale / size.x_advance, 1);
    cairo_move_to(cairo, -size.x_advance / 2, (face.ascent - face.descent) / 2); /* words of a line on one baseline */
    use(overlay, from_rgb(word->colour), 1);
    cairo_show_text(cairo, word->text);
    cairo_restore(cairo);
}

static void put_page(overlay_t *overlay)
{
    const page_t *page = overlay->page;
    double x, y, w, h;
    cairo_set_source_rgb(overlay->cairo, 1, 1, 1);
    cairo_paint(overlay->cairo);
    for (size_t i = 0; i < page->fills.count; i++) {
        const fill_t *fill = LIST_AT(fill_t, page->fills, i);
        scaled(overlay, &fill->box, &x, &y, &w, &h);
        use(overlay, from_rgb(fill->colour), 1);
        cairo_rectangle(overlay->cairo, x, y, w, h);
        cairo_fill(overlay->cairo);
    }
    for (size_t i = 0; i < page->cells.count; i++) {
        const cell_t *cell = LIST_AT(cell_t, page->cells, i);
        scaled(overlay, &cell->box, &x, &y, &w, &h);
        use(overlay, from_rgb(cell->fill), 1);
        cairo_rectangle(overlay->cairo, x, y, w, h);
        cairo_fill(overlay->cairo);
    }
    for (size_t i = 0; i < page->words.count; i++) {
        const word_t *word = LIST_AT(word_t, page->words, i);
        if (text_valid(word->text, strlen(word->text))) /* cairo draws nothing more after text that is not UTF-8 */
            put_word(overlay, word);
    }
}

/* --- cells and words --- */

static void draw_cells(overlay_t *overlay)
{
    static const double hues[] = {215, 300, 25, 175};
    for (size_t i = 0; i < overlay->page->cells.count; i++) {
        const cell_t *cell = LIST_AT(cell_t, overlay->page->cells, i);
        double x, y, w, h;
        scaled(overlay, &cell->box, &x, &y, &w, &h);
        use(overlay, from_hue(hues[(uint32_t)cell->table % (sizeof hues / sizeof *hues)], 0.75, 0.45), 0.55);
        cairo_set_line_width(overlay->cairo, 1);
        cairo_rectangle(overlay->cairo, floor(x) + 0.5, floor(y) + 0.5, floor(w), floor(h));
        cairo_stroke(overlay->cairo);
    }
}

/* Green for a word that is surely right, over yellow to red. */
static colour_t sure_colour(double confidence)
{
    return from_hue(fmax(0, fmin(1, (confidence - 0.5) / 0.5)) * 130, 0.75, 0.38);
}

/* With confidences their colours say how sure they are, and those in doubt are marked, lines below all or not. */
static void draw_words(overlay_t *overlay)
{
    bool lines = overlay->layers & LAYER_WORDS, sure = overlay->layers & LAYER_CONFIDENCES;
    for (size_t i = 0; i < overlay->page->words.count; i++) {
        const word_t *word = LIST_AT(word_t, overlay->page->words, i);
        double x, y, w, h;
        scaled(overlay, &word->box, &x, &y, &w, &h);
        colour_t colour = sure ? sure_colour(word->confidence) : from_rgb(word_line);
        bool doubted = sure && word->confidence < gate_default;
        if (!lines && !doubted)
            continue;
        if (doubted) {
            use(overlay, colour, 0.22);
            cairo_rectangle(overlay->cairo, x - 1, y - 1, w + 2, h + 2);
            cairo_fill(overlay->cairo);
        }
        use(overlay, colour, 0.85);
        cairo_rectangle(overlay->cairo, x, y + h + 1, w, 1.4);
        cairo_fill(overlay->cairo);
    }
}

/* --- blocks --- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_box(const timeblock_t *a, const timeblock_t *b)
{
    return memcmp(&a->box.x, &b->box.x, 4 * sizeof a->box.x) == 0;
}

/* "Mon", or "Mon–Fri" for the days of all blocks of the group that say the same as the first. */
static void group_days(const timeblock_t *const *group, size_t count, size_t first, char out[LABEL_BYTES])
{
    unsigned seen = 0;
    for (size_t i = first; i < count; i++) {
        int day = timetable_day(group[i]->day);
        if (day >= 0 && same_text(group[i]->name, group[first]->name) &&
            same_text(group[i]->start_time, group[first]->start_time))
            seen |= 1u << day;
    }
    unsigned lowest = seen ? (unsigned)__builtin_ctz(seen) : 0, run = seen >> lowest;
    size_t size = 0;
    out[0] = 0;
    if (!seen)
        snprintf(out, LABEL_BYTES, "%.20s", group[first]->day ? group[first]->day : "");
    else if ((run & (run + 1)) == 0 && run > 3) /* three days or more in a row */
        snprintf(out, LABEL_BYTES, "%.3s–%.3s", timetable_days[lowest],
                 timetable_days[31 - (unsigned)__builtin_clz(seen)]);
    else
        for (unsigned d = 0; d < TIMETABLE_DAYS; d++)
            if (seen & 1u << d)
                size += (size_t)snprintf(out + size, LABEL_BYTES - size, "%s%.3s", size ? " " : "", timetable_days[d]);
}

/* The least confidence of the blocks of the group that say the same as the first. */
static double group_confidence(const timeblock_t *const *group, size_t count, size_t first)
{
    double least = 1;
    for (size_t i = first; i < count; i++)
        if (same_text(group[i]->name, group[first]->name) && same_text(group[i]->start_time, group[first]->start_time))
            least = fmin(least, group[i]->confidence);
    return least;
}

static bool uncertain(const overlay_t *overlay, double confidence)
{
    double gate = overlay->dossier->options.gate;
    return (overlay->layers & LAYER_CONFIDENCES) && confidence < (gate > 0 ? gate : gate_default);
}

/* A label ready to be drawn. */
typedef struct {
    label_line_t lines[LINES_MOST];
    size_t count;      /* of lines */
    size_t cuts;       /* lines that lost letters */
    double font;       /* px */
    double x, y, w, h; /* where it stands, output px */
    double cost;       /* output px of words that it hides */
} label_t;

static double advance(cairo_t *cairo, const char *text)
{
    cairo_text_extents_t size;
    cairo_text_extents(cairo, text, &size);
    return size.x_advance;
}

/* Puts a line into the label, cut with an ellipsis to what fits; nothing where not even a few letters do. */
static void add_line(cairo_t *cairo, label_t *label, const char *line, double width)
{
    if (label->count == LINES_MOST)
        return;
    char *text = label->lines[label->count].text;
    snprintf(text, LABEL_BYTES, "%s", line);
    text_neuter(text);
    bool cut = false;
    for (size_t length = strlen(text); advance(cairo, text) > width; cut = true) {
        while (length > 0 && ((unsigned char)text[--length] & 0xC0) == 0x80)
            continue;
        if (length < 2) {
            label->cuts++;
            return;
        }
        snprintf(text + length, LABEL_BYTES - length, "…");
    }
    label->cuts += cut;
    label->count++;
}

/* Adds what is said of the block group[first]: on one line where it fits, else on two or three. */
static void label_block(overlay_t *overlay, const timeblock_t *const *group, size_t count, size_t first, double width,
                        label_t *label)
{
    const timeblock_t *block = group[first];
    double sure = group_confidence(group, count, first);
    char days[LABEL_BYTES], times[LABEL_BYTES], percent[LABEL_BYTES], when[LABEL_BYTES], name[LABEL_BYTES],
        all[LABEL_BYTES];
    group_days(group, count, first, days);
    snprintf(times, sizeof times, "%.8s%s%.8s", block->start_time ? block->start_time : "?", block->end_time ? "–" : "",
             block->end_time ? block->end_time : "");
    percent[0] = 0;
    if (overlay->layers & LAYER_CONFIDENCES)
        snprintf(percent, sizeof percent, " %s%.0f %%", uncertain(overlay, sure) ? "? " : "", sure * 100);
    snprintf(name, sizeof name, "%.150s", block->name ? block->name : "?");
    snprintf(when, sizeof when, "%.60s %.40s%.20s", days, times, percent);
    snprintf(all, sizeof all, "%.40s %.20s %.140s%.20s", days, times, name, percent);
    text_neuter(all);
    text_neuter(when);
    if (advance(overlay->cairo, all) <= width) {
        add_line(overlay->cairo, label, all, width);
        return;
    }
    if (advance(overlay->cairo, when) > width) {
        snprintf(when, sizeof when, "%.60s%.20s", days, percent);
        add_line(overlay->cairo, label, when, width);
        add_line(overlay->cairo, label, times, width);
    } else {
        add_line(overlay->cairo, label, when, width);
    }
    add_line(overlay->cairo, label, name, width);
}

/* Output px of words that a rectangle hides. */
static double hidden(const overlay_t *overlay, double x, double y, double w, double h)
{
    double sum = 0;
    for (size_t i = 0; i < overlay->page->words.count; i++) {
        double wx, wy, ww, wh;
        scaled(overlay, &LIST_AT(word_t, overlay->page->words, i)->box, &wx, &wy, &ww, &wh);
        double across = fmin(x + w, wx + ww) - fmax(x, wx), down = fmin(y + h, wy + wh) - fmax(y, wy);
        sum += across > 0 && down > 0 ? across * down : 0;
    }
    return sum;
}

/* The label's lines in a font size; count 0 where nothing of it fits into the box. */
static void make_label(overlay_t *overlay, const timeblock_t *const *group, size_t count, double font, double width,
                       label_t *label)
{
    label->count = label->cuts = 0;
    label->font = font;
    label->w = 0;
    cairo_set_font_size(overlay->cairo, font);
    for (size_t i = 0; i < count && label->count < LINES_MOST; i++) {
        bool said = false; /* by an earlier line with all its days */
        for (size_t k = 0; k < i; k++)
            said = said ||
                   (same_text(group[k]->name, group[i]->name) && same_text(group[k]->start_time, group[i]->start_time));
        if (!said)
            label_block(overlay, group, count, i, width, label);
    }
    for (size_t i = 0; i < label->count; i++) {
        cairo_text_extents_t size;
        cairo_text_extents(overlay->cairo, label->lines[i].text, &size);
        label->w = fmax(label->w, size.x_advance + 7);
    }
    label->h = (double)label->count * font * 1.25 + 3;
}

/* Stands the label where in its box it hides the fewest words. */
static void place_label(const overlay_t *overlay, const box_t *box, label_t *label)
{
    double x, y, w, h;
    scaled(overlay, box, &x, &y, &w, &h);
    const double left[] = {x + 1, x + w - 1 - label->w}, top[] = {y + 1, y + h - 1 - label->h, y + (h - label->h) / 2};
    label->cost = INFINITY;
    for (int place = 0; place < 6; place++) {
        double cost = hidden(overlay, left[place / 3], top[place % 3], label->w, label->h);
        if (cost < label->cost - 1) {
            label->cost = cost;
            label->x = left[place / 3];
            label->y = top[place % 3];
        }
    }
}

static void draw_label(overlay_t *overlay, const timeblock_t *const *group, size_t count, colour_t colour, bool unsure)
{
    cairo_t *cairo = overlay->cairo;
    label_t best = {.cost = INFINITY}, label;
    double width = group[0]->box.w * overlay->scale - 9, height = group[0]->box.h * overlay->scale;
    cairo_select_font_face(cairo, font_family, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    /* as large as it can be without hiding words; where it always does, as small as can be read */
    double least = fmax(font_least, overlay->width / 170), most = fmax(least, fmin(font_most, overlay->width / 110));
    for (int step = 0; step <= (int)(most - least) && best.cost > 0; step++) {
        double font = most - step;
        make_label(overlay, group, count, font, width, &label);
        place_label(overlay, &group[0]->box, &label);
        label.cost += (double)label.cuts * CUT_PX;
        bool fits = label.h <= height || font - 1 < least;
        if (label.count && fits && label.cost < best.cost)
            best = label;
    }
    if (!best.count)
        return;
    cairo_set_font_size(cairo, best.font);
    rounded(cairo, best.x, best.y, best.w, best.h, 4);
    use(overlay, unsure ? (colour_t){0.72, 0.36, 0} : colour, best.cost > (double)best.cuts * CUT_PX ? 0.72 : 0.9);
    cairo_fill(cairo);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    for (size_t i = 0; i < best.count; i++) {
        cairo_move_to(cairo, best.x + 3.5, best.y + 1 + best.font * (1.25 * (double)i + 1));
        cairo_show_text(cairo, best.lines[i].text);
    }
}

/* The block's area and outline; a dashed one is to be looked at. */
static void draw_area(overlay_t *overlay, const timeblock_t *block, double hue, bool unsure)
{
    cairo_t *cairo = overlay->cairo;
    double x, y, w, h;
    scaled(overlay, &block->box, &x, &y, &w, &h);
    rounded(cairo, x + 1, y + 1, w - 2, h - 2, 5);
    use(overlay, from_hue(hue, 0.8, 0.55), 0.20);
    cairo_fill_preserve(cairo);
    use(overlay, unsure ? (colour_t){0.85, 0.45, 0} : from_hue(hue, 0.7, 0.42), 0.9);
    cairo_set_line_width(cairo, 2);
    cairo_set_dash(cairo, (double[]){7, 4}, unsure ? 2 : 0, 0);
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0);
}

/* Gathers the blocks from `index` on that share its box on this page; 0 where an earlier one has gathered it. */
static size_t gather(const timeblock_t *const *blocks, size_t count, size_t index, const timeblock_t *group[GROUP_MOST])
{
    size_t found = 0;
    for (size_t i = 0; i < index; i++)
        if (same_box(blocks[i], blocks[index]))
            return 0;
    for (size_t i = index; i < count && found < GROUP_MOST; i++)
        if (same_box(blocks[i], blocks[index]))
            group[found++] = blocks[i];
    return found;
}

/* All blocks of this page that have a place on it. Freed with the arena. */
static const timeblock_t **page_blocks(const overlay_t *overlay, arena_t *arena, size_t *count)
{
    const list_t *timetables = &overlay->dossier->timetables;
    size_t total = 0;
    for (size_t t = 0; t < timetables->count; t++)
        total += LIST_AT(timetable_t, *timetables, t)->timeblocks.count;
    const timeblock_t **blocks = arena_array(arena, total + 1, sizeof(void *));
    *count = 0;
    for (size_t t = 0; t < timetables->count; t++) {
        const timetable_t *timetable = LIST_AT(timetable_t, *timetables, t);
        for (size_t b = 0; b < timetable->timeblocks.count; b++) {
            const timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, b);
            if (block->page == overlay->page->number && block->box.w > 0 && block->box.h > 0)
                blocks[(*count)++] = block;
        }
    }
    return blocks;
}

/* Draws those of this page, where they are wanted. Returns how many there are. */
static size_t draw_blocks(overlay_t *overlay, arena_t *arena)
{
    size_t count;
    const timeblock_t **blocks = page_blocks(overlay, arena, &count), *group[GROUP_MOST];
    for (int pass = 0; pass < 2 && overlay->layers & LAYER_BLOCKS; pass++) /* all areas below all labels */
        for (size_t i = 0; i < count; i++) {
            size_t size = gather(blocks, count, i, group);
            bool unsure = false;
            for (size_t k = 0; k < size; k++)
                unsure = unsure || uncertain(overlay, group[k]->confidence);
            if (size && pass == 0)
                draw_area(overlay, group[0], name_hue(group[0]->name), unsure);
            else if (size)
                draw_label(overlay, group, size, from_hue(name_hue(group[0]->name), 0.65, 0.30), unsure);
        }
    return count;
}

/* --- the legend --- */

static double legend_mark(overlay_t *overlay, double x, colour_t colour, bool dashed, const char *text)
{
    cairo_t *cairo = overlay->cairo;
    double y = overlay->height + FOOT_PX / 2.0;
    use(overlay, colour, 1);
    cairo_set_line_width(cairo, 2.5);
    cairo_set_dash(cairo, (double[]){5, 3}, dashed ? 2 : 0, 0);
    cairo_move_to(cairo, x, y);
    cairo_line_to(cairo, x + 22, y);
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0);
    cairo_set_source_rgb(cairo, 0.25, 0.25, 0.3);
    cairo_move_to(cairo, x + 28, y + 4.5);
    cairo_show_text(cairo, text);
    cairo_text_extents_t size;
    cairo_text_extents(cairo, text, &size);
    return x + 28 + size.x_advance + 20;
}

static void draw_legend(overlay_t *overlay, size_t blocks)
{
    cairo_t *cairo = overlay->cairo;
    char text[LABEL_BYTES];
    cairo_rectangle(cairo, 0, overlay->height, overlay->width, FOOT_PX);
    cairo_set_source_rgb(cairo, 0.97, 0.97, 0.96);
    cairo_fill(cairo);
    cairo_select_font_face(cairo, font_family, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, 13);
    snprintf(text, sizeof text, "page %d: %zu blocks, %zu cells, %zu words", (int)overlay->page->number, blocks,
             overlay->page->cells.count, overlay->page->words.count);
    double x = legend_mark(overlay, 12, from_hue(215, 0.75, 0.45), false, text);
    if (!(overlay->layers & LAYER_CONFIDENCES))
        return;
    if (overlay->layers & LAYER_WORDS)
        x = legend_mark(overlay, x, sure_colour(1), false, "word surely read");
    x = legend_mark(overlay, x, sure_colour(0.5), false, "word in doubt");
    if (overlay->layers & LAYER_BLOCKS)
        legend_mark(overlay, x, (colour_t){0.85, 0.45, 0}, true, "block to look at");
}

void overlay_open(void)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
    cairo_t *cairo = cairo_create(surface);
    for (int bold = 0; bold < 2; bold++) { /* a glyph of each face brings its file into memory */
        cairo_text_extents_t size;
        cairo_select_font_face(cairo, font_family, CAIRO_FONT_SLANT_NORMAL,
                               bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
        cairo_text_extents(cairo, "M", &size);
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
}

void overlay_close(void)
{
    cairo_debug_reset_static_data(); /* gives the fonts back, without which FcFini asserts */
    FcFini();
}

int overlay_draw(const dossier_t *dossier, const page_t *page, const picture_t *picture, double scale, unsigned layers,
                 buf_t *out, fault_t *fault)
{
    int width = picture ? picture->width : (int)ceil(page->width * scale);
    int height = picture ? picture->height : (int)ceil(page->height * scale);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height + (layers ? FOOT_PX : 0));
    cairo_t *cairo = cairo_create(surface);
    overlay_t overlay = {cairo, dossier, page, layers, scale, width, height};
    arena_t *arena = arena_new();
    if (picture)
        put_picture(&overlay, picture);
    else
        put_page(&overlay);
    if (layers & LAYER_CELLS)
        draw_cells(&overlay);
    if (layers & (LAYER_WORDS | LAYER_CONFIDENCES))
        draw_words(&overlay);
    size_t blocks = draw_blocks(&overlay, arena);
    if (layers)
        draw_legend(&overlay, blocks);
    arena_destroy(&arena);
    cairo_status_t status = cairo_status(cairo);
    cairo_destroy(cairo);
    int failed = status == CAIRO_STATUS_SUCCESS ? 0 : -1;
    if (failed)
        fault_set(fault, status == CAIRO_STATUS_NO_MEMORY ? FAULT_MEMORY : FAULT_SYSTEM,
                  "the picture of page %d cannot be drawn: %s", (int)page->number, cairo_status_to_string(status));
    cairo_surface_flush(surface);
    if (!failed)
        failed =
            sheet_write(cairo_image_surface_get_data(surface), cairo_image_surface_get_width(surface),
                        cairo_image_surface_get_height(surface), cairo_image_surface_get_stride(surface), out, fault);
    cairo_surface_destroy(surface);
    return failed;
}
