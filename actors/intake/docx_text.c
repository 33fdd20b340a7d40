/* docx_text: see docx_text.h. Source: ECMA-376 part 1, 17.3 (runs), 17.13.5 (revisions), part 3 (alternate content). */
#include "docx_text.h"

#include "proto/base/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const docx_styles_t *styles;
    arena_t *arena;
    docx_paragraph_t *out;
    run_look_t paragraph; /* look of the paragraph's runs before their own properties */
    int depth;
} reader_t;

/* Elements within elements of one paragraph: text boxes in groups in text boxes reach 20. */
enum { DEPTH_MOST = 60 };

static void add(reader_t *r, const run_look_t *look, const char *text, size_t length)
{
    span_t span = {
        .size = look->size * DOCX_PX, .weight = look->weight, .colour = look->colour, .struck = look->struck};
    if (!look->hidden && length)
        typeset_add(&r->out->spans, text, length, &span, r->arena);
}

/* Upper case of Latin letters, as w:caps shows them. */
static char *capitals(arena_t *arena, const char *text)
{
    char *copy = arena_text(arena, text);
    for (unsigned char *at = (unsigned char *)copy; *at; at++) {
        if (*at >= 'a' && *at <= 'z')
            *at = (unsigned char)(*at - 32);
        else if (*at == 0xc3 && at[1] >= 0xa0 && at[1] != 0xb7 && at[1] != 0xbf) /* à to þ */
            at[1] = (unsigned char)(at[1] - 32), at++;
    }
    return copy;
}

/* Symbols of Wingdings and Symbol that mean something in a timetable (w:sym). */
static const char *symbol(const xmlNode *node)
{
    static const struct {
        unsigned code;
        const char *text;
    } known[] = {{0xb7, "•"}, {0xfc, "✓"}, {0xfe, "✓"}, {0x50, "✓"},
                 {0xe0, "→"}, {0xd8, "→"}, {0x2d, "–"}, {0xab, "★"}};
    const char *value = xml_attribute(node, "char");
    unsigned code = value ? (unsigned)strtoul(value, NULL, 16) & 0xff : 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == code)
            return known[i].text;
    return "";
}

static void add_text(reader_t *r, const run_look_t *look, const xmlNode *node)
{
    for (const xmlNode *at = node->children; at; at = at->next) {
        if ((at->type != XML_TEXT_NODE && at->type != XML_CDATA_SECTION_NODE) || !at->content)
            continue;
        char *text = look->capitals ? capitals(r->arena, (const char *)at->content)
                                    : arena_text(r->arena, (const char *)at->content);
        for (char *c = text; *c; c++) /* line ends in the XML are white space there */
            if (*c == '\n' || *c == '\r')
                *c = ' ';
        add(r, look, text, strlen(text));
    }
}

static void read_children(reader_t *r, const xmlNode *node, const run_look_t *look);

/* Text boxes hold paragraphs, and tables, of their own: they become lines below. */
static void read_box(reader_t *r, const xmlNode *node)
{
    for (const xmlNode *at = xml_first(node); at && r->depth < DEPTH_MOST; at = xml_next(at)) {
        bool paragraph = xml_is(at, "p");
        run_look_t look = r->paragraph;
        if (paragraph) {
            const xmlNode *style = xml_child(xml_child(at, "pPr"), "pStyle");
            look = docx_styles_paragraph(r->styles, xml_attribute(style, "val"));
            add(r, &look, "\n", 1);
        }
        r->depth++;
        if (paragraph)
            read_children(r, at, &look);
        else
            read_box(r, at);
        r->depth--;
    }
}

static void read_break(reader_t *r, const xmlNode *node, const run_look_t *look)
{
    const char *type = xml_attribute(node, "type");
    if (!type || strcmp(type, "page") != 0)
        add(r, look, "\n", 1);
    else if (typeset_is_empty(&r->out->spans))
        r->out->page_before = true;
    else
        r->out->page_after = true;
}

static void read_node(reader_t *r, const xmlNode *node, const run_look_t *look)
{
    static const char *const skipped[] = {"del",
                                          "moveFrom",
                                          "pPr",
                                          "rPr",
                                          "instrText",
                                          "delText",
                                          "rt",
                                          "sdtPr",
                                          "sdtEndPr",
                                          "tblPr",
                                          "delInstrText",
                                          "commentReference",
                                          "numPr",
                                          "proofErr",
                                          "footnoteReference",
                                          "endnoteReference"};
    for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
        if (xml_is(node, skipped[i]))
            return;
    if (xml_is(node, "r")) {
        const xmlNode *properties = xml_child(node, "rPr");
        run_look_t own = r->paragraph;
        const char *style = xml_attribute(xml_child(properties, "rStyle"), "val");
        if (style)
            docx_styles_character(r->styles, style, &own);
        docx_styles_apply(properties, &own);
        read_children(r, node, &own);
    } else if (xml_is(node, "t")) {
        add_text(r, look, node);
    } else if (xml_is(node, "tab") || xml_is(node, "ptab")) {
        add(r, look, "\t", 1);
    } else if (xml_is(node, "br")) {
        read_break(r, node, look);
    } else if (xml_is(node, "cr")) {
        add(r, look, "\n", 1);
    } else if (xml_is(node, "noBreakHyphen")) {
        add(r, look, "-", 1);
    } else if (xml_is(node, "sym")) {
        add(r, look, symbol(node), strlen(symbol(node)));
    } else if (xml_is(node, "AlternateContent")) {
        const xmlNode *choice = xml_child(node, "Choice");
        read_children(r, choice ? choice : xml_child(node, "Fallback"), look);
    } else if (xml_is(node, "txbxContent")) {
        read_box(r, node);
    } else {
        read_children(r, node, look);
    }
}

static void read_children(reader_t *r, const xmlNode *node, const run_look_t *look)
{
    if (r->depth >= DEPTH_MOST)
        return;
    r->depth++;
    for (const xmlNode *at = xml_first(node); at; at = xml_next(at))
        read_node(r, at, look);
    r->depth--;
}

void docx_text_paragraph(const docx_styles_t *styles, const xmlNode *paragraph, arena_t *arena, docx_paragraph_t *out)
{
    const xmlNode *properties = xml_child(paragraph, "pPr");
    *out = (docx_paragraph_t){0};
    reader_t r = {.styles = styles, .arena = arena, .out = out};
    r.paragraph = docx_styles_paragraph(styles, xml_attribute(xml_child(properties, "pStyle"), "val"));
    const char *align = xml_attribute(xml_child(properties, "jc"), "val");
    out->how.centred = align && strcmp(align, "center") == 0;
    const xmlNode *before = xml_child(properties, "pageBreakBefore");
    const char *value = xml_attribute(before, "val");
    out->page_before = before && !(value && (strcmp(value, "0") == 0 || strcmp(value, "false") == 0));
    read_children(&r, paragraph, &r.paragraph);
    out->size = out->spans.count ? LIST_AT(span_t, out->spans, 0)->size : r.paragraph.size * DOCX_PX;
}
