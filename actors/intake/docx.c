/* docx: see docx.h. Sources: ECMA-376 part 1: 17.4 (tables), 17.6 (sections), 17.10 (headers and footers). */
#include "docx.h"
#include "docx_text.h"
#include "flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double TWIPS_PER_PX = 15; /* 1440 an inch, 96 px an inch */

struct docx {
    arena_t *arena;     /* owns everything below */
    flow_sheet_t sheet; /* of the last section */
    list_t header;      /* flow_block_t */
    list_t footer;      /* flow_block_t */
    list_t blocks;      /* flow_block_t, of the whole body */
    size_t *starts;     /* first block of each page, and the end */
    int pages;
    const char *title; /* text of the header, or NULL */
};

typedef struct {
    const docx_styles_t *styles;
    arena_t *arena;
    int cells; /* in the whole document so far */
} reader_t;

enum { CELLS_MOST = 20000, BLOCKS_MOST = 50000 };

/* Paragraphs under which a document without a table is the frame of a picture: a title, a caption, a date. */
enum { LINES_FEW = 5 };

/* A struct at the end of a list, zeroed; as dossier.c's list_push. */
static void *push(arena_t *arena, list_t *list, size_t size)
{
    size_t count = list->count;
    if ((count & (count - 1)) == 0) {
        void *items = arena_array(arena, count ? count * 2 : 1, size);
        if (count)
            memcpy(items, list->items, count * size);
        list->items = items;
    }
    list->count++;
    return (char *)list->items + count * size;
}

static flow_table_t *read_table(reader_t *r, const xmlNode *node, int depth);

/* Rows and cells stand in content controls and revision marks as well. */
static bool is_wrapper(const xmlNode *node)
{
    return xml_is(node, "sdt") || xml_is(node, "sdtContent") || xml_is(node, "ins") || xml_is(node, "moveTo") ||
           xml_is(node, "customXml") || xml_is(node, "smartTag");
}

/* Collects children of that name, wrappers opened. */
static void collect(arena_t *arena, const xmlNode *node, const char *name, int depth, list_t *found)
{
    for (const xmlNode *at = xml_first(node); at && depth < FLOW_DEPTH_MOST; at = xml_next(at)) {
        if (xml_is(at, name))
            *(const xmlNode **)push(arena, found, sizeof at) = at;
        else if (is_wrapper(at))
            collect(arena, at, name, depth + 1, found);
    }
}

/* Bits of the sides that a borders element draws; *given gets those it speaks of. Inner sides count for every cell. */
static int32_t drawn_sides(const xmlNode *borders, const char *const names[4], int32_t *given)
{
    static const int32_t sides[] = {SIDE_TOP, SIDE_RIGHT, SIDE_BOTTOM, SIDE_LEFT};
    int32_t drawn = 0;
    for (int i = 0; i < 4; i++) {
        const xmlNode *side = xml_child(borders, names[i]);
        if (!side && i % 2 == 1) /* strict documents say start and end */
            side = xml_child(borders, i == 1 ? "end" : "start");
        const char *value = xml_attribute(side, "val");
        if (!value)
            continue;
        *given |= sides[i];
        if (strcmp(value, "none") != 0 && strcmp(value, "nil") != 0)
            drawn |= sides[i];
    }
    return drawn;
}

/* Borders of a table: outer and inner sides. */
typedef struct {
    int32_t outer, inner;
} borders_t;

static borders_t table_borders(const reader_t *r, const xmlNode *properties)
{
    static const char *const outer[] = {"top", "right", "bottom", "left"};
    static const char *const inner[] = {"insideH", "insideV", "insideH", "insideV"};
    const xmlNode *borders = xml_child(properties, "tblBorders");
    if (!borders)
        borders = docx_styles_borders(r->styles, xml_attribute(xml_child(properties, "tblStyle"), "val"));
    int32_t given = 0;
    if (!borders) /* nothing said: most such tables are drawn by their cells, or meant as a grid */
        return (borders_t){15, 15};
    return (borders_t){drawn_sides(borders, outer, &given), drawn_sides(borders, inner, &given)};
}

/* Background of a shd element: -1 none. */
static int32_t shade(const xmlNode *properties)
{
    const xmlNode *node = xml_child(properties, "shd");
    const char *pattern = xml_attribute(node, "val");
    const char *name = pattern && strcmp(pattern, "solid") == 0 ? "color" : "fill";
    return xml_colour(xml_attribute(node, name));
}

