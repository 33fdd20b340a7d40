/* lists: times down the page with what takes place beside them, on pages made by hand. */
#include "sheet.h"

#include "actors/llm/rules/lists.h"

enum { LEFT = 20, TOP = 60, WIDE = 130, HIGH = 40 };

typedef struct {
    const char *what, *above; /* above: print over the table, "" for none */
    int columns;
    const char *cells[64]; /* as sheet_table has them */
    const char *blocks;    /* as sheet_show has them */
} table_t;

static const table_t tables[] = {
    {"one list for several days",
     "Monday, Tuesday",
     2,
     {"9.00 - 9.30", "Maths", "9.30 - 10.00", "English", "10.00 - 10.20", "Break", NULL},
     "Mon 9:00-9:30 Maths; Mon 9:30-10:00 English; Mon 10:00-10:20 Break; "
     "Tue 9:00-9:30 Maths; Tue 9:30-10:00 English; Tue 10:00-10:20 Break"},
    {"a list whose days run over the weekend",
     "Sunday to Monday",
     2,
     {"9.00 - 9.30", "Maths", "9.30 - 10.00", "English", "10.00 - 10.20", "Break", NULL},
     "Mon 9:00-9:30 Maths; Mon 9:30-10:00 English; Mon 10:00-10:20 Break; "
     "Sun 9:00-9:30 Maths; Sun 9:30-10:00 English; Sun 10:00-10:20 Break"},
    {"starts alone end where the next row starts",
     "Friday",
     2,
     {"9.00", "Maths", "9.30", "English", "10.00", "Break", NULL},
     "Fri 9:00-9:30 Maths; Fri 9:30-10:00 English; Fri 10:00-? Break"},
    {"ends alone go on from the row before",
     "Friday",
     2,
     {"9.00 - 9.30", "Maths", "till 10.00", "English", "till 10.20", "Break", NULL},
     "Fri 9:00-9:30 Maths; Fri 9:30-10:00 English; Fri 10:00-10:20 Break"},
    {"a column of starts and a column of ends",
     "Friday",
     3,
     {"9.00", "9.25", "Maths", "9.30", "9.55", "English", "10.00", "10.20", "Break", NULL},
     "Fri 9:00-9:25 Maths; Fri 9:30-9:55 English; Fri 10:00-10:20 Break"},
    {"sections under the name of a day",
     "",
     2,
     {"Monday", "<", "9.00 - 9.30", "Maths", "9.30 - 10.00", "English", "Tuesday", "<", "9.00 - 9.40", "Art",
      "9.40 - 10.00", "PE", NULL},
     "Mon 9:00-9:30 Maths; Mon 9:30-10:00 English; Tue 9:00-9:40 Art; Tue 9:40-10:00 PE"},
    {"a column for the day",
     "",
     3,
     {"Monday", "9.00 - 9.30", "Maths", "Monday", "9.30 - 10.00", "English", "Tuesday", "9.00 - 9.40", "Art", NULL},
     "Mon 9:00-9:30 Maths; Mon 9:30-10:00 English; Tue 9:00-9:40 Art"},
    {"lists side by side, times first",
     "",
     4,
     {"Monday", "<", "Tuesday", "<", "9.00", "Maths", "9.05", "Latin", "9.30", "English", "9.35", "Art", "10.00",
      "Music", "10.05", "Games", NULL},
     "Mon 9:00-9:30 Maths; Mon 9:30-10:00 English; Mon 10:00-? Music; "
     "Tue 9:05-9:35 Latin; Tue 9:35-10:05 Art; Tue 10:05-? Games"},
    {"lists side by side, names first",
     "",
     4,
     {"Monday", "<", "Tuesday", "<", "Maths", "9.00", "Latin", "9.05", "English", "9.30", "Art", "9.35", "Music",
      "10.00", "Games", "10.05", NULL},
     "Mon 9:00-9:30 Maths; Mon 9:30-10:00 English; Mon 10:00-? Music; "
     "Tue 9:05-9:35 Latin; Tue 9:35-10:05 Art; Tue 10:05-? Games"},
    {"three lists side by side",
     "",
     6,
     {"Monday", "<",     "Tuesday", "<",     "Wednesday", "<",     "9.00", "Maths", "9.05",
      "Latin",  "9.10",  "Greek",   "9.30",  "English",   "9.35",  "Art",  "9.40",  "Craft",
      "10.00",  "Music", "10.05",   "Games", "10.10",     "Drama", NULL},
     "Mon 9:00-9:30 Maths; Mon 9:30-10:00 English; Mon 10:00-? Music; "
     "Tue 9:05-9:35 Latin; Tue 9:35-10:05 Art; Tue 10:05-? Games; "
     "Wed 9:10-9:40 Greek; Wed 9:40-10:10 Craft; Wed 10:10-? Drama"},
    {"what stands behind the name is its note",
     "Friday",
     3,
     {"9.00 - 9.30", "Maths", "Bring a ruler", "9.30 - 10.00", "English", "", "10.00 - 10.20", "Break", "Playground",
      NULL},
     "Fri 9:00-9:30 Maths (Bring a ruler); Fri 9:30-10:00 English; Fri 10:00-10:20 Break (Playground)"},
    {"numbers of rows are no names",
     "Friday",
     3,
     {"1", "9.00 - 9.30", "Maths", "2", "9.30 - 10.00", "English", "3", "10.00 - 10.20", "Break", NULL},
     "Fri 9:00-9:30 Maths; Fri 9:30-10:00 English; Fri 10:00-10:20 Break"},
    {"a row of dashes is none",
     "Friday",
     2,
     {"9.00 - 9.30", "Maths", "9.30 - 10.00", "---", "10.00 - 10.20", "Break", NULL},
     "Fri 9:00-9:30 Maths; Fri 10:00-10:20 Break"},
    {"the name in the cell of its time",
     "Friday",
     1,
     {"9.00 - 9.30 Maths", "9.30 - 10.00 English", "10.00 - 10.20 Break", NULL},
     "Fri 9:00-9:30 Maths; Fri 9:30-10:00 English; Fri 10:00-10:20 Break"},
    {"on the clock of twelve hours the afternoon follows",
     "Friday",
     2,
     {"11.30", "Maths", "12.15", "Lunch", "1.00", "English", "1.45 - 2.30", "Art", NULL},
     "Fri 11:30-12:15 Maths; Fri 12:15-13:00 Lunch; Fri 13:00-13:45 English; Fri 13:45-14:30 Art"},
    {"two times are no list", "Friday", 2, {"9.00 - 9.30", "Maths", "9.30 - 10.00", "English", NULL}, ""},
    {"rooms with a dot are no times",
     "Friday",
     2,
     {"Room 2.15", "Maths", "Room 2.16", "English", "Room 2.17", "Break", NULL},
     ""},
};

