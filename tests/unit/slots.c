/* slots: the headings of times of a table, on pages made by hand. */
#include "sheet.h"

#include "actors/llm/rules/slots.h"

enum { LEFT = 20, TOP = 60, WIDE = 150, HIGH = 50, HEADS_MOST = 12 };

/* "9:00-10:00 P1; …" */
static const char *show(const sheet_t *sheet, const slots_t *slots)
{
    enum { SIZE = 1024 };
    char *out = arena_take(sheet->dossier->arena, SIZE);
    *out = '\0';
    for (size_t i = 0; i < slots->count; i++) {
        const slot_t *slot = &slots->items[i];
        strncat(out, i ? "; " : "", SIZE - strlen(out) - 1);
        sheet_show_minute(out, SIZE, slot->start.minute);
        strncat(out, "-", SIZE - strlen(out) - 1);
        sheet_show_minute(out, SIZE, slot->end.minute);
        size_t used = strlen(out);
        if (slot->name)
            snprintf(out + used, SIZE - used, " %s", label_line(sheet->dossier->arena, slot->name));
    }
    return out;
}

/* A table of two days with these headings down its side, and its slots. */
static slots_t read_column(sheet_t *sheet, const char *const *heads, const periods_t *periods)
{
    static const periods_t none = {0};
    const char *cells[3 * (HEADS_MOST + 1) + 1] = {"", "Monday", "Tuesday"};
    int n = 3;
    for (int i = 0; heads[i]; i++) {
        cells[n++] = heads[i];
        cells[n++] = "Maths";
        cells[n++] = "English";
    }
    cells[n] = NULL;
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 3};
    sheet_table(sheet, &grid, cells);
    view_t *view = arena_take(sheet->dossier->arena, sizeof *view);
    *view = sheet_view(sheet);
    dayaxes_t axes = dayaxes_of(view);
    assert_int_equal(axes.count, 1);
    rect_t area = {0, 0, sheet->page.width, sheet->page.height};
    return slots_of(view, &axes.items[0], area, periods ? periods : &none);
}

typedef struct {
    const char *what;
    const char *heads[HEADS_MOST]; /* print of the headings */
    const char *slots;             /* as show has them */
    bool timed;
    bool read; /* the page was read by OCR */
} axis_t;