static void read_cell_text(reader_t *r, const xmlNode *node, int depth, flow_cell_t *cell, bool *begun)
{
    for (const xmlNode *at = xml_first(node); at; at = xml_next(at)) {
        if (xml_is(at, "tbl") && depth + 1 < FLOW_DEPTH_MOST) {
            flow_table_t *inner = read_table(r, at, depth + 1);
            if (inner)
                *(flow_table_t **)push(r->arena, &cell->tables, sizeof inner) = inner;
        } else if (xml_is(at, "p")) {
            docx_paragraph_t paragraph;
            docx_text_paragraph(r->styles, at, r->arena, &paragraph);
            span_t first =
                paragraph.spans.count ? *LIST_AT(span_t, paragraph.spans, 0) : (span_t){.size = paragraph.size};
            if (*begun)
                typeset_add(&cell->spans, "\n", 1, &first, r->arena);
            for (size_t i = 0; i < paragraph.spans.count; i++) {
                const span_t *span = LIST_AT(span_t, paragraph.spans, i);
                typeset_add(&cell->spans, span->text, strlen(span->text), span, r->arena);
            }
            cell->how.centred |= paragraph.how.centred;
            *begun = true;
        } else if (is_wrapper(at)) {
            read_cell_text(r, at, depth, cell, begun);
        }
    }
}

static int32_t bounded(double value, int32_t least, int32_t most)
{
    return value < least ? least : value > most ? most : (int32_t)value;
}

/* Whether the cell goes on the one above (w:vMerge without restart) or before (w:hMerge, of old documents). */
static bool goes_on(const xmlNode *properties, const char *direction)
{
    const xmlNode *merge = xml_child(properties, direction);
    const char *value = xml_attribute(merge, "val");
    return merge && (!value || strcmp(value, "restart") != 0);
}

/* Column widths: the grid's; where it is missing or short, equal shares of the page. */
static void read_widths(reader_t *r, const xmlNode *node, flow_table_t *table, const list_t *rows)
{
    double sum = 0;
    int32_t known = 0;
    table->widths = arena_array(r->arena, FLOW_COLUMNS_MOST, sizeof(double));
    for (const xmlNode *at = xml_first(xml_child(node, "tblGrid")); at && known < FLOW_COLUMNS_MOST; at = xml_next(at))
        if (xml_is(at, "gridCol"))
            sum += table->widths[known++] = fmin(fmax(xml_number(at, "w", 0) / TWIPS_PER_PX, 0), 3000);
    if (sum < 10) { /* a grid of zeros: the first row with a width for each column */
        for (size_t i = 0; i < rows->count && sum < 10; i++) {
            int32_t col = 0;
            list_t cells = {0};
            collect(r->arena, *LIST_AT(const xmlNode *, *rows, i), "tc", 0, &cells);
            for (size_t c = 0; c < cells.count && (int32_t)cells.count == table->cols && col < FLOW_COLUMNS_MOST; c++) {
                const xmlNode *tcw = xml_child(xml_child(*LIST_AT(const xmlNode *, cells, c), "tcPr"), "tcW");
                const char *type = xml_attribute(tcw, "type");
                double w = type && strcmp(type, "dxa") == 0 ? xml_number(tcw, "w", 0) / TWIPS_PER_PX : 0;
                sum += table->widths[col++] = fmin(fmax(w, 0), 3000);
            }
            known = col;
        }
    }
    double share = known && sum >= 10 ? sum / known : 640.0 / fmax(table->cols, 1);
    for (int32_t i = 0; i < table->cols; i++)
        if (sum < 10 || i >= known || table->widths[i] < 4)
            table->widths[i] = share;
}

/* Columns that the rows need. */
static int32_t count_columns(reader_t *r, const list_t *rows)
{
    int32_t most = 1;
    for (size_t i = 0; i < rows->count; i++) {
        const xmlNode *row = *LIST_AT(const xmlNode *, *rows, i);
        list_t cells = {0};
        int32_t col =
            bounded(xml_number(xml_child(xml_child(row, "trPr"), "gridBefore"), "val", 0), 0, FLOW_COLUMNS_MOST);
        collect(r->arena, row, "tc", 0, &cells);
        for (size_t c = 0; c < cells.count; c++) {
            const xmlNode *span = xml_child(xml_child(*LIST_AT(const xmlNode *, cells, c), "tcPr"), "gridSpan");
            col += bounded(xml_number(span, "val", 1), 1, FLOW_COLUMNS_MOST);
            if (col >= FLOW_COLUMNS_MOST)
                return FLOW_COLUMNS_MOST;
        }
        most = col > most ? col : most;
    }
    return most;
}

