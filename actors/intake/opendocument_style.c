/* opendocument_style: see opendocument_style.h. Source: ODF 1.2 part 1, 16 (styles) and 20 (formatting attributes). */
#include "opendocument_style.h"

#include "proto/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Styles kept, and styles based on styles: more is no document of a person. */
enum { STYLES_MOST = 4000, BASED_MOST = 12 };

struct odf_styles {
    const xmlNode **items; /* style:style and style:default-style */
    size_t count;
};

static void collect(odf_styles_t *styles, const xmlNode *group)
{
    for (const xmlNode *at = xml_first(group); at && styles->count < STYLES_MOST; at = xml_next(at))
        if (xml_is(at, "style") || xml_is(at, "default-style"))
            styles->items[styles->count++] = at;
}

odf_styles_t *odf_styles_new(const xmlDoc *content, const xmlDoc *styles, arena_t *arena)
{
    odf_styles_t *out = arena_take(arena, sizeof *out);
    const xmlDoc *docs[] = {content, styles};
    out->items = arena_array(arena, STYLES_MOST, sizeof *out->items);
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++) {
        const xmlNode *root = docs[i] ? xmlDocGetRootElement((xmlDoc *)docs[i]) : NULL;
        collect(out, xml_child(root, "automatic-styles"));
        collect(out, xml_child(root, "styles"));
    }
    return out;
}

/* "2.5cm" in px; 0 where it is no length. */
static double length_px(const char *text)
{
    char *unit = NULL;
    double value = text ? strtod(text, &unit) : 0;
    if (!text || unit == text || !isfinite(value) || value < 0)
        return 0;
    double per = strncmp(unit, "cm", 2) == 0   ? 96 / 2.54
                 : strncmp(unit, "mm", 2) == 0 ? 96 / 25.4
                 : strncmp(unit, "in", 2) == 0 ? 96
                 : strncmp(unit, "pt", 2) == 0 ? 96 / 72.0
                 : strncmp(unit, "pc", 2) == 0 ? 16
                 : strncmp(unit, "px", 2) == 0 ? 1
                                               : 0;
    return fmin(value * per, 5000);
}

static bool is_drawn(const char *border)
{
    return strncmp(border, "none", 4) != 0 && strncmp(border, "hidden", 6) != 0;
}

static void apply_borders(const xmlNode *node, odf_look_t *look)
{
    static const struct {
        const char *name;
        int32_t sides;
    } known[] = {{"border", 15},
                 {"border-top", SIDE_TOP},
                 {"border-right", SIDE_RIGHT},
                 {"border-bottom", SIDE_BOTTOM},
                 {"border-left", SIDE_LEFT}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *value = xml_attribute(node, known[i].name);
        if (value)
            look->borders = is_drawn(value) ? look->borders | known[i].sides : look->borders & ~known[i].sides;
    }
}

static void apply_text(const xmlNode *node, odf_look_t *look)
{
    const char *size = xml_attribute(node, "font-size"), *weight = xml_attribute(node, "font-weight");
    const char *struck = xml_attribute(node, "text-line-through-style");
    int32_t colour = xml_colour(xml_attribute(node, "color"));
    if (size && strchr(size, '%'))
        look->look.size *= fmin(fmax(strtod(size, NULL) / 100, 0.1), 10);
    else if (length_px(size) >= 1)
        look->look.size = length_px(size);
    look->look.size = fmin(fmax(look->look.size, 1), 500);
    if (weight)
        look->look.weight = strcmp(weight, "bold") == 0 || strtod(weight, NULL) >= 600 ? 1 : 0;
    if (struck)
        look->look.struck = strcmp(struck, "none") != 0;
    if (colour >= 0)
        look->look.colour = colour;
}

static void apply_cell(const xmlNode *node, odf_look_t *look)
{
    const char *ground = xml_attribute(node, "background-color"), *direction = xml_attribute(node, "direction");
    const char *wrap = xml_attribute(node, "wrap-option"), *mode = xml_attribute(node, "writing-mode");
    if (ground)
        look->fill = xml_colour(ground);
    apply_borders(node, look);
    if (direction)
        look->stacked = strcmp(direction, "ttb") == 0;
    if (wrap)
        look->wrapped = strcmp(wrap, "wrap") == 0;
    double turn = fmod(xml_number(node, "rotation-angle", look->angle ? 360 - look->angle : 0) + 360, 360);
    look->angle = fabs(turn - 90) <= 45 ? 270 : fabs(turn - 270) <= 45 ? 90 : 0; /* counter-clockwise in the file */
    if (mode && strcmp(mode, "bt-lr") == 0)
        look->angle = 270;
    else if (mode && (strcmp(mode, "tb-rl") == 0 || strcmp(mode, "tb-lr") == 0))
        look->angle = 90;
}

static void apply_style(const xmlNode *style, odf_look_t *look)
{
    for (const xmlNode *at = xml_first(style); at; at = xml_next(at)) {
        if (xml_is(at, "text-properties")) {
            apply_text(at, look);
        } else if (xml_is(at, "table-cell-properties")) {
            apply_cell(at, look);
        } else if (xml_is(at, "paragraph-properties")) {
            const char *align = xml_attribute(at, "text-align");
            look->centred = align ? strcmp(align, "center") == 0 : look->centred;
        } else if (xml_is(at, "table-column-properties")) {
            double width = length_px(xml_attribute(at, "column-width"));
            look->width = width > 0 ? width : look->width;
        } else if (xml_is(at, "table-row-properties")) {
            double height = length_px(xml_attribute(at, "row-height"));
            height = height > 0 ? height : length_px(xml_attribute(at, "min-row-height"));
            look->height = height > 0 ? height : look->height;
        }
    }
}

static const xmlNode *find_style(const odf_styles_t *styles, const char *name)
{
    for (size_t i = 0; name && i < styles->count; i++) {
        const char *its = xml_attribute(styles->items[i], "name");
        if (its && strcmp(its, name) == 0)
            return styles->items[i];
    }
    return NULL;
}

void odf_styles_apply(const odf_styles_t *styles, const char *name, odf_look_t *look)
{
    const xmlNode *chain[BASED_MOST];
    int depth = 0;
    for (const xmlNode *at = find_style(styles, name); at && depth < BASED_MOST;
         at = find_style(styles, xml_attribute(at, "parent-style-name")))
        chain[depth++] = at;
    while (depth > 0)
        apply_style(chain[--depth], look);
}

odf_look_t odf_styles_plain(const odf_styles_t *styles)
{
    odf_look_t look = {.look = {.size = 12 * 96 / 72.0}, .fill = -1};
    for (size_t i = 0; i < styles->count; i++) {
        const char *family = xml_attribute(styles->items[i], "family");
        if (xml_is(styles->items[i], "default-style") && family && strcmp(family, "paragraph") == 0)
            apply_text(xml_child(styles->items[i], "text-properties"), &look);
    }
    return look;
}
