/* entry: what the print of one cell says, on cells made by hand. */
#include "sheet.h"

#include "actors/llm/rules/entry.h"

enum { LEFT = 20, TOP = 20, WIDE = 260, HIGH = 160, LINES_MOST = 6, BLUE = 0x2040C0 };

/* One printed line and its look. */
typedef struct {
    const char *text;
    int size; /* px, 0 for the usual */
    double weight;
    int colour;
} print_t;

typedef struct {
    const char *what;
    print_t lines[LINES_MOST];
    const char *name, *notes; /* notes NULL for none */
    const char *time;         /* "9:00-9:30", "9:00-?"; NULL for none */
    bool split;
} cell_case_t;

static const cell_case_t cells[] = {
    {"one line", {{"Maths", 0, 0, 0}}, "Maths", NULL, NULL, false},
    {"lines that look alike are one text",
     {{"Guided", 0, 0, 0}, {"Reading", 0, 0, 0}},
     "Guided Reading",
     NULL,
     NULL,
     false},
    {"the largest is the name", {{"Miss Fox", 14, 0, 0}, {"Maths", 24, 0, 0}}, "Maths", "Miss Fox", NULL, false},
    {"then the boldest", {{"Kitchen", 0, 0, 0}, {"Maths", 0, 1, 0}}, "Maths", "Kitchen", NULL, false},
    {"size goes before weight", {{"Maths", 24, 0, 0}, {"Kitchen", 14, 1, 0}}, "Maths", "Kitchen", NULL, false},
    {"then the darkest", {{"Maths", 0, 0, 0}, {"Kitchen", 0, 0, BLUE}}, "Maths", "Kitchen", NULL, false},
    {"black below colour", {{"Kitchen", 0, 0, BLUE}, {"Maths", 0, 0, 0}}, "Maths", "Kitchen", NULL, false},
    {"rooms are notes", {{"Maths", 0, 0, 0}, {"Room 4", 0, 0, 0}}, "Maths", "Room 4", NULL, true},
    {"people are notes", {{"Maths", 0, 0, 0}, {"Mr Fox", 0, 0, 0}}, "Maths", "Mr Fox", NULL, true},
    {"initials are people", {{"Maths", 0, 0, 0}, {"A. Khan", 0, 0, 0}}, "Maths", "A. Khan", NULL, true},
    {"who leads is a note, however large",
     {{"with Lara", 24, 1, 0}, {"Hatha", 18, 0, 0}},
     "Hatha",
     "with Lara",
     NULL,
     false},
    {"what begins like it is none",
     {{"with books", 24, 0, 0}, {"Reading", 14, 0, 0}},
     "with books",
     "Reading",
     NULL,
     false},
    {"brackets are notes", {{"Maths", 0, 0, 0}, {"(mental)", 0, 0, 0}}, "Maths", "(mental)", NULL, true},
    {"what follows a room is a note too",
     {{"Maths", 0, 0, 0}, {"Room 4", 0, 0, 0}, {"Bring a ruler", 0, 0, 0}},
     "Maths",
     "Room 4 Bring a ruler",
     NULL,
     true},
    {"a room alone is the name", {{"Library", 0, 0, 0}}, "Library", NULL, NULL, false},
    {"a range at the beginning", {{"9.00 - 9.30 Maths", 0, 0, 0}}, "Maths", NULL, "9:00-9:30", false},
    {"a range at the end", {{"Maths 9.00 - 9.30", 0, 0, 0}}, "Maths", NULL, "9:00-9:30", false},
    {"a range in brackets", {{"Maths (9.00 - 9.30)", 0, 0, 0}}, "Maths", NULL, "9:00-9:30", false},
    {"a range on a line of its own", {{"Maths", 0, 0, 0}, {"9.00 - 9.30", 0, 0, 0}}, "Maths", NULL, "9:00-9:30", false},
    {"a lone time on a line of its own", {{"9.00", 0, 0, 0}, {"Maths", 0, 0, 0}}, "Maths", NULL, "9:00-?", false},
    {"a lone time within a line is print", {{"Maths test 9.00", 0, 0, 0}}, "Maths test 9.00", NULL, NULL, false},
    {"a lone time that begins the cell", {{"9.00 Maths", 0, 0, 0}}, "Maths", NULL, "9:00-?", false},
    {"a lone time that begins another line is print",
     {{"Maths", 0, 0, 0}, {"9.00 test", 0, 0, 0}},
     "Maths 9.00 test",
     NULL,
     NULL,
     false},
    {"a range over two lines",
     {{"9.00 -", 0, 0, 0}, {"9.30", 0, 0, 0}, {"Maths", 0, 0, 0}},
     "Maths",
     NULL,
     "9:00-9:30",
     false},
    {"a word for a range", {{"9.00 to 9.30", 0, 0, 0}, {"Maths", 0, 0, 0}}, "Maths", NULL, "9:00-9:30", false},
    {"a time alone has no name", {{"9.00 - 9.30", 0, 0, 0}}, "", NULL, "9:00-9:30", false},
    {"a year is no time", {{"Year 9 AM", 0, 0, 0}}, "Year 9 AM", NULL, NULL, false},
    {"a room is no time", {{"Maths", 0, 0, 0}, {"Room 9.15", 0, 0, 0}}, "Maths", "Room 9.15", NULL, true},
    {"filler", {{"---", 0, 0, 0}}, "", NULL, NULL, false},
    {"filler below the name", {{"Maths", 0, 0, 0}, {"***", 0, 0, 0}}, "Maths", NULL, NULL, false},
    {"hyphenated at the line's end", {{"Mathe-", 0, 0, 0}, {"matics", 0, 0, 0}}, "Mathematics", NULL, NULL, false},
    {"broken at the line's end", {{"Engli", 0, 0, 0}, {"sh", 0, 0, 0}}, "English", NULL, NULL, false},
    {"a dash between words stays", {{"Maths -", 0, 0, 0}, {"sets", 0, 0, 0}}, "Maths - sets", NULL, NULL, false},
};