/* Reads one w:tc at row, col. */
static void read_cell(reader_t *r, const xmlNode *node, flow_table_t *table, int32_t row, int32_t col, int32_t span,
                      const borders_t *borders, int32_t fill)
{
    static const char *const sides[] = {"top", "right", "bottom", "left"};
    const xmlNode *properties = xml_child(node, "tcPr");
    flow_cell_t *cell = push(r->arena, &table->cells, sizeof *cell);
    *cell = (flow_cell_t){.row = row, .col = col, .row_span = 1, .col_span = span};
    cell->fill = shade(properties) >= 0 ? shade(properties) : fill;
    const char *direction = xml_attribute(xml_child(properties, "textDirection"), "val");
    if (direction && (strcmp(direction, "btLr") == 0 || strcmp(direction, "lr") == 0))
        cell->how.angle = 270;
    else if (direction && (strncmp(direction, "tbRl", 4) == 0 || strncmp(direction, "rl", 2) == 0))
        cell->how.angle = 90;
    int32_t given = 0, drawn = drawn_sides(xml_child(properties, "tcBorders"), sides, &given), usual = 0;
    usual |= (row == 0 ? borders->outer : borders->inner) & SIDE_TOP;
    usual |= (col == 0 ? borders->outer : borders->inner) & SIDE_LEFT;
    usual |= (col + span >= table->cols ? borders->outer : borders->inner) & SIDE_RIGHT;
    usual |= (row + 1 >= table->rows ? borders->outer : borders->inner) & SIDE_BOTTOM;
    cell->ruled = (usual & ~given) | drawn;
    bool begun = false;
    read_cell_text(r, node, table->depth, cell, &begun);
}

/* last[col] is the index of the lowest cell so far whose first column it is, -1 none. */
static void read_row(reader_t *r, const xmlNode *node, flow_table_t *table, int32_t row, const borders_t *borders,
                     int32_t fill, int32_t *last)
{
    const xmlNode *properties = xml_child(node, "trPr");
    list_t cells = {0};
    int32_t col = bounded(xml_number(xml_child(properties, "gridBefore"), "val", 0), 0, FLOW_COLUMNS_MOST);
    table->heights[row] = fmin(fmax(xml_number(xml_child(properties, "trHeight"), "val", 0) / TWIPS_PER_PX, 0), 2000);
    collect(r->arena, node, "tc", 0, &cells);
    bool begun = false;
    for (size_t i = 0; i < cells.count && col < table->cols && r->cells < CELLS_MOST; i++) {
        const xmlNode *at = *LIST_AT(const xmlNode *, cells, i), *its = xml_child(at, "tcPr");
        int32_t span = bounded(xml_number(xml_child(its, "gridSpan"), "val", 1), 1, table->cols - col);
        flow_cell_t *upper =
            last[col] >= 0 && goes_on(its, "vMerge") ? LIST_AT(flow_cell_t, table->cells, last[col]) : NULL;
        flow_cell_t *left = begun && goes_on(its, "hMerge") && table->cells.count
                                ? LIST_AT(flow_cell_t, table->cells, table->cells.count - 1)
                                : NULL;
        if (left && left->row == row && left->col + left->col_span == col) {
            left->col_span += span;
        } else if (upper && upper->row + upper->row_span == row) {
            upper->row_span++;
        } else {
            r->cells++;
            last[col] = (int32_t)table->cells.count;
            read_cell(r, at, table, row, col, span, borders, fill);
        }
        begun = true;
        col += span;
    }
}