static const axis_t axes[] = {
    {"ranges", {"9.00 - 10.00", "10.00 - 10.45"}, "9:00-10:00; 10:00-10:45", true, false},
    {"starts alone end at the next", {"9.00", "10.00", "10.45"}, "9:00-10:00; 10:00-10:45; 10:45-?", true, false},
    {"an even grid goes on for one step",
     {"9.00", "10.00", "11.00"},
     "9:00-10:00; 10:00-11:00; 11:00-12:00",
     true,
     false},
    {"ends alone begin at the last",
     {"9.00 - 9.40", "till 10.30", "- 11.00"},
     "9:00-9:40; 9:40-10:30; 10:30-11:00",
     true,
     false},
    {"the day runs forward",
     {"11.15", "12.00", "1.00", "1.45 - 2.30"},
     "11:15-12:00; 12:00-13:00; 13:00-13:45; 13:45-14:30",
     true,
     false},
    {"one pm counts for both ends",
     {"11.00 - 12.00", "12.00 - 1.00pm", "1.00 - 2.00pm"},
     "11:00-12:00; 12:00-13:00; 13:00-14:00",
     true,
     false},
    {"a start and an end misread by a digit are put in order",
     {"7:50 AM - 8:35 AM", "8:40 AM - 8:35 AM", "8:40 AM - 10:35 AM", "10:40 AM - 11:35 AM"},
     "7:50-8:35; 8:40-9:35; 9:40-10:35; 10:40-11:35",
     true,
     true},
    {"what may have been two times is left",
     {"7:50 AM - 8:35 AM", "8:40 AM - 8:35 AM", "9:40 AM - 10:40 AM", "10:45 AM - 11:35 AM"},
     "7:50-8:35; 8:40-20:35; 9:40-10:40; 10:45-11:35",
     true,
     true},
    {"a clock of 24 hours", {"08:00 - 08:45", "13:15 - 14:00"}, "8:00-8:45; 13:15-14:00", true, false},
    {"names beside the times",
     {"P1 9.00 - 10.00", "Break 10.00 - 10.20", "P2 10.20 - 11.00"},
     "9:00-10:00 P1; 10:00-10:20 Break; 10:20-11:00 P2",
     true,
     false},
    {"names before times in brackets",
     {"P1 (9.00 - 10.00)", "Break [10.00 - 10.20]"},
     "9:00-10:00 P1; 10:00-10:20 Break",
     true,
     false},
    {"names above the times", {"P1\n9.00 - 10.00", "P2\n10.00 - 11.00"}, "9:00-10:00 P1; 10:00-11:00 P2", true, false},
    {"start above end", {"9.00\n9.45", "9.45\n10.30"}, "9:00-9:45; 9:45-10:30", true, false},
    {"a heading without a time follows the one before",
     {"9.00 - 10.00", "Break", "10.20 - 11.00"},
     "9:00-10:00; 10:00-10:20 Break; 10:20-11:00",
     true,
     false},
    {"an empty heading is one too",
     {"9.00 - 10.00", "", "10.20 - 11.00"},
     "9:00-10:00; 10:00-10:20; 10:20-11:00",
     true,
     false},
    {"names alone", {"P1", "P2", "Lunch"}, "?-? P1; ?-? P2; ?-? Lunch", false, false},
    {"a meeting tells which digit was misread",
     {"9.00 - 9.45", "9.45 - 10.30", "10.30 - 11.16", "11.15 - 12.00", "12.00 - 12.45"},
     "9:00-9:45; 9:45-10:30; 10:30-11:15; 11:15-12:00; 12:00-12:45",
     true,
     true},
    {"sixes among fives were noughts",
     {"9.00 - 9.45", "9.50 - 10.30", "10.36 - 11.15", "11.20 - 12.00", "12.05 - 12.45"},
     "9:00-9:45; 9:50-10:30; 10:30-11:15; 11:20-12:00; 12:05-12:45",
     true,
     true},
    {"documents are not misread",
     {"9.00 - 9.45", "9.45 - 10.30", "10.30 - 11.16", "11.20 - 12.00", "1.00 - 1.45"},
     "9:00-9:45; 9:45-10:30; 10:30-11:16; 11:20-12:00; 13:00-13:45",
     true,
     false},
    {"a heading out of order takes its place from those beside it",
     {"9.00 - 10.00", "7.00 - 7.30", "10.30 - 11.00", "11.00 - 12.00"},
     "9:00-10:00; 10:00-10:30; 10:30-11:00; 11:00-12:00",
     true,
     false},
};

static void test_axes(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        sheet_t sheet = sheet_new(700, 800);
        sheet.page.origin = axes[i].read ? "ocr" : "pdf";
        slots_t slots = read_column(&sheet, axes[i].heads, NULL);
        const char *shown = show(&sheet, &slots);
        if (strcmp(shown, axes[i].slots) != 0 || slots.timed != axes[i].timed)
            print_error("%s:\n  read   %s\n  wanted %s\n", axes[i].what, shown, axes[i].slots), wrong++;
        for (size_t k = 0; k < slots.count; k++)
            assert_int_equal(slots.items[k].place.lo, TOP + HIGH * (int)(k + 1));
        assert_true(slots.celled);
        assert_int_equal(slots.heads.lo, LEFT);
        assert_int_equal(slots.heads.hi, LEFT + WIDE);
        sheet_destroy(&sheet);
    }
    assert_int_equal(wrong, 0);
}

/* What follows from a neighbour says so; what is printed does not. */
static void test_what_follows_is_inferred(void **state)
{
    (void)state;
    static const char *const heads[] = {"9.00", "10.00 - 10.45", "Break", "11.00 - 12.00", NULL};
    sheet_t sheet = sheet_new(700, 800);
    slots_t slots = read_column(&sheet, heads, NULL);
    static const bool starts[] = {false, false, true, false}, ends[] = {true, false, true, false};
    assert_int_equal(slots.count, 4);
    for (size_t i = 0; i < slots.count; i++) {
        assert_int_equal(slots.items[i].start.inferred, starts[i]);
        assert_int_equal(slots.items[i].end.inferred, ends[i]);
        assert_int_equal(slots.items[i].start.origin, starts[i] ? FROM_NEIGHBOUR : FROM_HEADING);
    }
    sheet_destroy(&sheet);
}

