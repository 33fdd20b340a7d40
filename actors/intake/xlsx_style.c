/* xlsx_style: see xlsx_style.h. Colours: ECMA-376 part 1, 18.8.27 (indexed) and 18.8.3 (tint). */
#include "xlsx_style.h"
#include "xlsx_format.h"

#include "proto/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Most formats that are read: Excel itself allows 65,490. */
enum { LOOKS_MOST = 65490 };

static const int32_t indexed_colours[] = {
    0x000000, 0xffffff, 0xff0000, 0x00ff00, 0x0000ff, 0xffff00, 0xff00ff, 0x00ffff, 0x000000, 0xffffff, 0xff0000,
    0x00ff00, 0x0000ff, 0xffff00, 0xff00ff, 0x00ffff, 0x800000, 0x008000, 0x000080, 0x808000, 0x800080, 0x008080,
    0xc0c0c0, 0x808080, 0x9999ff, 0x993366, 0xffffcc, 0xccffff, 0x660066, 0xff8080, 0x0066cc, 0xccccff, 0x000080,
    0xff00ff, 0xffff00, 0x00ffff, 0x800080, 0x800000, 0x008080, 0x0000ff, 0x00ccff, 0xccffff, 0xccffcc, 0xffff99,
    0x99ccff, 0xff99cc, 0xcc99ff, 0xffcc99, 0x3366ff, 0x33cccc, 0x99cc00, 0xffcc00, 0xff9900, 0xff6600, 0x666699,
    0x969696, 0x003366, 0x339966, 0x003300, 0x333300, 0x993300, 0x993366, 0x333399, 0x333333,
};

/* The Office theme, where the workbook has none of its own. */
static const int32_t office_theme[12] = {0xffffff, 0x000000, 0xe7e6e6, 0x44546a, 0x4472c4, 0xed7d31,
                                         0xa5a5a5, 0xffc000, 0x5b9bd5, 0x70ad47, 0x0563c1, 0x954f72};

/* Lighter (tint > 0) or darker, by luminance; done on the channels, which is within two steps of the HLS way. */
static int32_t tinted(int32_t colour, double tint)
{
    int32_t out = 0;
    tint = fmax(fmin(tint, 1), -1);
    for (int shift = 16; shift >= 0; shift -= 8) {
        double c = colour >> shift & 0xff;
        c = tint < 0 ? c * (1 + tint) : c + (255 - c) * tint;
        out |= (int32_t)lround(c) << shift;
    }
    return out;
}

/* A colour element's value, -1 where it has none. */
static int32_t read_colour(const xlsx_styles_t *styles, const xmlNode *node)
{
    double tint = xml_number(node, "tint", 0), theme = xml_number(node, "theme", -1);
    double index = xml_number(node, "indexed", -1);
    int32_t colour = xml_colour(xml_attribute(node, "rgb"));
    if (colour < 0 && theme >= 0 && theme < 12)
        colour = styles->theme[(int)theme];
    if (colour < 0 && index >= 0 && index < (double)(sizeof indexed_colours / sizeof *indexed_colours))
        colour = indexed_colours[(int)index];
    return colour < 0 ? -1 : tinted(colour, tint);
}

static bool is_on(const xmlNode *node)
{
    const char *value = xml_attribute(node, "val");
    return node && (!value || (strcmp(value, "0") != 0 && strcmp(value, "false") != 0));
}

void xlsx_styles_font(const xlsx_styles_t *styles, const xmlNode *font, span_t *look)
{
    if (!font)
        return;
    double points = xml_number(xml_child(font, "sz"), "val", 11);
    int32_t colour = read_colour(styles, xml_child(font, "color"));
    look->size = fmin(fmax(points, 1), 409) * 96 / 72;
    look->weight = is_on(xml_child(font, "b")) ? 1 : 0;
    look->struck = is_on(xml_child(font, "strike"));
    look->colour = colour >= 0 ? colour : 0;
}

static int32_t read_fill(const xlsx_styles_t *styles, const xmlNode *fill)
{
    const xmlNode *pattern = xml_child(fill, "patternFill"), *gradient = xml_child(fill, "gradientFill");
    const char *type = xml_attribute(pattern, "patternType");
    if (gradient)
        return read_colour(styles, xml_child(xml_child(gradient, "stop"), "color"));
    if (!type || strcmp(type, "none") == 0)
        return -1;
    int32_t front = read_colour(styles, xml_child(pattern, "fgColor")),
            back = read_colour(styles, xml_child(pattern, "bgColor"));
    if (strcmp(type, "solid") == 0)
        return front;
    return back >= 0 ? back : -1; /* a hatching is seen as its ground */
}

