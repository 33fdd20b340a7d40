/* opendocument: see opendocument.h. Source: ODF 1.2 part 1, 5 (text), 9 (tables), 6.1 (white space). */
#include "opendocument.h"
#include "flow.h"
#include "grid.h"
#include "opendocument_style.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Most tables of a spreadsheet, nested elements, cells. */
enum { TABLES_MOST = 200, DEPTH_MOST = 60, CELLS_MOST = 20000 };
static const double COLUMN_PX = 86, ROW_PX = 17; /* LibreOffice's own sizes */

struct opendocument {
    arena_t *arena;
    xmlDoc *content, *style_doc;
    const odf_styles_t *styles;
    bool sheet;
    const xmlNode **tables; /* of a spreadsheet */
    int pages;
};

typedef struct {
    const odf_styles_t *styles;
    arena_t *arena;
    list_t *spans;
    int cells, depth;
} reader_t;

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

/* The text of a paragraph and what is in it. */
static void read_text(reader_t *r, const xmlNode *node, const odf_look_t *look)
{
    if (r->depth++ < DEPTH_MOST) {
        for (const xmlNode *at = node->children; at; at = at->next) {
            if (at->type == XML_TEXT_NODE && at->content) {
                char *text = arena_text(r->arena, (const char *)at->content);
                for (char *c = text; *c; c++)
                    *c = *c == '\n' || *c == '\r' ? ' ' : *c;
                typeset_add(r->spans, text, strlen(text), &look->look, r->arena);
            } else if (xml_is(at, "s")) {
                typeset_add(r->spans, "  ", 2, &look->look, r->arena);
            } else if (xml_is(at, "tab")) {
                typeset_add(r->spans, "\t", 1, &look->look, r->arena);
            } else if (xml_is(at, "line-break") || xml_is(at, "p")) {
                typeset_add(r->spans, "\n", 1, &look->look, r->arena);
                if (xml_is(at, "p"))
                    read_text(r, at, look);
            } else if (at->type == XML_ELEMENT_NODE && !xml_is(at, "annotation") && !xml_is(at, "note") &&
                       !xml_is(at, "tracked-changes")) {
                odf_look_t own = *look;
                odf_styles_apply(r->styles, xml_attribute(at, "style-name"), &own);
                read_text(r, at, &own);
            }
        }
    }
    r->depth--;
}

static bool is_paragraph(const xmlNode *node)
{
    return xml_is(node, "p") || xml_is(node, "h");
}

static int32_t bounded(double value, int32_t least, int32_t most)
{
    return value < least ? least : value > most ? most : (int32_t)value;
}

static int32_t count_of(const xmlNode *node, const char *name, int32_t most)
{
    return bounded(xml_number(node, name, 1), 1, most);
}

static flow_table_t *read_table(reader_t *r, const xmlNode *node, int depth);

/* Paragraphs and tables within a cell (lists opened). */
static void read_cell_content(reader_t *r, const xmlNode *node, const odf_look_t *look, int depth, list_t *tables,
                              bool *centred)
{
    for (const xmlNode *at = xml_first(node); at && depth < FLOW_DEPTH_MOST; at = xml_next(at)) {
        if (is_paragraph(at)) {
            odf_look_t own = *look;
            odf_styles_apply(r->styles, xml_attribute(at, "style-name"), &own);
            if (r->spans->count)
                typeset_add(r->spans, "\n", 1, &own.look, r->arena);
            read_text(r, at, &own);
            *centred |= own.centred;
        } else if (xml_is(at, "table") && tables) {
            list_t *spans = r->spans;
            flow_table_t *inner = read_table(r, at, depth + 1);
            r->spans = spans;
            if (inner)
                *(flow_table_t **)push(r->arena, tables, sizeof inner) = inner;
        } else if (xml_is(at, "list") || xml_is(at, "list-item") || xml_is(at, "section")) {
            read_cell_content(r, at, look, depth + 1, tables, centred);
        }
    }
}

/* Rows (columns) of a table, header and group elements opened. */
static void collect(arena_t *arena, const xmlNode *node, const char *name, int depth, list_t *found)
{
    for (const xmlNode *at = xml_first(node); at && depth < FLOW_DEPTH_MOST; at = xml_next(at)) {
        if (xml_is(at, name))
            *(const xmlNode **)push(arena, found, sizeof at) = at;
        else if (xml_is(at, "table-header-rows") || xml_is(at, "table-rows") || xml_is(at, "table-row-group") ||
                 xml_is(at, "table-header-columns") || xml_is(at, "table-columns") || xml_is(at, "table-column-group"))
            collect(arena, at, name, depth + 1, found);
    }
}

