/* docx_style: see docx_style.h. */
#include "docx_style.h"

#include <string.h>

/* Styles based on styles: more than this is a circle. */
enum { BASED_MOST = 16 };

struct docx_styles {
    const xmlNode *root;      /* w:styles; its document must outlive this */
    const xmlNode **styles;   /* w:style */
    size_t count;             /* styles */
    const xmlNode *paragraph; /* the default paragraph style */
    run_look_t defaults;      /* of the document */
};

/* On, unless w:val says off (ST_OnOff). */
static bool is_on(const xmlNode *node)
{
    const char *value = xml_attribute(node, "val");
    return !value || (strcmp(value, "0") != 0 && strcmp(value, "false") != 0 && strcmp(value, "off") != 0 &&
                      strcmp(value, "none") != 0);
}

void docx_styles_apply(const xmlNode *properties, run_look_t *look)
{
    for (const xmlNode *at = xml_first(properties); at; at = xml_next(at)) {
        if (xml_is(at, "sz"))
            look->size = xml_number(at, "val", look->size * 2) / 2;
        else if (xml_is(at, "b"))
            look->weight = is_on(at) ? 1 : 0;
        else if (xml_is(at, "strike") || xml_is(at, "dstrike"))
            look->struck = is_on(at);
        else if (xml_is(at, "vanish"))
            look->hidden = is_on(at);
        else if (xml_is(at, "caps"))
            look->capitals = is_on(at);
        else if (xml_is(at, "color"))
            look->colour = xml_colour(xml_attribute(at, "val")) >= 0 ? xml_colour(xml_attribute(at, "val")) : 0;
    }
    /* 1 to 400 points: beyond that the number is a mistake or an attack */
    look->size = look->size < 1 ? 1 : look->size > 400 ? 400 : look->size;
}

docx_styles_t *docx_styles_new(const xmlDoc *doc, arena_t *arena)
{
    docx_styles_t *styles = arena_take(arena, sizeof *styles);
    styles->defaults = (run_look_t){.size = 10}; /* 17.3.2.38: without a size it is 10 points */
    styles->root = doc ? xmlDocGetRootElement((xmlDoc *)doc) : NULL;
    size_t count = 0;
    for (const xmlNode *at = xml_first(styles->root); at; at = xml_next(at))
        count += xml_is(at, "style");
    styles->styles = arena_array(arena, count + 1, sizeof *styles->styles);
    for (const xmlNode *at = xml_first(styles->root); at; at = xml_next(at)) {
        if (!xml_is(at, "style"))
            continue;
        const char *type = xml_attribute(at, "type"), *is_default = xml_attribute(at, "default");
        styles->styles[styles->count++] = at;
        if (type && strcmp(type, "paragraph") == 0 && is_default && strcmp(is_default, "0") != 0)
            styles->paragraph = at;
    }
    const xmlNode *defaults = xml_child(xml_child(styles->root, "docDefaults"), "rPrDefault");
    docx_styles_apply(xml_child(defaults, "rPr"), &styles->defaults);
    return styles;
}

static const xmlNode *find_style(const docx_styles_t *styles, const char *id)
{
    for (size_t i = 0; id && i < styles->count; i++) {
        const char *its = xml_attribute(styles->styles[i], "styleId");
        if (its && strcmp(its, id) == 0)
            return styles->styles[i];
    }
    return NULL;
}

/* Applies what the style is based on, then the style. */
static void apply_style(const docx_styles_t *styles, const xmlNode *style, run_look_t *look)
{
    const xmlNode *chain[BASED_MOST];
    int depth = 0;
    for (; style && depth < BASED_MOST; style = find_style(styles, xml_attribute(xml_child(style, "basedOn"), "val")))
        chain[depth++] = style;
    while (depth > 0)
        docx_styles_apply(xml_child(chain[--depth], "rPr"), look);
}

run_look_t docx_styles_paragraph(const docx_styles_t *styles, const char *id)
{
    run_look_t look = styles->defaults;
    const xmlNode *style = find_style(styles, id);
    apply_style(styles, style ? style : styles->paragraph, &look);
    return look;
}

void docx_styles_character(const docx_styles_t *styles, const char *id, run_look_t *look)
{
    apply_style(styles, find_style(styles, id), look);
}

const xmlNode *docx_styles_borders(const docx_styles_t *styles, const char *id)
{
    const xmlNode *style = find_style(styles, id);
    for (int depth = 0; style && depth < BASED_MOST; depth++) {
        const xmlNode *borders = xml_child(xml_child(style, "tblPr"), "tblBorders");
        if (borders)
            return borders;
        style = find_style(styles, xml_attribute(xml_child(style, "basedOn"), "val"));
    }
    return NULL;
}
