/* page: the tables of the page types; see page.h. */
#include "page.h"

/* Limits of one page; a dense timetable has some 600 words and 300 cells, a full broadsheet page of text 10,000 words. */
enum { WORDS_MOST = 50000, CELLS_MOST = 20000, RULES_MOST = 20000, PIXELS_MOST = 200000, TEXT_MOST = 1024 };

#define PX -PIXELS_MOST, PIXELS_MOST, 0
#define COLOUR 0, 0xFFFFFF, 0

static const field_t box_fields[] = {
    {"x", FIELD_INT32, offsetof(box_t, x), NULL, PX},
    {"y", FIELD_INT32, offsetof(box_t, y), NULL, PX},
    {"w", FIELD_INT32, offsetof(box_t, w), NULL, 0, PIXELS_MOST, 0},
    {"h", FIELD_INT32, offsetof(box_t, h), NULL, 0, PIXELS_MOST, 0},
};
const schema_t box_schema = SCHEMA(box_t, "box", box_fields);

static const field_t word_fields[] = {
    {"text", FIELD_TEXT, offsetof(word_t, text), NULL, 1, TEXT_MOST, FIELD_REQUIRED},
    {"box", FIELD_STRUCT, offsetof(word_t, box), &box_schema, 0, 0, FIELD_REQUIRED},
    {"angle", FIELD_INT32, offsetof(word_t, angle), NULL, 0, 359, FIELD_OMIT_EMPTY},
    {"stacked", FIELD_BOOL, offsetof(word_t, stacked), NULL, 0, 0, FIELD_OMIT_EMPTY},
    {"size", FIELD_REAL, offsetof(word_t, size), NULL, 0, PIXELS_MOST, FIELD_OMIT_EMPTY},
    {"weight", FIELD_REAL, offsetof(word_t, weight), NULL, 0, 1, FIELD_OMIT_EMPTY},
    {"colour", FIELD_INT32, offsetof(word_t, colour), NULL, COLOUR | FIELD_OMIT_EMPTY},
    {"confidence", FIELD_REAL, offsetof(word_t, confidence), NULL, 0, 1, 0},
    {"cell", FIELD_INT32, offsetof(word_t, cell), NULL, -1, CELLS_MOST, 0},
    {"line", FIELD_INT32, offsetof(word_t, line), NULL, 0, WORDS_MOST, 0},
    {"struck", FIELD_BOOL, offsetof(word_t, struck), NULL, 0, 0, FIELD_OMIT_EMPTY},
};
const schema_t word_schema = SCHEMA(word_t, "word", word_fields);

static const field_t cell_fields[] = {
    {"box", FIELD_STRUCT, offsetof(cell_t, box), &box_schema, 0, 0, FIELD_REQUIRED},
    {"table", FIELD_INT32, offsetof(cell_t, table), NULL, 0, CELLS_MOST, 0},
    {"row", FIELD_INT32, offsetof(cell_t, row), NULL, 0, CELLS_MOST, 0},
    {"col", FIELD_INT32, offsetof(cell_t, col), NULL, 0, CELLS_MOST, 0},
    {"rowSpan", FIELD_INT32, offsetof(cell_t, row_span), NULL, 1, CELLS_MOST, FIELD_REQUIRED},
    {"colSpan", FIELD_INT32, offsetof(cell_t, col_span), NULL, 1, CELLS_MOST, FIELD_REQUIRED},
    {"fill", FIELD_INT32, offsetof(cell_t, fill), NULL, COLOUR},
    {"ruled", FIELD_INT32, offsetof(cell_t, ruled), NULL, 0, 15, 0},
    {"confidence", FIELD_REAL, offsetof(cell_t, confidence), NULL, 0, 1, 0},
};
const schema_t cell_schema = SCHEMA(cell_t, "cell", cell_fields);

static const field_t rule_fields[] = {
    {"x0", FIELD_INT32, offsetof(rule_t, x0), NULL, PX},
    {"y0", FIELD_INT32, offsetof(rule_t, y0), NULL, PX},
    {"x1", FIELD_INT32, offsetof(rule_t, x1), NULL, PX},
    {"y1", FIELD_INT32, offsetof(rule_t, y1), NULL, PX},
    {"thickness", FIELD_REAL, offsetof(rule_t, thickness), NULL, 0, PIXELS_MOST, 0},
    {"colour", FIELD_INT32, offsetof(rule_t, colour), NULL, COLOUR | FIELD_OMIT_EMPTY},
};
const schema_t rule_schema = SCHEMA(rule_t, "rule", rule_fields);

static const field_t fill_fields[] = {
    {"box", FIELD_STRUCT, offsetof(fill_t, box), &box_schema, 0, 0, FIELD_REQUIRED},
    {"colour", FIELD_INT32, offsetof(fill_t, colour), NULL, COLOUR},
};
const schema_t fill_schema = SCHEMA(fill_t, "fill", fill_fields);

static const field_t page_fields[] = {
    {"number", FIELD_INT32, offsetof(page_t, number), NULL, 1, 100000, FIELD_REQUIRED},
    {"width", FIELD_INT32, offsetof(page_t, width), NULL, 1, PIXELS_MOST, FIELD_REQUIRED},
    {"height", FIELD_INT32, offsetof(page_t, height), NULL, 1, PIXELS_MOST, FIELD_REQUIRED},
    {"dpi", FIELD_REAL, offsetof(page_t, dpi), NULL, 0, 10000, FIELD_OMIT_EMPTY},
    {"origin", FIELD_TEXT, offsetof(page_t, origin), NULL, 0, 32, 0},
    {"title", FIELD_TEXT, offsetof(page_t, title), NULL, 0, 4096, FIELD_OMIT_EMPTY},
    {"background", FIELD_INT32, offsetof(page_t, background), NULL, COLOUR},
    {"turned", FIELD_INT32, offsetof(page_t, turned), NULL, 0, 270, FIELD_OMIT_EMPTY},
    {"transform", FIELD_REALS, offsetof(page_t, transform), NULL, 0, 9, FIELD_OMIT_EMPTY},
    {"words", FIELD_LIST, offsetof(page_t, words), &word_schema, 0, WORDS_MOST, 0},
    {"cells", FIELD_LIST, offsetof(page_t, cells), &cell_schema, 0, CELLS_MOST, 0},
    {"rules", FIELD_LIST, offsetof(page_t, rules), &rule_schema, 0, RULES_MOST, 0},
    {"fills", FIELD_LIST, offsetof(page_t, fills), &fill_schema, 0, RULES_MOST, 0},
};
const schema_t page_schema = SCHEMA(page_t, "page", page_fields);