static int32_t read_borders(const xmlNode *border)
{
    static const struct {
        const char *name;
        int32_t side;
    } sides[] = {{"top", SIDE_TOP},       {"right", SIDE_RIGHT}, {"end", SIDE_RIGHT},
                 {"bottom", SIDE_BOTTOM}, {"left", SIDE_LEFT},   {"start", SIDE_LEFT}};
    int32_t drawn = 0;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        const char *style = xml_attribute(xml_child(border, sides[i].name), "style");
        if (style && strcmp(style, "none") != 0)
            drawn |= sides[i].side;
    }
    return drawn;
}

/* Child elements of a node as an array. */
typedef struct {
    const xmlNode **items;
    size_t count;
} nodes_t;

static nodes_t children(const xmlNode *node, arena_t *arena)
{
    nodes_t nodes = {0};
    for (const xmlNode *at = xml_first(node); at; at = xml_next(at))
        nodes.count++;
    nodes.items = arena_array(arena, nodes.count + 1, sizeof *nodes.items);
    size_t i = 0;
    for (const xmlNode *at = xml_first(node); at; at = xml_next(at))
        nodes.items[i++] = at;
    return nodes;
}

/* The element that an id attribute leads to, or NULL. */
static const xmlNode *pick(const nodes_t *nodes, const xmlNode *xf, const char *attribute)
{
    double index = xml_number(xf, attribute, 0);
    return index >= 0 && index < (double)nodes->count ? nodes->items[(size_t)index] : NULL;
}

static const char *find_code(const xmlNode *formats, double id, arena_t *arena)
{
    int seen = 0; /* a workbook has some ten formats of its own; this bounds the search for each of 65,490 looks */
    for (const xmlNode *at = xml_first(formats); at && seen < 500; at = xml_next(at), seen++) {
        const char *code = xml_attribute(at, "formatCode");
        if (code && xml_number(at, "numFmtId", -1) == id)
            return arena_text(arena, code);
    }
    return xlsx_format_builtin(id >= 0 && id < 1000 ? (int)id : 0);
}

static void read_theme(const xmlDoc *theme, int32_t colours[12])
{
    /* the file has dk1, lt1, dk2, lt2; the numbers count lt1, dk1, lt2, dk2 */
    static const int order[12] = {1, 0, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11};
    memcpy(colours, office_theme, sizeof office_theme);
    const xmlNode *root = theme ? xmlDocGetRootElement((xmlDoc *)theme) : NULL;
    const xmlNode *scheme = xml_child(xml_child(root, "themeElements"), "clrScheme");
    int i = 0;
    for (const xmlNode *at = xml_first(scheme); at && i < 12; at = xml_next(at), i++) {
        const xmlNode *own = xml_first(at);
        const char *last = xml_attribute(own, "lastClr");
        int32_t colour = xml_colour(last ? last : xml_attribute(own, "val"));
        if (colour >= 0)
            colours[order[i]] = colour;
    }
}

xlsx_styles_t *xlsx_styles_new(const xmlDoc *doc, const xmlDoc *theme, arena_t *arena)
{
    xlsx_styles_t *styles = arena_take(arena, sizeof *styles);
    const xmlNode *root = doc ? xmlDocGetRootElement((xmlDoc *)doc) : NULL;
    nodes_t fonts = children(xml_child(root, "fonts"), arena), fills = children(xml_child(root, "fills"), arena);
    nodes_t borders = children(xml_child(root, "borders"), arena), xfs = children(xml_child(root, "cellXfs"), arena);
    read_theme(theme, styles->theme);
    styles->count = xfs.count < 1 ? 1 : xfs.count > LOOKS_MOST ? LOOKS_MOST : xfs.count;
    styles->looks = arena_array(arena, styles->count, sizeof *styles->looks);
    for (size_t i = 0; i < styles->count; i++) {
        const xmlNode *xf = i < xfs.count ? xfs.items[i] : NULL;
        const xmlNode *alignment = xml_child(xf, "alignment");
        const char *horizontal = xml_attribute(alignment, "horizontal"), *wrap = xml_attribute(alignment, "wrapText");
        xlsx_look_t *look = &styles->looks[i];
        *look = (xlsx_look_t){.font = {.size = 11 * 96.0 / 72}, .fill = -1};
        look->code = find_code(xml_child(root, "numFmts"), xml_number(xf, "numFmtId", 0), arena);
        xlsx_styles_font(styles, pick(&fonts, xf, "fontId"), &look->font);
        look->fill = read_fill(styles, pick(&fills, xf, "fillId"));
        look->borders = read_borders(pick(&borders, xf, "borderId"));
        look->rotation = (int32_t)fmax(fmin(xml_number(alignment, "textRotation", 0), 255), 0);
        look->centred = horizontal && strncmp(horizontal, "center", 6) == 0;
        look->wrapped = wrap && (strcmp(wrap, "1") == 0 || strcmp(wrap, "true") == 0);
    }
    return styles;
}

const xlsx_look_t *xlsx_styles_look(const xlsx_styles_t *styles, double index)
{
    return &styles->looks[index >= 0 && index < (double)styles->count ? (size_t)index : 0];
}