static void test_tables(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        sheet_t sheet = sheet_new(900, 500);
        sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, tables[i].columns};
        sheet_print(&sheet, -1, LEFT, TOP - HIGH, tables[i].above);
        sheet_table(&sheet, &grid, tables[i].cells);
        view_t view = sheet_view(&sheet);
        drafts_t drafts = lists_read(&view, NULL);
        const char *blocks = sheet_show(&sheet, &drafts);
        if (strcmp(blocks, tables[i].blocks) != 0)
            print_error("%s:\n  read   %s\n  wanted %s\n", tables[i].what, blocks, tables[i].blocks), wrong++;
        sheet_destroy(&sheet);
    }
    assert_int_equal(wrong, 0);
}

/* A page that names no day: every school day, and the blocks say that it is a guess. */
static void test_no_day_is_every_school_day(void **state)
{
    (void)state;
    static const char *const cells[] = {"9.00 - 9.30", "Maths", "9.30 - 10.00", "English", "10.00 - 10.20",
                                        "Break",       NULL};
    sheet_t sheet = sheet_new(900, 500);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 2};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    drafts_t drafts = lists_read(&view, NULL);
    assert_int_equal(drafts.count, 15);
    for (size_t i = 0; i < drafts.count; i++) {
        assert_in_range(drafts.items[i].day, DAY_MONDAY, DAY_FRIDAY);
        assert_true(drafts.items[i].day_inferred);
        assert_false(drafts.items[i].start.inferred);
    }
    sheet_destroy(&sheet);
}

/* The same list without a line drawn; what it explains is marked, and the footer is not. */
static void test_white_space_parts_a_list(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"9.00 - 9.30", "Maths"}, {"9.30 - 10.00", "English"}, {"10.00 - 10.20", "Break"}};
    sheet_t sheet = sheet_new(900, 800);
    bool used[32] = {false};
    sheet_print(&sheet, -1, LEFT, TOP - HIGH, "Wednesday");
    for (int r = 0; r < 3; r++) {
        sheet_print(&sheet, -1, LEFT, TOP + r * HIGH, rows[r][0]);
        sheet.lines--; /* the same line */
        sheet_print(&sheet, -1, LEFT + 2 * WIDE, TOP + r * HIGH, rows[r][1]);
    }
    sheet_print(&sheet, -1, LEFT, TOP + 10 * HIGH, "Bring a pencil");
    view_t view = sheet_view(&sheet);
    drafts_t drafts = lists_read(&view, used);
    assert_string_equal(sheet_show(&sheet, &drafts),
                        "Wed 9:00-9:30 Maths; Wed 9:30-10:00 English; Wed 10:00-10:20 Break");
    for (size_t i = 0; i < view.labels.count; i++) {
        const label_t *label = &view.labels.items[i];
        bool wanted = label->timed || (label->ink.y0 >= TOP && label->ink.y0 < TOP + 3 * HIGH);
        if (used[i] != wanted)
            fail_msg("'%s' is %s", label->text, used[i] ? "used" : "not used");
    }
    sheet_destroy(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_no_day_is_every_school_day),
        cmocka_unit_test(test_white_space_parts_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