/* A cell with these lines as the only one of its page; *phrases are its print. */
static view_t view_of(sheet_t *sheet, const print_t *lines, const phrase_t ***phrases, size_t *count)
{
    int cell = sheet_cell(sheet, LEFT, TOP, WIDE, HIGH);
    for (int i = 0; i < LINES_MOST && lines[i].text; i++) {
        sheet->size = lines[i].size ? lines[i].size : SHEET_EM;
        sheet->weight = lines[i].weight;
        sheet->colour = lines[i].colour;
        sheet_print(sheet, cell, LEFT + SHEET_PAD, TOP + SHEET_PAD + i * SHEET_LEAD, lines[i].text);
    }
    view_t view = sheet_view(sheet);
    *count = view.phrases.count;
    *phrases = arena_array(sheet->dossier->arena, *count + 1, sizeof **phrases);
    for (size_t i = 0; i < *count; i++)
        (*phrases)[i] = &view.phrases.items[i];
    return view;
}

static const char *time_of(const sheet_t *sheet, const entry_t *entry)
{
    char *out = arena_take(sheet->dossier->arena, 16);
    int start, end;
    *out = '\0';
    timetext_settle(&entry->time, 6 * 60, &start, &end);
    sheet_show_minute(out, 16, start);
    strcat(out, "-");
    sheet_show_minute(out, 16, end);
    return out;
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void test_cells(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const cell_case_t *row = &cells[i];
        sheet_t sheet = sheet_new(600, 300);
        const phrase_t **phrases;
        size_t count;
        view_t view = view_of(&sheet, row->lines, &phrases, &count);
        entry_t entry = entry_read(&view, phrases, count);
        const char *time = entry.timed ? time_of(&sheet, &entry) : NULL;
        if (!same(entry.name, row->name) || !same(entry.notes, row->notes) || !same(time, row->time) ||
            entry.split != row->split || entry.parted != (row->notes != NULL))
            print_error("%s: '%s' notes '%s' time %s split %d parted %d, wanted '%s' notes '%s' time %s split %d\n",
                        row->what, entry.name, entry.notes ? entry.notes : "none", time ? time : "none", entry.split,
                        entry.parted, row->name, row->notes ? row->notes : "none", row->time ? row->time : "none",
                        row->split),
                wrong++;
        assert_non_null(entry.why);
        sheet_destroy(&sheet);
    }
    assert_int_equal(wrong, 0);
}

/* `leads` says whether the name came first; entry_read_first takes what did, and the lines that look like it. */
static void test_the_first_line_where_others_say_so(void **state)
{
    (void)state;
    static const print_t lines[] = {{"Maths", 0, 0, 0}, {"Sets", 0, 0, 0}, {"KITCHEN", 26, 1, 0}, {NULL, 0, 0, 0}};
    sheet_t sheet = sheet_new(600, 300);
    const phrase_t **phrases;
    size_t count;
    view_t view = view_of(&sheet, lines, &phrases, &count);
    entry_t entry = entry_read(&view, phrases, count);
    assert_string_equal(entry.name, "KITCHEN");
    assert_string_equal(entry.notes, "Maths Sets");
    assert_true(entry.parted);
    assert_false(entry.leads);
    entry = entry_read_first(&view, phrases, count);
    assert_string_equal(entry.name, "Maths Sets");
    assert_string_equal(entry.notes, "KITCHEN");
    assert_true(entry.leads);
    sheet_destroy(&sheet);
}