static bool is_covered(const xmlNode *cell)
{
    return xml_is(cell, "covered-table-cell");
}

static bool is_cell(const xmlNode *cell)
{
    return xml_is(cell, "table-cell") || is_covered(cell);
}

static double style_width(const reader_t *r, const xmlNode *node, double absent)
{
    odf_look_t look = {0};
    odf_styles_apply(r->styles, xml_attribute(node, "style-name"), &look);
    return look.width > 0 ? look.width : absent;
}

/* Widths of the columns into widths (room for most); returns how many there are. */
static int32_t read_columns(reader_t *r, const xmlNode *table, double *widths, bool *hidden, int32_t most)
{
    list_t columns = {0};
    int32_t count = 0;
    collect(r->arena, table, "table-column", 0, &columns);
    for (size_t i = 0; i < columns.count; i++) {
        const xmlNode *at = *LIST_AT(const xmlNode *, columns, i);
        const char *shown = xml_attribute(at, "visibility");
        double width = style_width(r, at, COLUMN_PX);
        for (int32_t n = count_of(at, "number-columns-repeated", most); n > 0 && count < most; n--) {
            hidden[count] = shown && strcmp(shown, "visible") != 0;
            widths[count++] = fmax(width, 4);
        }
    }
    return count;
}

static flow_table_t *read_table(reader_t *r, const xmlNode *node, int depth)
{
    list_t rows = {0};
    collect(r->arena, node, "table-row", 0, &rows);
    if (rows.count == 0)
        return NULL;
    flow_table_t *table = arena_take(r->arena, sizeof *table);
    bool *hidden = arena_array(r->arena, FLOW_COLUMNS_MOST, sizeof *hidden);
    table->depth = depth;
    table->rows = rows.count > FLOW_ROWS_MOST ? FLOW_ROWS_MOST : (int32_t)rows.count;
    table->widths = arena_array(r->arena, FLOW_COLUMNS_MOST, sizeof(double));
    table->heights = arena_array(r->arena, (size_t)table->rows, sizeof(double));
    table->cols = read_columns(r, node, table->widths, hidden, FLOW_COLUMNS_MOST);
    for (int32_t row = 0; row < table->rows; row++) {
        const xmlNode *from = *LIST_AT(const xmlNode *, rows, row);
        odf_look_t height = {0};
        int32_t col = 0;
        odf_styles_apply(r->styles, xml_attribute(from, "style-name"), &height);
        table->heights[row] = height.height;
        for (const xmlNode *at = xml_first(from); at && r->cells < CELLS_MOST; at = xml_next(at)) {
            for (int32_t n = is_cell(at) ? count_of(at, "number-columns-repeated", FLOW_COLUMNS_MOST) : 0;
                 n > 0 && col < table->cols && r->cells < CELLS_MOST; n--, col++) {
                if (is_covered(at))
                    continue;
                odf_look_t look = odf_styles_plain(r->styles);
                odf_styles_apply(r->styles, xml_attribute(at, "style-name"), &look);
                flow_cell_t cell = {.row = row, .col = col, .fill = look.fill, .ruled = look.borders};
                cell.row_span = count_of(at, "number-rows-spanned", table->rows - row);
                cell.col_span = count_of(at, "number-columns-spanned", table->cols - col);
                cell.how = (typeset_t){.angle = look.angle, .stacked = look.stacked};
                r->spans = &cell.spans;
                r->cells++;
                read_cell_content(r, at, &look, depth, &cell.tables, &cell.how.centred);
                *(flow_cell_t *)push(r->arena, &table->cells, sizeof cell) = cell;
            }
        }
    }
    return table->cols > 0 ? table : NULL;
}

static void read_blocks(reader_t *r, const xmlNode *node, int depth, list_t *blocks)
{
    for (const xmlNode *at = xml_first(node); at && depth < FLOW_DEPTH_MOST; at = xml_next(at)) {
        if (xml_is(at, "table")) {
            flow_table_t *table = read_table(r, at, 0);
            if (table)
                ((flow_block_t *)push(r->arena, blocks, sizeof(flow_block_t)))->table = table;
        } else if (is_paragraph(at)) {
            odf_look_t look = odf_styles_plain(r->styles);
            flow_block_t block = {0};
            odf_styles_apply(r->styles, xml_attribute(at, "style-name"), &look);
            r->spans = &block.spans;
            read_text(r, at, &look);
            block.height = look.look.size * 1.2, block.how.centred = look.centred;
            *(flow_block_t *)push(r->arena, blocks, sizeof block) = block;
        } else if (xml_is(at, "section") || xml_is(at, "list") || xml_is(at, "list-item")) {
            read_blocks(r, at, depth + 1, blocks);
        }
    }
}