static void test_periods_say_when_names_are(void **state)
{
    (void)state;
    static const char *const heads[] = {"P1", "Break", "P2", NULL};
    static period_t items[] = {{"P1", 540, 600, 1}, {"Break", 600, 620, 1}, {"P2", 620, 660, 1}};
    periods_t periods = {items, 3};
    sheet_t sheet = sheet_new(700, 800);
    slots_t slots = read_column(&sheet, heads, &periods);
    assert_string_equal(show(&sheet, &slots), "9:00-10:00 P1; 10:00-10:20 Break; 10:20-11:00 P2");
    assert_int_equal(slots.items[0].start.origin, FROM_PERIODS);
    sheet_destroy(&sheet);
}

/* A column between the times and the first day that says what takes place every day. */
static void test_routines_beside_the_times(void **state)
{
    (void)state;
    static const char *const cells[] = {
        "",         "",      "Monday",  "Tuesday",       "9.00 - 9.20", "Register", "", "",  "9.20 - 10.00",
        "Assembly", "Maths", "English", "10.00 - 10.20", "Break",       "",         "", NULL};
    sheet_t sheet = sheet_new(700, 800);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 4};
    periods_t none = {0};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayaxes_t found = dayaxes_of(&view);
    slots_t slots = slots_of(&view, &found.items[0], (rect_t){0, 0, 700, 800}, &none);
    assert_int_equal(slots.count, 3);
    assert_string_equal(slots.items[0].routine, "Register");
    assert_string_equal(slots.items[1].routine, "Assembly");
    assert_string_equal(slots.items[2].routine, "Break");
    sheet_destroy(&sheet);
}

/* Headings across the top and no lines: each reaches half-way to its neighbours. */
static void test_headings_without_cells(void **state)
{
    (void)state;
    static const char *const heads[] = {"9.00", "10.00", "11.00"};
    sheet_t sheet = sheet_new(900, 400);
    periods_t none = {0};
    for (int i = 0; i < 3; i++, sheet.lines--)
        sheet_print(&sheet, -1, 200 + 200 * i, 40, heads[i]);
    sheet.lines++;
    sheet_print(&sheet, -1, LEFT, 100, "Monday");
    sheet_print(&sheet, -1, LEFT, 200, "Tuesday");
    view_t view = sheet_view(&sheet);
    dayaxes_t found = dayaxes_of(&view);
    assert_int_equal(found.count, 1);
    slots_t slots = slots_of(&view, &found.items[0], (rect_t){0, 0, 900, 400}, &none);
    assert_string_equal(show(&sheet, &slots), "9:00-10:00; 10:00-11:00; 11:00-12:00");
    assert_false(slots.celled);
    for (size_t i = 0; i + 1 < slots.count; i++) {
        assert_true(slots.items[i].place.hi > slots.items[i].ink.hi);
        assert_int_equal(slots.items[i].place.hi, slots.items[i + 1].place.lo);
        assert_true(slots.items[i + 1].place.lo < slots.items[i + 1].ink.lo);
    }
    sheet_destroy(&sheet);
}

static void test_days_alone_have_no_slots(void **state)
{
    (void)state;
    static const char *const cells[] = {"Monday", "Tuesday", "Maths", "English", NULL};
    sheet_t sheet = sheet_new(700, 400);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 2};
    periods_t none = {0};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayaxes_t found = dayaxes_of(&view);
    slots_t slots = slots_of(&view, &found.items[0], (rect_t){0, 0, 700, 400}, &none);
    assert_int_equal(slots.count, 0);
    assert_false(slots.timed);
    sheet_destroy(&sheet);
}

static void test_numbers_of_periods(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool number;
    } rows[] = {
        {"1", true},         {"P3", true},     {"Period 2", true},      {"IV", true},      {"Lesson 5", true},
        {"Session 1", true}, {"1st", true},    {"2nd period", true},    {"Period", true},  {"3. Stunde", true},
        {"L1", true},        {"Break", false}, {"Maths 2", false},      {"Year 5", false}, {"Lunch", false},
        {"9.00", false},     {"2EJ", false},   {"Registration", false}, {"Iris", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (slots_is_number(rows[i].name) != rows[i].number)
            fail_msg("\"%s\" is %s number of a period", rows[i].name, rows[i].number ? "a" : "no");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_axes),
        cmocka_unit_test(test_what_follows_is_inferred),
        cmocka_unit_test(test_periods_say_when_names_are),
        cmocka_unit_test(test_routines_beside_the_times),
        cmocka_unit_test(test_headings_without_cells),
        cmocka_unit_test(test_days_alone_have_no_slots),
        cmocka_unit_test(test_numbers_of_periods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
