/* classes: plans of several classes and lines of times that count for some days only, drawn by hand. */
#include "sheet.h"

#include "actors/llm/rules/classaxis.h"
#include "actors/llm/rules/crossplan.h"
#include "actors/llm/rules/dayscope.h"
#include "actors/llm/rules/matrix.h"
#include "actors/llm/rules/owner.h"

enum { LEFT = 20, TOP = 60, WIDE = 130, HIGH = 50 };

/* Blocks of one class among the drafts, as sheet_show has them. */
static const char *show_class(const sheet_t *sheet, const drafts_t *drafts, const char *class_name)
{
    drafts_t own = {0};
    for (size_t i = 0; i < drafts->count; i++)
        if (drafts->items[i].class_name && strcmp(drafts->items[i].class_name, class_name) == 0)
            *drafts_push(sheet->dossier->arena, &own) = drafts->items[i];
    return sheet_show(sheet, &own);
}

static void read_axes(const view_t *view, dayaxes_t *axes, drafts_t *drafts)
{
    periods_t none = {0};
    *axes = dayaxes_of(view);
    classaxis_refine(view, axes);
    for (size_t i = 0; i < axes->count; i++) {
        drafts_t own = matrix_read(view, axes, i, &none, NULL);
        for (size_t k = 0; k < own.count; k++)
            *drafts_push(view->arena, drafts) = own.items[k];
    }
}

static void test_classes_below_each_day(void **state)
{
    (void)state;
    static const char *const cells[] = {"Day",
                                        "Class",
                                        "9.00 - 10.00",
                                        "10.00 - 10.20",
                                        "10.20 - 11.00", /* */
                                        "Mon",
                                        "JSS 1",
                                        "Maths",
                                        "BREAK",
                                        "Art", /* */
                                        "^",
                                        "JSS 2",
                                        "English",
                                        "^",
                                        "Music", /* */
                                        "Tue",
                                        "JSS 1",
                                        "French",
                                        "^",
                                        "", /* */
                                        "^",
                                        "JSS 2",
                                        "Latin",
                                        "^",
                                        "Games",
                                        NULL};
    sheet_t sheet = sheet_new(800, 500);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 5};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayaxes_t axes;
    drafts_t drafts = {0};
    read_axes(&view, &axes, &drafts);
    assert_int_equal(axes.count, 1);
    assert_int_equal(axes.items[0].count, 4);
    assert_string_equal(show_class(&sheet, &drafts, "JSS 1"),
                        "Mon 9:00-10:00 Maths; Mon 10:00-10:20 BREAK; Mon 10:20-11:00 Art; "
                        "Tue 9:00-10:00 French; Tue 10:00-10:20 BREAK");
    assert_string_equal(show_class(&sheet, &drafts, "JSS 2"),
                        "Mon 9:00-10:00 English; Mon 10:00-10:20 BREAK; Mon 10:20-11:00 Music; "
                        "Tue 9:00-10:00 Latin; Tue 10:00-10:20 BREAK; Tue 10:20-11:00 Games");
    sheet_destroy(&sheet);
}

/* A day's name over each table, and the classes in its first column. */
static void test_classes_below_the_name_of_a_day(void **state)
{
    (void)state;
    static const char *const days[] = {"MONDAY", "TUESDAY"};
    static const char *const tables[][13] = {
        {"Class", "9.00 - 9.40", "9.40 - 10.20", "10.20 - 11.00", "VI A", "Maths", "Art", "Music", "VI B", "English",
         "PE", "Drama", NULL},
        {"Class", "9.00 - 9.40", "9.40 - 10.20", "10.20 - 11.00", "VI A", "Latin", "PE", "Drama", "VI B", "French",
         "Art", "Music", NULL},
    };
    sheet_t sheet = sheet_new(700, 700);
    for (int i = 0; i < 2; i++) {
        sheet_print(&sheet, -1, LEFT, TOP + 300 * i, days[i]);
        sheet_grid_t grid = {LEFT, TOP + 300 * i + 40, WIDE, HIGH, 4};
        sheet_table(&sheet, &grid, tables[i]);
    }
    view_t view = sheet_view(&sheet);
    dayaxes_t axes;
    drafts_t drafts = {0};
    read_axes(&view, &axes, &drafts);
    assert_int_equal(axes.count, 2);
    assert_string_equal(show_class(&sheet, &drafts, "VI A"),
                        "Mon 9:00-9:40 Maths; Mon 9:40-10:20 Art; Mon 10:20-11:00 Music; "
                        "Tue 9:00-9:40 Latin; Tue 9:40-10:20 PE; Tue 10:20-11:00 Drama");
    assert_string_equal(show_class(&sheet, &drafts, "VI B"),
                        "Mon 9:00-9:40 English; Mon 9:40-10:20 PE; Mon 10:20-11:00 Drama; "
                        "Tue 9:00-9:40 French; Tue 9:40-10:20 Art; Tue 10:20-11:00 Music");
    sheet_destroy(&sheet);
}