static int text_page(opendocument_t *d, arena_t *arena, page_t *page, fault_t *fault)
{
    static const flow_sheet_t a4 = {.width = 794, .margin_left = 76, .margin_right = 76, .margin_top = 76};
    reader_t r = {.styles = d->styles, .arena = arena};
    list_t blocks = {0}, header = {0}, footer = {0};
    const xmlNode *root = d->style_doc ? xmlDocGetRootElement(d->style_doc) : NULL;
    const xmlNode *master = xml_child(xml_child(root, "master-styles"), "master-page");
    read_blocks(&r, xml_child(master, "header"), 0, &header);
    read_blocks(&r, xml_child(master, "footer"), 0, &footer);
    read_blocks(&r, xml_child(xml_child(xmlDocGetRootElement(d->content), "body"), "text"), 0, &blocks);
    page->origin = "odt";
    for (size_t i = 0; i < header.count && !page->title; i++)
        page->title = typeset_text(&LIST_AT(flow_block_t, header, i)->spans, arena);
    if (page->title && strlen(page->title) > 1000)
        page->title = NULL;
    return flow_page(&a4, &header, blocks.items, blocks.count, &footer, arena, page, fault);
}

/* Rows and columns up to the last cell with text, its spans included. */
static void measure_sheet(const list_t *rows, int32_t *row_count, int32_t *col_count)
{
    int32_t row = 0;
    *row_count = *col_count = 0;
    for (size_t i = 0; i < rows->count && row < GRID_ROWS_MOST; i++) {
        const xmlNode *from = *LIST_AT(const xmlNode *, *rows, i);
        int32_t col = 0, last_col = 0, last_row = row;
        int32_t repeated = count_of(from, "number-rows-repeated", GRID_ROWS_MOST);
        for (const xmlNode *at = xml_first(from); at && col < GRID_COLS_MOST; at = xml_next(at)) {
            if (!is_cell(at))
                continue;
            int32_t across = count_of(at, "number-columns-repeated", GRID_COLS_MOST);
            if (xml_child(at, "p") && !is_covered(at)) {
                int32_t wide = count_of(at, "number-columns-spanned", GRID_COLS_MOST);
                int32_t high = count_of(at, "number-rows-spanned", GRID_ROWS_MOST);
                last_col = col + (across > wide ? across : wide);
                last_row = row + (repeated > high ? repeated : high) > last_row
                               ? row + (repeated > high ? repeated : high)
                               : last_row;
            }
            col += across;
        }
        *col_count = last_col > *col_count ? last_col : *col_count;
        *row_count = last_row > row && last_row > *row_count ? last_row : *row_count;
        row += repeated;
    }
    *row_count = *row_count > GRID_ROWS_MOST ? GRID_ROWS_MOST : *row_count;
    *col_count = *col_count > GRID_COLS_MOST ? GRID_COLS_MOST : *col_count;
}

static void read_grid_cell(reader_t *r, const xmlNode *node, const odf_look_t *look, grid_t *grid, int32_t row,
                           int32_t col)
{
    grid_cell_t *cell = grid_at(grid, row, col);
    cell->fill = look->fill, cell->borders = look->borders, cell->wrapped = look->wrapped;
    if (is_covered(node))
        return;
    cell->how = (typeset_t){.angle = look->angle, .stacked = look->stacked, .centred = look->centred};
    bool centred = false;
    r->spans = &cell->spans;
    read_cell_content(r, node, look, 0, NULL, &centred);
    grid_merge(grid, row, col, count_of(node, "number-rows-spanned", GRID_ROWS_MOST),
               count_of(node, "number-columns-spanned", GRID_COLS_MOST));
}

static void read_grid_row(reader_t *r, const xmlNode *from, grid_t *grid, int32_t row)
{
    int32_t col = 0;
    for (const xmlNode *at = xml_first(from); at && col < grid->cols; at = xml_next(at)) {
        if (!is_cell(at))
            continue;
        odf_look_t look = {.look = {.size = 10 * 96 / 72.0}, .fill = -1};
        odf_styles_apply(r->styles, xml_attribute(at, "style-name"), &look);
        for (int32_t n = count_of(at, "number-columns-repeated", GRID_COLS_MOST); n > 0 && col < grid->cols; n--, col++)
            read_grid_cell(r, at, &look, grid, row, col);
    }
}

