/* pdf: see pdf.h. Source: ISO 32000-1 (PDF 1.7) by way of poppler-glib; drawing by cairo.
 *
 * Text is trusted only when it is what one sees. A scanner's hidden layer (ISO 32000-1 table 106, text rendering mode
 * 3, or text that is painted under the picture) is found by drawing the page onto a cairo observer, which counts what
 * is really drawn as glyphs after the first picture.
 */
#include "pdf.h"
#include "pdf_streams.h"
#include "pdf_words.h"

#include "proto/base/text.h"

#include <poppler.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double POINTS_PER_INCH = 72;

/* A page with fewer words of its own is a picture with a caption at most. */
enum { WORDS_LEAST = 8 };
/* With fewer than so many words the others may be drawn as outlines: then there are more filled paths than so many for
 * each character (cells and rules make 1 at most). */
enum { WORDS_MANY = 40, OUTLINES_MOST = 4 };
/* Share of the page under pictures from which words may be a hidden layer, and share of the characters that may be
 * broken.
 */
static const double PICTURES_MOST = 0.35, BROKEN_MOST = 0.15;
/* A timetable's page draws a string of glyphs for every few words; a hidden layer with a visible stamp much fewer. */
static const double DRAWN_LEAST = 0.1;

struct pdf {
    PopplerDocument *document;
    const uint8_t *bytes;
    size_t size;
    int pages;
    int cached;        /* index of the page whose glyphs are kept, -1 none */
    glyph_t *glyphs;   /* of that page */
    size_t count;      /* glyphs */
    PopplerPage *page; /* that page */
    bool mirrored;     /* its Type 3 fonts have letters upside down in their own space */
};

/* Whether a Type 3 font's matrix turns its letters upside down (Skia, so every PDF printed by Chrome, and dvips).
 * poppler takes the direction of turned text from the matrix's wrong half then, and hands the letters out from last to
 * first. */
static bool is_mirrored(const char *bytes, size_t size)
{
    const char *at = memmem(bytes, size, "/FontMatrix", 11), *end = bytes + size;
    int minus = 0, number = -1;
    if (!at)
        return false;
    for (at += 11; at < end && *at != ']' && number < 3; at++) {
        bool begins = (*at >= '0' && *at <= '9') || *at == '-' || *at == '.';
        if (begins && (at[-1] == ' ' || at[-1] == '[' || at[-1] == '\n' || at[-1] == '\r')) {
            number++;
            minus = *at == '-';
        }
    }
    return number == 3 && minus;
}

