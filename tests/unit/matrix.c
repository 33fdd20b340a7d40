/* matrix: tables of days against times, drawn by hand, and the blocks that are read of them. */
#include "sheet.h"

#include "actors/llm/rules/matrix.h"

enum { LEFT = 20, TOP = 60, WIDE = 130, HIGH = 64 };

typedef struct {
    const char *what;
    int columns;
    const char *cells[40]; /* as sheet_table has them */
    const char *blocks;    /* as sheet_show has them */
} table_t;

static const table_t tables[] = {
    {"days as columns",
     3,
     {"Time", "Monday", "Tuesday", "9.00 - 10.00", "Maths", "English", "10.00 - 11.00", "Art", "Music", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 English; Tue 10:00-11:00 Music"},
    {"days as rows",
     3,
     {"Time", "9.00 - 10.00", "10.00 - 11.00", "Monday", "Maths", "Art", "Tuesday", "English", "Music", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 English; Tue 10:00-11:00 Music"},
    {"starts alone end where the next begins",
     3,
     {"", "Monday", "Tuesday", "9.00", "Maths", "English", "10.00", "Art", "Music", "10.40", "Games", "Games", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-10:40 Art; Mon 10:40-? Games; "
     "Tue 9:00-10:00 English; Tue 10:00-10:40 Music; Tue 10:40-? Games"},
    {"a cell over two days takes place on both",
     3,
     {"", "Monday", "Tuesday", "9.00 - 10.00", "Assembly", "<", "10.00 - 11.00", "Art", "Music", NULL},
     "Mon 9:00-10:00 Assembly; Mon 10:00-11:00 Art; Tue 9:00-10:00 Assembly; Tue 10:00-11:00 Music"},
    {"a cell over two slots lasts for both",
     3,
     {"", "Monday", "Tuesday", "9.00 - 10.00", "Science", "English", "10.00 - 11.00", "^", "Music", NULL},
     "Mon 9:00-11:00 Science; Tue 9:00-10:00 English; Tue 10:00-11:00 Music"},
    {"a heading of several days",
     3,
     {"", "Mon - Wed", "Thu & Fri", "9.00 - 10.00", "Maths", "English", "10.00 - 11.00", "Art", "Music", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 Maths; Tue 10:00-11:00 Art; "
     "Wed 9:00-10:00 Maths; Wed 10:00-11:00 Art; Thu 9:00-10:00 English; Thu 10:00-11:00 Music; "
     "Fri 9:00-10:00 English; Fri 10:00-11:00 Music"},
    {"a week that begins on Sunday, and its last day",
     3,
     {"", "Sun - Wed", "Thursday", "9.00 - 10.00", "Maths", "English", "10.00 - 11.00", "Art", "Music", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 Maths; Tue 10:00-11:00 Art; "
     "Wed 9:00-10:00 Maths; Wed 10:00-11:00 Art; Thu 9:00-10:00 English; Thu 10:00-11:00 Music; "
     "Sun 9:00-10:00 Maths; Sun 10:00-11:00 Art"},
    {"a week that ends on Saturday",
     3,
     {"", "Mon - Fri", "Saturday", "9.00 - 10.00", "Maths", "Games", "10.00 - 11.00", "", "Music", NULL},
     "Mon 9:00-10:00 Maths; Tue 9:00-10:00 Maths; Wed 9:00-10:00 Maths; Thu 9:00-10:00 Maths; Fri 9:00-10:00 Maths; "
     "Sat 9:00-10:00 Games; Sat 10:00-11:00 Music"},
    {"letters in groups as days",
     3,
     {"", "M/W/F", "T/Th", "9.00 - 10.00", "Maths", "English", "10.00 - 11.00", "Art", "", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 English; Wed 9:00-10:00 Maths; Wed 10:00-11:00 Art; "
     "Thu 9:00-10:00 English; Fri 9:00-10:00 Maths; Fri 10:00-11:00 Art"},
    {"an afternoon on the clock of twelve hours",
     3,
     {"", "Monday", "Tuesday", "11.30 - 12.30", "Maths", "English", "1.15 - 2.15", "Art", "Music", "2.15 - 3.15",
      "Games", "PE", NULL},
     "Mon 11:30-12:30 Maths; Mon 13:15-14:15 Art; Mon 14:15-15:15 Games; "
     "Tue 11:30-12:30 English; Tue 13:15-14:15 Music; Tue 14:15-15:15 PE"},
    {"days that have times of their own beside their entries",
     4,
     {"Monday", "<", "Tuesday", "<", "9.00", "Maths", "9.05", "Latin", "9.30", "English", "9.35", "Art", "10.00",
      "Music", "10.05", "Games", NULL},
     "Mon 9:00-9:30 Maths; Mon 9:30-10:00 English; Mon 10:00-? Music; "
     "Tue 9:05-9:35 Latin; Tue 9:35-10:05 Art; Tue 10:05-? Games"},
    {"several entries in a cell, each with its range",
     3,
     {"", "Monday", "Tuesday", "9.00 - 10.00", "9.00 - 9.30 Art\n9.30 - 10.00 PE", "English", "10.00 - 11.00", "Latin",
      "Music", NULL},
     "Mon 9:00-9:30 Art; Mon 9:30-10:00 PE; Mon 10:00-11:00 Latin; Tue 9:00-10:00 English; Tue 10:00-11:00 Music"},
    {"several entries in a cell, each with its start",
     3,
     {"", "Monday", "Tuesday", "9.00 - 10.00", "9.00 Art\n9.40 PE", "English", "10.00 - 11.00", "Latin", "Music", NULL},
     "Mon 9:00-9:40 Art; Mon 9:40-10:00 PE; Mon 10:00-11:00 Latin; Tue 9:00-10:00 English; Tue 10:00-11:00 Music"},
    {"a second entry that begins within the slot",
     3,
     {"", "Monday", "Tuesday", "1.15 - 3.00", "Science\n2.15 PE", "English", "3.00 - 3.30", "Latin", "Music", NULL},
     "Mon 13:15-14:15 Science; Mon 14:15-15:00 PE; Mon 15:00-15:30 Latin; "
     "Tue 13:15-15:00 English; Tue 15:00-15:30 Music"},
    {"a time below the name that is the slot's own",
     3,
     {"", "Monday", "Tuesday", "1.15 - 3.00", "Science\n1.15 Mr Fox", "English", "3.00 - 3.30", "Latin", "Music", NULL},
     "Mon 13:15-15:00 Science 1.15 Mr Fox; Mon 15:00-15:30 Latin; Tue 13:15-15:00 English; Tue 15:00-15:30 Music"},
    {"rooms are notes",
     3,
     {"", "Monday", "Tuesday", "9.00 - 10.00", "Maths\nRoom 4", "English\nRoom 7", "10.00 - 11.00", "Art", "Music",
      NULL},
     "Mon 9:00-10:00 Maths (Room 4); Mon 10:00-11:00 Art; Tue 9:00-10:00 English (Room 7); Tue 10:00-11:00 Music"},
    {"the cell's own time goes before the heading's",
     3,
     {"", "Monday", "Tuesday", "9.00 - 10.00", "Maths\n9.10 - 9.50", "English", "10.00 - 11.00", "Art", "Music", NULL},
     "Mon 9:10-9:50 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 English; Tue 10:00-11:00 Music"},
    {"an end alone in the cell",
     3,
     {"", "Monday", "Tuesday", "9.00 - 10.00", "Maths\ntill 9.40", "English", "10.00 - 11.00", "Art", "Music", NULL},
     "Mon 9:00-9:40 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 English; Tue 10:00-11:00 Music"},
    {"empty cells and dashes are no blocks",
     3,
     {"", "Monday", "Tuesday", "9.00 - 10.00", "", "English", "10.00 - 11.00", "Art", "---", NULL},
     "Mon 10:00-11:00 Art; Tue 9:00-10:00 English"},
    {"a heading that says what takes place every day",
     3,
     {"", "Monday", "Tuesday", "9.00 - 10.00", "Maths", "English", "10.00 - 10.20 Break", "", "", "10.20 - 11.00",
      "Art", "Music", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-10:20 Break; Mon 10:20-11:00 Art; "
     "Tue 9:00-10:00 English; Tue 10:00-10:20 Break; Tue 10:20-11:00 Music"},
    {"letters spelt over the days",
     4,
     {"", "Monday", "Tuesday", "Wednesday", "9.00 - 10.00", "Maths", "English", "French", "10.00 - 10.20", "P", "E",
      "T", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-10:20 PET; Tue 9:00-10:00 English; Tue 10:00-10:20 PET; "
     "Wed 9:00-10:00 French; Wed 10:00-10:20 PET"},
    {"a day whose heading is empty between two others",
     4,
     {"", "Monday", "", "Wednesday", "9.00 - 10.00", "Maths", "English", "French", "10.00 - 11.00", "Art", "Music",
      "PE", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 English; Tue 10:00-11:00 Music; "
     "Wed 9:00-10:00 French; Wed 10:00-11:00 PE"},
    {"names of periods alone give no times",
     3,
     {"", "Monday", "Tuesday", "P1", "Maths", "English", "P2", "Art", "Music", NULL},
     "Mon ?-? Maths; Mon ?-? Art; Tue ?-? English; Tue ?-? Music"},
    {"rows of teachers below rows of subjects",
     3,
     {"", "9.00 - 10.00", "10.00 - 11.00", "Monday", "Maths", "Art", "^", "P. Gupta", "R. Nair", "Tuesday", "English",
      "Music", "^", "L. D'Souza", "Mr. Verma", NULL},
     "Mon 9:00-10:00 Maths (P. Gupta); Mon 10:00-11:00 Art (R. Nair); "
     "Tue 9:00-10:00 English (L. D'Souza); Tue 10:00-11:00 Music (Mr. Verma)"},
    {"a word set letter by letter",
     3,
     {"", "Monday", "Tuesday", "9.00 - 10.00", "Maths", "English", "10.00 - 10.20", "B R E A K", "<", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-10:20 BREAK; Tue 9:00-10:00 English; Tue 10:00-10:20 BREAK"},
    {"a column of totals",
     4,
     {"", "9.00 - 10.00", "10.00 - 11.00", "Total", "Monday", "Maths", "Art", "2", "Tuesday", "English", "Music", "2",
      NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 English; Tue 10:00-11:00 Music"},
    {"lengths in the headings name nothing",
     4,
     {"", "9.00\n15 mins", "9.15\n1 hour", "10.20\n(40 mins)", "Monday", "", "Maths", "Art", "Tuesday", "", "English",
      "Music", NULL},
     "Mon 9:15-10:15 Maths; Mon 10:20-11:00 Art; Tue 9:15-10:15 English; Tue 10:20-11:00 Music"},
    {"short forms of days are of one language",
     6,
     {"", "ma", "di", "wo", "do", "vr", "9.00 - 10.00", "Taal", "Taal", "Taal", "Taal", "Taal", "10.00 - 11.00", "Gym",
      "Gym", "Gym", "Gym", "Gym", NULL},
     "Mon 9:00-10:00 Taal; Mon 10:00-11:00 Gym; Tue 9:00-10:00 Taal; Tue 10:00-11:00 Gym; "
     "Wed 9:00-10:00 Taal; Wed 10:00-11:00 Gym; Thu 9:00-10:00 Taal; Thu 10:00-11:00 Gym; "
     "Fri 9:00-10:00 Taal; Fri 10:00-11:00 Gym"},
    {"single letters as days",
     6,
     {"", "M", "T", "W", "T", "F", "9.00 - 10.00", "Maths", "English", "French", "Latin", "Art", "10.00 - 11.00", "Art",
      "Music", "PE", "Maths", "Drama", NULL},
     "Mon 9:00-10:00 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 English; Tue 10:00-11:00 Music; "
     "Wed 9:00-10:00 French; Wed 10:00-11:00 PE; Thu 9:00-10:00 Latin; Thu 10:00-11:00 Maths; "
     "Fri 9:00-10:00 Art; Fri 10:00-11:00 Drama"},
};

static void test_tables(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        sheet_t sheet = sheet_new(900, 500);
        sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, tables[i].columns};
        sheet_table(&sheet, &grid, tables[i].cells);
        view_t view = sheet_view(&sheet);
        dayaxes_t axes = dayaxes_of(&view);
        periods_t periods = {0};
        drafts_t drafts = {0};
        if (axes.count)
            drafts = matrix_read(&view, &axes, 0, &periods, NULL);
        const char *blocks = sheet_show(&sheet, &drafts);
        if (strcmp(blocks, tables[i].blocks) != 0)
            print_error("%s:\n  read   %s\n  wanted %s\n", tables[i].what, blocks, tables[i].blocks), wrong++;
        sheet_destroy(&sheet);
    }
    assert_int_equal(wrong, 0);
}

/* The same week without a line drawn. */
static void test_white_space_parts_a_table(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"", "Monday", "Tuesday"}, {"9.00 - 10.00", "Maths", "English"}, {"10.00 - 11.00", "Art", "Music"}};
    sheet_t sheet = sheet_new(900, 500);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++, sheet.lines--)
            sheet_print(&sheet, -1, LEFT + c * 2 * WIDE, TOP + r * HIGH, rows[r][c]);
    sheet.lines = 0;
    for (size_t i = 0; i < sheet.page.words.count; i++) /* a printed line is one over the page */
        LIST_AT(word_t, sheet.page.words, i)->line = (LIST_AT(word_t, sheet.page.words, i)->box.y - TOP) / HIGH;
    view_t view = sheet_view(&sheet);
    dayaxes_t axes = dayaxes_of(&view);
    periods_t periods = {0};
    assert_int_equal(axes.count, 1);
    drafts_t drafts = matrix_read(&view, &axes, 0, &periods, NULL);
    assert_string_equal(sheet_show(&sheet, &drafts),
                        "Mon 9:00-10:00 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 English; Tue 10:00-11:00 Music");
    sheet_destroy(&sheet);
}

/* Names of periods have the times that a table of periods says. */
static void test_periods_give_times(void **state)
{
    (void)state;
    static const char *const cells[] = {"", "Monday", "Tuesday", "P1", "Maths", "English", "P2", "Art", "Music", NULL};
    static period_t items[] = {{"P1", 540, 600, 1}, {"P2", 615, 660, 1}};
    periods_t periods = {items, 2};
    sheet_t sheet = sheet_new(900, 500);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 3};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayaxes_t axes = dayaxes_of(&view);
    drafts_t drafts = matrix_read(&view, &axes, 0, &periods, NULL);
    assert_string_equal(sheet_show(&sheet, &drafts),
                        "Mon 9:00-10:00 Maths; Mon 10:15-11:00 Art; Tue 9:00-10:00 English; Tue 10:15-11:00 Music");
    assert_int_equal(drafts.items[0].start.origin, FROM_PERIODS);
    sheet_destroy(&sheet);
}

/* Two weeks on one page: each axis has its own table, and what it explains is marked. */
static void test_two_tables_keep_apart(void **state)
{
    (void)state;
    static const char *const upper[] = {"",      "Monday",        "Tuesday", "9.00 - 10.00", "Maths",
                                        "Latin", "10.00 - 11.00", "Art",     "Music",        NULL},
                             *const lower[] = {"",      "Monday",        "Tuesday", "9.00 - 10.00", "Greek",
                                               "Drama", "10.00 - 11.00", "Games",   "French",       NULL};
    sheet_t sheet = sheet_new(900, 800);
    sheet_grid_t first = {LEFT, TOP, WIDE, HIGH, 3}, second = {LEFT, TOP + 5 * HIGH, WIDE, HIGH, 3};
    sheet_table(&sheet, &first, upper);
    sheet_table(&sheet, &second, lower);
    sheet_print(&sheet, -1, LEFT, TOP + 9 * HIGH, "Bring a pencil");
    view_t view = sheet_view(&sheet);
    dayaxes_t axes = dayaxes_of(&view);
    periods_t periods = {0};
    bool used[64] = {false};
    assert_int_equal(axes.count, 2);
    size_t top = axes.items[0].heads.lo < axes.items[1].heads.lo ? 0 : 1;
    drafts_t drafts = matrix_read(&view, &axes, top, &periods, used);
    assert_string_equal(sheet_show(&sheet, &drafts),
                        "Mon 9:00-10:00 Maths; Mon 10:00-11:00 Art; Tue 9:00-10:00 Latin; Tue 10:00-11:00 Music");
    drafts_t other = matrix_read(&view, &axes, 1 - top, &periods, NULL);
    assert_string_equal(sheet_show(&sheet, &other),
                        "Mon 9:00-10:00 Greek; Mon 10:00-11:00 Games; Tue 9:00-10:00 Drama; Tue 10:00-11:00 French");
    for (size_t i = 0; i < view.labels.count; i++) {
        const label_t *label = &view.labels.items[i];
        bool wanted = label->cell >= 0 && label->box.y0 < TOP + 4 * HIGH;
        if (used[i] != wanted)
            fail_msg("'%s' is %s", label->text, used[i] ? "used" : "not used");
    }
    sheet_destroy(&sheet);
}

/* Entries drawn side by side within one slot are groups at the same time, unless they say their own. */
static void test_groups_share_a_slot(void **state)
{
    (void)state;
    static const char *const cells[] = {"",    "9.00 - 10.00", "10.00 - 11.00", "Monday", "",
                                        "Art", "Tuesday",      "Latin",         "PE",     NULL};
    sheet_t sheet = sheet_new(900, 500);
    sheet_grid_t grid = {LEFT, TOP, 2 * WIDE, HIGH, 3};
    sheet_table(&sheet, &grid, cells);
    cell_t *whole = LIST_AT(cell_t, sheet.page.cells, 4); /* Monday's first */
    whole->box.w = WIDE;
    sheet_print(&sheet, 4, whole->box.x + SHEET_PAD, whole->box.y + SHEET_PAD, "Maths A");
    int half = sheet_cell(&sheet, whole->box.x + WIDE, whole->box.y, WIDE, HIGH);
    sheet_print(&sheet, half, whole->box.x + WIDE + SHEET_PAD, whole->box.y + SHEET_PAD, "Maths B");
    view_t view = sheet_view(&sheet);
    dayaxes_t axes = dayaxes_of(&view);
    periods_t periods = {0};
    drafts_t drafts = matrix_read(&view, &axes, 0, &periods, NULL);
    assert_string_equal(sheet_show(&sheet, &drafts),
                        "Mon 9:00-10:00 Maths A; Mon 9:00-10:00 Maths B; Mon 10:00-11:00 Art; "
                        "Tue 9:00-10:00 Latin; Tue 10:00-11:00 PE");
    sheet_destroy(&sheet);
}

/* A calendar: hours stand evenly beside it and blocks end anywhere between them. */
static void test_a_scale_of_times(void **state)
{
    (void)state;
    enum { HOUR_HIGH = 80, FROM = 9 };
    static const struct {
        const char *name;
        int day, start, end; /* minutes */
    } blocks[] = {{"Maths", 0, 540, 585}, {"Art", 0, 615, 690},   {"Latin", 1, 555, 630},
                  {"Games", 1, 645, 705}, {"Music", 0, 705, 750}, {"Drama", 1, 720, 765}};
    sheet_t sheet = sheet_new(900, 700);
    sheet_print(&sheet, sheet_cell(&sheet, 120, 20, 300, 40), 200, 30, "Monday");
    sheet_print(&sheet, sheet_cell(&sheet, 420, 20, 300, 40), 500, 30, "Tuesday");
    for (int i = 0; i < 6; i++) {
        sheet_print(&sheet, -1, 40, 80 + i * HOUR_HIGH - SHEET_BODY / 2,
                    arena_format(sheet.dossier->arena, "%d.00", FROM + i));
    }
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        int y = 80 + (blocks[i].start - FROM * 60) * HOUR_HIGH / 60,
            h = (blocks[i].end - blocks[i].start) * HOUR_HIGH / 60;
        int cell = sheet_cell(&sheet, 120 + 300 * blocks[i].day, y, 300, h);
        sheet_print(&sheet, cell, 140 + 300 * blocks[i].day, y + 10, blocks[i].name);
    }
    view_t view = sheet_view(&sheet);
    dayaxes_t axes = dayaxes_of(&view);
    periods_t periods = {0};
    drafts_t drafts = matrix_read(&view, &axes, 0, &periods, NULL);
    assert_string_equal(sheet_show(&sheet, &drafts),
                        "Mon 9:00-9:45 Maths; Mon 10:15-11:30 Art; Mon 11:45-12:30 Music; "
                        "Tue 9:15-10:30 Latin; Tue 10:45-11:45 Games; Tue 12:00-12:45 Drama");
    assert_int_equal(drafts.items[0].end.origin, FROM_SCALE);
    sheet_destroy(&sheet);
}

/* What is not printed says so: a day by its place, a time by its neighbour, a name by its heading. */
static void test_what_is_inferred_says_so(void **state)
{
    (void)state;
    static const char *const cells[] = {"",       "Monday",      "",  "Wednesday", "9.00", "Maths",         "English",
                                        "French", "10.00 Break", "",  "",          "",     "10.20 - 11.00", "Art",
                                        "Music",  "PE",          NULL};
    sheet_t sheet = sheet_new(900, 500);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 4};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayaxes_t axes = dayaxes_of(&view);
    periods_t periods = {0};
    drafts_t drafts = matrix_read(&view, &axes, 0, &periods, NULL);
    drafts_sort(&drafts);
    assert_int_equal(drafts.count, 9);
    for (size_t i = 0; i < drafts.count; i++) {
        const draft_t *d = &drafts.items[i];
        assert_int_equal(d->day_inferred, d->day == DAY_TUESDAY);
        assert_false(d->start.inferred);
        assert_int_equal(d->end.inferred, d->end.minute != 660); /* starts alone, ended by the next */
        assert_int_equal(d->name_inferred, strcmp(d->name, "Break") == 0);
        assert_non_null(d->day_why);
        assert_non_null(d->name_why);
        assert_non_null(d->start.why);
    }
    sheet_destroy(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_white_space_parts_a_table),
        cmocka_unit_test(test_periods_give_times),
        cmocka_unit_test(test_two_tables_keep_apart),
        cmocka_unit_test(test_groups_share_a_slot),
        cmocka_unit_test(test_a_scale_of_times),
        cmocka_unit_test(test_what_is_inferred_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