static int sheet_page(opendocument_t *d, int index, arena_t *arena, page_t *page, fault_t *fault)
{
    const xmlNode *table = d->tables[index];
    reader_t r = {.styles = d->styles, .arena = arena};
    list_t rows = {0};
    int32_t row_count, col_count, row = 0;
    bool *hidden = arena_array(arena, GRID_COLS_MOST, sizeof *hidden);
    double *widths = arena_array(arena, GRID_COLS_MOST, sizeof *widths);
    collect(arena, table, "table-row", 0, &rows);
    measure_sheet(&rows, &row_count, &col_count);
    row_count = row_count < 1 ? 1 : row_count, col_count = col_count < 1 ? 1 : col_count;
    page->origin = "ods";
    page->title = arena_text(arena, xml_attribute(table, "name"));
    if (row_count * col_count > GRID_CELLS_MOST)
        return fault_set(
            fault, FAULT_TOO_LARGE,
            "a sheet has %d rows and %d columns, more than is read; save the sheet with the timetable alone", row_count,
            col_count);
    grid_t *grid = grid_new(row_count, col_count, arena);
    int32_t known = read_columns(&r, table, widths, hidden, GRID_COLS_MOST);
    for (int32_t i = 0; i < col_count; i++)
        grid->widths[i] = i < known ? (hidden[i] ? 1 : widths[i]) : COLUMN_PX;
    grid->height = ROW_PX;
    for (size_t i = 0; i < rows.count && row < row_count; i++) {
        const xmlNode *from = *LIST_AT(const xmlNode *, rows, i);
        odf_look_t look = {0};
        odf_styles_apply(r.styles, xml_attribute(from, "style-name"), &look);
        for (int32_t n = count_of(from, "number-rows-repeated", GRID_ROWS_MOST); n > 0 && row < row_count; n--, row++) {
            grid->heights[row] = look.height;
            read_grid_row(&r, from, grid, row);
        }
    }
    return grid_page(grid, arena, page, fault);
}

static bool holds_text(const xmlNode *node, int depth)
{
    for (const xmlNode *at = xml_first(node); at && depth < DEPTH_MOST; at = xml_next(at))
        if (is_paragraph(at) || holds_text(at, depth + 1))
            return true;
    return false;
}

opendocument_t *opendocument_open(package_t *package, bool sheet, fault_t *fault)
{
    char manifest[16384];
    arena_t *arena = arena_new();
    opendocument_t *d = arena_take(arena, sizeof *d);
    d->arena = arena, d->sheet = sheet, d->pages = 1;
    if (package_text(package, "META-INF/manifest.xml", manifest, sizeof manifest) &&
        strstr(manifest, "encryption-data")) {
        fault_set(fault, FAULT_ENCRYPTED, "the document is protected by a password; save a copy without one");
        opendocument_close(&d);
        return NULL;
    }
    d->content = package_xml(package, "content.xml", fault);
    if (!d->content) {
        opendocument_close(&d);
        return NULL;
    }
    d->style_doc = package_xml_optional(package, "styles.xml");
    d->styles = odf_styles_new(d->content, d->style_doc, arena);
    if (!sheet)
        return d;
    d->pages = 0;
    d->tables = arena_array(arena, TABLES_MOST, sizeof *d->tables);
    const xmlNode *body = xml_child(xml_child(xmlDocGetRootElement(d->content), "body"), "spreadsheet");
    for (const xmlNode *at = xml_first(body); at && d->pages < TABLES_MOST; at = xml_next(at))
        if (xml_is(at, "table") && holds_text(at, 0))
            d->tables[d->pages++] = at;
    if (d->pages == 0) {
        fault_set(fault, FAULT_NOT_A_TIMETABLE, "the spreadsheet is empty: there is no timetable on it");
        opendocument_close(&d);
    }
    return d;
}

void opendocument_close(opendocument_t **document)
{
    if (!document || !*document)
        return;
    arena_t *arena = (*document)->arena;
    if ((*document)->content)
        xmlFreeDoc((*document)->content);
    if ((*document)->style_doc)
        xmlFreeDoc((*document)->style_doc);
    arena_destroy(&arena);
    *document = NULL;
}

int opendocument_pages(const opendocument_t *document)
{
    return document->pages;
}

int opendocument_page(opendocument_t *document, int index, arena_t *arena, page_t *page, fault_t *fault)
{
    page->number = index + 1;
    return document->sheet ? sheet_page(document, index, arena, page, fault) : text_page(document, arena, page, fault);
}