static flow_table_t *read_table(reader_t *r, const xmlNode *node, int depth)
{
    list_t rows = {0};
    collect(r->arena, node, "tr", 0, &rows);
    for (size_t i = 0; i < rows.count;) { /* deleted rows are not there */
        if (xml_child(xml_child(*LIST_AT(const xmlNode *, rows, i), "trPr"), "del")) {
            memmove(LIST_AT(const xmlNode *, rows, i), LIST_AT(const xmlNode *, rows, i) + 1,
                    (rows.count - i - 1) * sizeof(const xmlNode *));
            rows.count--;
        } else {
            i++;
        }
    }
    if (rows.count == 0)
        return NULL;
    if (rows.count > FLOW_ROWS_MOST)
        rows.count = FLOW_ROWS_MOST;
    flow_table_t *table = arena_take(r->arena, sizeof *table);
    table->depth = depth;
    table->rows = (int32_t)rows.count, table->cols = count_columns(r, &rows);
    table->heights = arena_array(r->arena, rows.count, sizeof(double));
    read_widths(r, node, table, &rows);
    const xmlNode *properties = xml_child(node, "tblPr");
    borders_t borders = table_borders(r, properties);
    int32_t *last = arena_array(r->arena, (size_t)table->cols, sizeof *last);
    memset(last, 0xff, (size_t)table->cols * sizeof *last);
    for (size_t i = 0; i < rows.count; i++)
        read_row(r, *LIST_AT(const xmlNode *, rows, i), table, (int32_t)i, &borders, shade(properties), last);
    return table;
}

/* Reads paragraphs and tables, in order. */
static void read_blocks(reader_t *r, const xmlNode *node, int depth, list_t *blocks)
{
    bool page_before = false;
    for (const xmlNode *at = xml_first(node); at && blocks->count < BLOCKS_MOST; at = xml_next(at)) {
        if (xml_is(at, "tbl")) {
            flow_table_t *table = read_table(r, at, 0);
            if (table) {
                flow_block_t *block = push(r->arena, blocks, sizeof *block);
                *block = (flow_block_t){.table = table, .page_before = page_before};
                page_before = false;
            }
        } else if (xml_is(at, "p")) {
            docx_paragraph_t paragraph;
            docx_text_paragraph(r->styles, at, r->arena, &paragraph);
            flow_block_t *block = push(r->arena, blocks, sizeof *block);
            *block = (flow_block_t){.spans = paragraph.spans, .how = paragraph.how, .height = paragraph.size * 1.2};
            block->page_before = paragraph.page_before || page_before;
            const xmlNode *section = xml_child(xml_child(at, "pPr"), "sectPr");
            const char *type = xml_attribute(xml_child(section, "type"), "val");
            page_before = paragraph.page_after || (section && !(type && strcmp(type, "continuous") == 0));
        } else if (is_wrapper(at) && depth < FLOW_DEPTH_MOST) {
            read_blocks(r, at, depth + 1, blocks);
        }
    }
}

/* Where pages begin: at breaks with a table on both sides. */
static void find_pages(docx_t *docx)
{
    size_t count = docx->blocks.count;
    docx->starts = arena_array(docx->arena, count + 2, sizeof *docx->starts);
    docx->pages = 1;
    for (size_t i = 1; i < count; i++) {
        bool before = false, after = false;
        if (!LIST_AT(flow_block_t, docx->blocks, i)->page_before)
            continue;
        for (size_t n = docx->starts[docx->pages - 1]; n < i; n++)
            before |= LIST_AT(flow_block_t, docx->blocks, n)->table != NULL;
        for (size_t n = i; n < count && !after; n++)
            after = LIST_AT(flow_block_t, docx->blocks, n)->table != NULL;
        if (before && after)
            docx->starts[docx->pages++] = i;
    }
    docx->starts[docx->pages] = count;
}

/* The header or footer of the section: the usual one, or that of its first page. */
static void read_margin(reader_t *r, package_t *package, const char *part, const xmlNode *section, const char *name,
                        list_t *blocks)
{
    for (const xmlNode *at = xml_first(section); at; at = xml_next(at)) {
        const char *id = xml_is(at, name) ? xml_attribute(at, "id") : NULL, *type = xml_attribute(at, "type");
        if (!id || (type && strcmp(type, "even") == 0) || (blocks->count && type && strcmp(type, "first") == 0))
            continue;
        const char *target = package_target(package, part, id, NULL, r->arena);
        xmlDoc *doc = package_xml_optional(package, target);
        list_t found = {0};
        if (doc) {
            read_blocks(r, xmlDocGetRootElement(doc), 0, &found);
            xmlFreeDoc(doc);
        }
        bool seen = false;
        for (size_t i = 0; i < found.count; i++) {
            const flow_block_t *block = LIST_AT(flow_block_t, found, i);
            seen |= block->table || !typeset_is_empty(&block->spans);
        }
        if (seen)
            *blocks = found;
    }
}