/* Entries that are classes, as on a teacher's timetable, are no headings. */
static void test_a_teachers_classes_are_entries(void **state)
{
    (void)state;
    static const char *const cells[] = {"",   "Monday",        "Tuesday", "9.00 - 10.00", "7A",
                                        "8B", "10.00 - 11.00", "8B",      "7A",           NULL};
    sheet_t sheet = sheet_new(600, 400);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 3};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayaxes_t axes;
    drafts_t drafts = {0};
    read_axes(&view, &axes, &drafts);
    assert_int_equal(axes.count, 1);
    assert_false(axes.items[0].classes);
    assert_string_equal(sheet_show(&sheet, &drafts),
                        "Mon 9:00-10:00 7A; Mon 10:00-11:00 8B; Tue 9:00-10:00 8B; Tue 10:00-11:00 7A");
    sheet_destroy(&sheet);
}

static void test_names_of_classes(void **state)
{
    (void)state;
    static const char *const classes[] = {"VI A", "JSS 1", "Year 5", "5A", "Grade 7", "3rd Class"};
    static const char *const others[] = {"Maths", "Break", "Mrs Lee", "Year 5 Maths", "9.00", ""};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (owner_of_text(classes[i]) != OWNER_CLASS)
            fail_msg("\"%s\" is a class", classes[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (owner_of_text(others[i]) == OWNER_CLASS)
            fail_msg("\"%s\" is no class", others[i]);
    assert_int_equal(owner_of_text("Mrs Lee"), OWNER_TEACHER);
    assert_int_equal(owner_of_text("Maths"), OWNER_NONE);
}

/* The staff of one day: its name in the title, teachers in the first column. */
static void test_teachers_below_a_title(void **state)
{
    (void)state;
    static const char *const cells[] = {"Teacher",
                                        "9.00 - 9.40",
                                        "9.40 - 10.20",
                                        "10.20 - 11.00", /* */
                                        "Mr Adams",
                                        "9A Maths",
                                        "",
                                        "7B Maths", /* */
                                        "Ms Birch",
                                        "7B English",
                                        "9A English",
                                        "",
                                        NULL};
    sheet_t sheet = sheet_new(700, 400);
    sheet_grid_t grid = {LEFT, TOP + 40, WIDE, HIGH, 4};
    sheet_print(&sheet, -1, LEFT, TOP, "Staff timetable – Wednesday");
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayaxes_t axes;
    drafts_t drafts = {0};
    read_axes(&view, &axes, &drafts);
    assert_string_equal(sheet_show(&sheet, &drafts),
                        "Wed 9:00-9:40 9A Maths; Wed 9:00-9:40 7B English; Wed 9:40-10:20 9A English; "
                        "Wed 10:20-11:00 7B Maths");
    for (size_t i = 0; i < drafts.count; i++) {
        assert_null(drafts.items[i].class_name);
        assert_string_equal(drafts.items[i].teacher, strstr(drafts.items[i].name, "Maths") ? "Mr Adams" : "Ms Birch");
    }
    sheet_destroy(&sheet);
}

/* Days across the top, their periods below, classes down the side; the times of periods from elsewhere. */
static void test_a_plan_of_the_whole_school(void **state)
{
    (void)state;
    static const char *const cells[] = {"Class", "Monday", "<",  "Tuesday",    "<", /* */
                                        "^",     "1",      "2",  "1",          "2", /* */
                                        "7A",    "Ma",     "En", "Double Art", "<", /* */
                                        "7B",    "En",     "",   "Ma",         "Sc", NULL};
    static period_t items[] = {{"1", 540, 600, 1}, {"2", 610, 670, 1}};
    static const periods_t periods = {items, 2};
    sheet_t sheet = sheet_new(800, 400);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 5};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayaxes_t axes = dayaxes_of(&view);
    bool *used = arena_array(view.arena, view.labels.count, sizeof *used);
    assert_int_equal(axes.count, 1);
    drafts_t drafts = crossplan_read(&view, &axes.items[0], &periods, used);
    assert_string_equal(show_class(&sheet, &drafts, "7A"),
                        "Mon 9:00-10:00 Ma; Mon 10:10-11:10 En; Tue 9:00-11:10 Double Art");
    assert_string_equal(show_class(&sheet, &drafts, "7B"), "Mon 9:00-10:00 En; Tue 9:00-10:00 Ma; Tue 10:10-11:10 Sc");
    sheet_destroy(&sheet);
}

/* A week with a row of numbers below its days has no classes down its side: it is no such plan. */
static void test_a_week_is_no_plan_of_the_school(void **state)
{
    (void)state;
    static const char *const cells[] = {"",    "Monday",        "Tuesday", "9.00 - 10.00", "Maths",
                                        "Art", "10.00 - 11.00", "PE",      "Music",        NULL};
    periods_t none = {0};
    sheet_t sheet = sheet_new(600, 400);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 3};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayaxes_t axes = dayaxes_of(&view);
    assert_int_equal(crossplan_read(&view, &axes.items[0], &none, NULL).count, 0);
    sheet_destroy(&sheet);
}