pdf_t *pdf_open(const uint8_t *bytes, size_t size, fault_t *fault)
{
    GError *error = NULL;
    GBytes *shared = g_bytes_new_static(bytes, size);
    PopplerDocument *document = poppler_document_new_from_bytes(shared, NULL, &error);
    g_bytes_unref(shared);
    if (!document) {
        if (g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
            fault_set(fault, FAULT_ENCRYPTED,
                      "the PDF is protected by a password; save a copy without one (print it to a PDF) and send that");
        else
            fault_set(fault, FAULT_DAMAGED, "the PDF is damaged or was cut off and cannot be opened; send it again");
        g_clear_error(&error);
        return NULL;
    }
    if (!pdf_streams_are_sound(bytes, size)) {
        g_object_unref(document);
        fault_set(fault, FAULT_DAMAGED, "the PDF is damaged: a part of it cannot be unpacked; save or send it again");
        return NULL;
    }
    int pages = poppler_document_get_n_pages(document);
    pdf_t *pdf = pages >= 1 ? calloc(1, sizeof *pdf) : NULL;
    if (!pdf) {
        g_object_unref(document);
        if (pages < 1)
            fault_set(fault, FAULT_DAMAGED, "the PDF has no pages: it is damaged or was cut off; send it again");
        else
            fault_set(fault, FAULT_MEMORY, "no memory for the PDF");
        return NULL;
    }
    *pdf = (pdf_t){.document = document,
                   .bytes = bytes,
                   .size = size,
                   .pages = pages,
                   .cached = -1,
                   .mirrored = is_mirrored((const char *)bytes, size)};
    return pdf;
}

static void forget_page(pdf_t *pdf)
{
    if (pdf->page)
        g_object_unref(pdf->page);
    free(pdf->glyphs);
    pdf->page = NULL, pdf->glyphs = NULL, pdf->count = 0, pdf->cached = -1;
}

void pdf_close(pdf_t **pdf)
{
    if (!pdf || !*pdf)
        return;
    forget_page(*pdf);
    g_object_unref((*pdf)->document);
    free(*pdf);
    *pdf = NULL;
}

int pdf_pages(const pdf_t *pdf)
{
    return pdf->pages;
}

/* Bold by the name that the font's maker gave it ("Arial-BoldMT", "Lato-Black"): PDF has no field that is filled. */
static double name_weight(const char *name)
{
    static const char *const heavy[] = {"bold", "black", "heavy", "demi", "-bd", "ultra"};
    char lower[128];
    size_t n = 0;
    for (; name && name[n] && n + 1 < sizeof lower; n++)
        lower[n] = (char)g_ascii_tolower(name[n]);
    lower[n] = 0;
    for (size_t i = 0; i < sizeof heavy / sizeof *heavy; i++)
        if (strstr(lower, heavy[i]))
            return 1;
    return strstr(lower, "medium") ? 0.5 : 0;
}

/* Size, weight and colour of the glyphs, from poppler's runs. */
static void add_attributes(const pdf_t *pdf, glyph_t *glyphs, size_t count)
{
    GList *runs = poppler_page_get_text_attributes(pdf->page);
    for (GList *at = runs; at; at = at->next) {
        const PopplerTextAttributes *run = at->data;
        double weight = name_weight(run->font_name);
        int32_t colour = (run->color.red >> 8) << 16 | (run->color.green >> 8) << 8 | run->color.blue >> 8;
        bool nameless = !run->font_name || !*run->font_name || strcmp(run->font_name, "Default") == 0;
        for (gint i = run->start_index < 0 ? 0 : run->start_index; i <= run->end_index && (size_t)i < count; i++) {
            glyphs[i].size = run->font_size, glyphs[i].weight = weight, glyphs[i].colour = colour;
            glyphs[i].mirrored = pdf->mirrored && nameless;
        }
    }
    poppler_page_free_text_attributes(runs);
}

/* Opens page `index` and its glyphs, unless they are at hand. 0, or -1 with the fault. */
static int load_page(pdf_t *pdf, int index, fault_t *fault)
{
    if (pdf->cached == index)
        return 0;
    forget_page(pdf);
    pdf->page = poppler_document_get_page(pdf->document, index);
    if (!pdf->page)
        return fault_set(fault, FAULT_DAMAGED, "page %d of the PDF is damaged; save the PDF again", index + 1);
    char *text = poppler_page_get_text(pdf->page);
    PopplerRectangle *boxes = NULL;
    guint count = 0;
    if (text && *text && poppler_page_get_text_layout(pdf->page, &boxes, &count) && count) {
        pdf->glyphs = calloc(count, sizeof *pdf->glyphs);
        const char *at = text;
        for (guint i = 0; pdf->glyphs && i < count && *at; i++) {
            glyph_t *g = &pdf->glyphs[pdf->count++];
            *g = (glyph_t){.point = text_next(&at),
                           .x0 = fmin(boxes[i].x1, boxes[i].x2),
                           .y0 = fmin(boxes[i].y1, boxes[i].y2),
                           .x1 = fmax(boxes[i].x1, boxes[i].x2),
                           .y1 = fmax(boxes[i].y1, boxes[i].y2)};
        }
        if (pdf->glyphs)
            add_attributes(pdf, pdf->glyphs, pdf->count);
    }
    for (size_t i = 0; i < pdf->count; i++) /* a run without attributes: the box is the line's height */
        if (!(pdf->glyphs[i].size > 0))
            pdf->glyphs[i].size = fmin(pdf->glyphs[i].x1 - pdf->glyphs[i].x0, pdf->glyphs[i].y1 - pdf->glyphs[i].y0);
    g_free(boxes);
    g_free(text);
    pdf->cached = index;
    return 0;
}

/* Size of the page in px at dpi. -1 where it is over the limit for pictures. */
static int page_size(PopplerPage *page, double dpi, int *width, int *height, fault_t *fault)
{
    double w = 0, h = 0;
    poppler_page_get_size(page, &w, &h);
    w = ceil(w * dpi / POINTS_PER_INCH - 0.01), h = ceil(h * dpi / POINTS_PER_INCH - 0.01);
    if (!(w >= 1) || !(h >= 1))
        return fault_set(fault, FAULT_DAMAGED, "a page of the PDF has no size: it is damaged; save it again");
    if (w > PICTURE_SIDE_MOST || h > PICTURE_SIDE_MOST || w * h > PICTURE_PIXELS_MOST)
        return fault_set(fault, FAULT_TOO_LARGE,
                         "a page of the PDF is %.0f x %.0f inches, more than can be drawn; save it "
                         "on smaller paper",
                         w / dpi, h / dpi);
    *width = (int)w, *height = (int)h;
    return 0;
}

int pdf_page(pdf_t *pdf, int index, double dpi, arena_t *arena, page_t *page, fault_t *fault)
{
    int width = 0, height = 0;
    if (load_page(pdf, index, fault) != 0 || page_size(pdf->page, dpi, &width, &height, fault) != 0)
        return -1;
    page->number = index + 1;
    page->width = width, page->height = height;
    page->dpi = dpi;
    page->origin = "pdf";
    page->background = 0xffffff;
    pdf_words(pdf->glyphs, pdf->count, dpi / POINTS_PER_INCH, width, height, arena, &page->words);
    return 0;
}

static bool has_colour(const uint32_t *row, int n)
{
    uint32_t differ = 0; /* of red and green from green and blue */
    for (int x = 0; x < n; x++)
        differ |= (row[x] ^ row[x] >> 8) & 0xffff;
    return differ != 0;
}

static void copy_row(uint8_t *restrict to, const uint32_t *restrict row, int n, bool colour)
{
    if (colour)
        for (int x = 0; x < n; x++) {
            to[3 * x] = (uint8_t)(row[x] >> 16);
            to[3 * x + 1] = (uint8_t)(row[x] >> 8);
            to[3 * x + 2] = (uint8_t)row[x];
        }
    else
        for (int x = 0; x < n; x++)
            to[x] = (uint8_t)row[x];
}

/* Pixels of a cairo RGB24 surface; one channel where it holds no colour. */
static picture_t *surface_picture(cairo_surface_t *surface, int width, int height)
{
    const uint8_t *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    bool colour = false;
    for (int y = 0; y < height && !colour; y++)
        colour = has_colour((const uint32_t *)(const void *)(data + (size_t)y * stride), width);
    picture_t *picture = picture_unset(width, height, colour ? 3 : 1);
    for (int y = 0; picture && y < height; y++)
        copy_row(picture->pixels + (size_t)y * picture->stride,
                 (const uint32_t *)(const void *)(data + (size_t)y * stride), width, colour);
    return picture;
}

picture_t *pdf_picture(pdf_t *pdf, int index, double dpi, fault_t *fault)
{
    int width = 0, height = 0;
    if (load_page(pdf, index, fault) != 0 || page_size(pdf->page, dpi, &width, &height, fault) != 0)
        return NULL;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_scale(cairo, dpi / POINTS_PER_INCH, dpi / POINTS_PER_INCH);
    poppler_page_render(pdf->page, cairo);
    cairo_surface_flush(surface);
    bool drawn = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    picture_t *picture = drawn ? surface_picture(surface, width, height) : NULL;
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    if (picture)
        picture->dpi = dpi;
    else
        fault_set(fault, FAULT_MEMORY, "no memory to draw page %d of the PDF", index + 1);
    return picture;
}

/* Share of the page that its pictures cover (overlaps counted twice, 1 at most) and the largest one's box, points. */
static double picture_share(PopplerPage *page, PopplerRectangle *largest)
{
    double w = 0, h = 0, sum = 0, most = 0;
    poppler_page_get_size(page, &w, &h);
    GList *images = poppler_page_get_image_mapping(page);
    for (GList *at = images; at; at = at->next) {
        const PopplerRectangle *area = &((const PopplerImageMapping *)at->data)->area;
        double x0 = fmax(fmin(area->x1, area->x2), 0), x1 = fmin(fmax(area->x1, area->x2), w);
        double y0 = fmax(fmin(area->y1, area->y2), 0), y1 = fmin(fmax(area->y1, area->y2), h);
        double covered = x1 > x0 && y1 > y0 ? (x1 - x0) * (y1 - y0) : 0;
        sum += covered;
        if (covered > most)
            most = covered, *largest = *area;
    }
    poppler_page_free_image_mapping(images);
    return w > 0 && h > 0 ? fmin(sum / (w * h), 1) : 0;
}

/* What is drawn, counted. */
typedef struct {
    bool pictures; /* a picture was painted */
    int glyphs;    /* strings of glyphs since */
    int fills;     /* filled paths */
} drawn_t;

static void on_paint(cairo_surface_t *observer, cairo_surface_t *target, void *data)
{
    (void)observer, (void)target;
    drawn_t *drawn = data;
    drawn->pictures = true;
}

static void on_glyphs(cairo_surface_t *observer, cairo_surface_t *target, void *data)
{
    (void)observer, (void)target;
    drawn_t *drawn = data;
    drawn->glyphs += drawn->pictures;
}

static void on_fill(cairo_surface_t *observer, cairo_surface_t *target, void *data)
{
    (void)observer, (void)target;
    drawn_t *drawn = data;
    drawn->fills++;
}

/* Draws onto an observer. (cairo 1.16 keeps the three callbacks' 96 bytes when the observer goes: tests/lsan.supp.) */
static drawn_t count_drawn(PopplerPage *page)
{
    drawn_t drawn = {0};
    cairo_rectangle_t extents = {0, 0, 0, 0};
    poppler_page_get_size(page, &extents.width, &extents.height);
    cairo_surface_t *target = cairo_recording_surface_create(CAIRO_CONTENT_COLOR, &extents);
    cairo_surface_t *observer = cairo_surface_create_observer(target, CAIRO_SURFACE_OBSERVER_NORMAL);
    cairo_surface_observer_add_paint_callback(observer, on_paint, &drawn);
    cairo_surface_observer_add_glyphs_callback(observer, on_glyphs, &drawn);
    cairo_surface_observer_add_fill_callback(observer, on_fill, &drawn);
    cairo_t *cairo = cairo_create(observer);
    poppler_page_render(page, cairo);
    cairo_destroy(cairo);
    cairo_surface_destroy(observer);
    cairo_surface_destroy(target);
    return drawn;
}

/* Words, and the share of characters that mean nothing (fonts without a usable ToUnicode). */
static void count_words(const pdf_t *pdf, int *words, double *broken)
{
    size_t seen = 0, bad = 0;
    bool inside = false;
    *words = 0;
    for (size_t i = 0; i < pdf->count; i++) {
        uint32_t point = pdf->glyphs[i].point;
        if (text_is_space(point)) {
            inside = false;
            continue;
        }
        seen++;
        bad += pdf_words_is_broken(point);
        *words += !inside;
        inside = true;
    }
    *broken = seen ? (double)bad / (double)seen : 0;
}

/* Whether the words outside the largest picture make up most of the page's words. */
static bool words_are_beside(const pdf_t *pdf, const PopplerRectangle *picture)
{
    size_t beside = 0, all = 0;
    for (size_t i = 0; i < pdf->count; i++) {
        double x = (pdf->glyphs[i].x0 + pdf->glyphs[i].x1) / 2, y = (pdf->glyphs[i].y0 + pdf->glyphs[i].y1) / 2;
        all++;
        beside += x < fmin(picture->x1, picture->x2) || x > fmax(picture->x1, picture->x2) ||
                  y < fmin(picture->y1, picture->y2) || y > fmax(picture->y1, picture->y2);
    }
    return beside * 2 > all;
}

bool pdf_page_has_text(pdf_t *pdf, int index)
{
    fault_t unused;
    int words = 0;
    double broken = 0;
    if (load_page(pdf, index, &unused) != 0)
        return false;
    count_words(pdf, &words, &broken);
    if (words < WORDS_LEAST || broken > BROKEN_MOST)
        return false;
    PopplerRectangle largest = {0};
    if (picture_share(pdf->page, &largest) < PICTURES_MOST)
        return words >= WORDS_MANY || count_drawn(pdf->page).fills <= OUTLINES_MOST * (double)pdf->count;
    if (words_are_beside(pdf, &largest))
        return false; /* a caption beside the picture of a timetable */
    return count_drawn(pdf->page).glyphs >= (int)ceil(DRAWN_LEAST * words);
}

/* The number behind "/Name" in a dictionary, or 0. */
static int dictionary_number(const char *from, const char *end, const char *name)
{
    const char *at = memmem(from, (size_t)(end - from), name, strlen(name));
    int value = 0;
    if (!at)
        return 0;
    at += strlen(name);
    while (at < end && *at == ' ')
        at++;
    while (at < end && *at >= '0' && *at <= '9' && value < PICTURE_SIDE_MOST)
        value = value * 10 + *at++ - '0';
    return value;
}

/* Width in px of the largest embedded picture whose shape is that of the box. Dictionaries of streams always stand open
 * in the file, so none need be decoded. */
static int embedded_width(const pdf_t *pdf, double aspect)
{
    const char *begin = (const char *)pdf->bytes, *end = begin + pdf->size;
    int best = 0;
    for (const char *at = begin; (at = memmem(at, (size_t)(end - at), "/Image", 6)); at += 6) {
        enum { REACH = 600 }; /* bytes of a dictionary before and behind its /Subtype */
        const char *from = at - begin > REACH ? at - REACH : begin, *to = end - at > REACH ? at + REACH : end;
        for (const char *open; (open = memmem(from, (size_t)(at - from), " obj", 4));)
            from = open + 4;
        const char *stream = memmem(at, (size_t)(to - at), "stream", 6);
        if (stream)
            to = stream;
        int w = dictionary_number(from, to, "/Width"), h = dictionary_number(from, to, "/Height");
        if (w > best && h > 0 && fabs((double)w / h / aspect - 1) < 0.05)
            best = w;
    }
    return best;
}

double pdf_page_inches(pdf_t *pdf, int index)
{
    fault_t unused;
    double w = 0, h = 0;
    if (load_page(pdf, index, &unused) != 0)
        return 0;
    poppler_page_get_size(pdf->page, &w, &h);
    return fmax(w, h) / POINTS_PER_INCH;
}

double pdf_page_dpi(pdf_t *pdf, int index)
{
    fault_t unused;
    PopplerRectangle box = {0};
    if (load_page(pdf, index, &unused) != 0 || picture_share(pdf->page, &box) <= 0)
        return 0;
    double w = fabs(box.x2 - box.x1), h = fabs(box.y2 - box.y1);
    if (!(w > 0) || !(h > 0))
        return 0;
    int upright = embedded_width(pdf, w / h), turned = embedded_width(pdf, h / w);
    return fmax(upright / w, turned / h) * POINTS_PER_INCH;
}