static void read_sheet(const xmlNode *section, flow_sheet_t *sheet)
{
    const xmlNode *size = xml_child(section, "pgSz"), *margin = xml_child(section, "pgMar");
    double width = xml_number(size, "w", 11906) / TWIPS_PER_PX; /* A4 */
    sheet->width = fmin(fmax(width, 200), 5000);
    sheet->margin_left = fmin(fmax(xml_number(margin, "left", 1134) / TWIPS_PER_PX, 0), sheet->width / 3);
    sheet->margin_right = fmin(fmax(xml_number(margin, "right", 1134) / TWIPS_PER_PX, 0), sheet->width / 3);
    sheet->margin_top = fmin(fmax(xml_number(margin, "top", 1134) / TWIPS_PER_PX, 0), 200);
}

/* Text of the paragraphs in one line. */
static const char *blocks_text(const list_t *blocks, arena_t *arena)
{
    const char *text = NULL;
    for (size_t i = 0; i < blocks->count; i++) {
        const char *own = typeset_text(&LIST_AT(flow_block_t, *blocks, i)->spans, arena);
        if (own)
            text = text ? arena_format(arena, "%s %s", text, own) : own;
    }
    return text && strlen(text) < 1000 ? text : NULL; /* longer is no title */
}

docx_t *docx_open(package_t *package, fault_t *fault)
{
    arena_t *arena = arena_new();
    docx_t *docx = arena_take(arena, sizeof *docx);
    docx->arena = arena;
    const char *part = package_target(package, "", NULL, "/officeDocument", arena);
    if (!part)
        part = "word/document.xml";
    xmlDoc *doc = package_xml(package, part, fault);
    if (!doc) {
        docx_close(&docx);
        return NULL;
    }
    xmlDoc *styles = package_xml_optional(package, package_target(package, part, NULL, "/styles", arena));
    reader_t r = {.styles = docx_styles_new(styles, arena), .arena = arena};
    const xmlNode *body = xml_child(xmlDocGetRootElement(doc), "body"), *section = NULL;
    read_blocks(&r, body, 0, &docx->blocks);
    for (const xmlNode *at = xml_first(body); at; at = xml_next(at)) {
        const xmlNode *own = xml_is(at, "sectPr") ? at : xml_child(xml_child(at, "pPr"), "sectPr");
        if (own && (!section || xml_child(own, "headerReference")))
            section = own;
    }
    read_sheet(section, &docx->sheet);
    read_margin(&r, package, part, section, "headerReference", &docx->header);
    read_margin(&r, package, part, section, "footerReference", &docx->footer);
    docx->title = blocks_text(&docx->header, arena);
    find_pages(docx);
    xmlFreeDoc(doc);
    if (styles)
        xmlFreeDoc(styles);
    return docx;
}

void docx_close(docx_t **docx)
{
    if (!docx || !*docx)
        return;
    arena_t *arena = (*docx)->arena;
    arena_destroy(&arena);
    *docx = NULL;
}

int docx_pages(const docx_t *docx)
{
    return docx->pages;
}

bool docx_is_empty(const docx_t *docx)
{
    int words = 0;
    for (size_t i = 0; i < docx->blocks.count; i++) {
        const flow_block_t *block = LIST_AT(flow_block_t, docx->blocks, i);
        if (block->table && block->table->cells.count > 1)
            return false;
        words += !block->table && !typeset_is_empty(&block->spans);
    }
    return words < LINES_FEW;
}

int docx_page(docx_t *docx, int index, arena_t *arena, page_t *page, fault_t *fault)
{
    size_t from = docx->starts[index], to = docx->starts[index + 1];
    flow_block_t *blocks = docx->blocks.count ? LIST_AT(flow_block_t, docx->blocks, from) : NULL;
    page->number = index + 1;
    page->origin = "docx";
    page->title = arena_text(arena, docx->title);
    return flow_page(&docx->sheet, &docx->header, blocks, to - from, &docx->footer, arena, page, fault);
}