/* What a group of days sees of the page, read as any page. */
static const char *show_scope(const sheet_t *sheet, const view_t *view, const dayscope_t *scope)
{
    view_t own = *view;
    periods_t none = {0};
    own.phrases = scope->phrases;
    own.labels = labels_of(view->arena, view->page, &own.phrases);
    dayaxes_t axes = dayaxes_of(&own);
    assert_int_equal(axes.count, 1);
    drafts_t all = matrix_read(&own, &axes, 0, &none, NULL), seen = {0};
    for (size_t i = 0; i < all.count; i++)
        if (scope->days & 1u << all.items[i].day)
            *drafts_push(view->arena, &seen) = all.items[i];
    return sheet_show(sheet, &seen);
}

static void test_rows_of_times_for_some_days(void **state)
{
    (void)state;
    static const char *const cells[] = {"Period",
                                        "1",
                                        "2",
                                        "3", /* */
                                        "Mon - Thu",
                                        "9.00 - 9.50",
                                        "9.50 - 10.40",
                                        "10.40 - 11.30", /* */
                                        "Friday",
                                        "9.00 - 9.30",
                                        "9.30 - 10.00",
                                        "10.00 - 10.30", /* */
                                        "Monday",
                                        "Maths",
                                        "Art",
                                        "PE", /* */
                                        "Tuesday",
                                        "Latin",
                                        "Art",
                                        "PE", /* */
                                        "Wednesday",
                                        "Maths",
                                        "Art",
                                        "PE", /* */
                                        "Thursday",
                                        "Latin",
                                        "Art",
                                        "PE", /* */
                                        "Friday",
                                        "Drama",
                                        "Art",
                                        "Music",
                                        NULL};
    sheet_t sheet = sheet_new(700, 600);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 4};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayscope_t scopes[DAYSCOPES_MOST];
    size_t count = dayscopes_of(&view, scopes);
    assert_true(count >= 2);
    assert_int_equal(scopes[0].days, 15);
    assert_int_equal(scopes[1].days, 1u << DAY_FRIDAY);
    const char *first = show_scope(&sheet, &view, &scopes[0]);
    assert_non_null(strstr(first, "Mon 9:00-9:50 Maths; Mon 9:50-10:40 Art; Mon 10:40-11:30 PE"));
    assert_null(strstr(first, "Fri"));
    assert_string_equal(show_scope(&sheet, &view, &scopes[1]),
                        "Fri 9:00-9:30 Drama; Fri 9:30-10:00 Art; Fri 10:00-10:30 Music");
    sheet_destroy(&sheet);
}

/* Days whose cells hold the times themselves have no scope: they are the table. */
static void test_times_in_the_days_are_no_scope(void **state)
{
    (void)state;
    static const char *const cells[] = {"",   "Mon - Thu",    "Friday",       "P1", "9.00 - 9.50",   "9.00 - 9.30",
                                        "P2", "9.50 - 10.40", "9.30 - 10.00", "P3", "10.40 - 11.30", "10.00 - 10.30",
                                        NULL};
    sheet_t sheet = sheet_new(600, 500);
    sheet_grid_t grid = {LEFT, TOP, WIDE, HIGH, 3};
    sheet_table(&sheet, &grid, cells);
    view_t view = sheet_view(&sheet);
    dayscope_t scopes[DAYSCOPES_MOST];
    assert_int_equal(dayscopes_of(&view, scopes), 0);
    sheet_destroy(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_below_each_day),          cmocka_unit_test(test_classes_below_the_name_of_a_day),
        cmocka_unit_test(test_a_teachers_classes_are_entries),  cmocka_unit_test(test_names_of_classes),
        cmocka_unit_test(test_teachers_below_a_title),          cmocka_unit_test(test_a_plan_of_the_whole_school),
        cmocka_unit_test(test_a_week_is_no_plan_of_the_school), cmocka_unit_test(test_rows_of_times_for_some_days),
        cmocka_unit_test(test_times_in_the_days_are_no_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