/* The name's words alone count, the time's have a confidence of their own. */
static void test_confidences(void **state)
{
    (void)state;
    sheet_t sheet = sheet_new(600, 300);
    int cell = sheet_cell(&sheet, LEFT, TOP, WIDE, HIGH);
    static const struct {
        const char *text;
        double confidence;
    } lines[] = {{"9.00 - 9.30", 0.4}, {"Guided", 0.9}, {"Reading", 0.7}, {"Room 4", 0.2}};
    for (int i = 0; i < 4; i++) {
        sheet.confidence = lines[i].confidence;
        sheet_print(&sheet, cell, LEFT + SHEET_PAD, TOP + SHEET_PAD + i * SHEET_LEAD, lines[i].text);
    }
    view_t view = sheet_view(&sheet);
    const phrase_t *phrases[4];
    assert_int_equal(view.phrases.count, 4);
    for (size_t i = 0; i < 4; i++)
        phrases[i] = &view.phrases.items[i];
    entry_t entry = entry_read(&view, phrases, 4);
    assert_string_equal(entry.name, "Guided Reading");
    assert_float_equal((float)entry.time_read, 0.4F, 1e-6F);
    assert_float_equal((float)entry.read, 0.7F, 1e-6F);
    assert_float_equal((float)entry.read_mean, 0.8F, 1e-6F);
    sheet_destroy(&sheet);
}

/* What stands in most cells of a page names none of them. */
static void test_what_all_cells_share_is_a_note(void **state)
{
    (void)state;
    static const char *const subjects[] = {"Maths", "English", "Art",   "Music", "French",
                                           "Latin", "Greek",   "Drama", "Games"};
    sheet_t sheet = sheet_new(900, 600);
    for (int i = 0; i < 9; i++) {
        int x = LEFT + i % 3 * WIDE, y = TOP + i / 3 * HIGH, cell = sheet_cell(&sheet, x, y, WIDE, HIGH);
        sheet_print(&sheet, cell, x + SHEET_PAD, y + SHEET_PAD, "Oak Block");
        sheet_print(&sheet, cell, x + SHEET_PAD, y + SHEET_PAD + SHEET_LEAD, subjects[i]);
    }
    view_t view = sheet_view(&sheet);
    for (size_t i = 0; i < view.labels.count; i++) {
        if (!view.labels.items[i].whole)
            continue;
        entry_t entry = entry_read(&view, view.labels.items[i].phrases, view.labels.items[i].count);
        assert_string_equal(entry.name, subjects[view.labels.items[i].cell]);
        assert_string_equal(entry.notes, "Oak Block");
    }
    sheet_destroy(&sheet);
}

/* Letters that the model of OCR does not have come back where the page was read, not where it was written so. */
static void test_accents_of_read_print(void **state)
{
    (void)state;
    static const print_t lines[] = {{"Lon", 0, 0, 0}, {NULL, 0, 0, 0}};
    for (int read = 0; read < 2; read++) {
        sheet_t sheet = sheet_new(600, 300);
        const phrase_t **phrases;
        size_t count;
        sheet.page.origin = read ? "ocr" : "pdf";
        view_t view = view_of(&sheet, lines, &phrases, &count);
        assert_string_equal(entry_read(&view, phrases, count).name, read ? "Lón" : "Lon");
        sheet_destroy(&sheet);
    }
}

static void test_filler(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool filler;
    } rows[] = {
        {"", true},       {"---", true},    {"***", true}, {"–", true},   {"X", true},   {"x", true},
        {". . .", true},  {"/", true},      {"A", false},  {"XX", false}, {"PE", false}, {"1", false},
        {"X-ray", false}, {"Maths", false}, {"-x-", true}, {"x+", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (entry_is_filler(rows[i].text) != rows[i].filler)
            fail_msg("\"%s\" is %s filler", rows[i].text, rows[i].filler ? "" : "no");
}

/* Letters below each other are one word. */
static void test_text_of_stacked_letters(void **state)
{
    (void)state;
    static const print_t lines[] = {{"L", 0, 0, 0}, {"U", 0, 0, 0}, {"N", 0, 0, 0},
                                    {"C", 0, 0, 0}, {"H", 0, 0, 0}, {NULL, 0, 0, 0}};
    sheet_t sheet = sheet_new(600, 300);
    const phrase_t **phrases;
    size_t count;
    view_t view = view_of(&sheet, lines, &phrases, &count);
    assert_int_equal(count, 5);
    assert_string_equal(entry_text(&view, phrases, count), "LUNCH");
    assert_string_equal(entry_read(&view, phrases, count).name, "LUNCH");
    sheet_destroy(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_the_first_line_where_others_say_so),
        cmocka_unit_test(test_confidences),
        cmocka_unit_test(test_what_all_cells_share_is_a_note),
        cmocka_unit_test(test_accents_of_read_print),
        cmocka_unit_test(test_filler),
        cmocka_unit_test(test_text_of_stacked_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
