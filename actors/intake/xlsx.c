/* xlsx: see xlsx.h. Source: ECMA-376 part 1, 18.2 (workbook), 18.3 (worksheets), 18.4 (shared strings). */
#include "xlsx.h"
#include "grid.h"
#include "xlsx_format.h"
#include "xlsx_style.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Most sheets that are opened, and the largest row and column numbers of Excel. */
enum { SHEETS_MOST = 200, ROW_LAST = 1048576, COL_LAST = 16384 };

/* Width of a column of so many digits of 11 point Calibri, px (18.3.1.13). */
static const double DIGIT_PX = 7, COLUMN_PADDING_PX = 5;

typedef struct {
    const char *name; /* of the sheet */
    xmlDoc *doc;
} sheet_t;

struct xlsx {
    arena_t *arena;
    sheet_t *sheets;
    int pages;              /* sheets kept */
    xmlDoc *strings;        /* shared strings, or NULL */
    const xmlNode **string; /* si elements */
    size_t string_count;
    const xlsx_styles_t *styles;
    bool since_1904;
};

/* A range of cells, from 0, both ends included. */
typedef struct {
    int32_t row0, col0, row1, col1;
} range_t;

/* "B12" as row and column from 0; false where it is none. */
static bool read_place(const char **text, int32_t *row, int32_t *col)
{
    int32_t letters = 0, digits = 0;
    const char *at = *text;
    *row = *col = 0;
    for (; *at == '$' || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z'); at++)
        if (*at != '$' && letters++ < 3)
            *col = *col * 26 + ((*at | 32) - 'a' + 1);
    for (; *at == '$' || (*at >= '0' && *at <= '9'); at++)
        if (*at != '$' && digits++ < 7)
            *row = *row * 10 + *at - '0';
    *text = at;
    --*row, --*col;
    return letters && digits && *row >= 0 && *row < ROW_LAST && *col >= 0 && *col < COL_LAST;
}

static bool read_range(const char *text, range_t *range)
{
    if (!text || !read_place(&text, &range->row0, &range->col0))
        return false;
    range->row1 = range->row0, range->col1 = range->col0;
    if (*text++ == ':' && !read_place(&text, &range->row1, &range->col1))
        return false;
    return range->row1 >= range->row0 && range->col1 >= range->col0;
}

static void add_node_text(const xmlNode *node, const span_t *look, arena_t *arena, list_t *spans)
{
    for (const xmlNode *at = node ? node->children : NULL; at; at = at->next)
        if ((at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) && at->content)
            typeset_add(spans, (const char *)at->content, strlen((const char *)at->content), look, arena);
}

/* A string item (si or is): its text, or its runs with looks of their own; phonetic help (rPh) is left out. */
static void add_string(const xlsx_styles_t *styles, const xmlNode *item, const span_t *look, arena_t *arena,
                       list_t *spans)
{
    for (const xmlNode *at = xml_first(item); at; at = xml_next(at)) {
        if (xml_is(at, "t")) {
            add_node_text(at, look, arena, spans);
        } else if (xml_is(at, "r")) {
            span_t own = *look;
            xlsx_styles_font(styles, xml_child(at, "rPr"), &own);
            add_node_text(xml_child(at, "t"), &own, arena, spans);
        }
    }
}

/* What the cell shows. */
static void read_value(const xlsx_t *x, const xmlNode *node, const xlsx_look_t *look, arena_t *arena, list_t *spans)
{
    const char *type = xml_attribute(node, "t");
    const xmlNode *value = xml_child(node, "v");
    const char *text =
        value && value->children && value->children->content ? (const char *)value->children->content : NULL;
    if (type && strcmp(type, "inlineStr") == 0) {
        add_string(x->styles, xml_child(node, "is"), &look->font, arena, spans);
    } else if (!text) {
        return;
    } else if (type && strcmp(type, "s") == 0) {
        double index = strtod(text, NULL);
        if (index >= 0 && index < (double)x->string_count)
            add_string(x->styles, x->string[(size_t)index], &look->font, arena, spans);
    } else if (type && strcmp(type, "b") == 0) {
        const char *word = *text == '1' ? "TRUE" : "FALSE";
        typeset_add(spans, word, strlen(word), &look->font, arena);
    } else if (type && strcmp(type, "n") != 0 && strcmp(type, "d") != 0) { /* str, e */
        typeset_add(spans, text, strlen(text), &look->font, arena);
    } else {
        char *end = NULL;
        double number = strtod(text, &end);
        buf_t shown = {0};
        if (end == text || *end || !isfinite(number))
            buf_text(&shown, text);
        else
            xlsx_format_number(number, look->code, x->since_1904, &shown);
        if (shown.size)
            typeset_add(spans, shown.bytes, shown.size, &look->font, arena);
        buf_free(&shown);
    }
}

static bool has_value(const xmlNode *cell)
{
    return xml_child(cell, "v") || xml_child(cell, "is");
}

/* Calls back for each cell of the sheet with its place, from 0. */
typedef void (*on_cell_t)(void *self, const xmlNode *cell, int32_t row, int32_t col);

static void walk(const xmlNode *sheet, on_cell_t on_cell, void *self)
{
    int32_t row = -1;
    for (const xmlNode *r = xml_first(xml_child(sheet, "sheetData")); r; r = xml_next(r)) {
        double own = xml_number(r, "r", row + 2);
        row = own >= 1 && own <= ROW_LAST ? (int32_t)own - 1 : row + 1;
        int32_t col = -1;
        for (const xmlNode *c = xml_first(r); c; c = xml_next(c)) {
            const char *place = xml_attribute(c, "r");
            int32_t its_row, its_col;
            col = place && read_place(&place, &its_row, &its_col) ? its_col : col + 1;
            if (col < COL_LAST && row < ROW_LAST)
                on_cell(self, c, row, col);
        }
    }
}

static void grow(range_t *range, const range_t *by)
{
    range->row0 = by->row0 < range->row0 ? by->row0 : range->row0;
    range->col0 = by->col0 < range->col0 ? by->col0 : range->col0;
    range->row1 = by->row1 > range->row1 ? by->row1 : range->row1;
    range->col1 = by->col1 > range->col1 ? by->col1 : range->col1;
}

static void grow_by_cell(void *self, const xmlNode *cell, int32_t row, int32_t col)
{
    if (has_value(cell))
        grow(self, &(range_t){row, col, row, col});
}

/* The range that holds text, and the merged cells that begin in it. row1 < row0: none. */
static range_t used_range(const xmlNode *sheet)
{
    range_t used = {ROW_LAST, COL_LAST, -1, -1}, merged, text;
    walk(sheet, grow_by_cell, &used);
    text = used;
    for (const xmlNode *at = xml_first(xml_child(sheet, "mergeCells")); at; at = xml_next(at))
        if (read_range(xml_attribute(at, "ref"), &merged) && merged.row0 >= text.row0 && merged.row0 <= text.row1 &&
            merged.col0 >= text.col0 && merged.col0 <= text.col1)
            grow(&used, &merged);
    return used;
}

/* A sheet becoming a grid. */
typedef struct {
    const xlsx_t *xlsx;
    arena_t *arena;
    range_t used;
    grid_t *grid;
    int32_t *row_at, *col_at; /* visible place of each row and column of the range, -1 hidden; one more at the end */
} reader_t;

static void read_cell(void *self, const xmlNode *node, int32_t row, int32_t col)
{
    reader_t *r = self;
    if (row < r->used.row0 || row > r->used.row1 || col < r->used.col0 || col > r->used.col1)
        return;
    int32_t y = r->row_at[row - r->used.row0], x = r->col_at[col - r->used.col0];
    if (y < 0 || x < 0)
        return;
    const xlsx_look_t *look = xlsx_styles_look(r->xlsx->styles, xml_number(node, "s", 0));
    grid_cell_t *cell = grid_at(r->grid, y, x);
    cell->fill = look->fill, cell->borders = look->borders;
    cell->wrapped = look->wrapped;
    cell->how = (typeset_t){.centred = look->centred, .stacked = look->rotation == 255};
    if (look->rotation >= 45 && look->rotation <= 90)
        cell->how.angle = 270;
    else if (look->rotation >= 135 && look->rotation <= 180)
        cell->how.angle = 90;
    cell->spans = (list_t){0};
    read_value(r->xlsx, node, look, r->arena, &cell->spans);
}

static bool is_set(const xmlNode *node, const char *name)
{
    const char *value = xml_attribute(node, name);
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

/* Sizes of rows and columns of the range, -1 hidden, 0 unknown. */
static void read_sizes(const xmlNode *sheet, const range_t *used, double *heights, double *widths)
{

    int32_t row = -1;
    for (const xmlNode *at = xml_first(xml_child(sheet, "cols")); at; at = xml_next(at)) {
        double from = xml_number(at, "min", 1) - 1, to = xml_number(at, "max", 0) - 1,
               width = xml_number(at, "width", 0);
        for (double c = fmax(from, used->col0); c <= fmin(to, used->col1); c++)
            widths[(int32_t)c - used->col0] =
                is_set(at, "hidden") ? -1 : fmin(fmax(width * DIGIT_PX + COLUMN_PADDING_PX, 8), 2000);
    }
    for (const xmlNode *at = xml_first(xml_child(sheet, "sheetData")); at; at = xml_next(at)) {
        double own = xml_number(at, "r", row + 2);
        row = own >= 1 && own <= ROW_LAST ? (int32_t)own - 1 : row + 1;
        if (row < used->row0 || row > used->row1)
            continue;
        double height = xml_number(at, "ht", 0) * 96 / 72;
        heights[row - used->row0] = is_set(at, "hidden") ? -1 : fmin(fmax(height, 0), 2000);
    }
}

/* Places of the sizes that are not hidden; returns how many. places[count] closes the list. */
static int32_t visible_places(const double *sizes, int32_t count, int32_t *places)
{
    int32_t next = 0;
    for (int32_t i = 0; i < count; i++)
        places[i] = sizes[i] < 0 ? -1 : next++;
    places[count] = next;
    return next;
}

/* First visible place at or behind `at`. */
static int32_t place_from(const int32_t *places, int32_t at)
{
    while (places[at] < 0)
        at++;
    return places[at];
}

static void read_merges(const xmlNode *sheet, const reader_t *r)
{
    range_t m;
    for (const xmlNode *at = xml_first(xml_child(sheet, "mergeCells")); at; at = xml_next(at)) {
        if (!read_range(xml_attribute(at, "ref"), &m) || m.row0 < r->used.row0 || m.col0 < r->used.col0 ||
            m.row0 > r->used.row1 || m.col0 > r->used.col1)
            continue;
        m.row1 = m.row1 > r->used.row1 ? r->used.row1 : m.row1, m.col1 = m.col1 > r->used.col1 ? r->used.col1 : m.col1;
        int32_t y0 = place_from(r->row_at, m.row0 - r->used.row0),
                y1 = place_from(r->row_at, m.row1 + 1 - r->used.row0);
        int32_t x0 = place_from(r->col_at, m.col0 - r->used.col0),
                x1 = place_from(r->col_at, m.col1 + 1 - r->used.col0);
        grid_merge(r->grid, y0, x0, y1 - y0, x1 - x0);
    }
}

/* The sheet as a grid; NULL with the fault. */
static grid_t *read_sheet(const xlsx_t *xlsx, const xmlNode *sheet, arena_t *arena, fault_t *fault)
{
    reader_t r = {.xlsx = xlsx, .arena = arena, .used = used_range(sheet)};
    int32_t rows = r.used.row1 - r.used.row0 + 1, cols = r.used.col1 - r.used.col0 + 1;
    if (r.used.row1 < 0)
        return grid_new(1, 1, arena);
    if (rows > GRID_ROWS_MOST || cols > GRID_COLS_MOST || rows * cols > GRID_CELLS_MOST) {
        fault_set(fault, FAULT_TOO_LARGE,
                  "a sheet has %d rows and %d columns, more than is read; save the sheet with the timetable alone",
                  rows, cols);
        return NULL;
    }
    double *heights = arena_array(arena, (size_t)rows, sizeof *heights),
           *widths = arena_array(arena, (size_t)cols, sizeof *widths);
    const xmlNode *format = xml_child(sheet, "sheetFormatPr");
    double usual = xml_number(format, "defaultColWidth", 8.43 + 0.71);
    for (int32_t c = 0; c < cols; c++)
        widths[c] = fmin(fmax(usual * DIGIT_PX, 8), 2000);
    read_sizes(sheet, &r.used, heights, widths);
    r.row_at = arena_array(arena, (size_t)rows + 1, sizeof *r.row_at);
    r.col_at = arena_array(arena, (size_t)cols + 1, sizeof *r.col_at);
    int32_t shown_rows = visible_places(heights, rows, r.row_at), shown_cols = visible_places(widths, cols, r.col_at);
    if (shown_rows < 1 || shown_cols < 1)
        return grid_new(1, 1, arena);
    r.grid = grid_new(shown_rows, shown_cols, arena);
    r.grid->height = fmin(fmax(xml_number(format, "defaultRowHeight", 15) * 96 / 72, 8), 2000);
    for (int32_t i = 0; i < rows; i++)
        if (r.row_at[i] >= 0)
            r.grid->heights[r.row_at[i]] = heights[i];
    for (int32_t i = 0; i < cols; i++)
        if (r.col_at[i] >= 0)
            r.grid->widths[r.col_at[i]] = widths[i];
    walk(sheet, read_cell, &r);
    read_merges(sheet, &r);
    return r.grid;
}

static bool is_shown(const xmlNode *sheet)
{
    const char *state = xml_attribute(sheet, "state");
    return !state || strcmp(state, "visible") == 0;
}

static void note_value(void *self, const xmlNode *cell, int32_t row, int32_t col)
{
    (void)row, (void)col;
    *(bool *)self |= has_value(cell);
}

/* Opens the sheets that are shown and hold something. -1 with the fault where none can be read. */
static int open_sheets(xlsx_t *x, package_t *package, const char *part, const xmlNode *workbook, fault_t *fault)
{
    int opened = 0;
    x->sheets = arena_array(x->arena, SHEETS_MOST, sizeof *x->sheets);
    for (const xmlNode *at = xml_first(xml_child(workbook, "sheets")); at && x->pages < SHEETS_MOST;
         at = xml_next(at)) {
        const char *id = NULL;
        for (const xmlAttr *a = at->properties; a; a = a->next) /* r:id, not sheetId */
            if (strcmp((const char *)a->name, "id") == 0 && a->children)
                id = (const char *)a->children->content;
        const char *target = is_shown(at) && id ? package_target(package, part, id, NULL, x->arena) : NULL;
        if (!target)
            continue;
        xmlDoc *doc = package_xml(package, target, fault);
        if (!doc)
            return -1;
        bool holds = false;
        walk(xmlDocGetRootElement(doc), note_value, &holds);
        opened++;
        if (!holds) {
            xmlFreeDoc(doc);
            continue;
        }
        x->sheets[x->pages++] = (sheet_t){arena_text(x->arena, xml_attribute(at, "name")), doc};
    }
    if (x->pages > 0)
        return 0;
    return opened ? fault_set(fault, FAULT_NOT_A_TIMETABLE,
                              "the workbook's sheets are empty: there is no timetable on them")
                  : fault_set(fault, FAULT_DAMAGED,
                              "the workbook has no sheet that is shown; unhide the one with the timetable");
}

static void read_strings(xlsx_t *x)
{
    const xmlNode *root = x->strings ? xmlDocGetRootElement(x->strings) : NULL;
    size_t count = 0;
    for (const xmlNode *at = xml_first(root); at; at = xml_next(at))
        count += xml_is(at, "si");
    x->string = arena_array(x->arena, count + 1, sizeof *x->string);
    for (const xmlNode *at = xml_first(root); at; at = xml_next(at))
        if (xml_is(at, "si"))
            x->string[x->string_count++] = at;
}

xlsx_t *xlsx_open(package_t *package, fault_t *fault)
{
    arena_t *arena = arena_new();
    xlsx_t *x = arena_take(arena, sizeof *x);
    x->arena = arena;
    const char *part = package_target(package, "", NULL, "/officeDocument", arena);
    if (!part)
        part = "xl/workbook.xml";
    xmlDoc *doc = package_xml(package, part, fault);
    const xmlNode *workbook = doc ? xmlDocGetRootElement(doc) : NULL;
    if (!doc || open_sheets(x, package, part, workbook, fault) != 0) {
        if (doc)
            xmlFreeDoc(doc);
        xlsx_close(&x);
        return NULL;
    }
    x->since_1904 = is_set(xml_child(workbook, "workbookPr"), "date1904");
    xmlFreeDoc(doc);
    x->strings = package_xml_optional(package, package_target(package, part, NULL, "/sharedStrings", arena));
    read_strings(x);
    xmlDoc *styles = package_xml_optional(package, package_target(package, part, NULL, "/styles", arena));
    xmlDoc *theme = package_xml_optional(package, package_target(package, part, NULL, "/theme", arena));
    x->styles = xlsx_styles_new(styles, theme, arena);
    if (styles)
        xmlFreeDoc(styles);
    if (theme)
        xmlFreeDoc(theme);
    return x;
}

void xlsx_close(xlsx_t **xlsx)
{
    if (!xlsx || !*xlsx)
        return;
    arena_t *arena = (*xlsx)->arena;
    for (int i = 0; i < (*xlsx)->pages; i++)
        xmlFreeDoc((*xlsx)->sheets[i].doc);
    if ((*xlsx)->strings)
        xmlFreeDoc((*xlsx)->strings);
    arena_destroy(&arena);
    *xlsx = NULL;
}

int xlsx_pages(const xlsx_t *xlsx)
{
    return xlsx->pages;
}

/* Whether a sheet still has the name that the program gave it ("Sheet1"), which says nothing. */
static bool is_given_name(const char *name)
{
    static const char *const given[] = {"Sheet", "Tabelle", "Feuil",  "Feuille",  "Hoja",  "Foglio", "Blad",
                                        "Ark",   "Taul",    "Arkusz", "Planilha", "Folha", "Лист",   "Munka"};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        size_t length = strlen(given[i]);
        if (strncmp(name, given[i], length) == 0 && strspn(name + length, " 0123456789") == strlen(name + length))
            return true;
    }
    return false;
}

int xlsx_page(xlsx_t *xlsx, int index, arena_t *arena, page_t *page, fault_t *fault)
{
    const sheet_t *sheet = &xlsx->sheets[index];
    page->number = index + 1;
    page->origin = "xlsx";
    if (sheet->name && *sheet->name && !is_given_name(sheet->name))
        page->title = arena_text(arena, sheet->name);
    grid_t *grid = read_sheet(xlsx, xmlDocGetRootElement(sheet->doc), arena, fault);
    return grid ? grid_page(grid, arena, page, fault) : -1;
}
