/* lists: columns of times, and what belongs to their rows, on pages made by hand. */
#include "check.h"

#include "actors/llm/rules/column.h"
#include "actors/llm/rules/dayletters.h"
#include "actors/llm/rules/lists.h"
#include "proto/dossier.h"

#include <string.h>

enum { HIGH = 30, WIDE = 150 };

/* A table of cells, each a line of text with words parted by single spaces; NULL is an empty cell. */
static page_t table_of(dossier_t *dossier, const char *const *texts, int rows, int columns)
{
    page_t page = {.number = 1, .width = columns * WIDE + 40, .height = rows * HIGH + 40, .origin = "pdf"};
    for (int i = 0; i < rows * columns; i++) {
        int x = 20 + i % columns * WIDE, y = 20 + i / columns * HIGH, at = x + 6;
        cell_t *cell = list_push(dossier->arena, &page.cells, sizeof *cell);
        *cell = (cell_t){.box = {.x = x, .y = y, .w = WIDE - 2, .h = HIGH - 2},
                         .row = i / columns,
                         .col = i % columns,
                         .row_span = 1,
                         .col_span = 1,
                         .confidence = 1};
        char *text = arena_text(dossier->arena, texts[i] ? texts[i] : ""), *rest = NULL;
        for (char *part = strtok_r(text, " ", &rest); part; part = strtok_r(NULL, " ", &rest)) {
            word_t *word = list_push(dossier->arena, &page.words, sizeof *word);
            int wide = 7 * (int)strlen(part);
            *word = (word_t){.text = part,
                             .box = {.x = at, .y = y + 8, .w = wide, .h = 12},
                             .size = 14,
                             .confidence = 1,
                             .cell = i,
                             .line = i};
            at += wide + 4;
        }
    }
    return page;
}

static view_t view_of(dossier_t *dossier, page_t *page)
{
    view_t view = {.arena = dossier->arena, .page = page, .phrases = phrases_of(dossier->arena, page)};
    view.labels = labels_of(dossier->arena, page, &view.phrases);
    return view;
}

static const draft_t *find(const drafts_t *drafts, int day, int start)
{
    for (size_t i = 0; i < drafts->count; i++)
        if (drafts->items[i].day == day && drafts->items[i].start.minute == start)
            return &drafts->items[i];
    fail_msg("no block on day %d at minute %d", day, start);
    return NULL;
}

static void test_days_in_letters(void **state)
{
    (void)state;
    enum {
        MON = 1 << DAY_MONDAY,
        TUE = 1 << DAY_TUESDAY,
        WED = 1 << DAY_WEDNESDAY,
        THU = 1 << DAY_THURSDAY,
        FRI = 1 << DAY_FRIDAY
    };
    static const struct {
        const char *text;
        unsigned days;
    } rows[] = {
        {"MWF", MON | WED | FRI},
        {"TR", TUE | THU},
        {"TTh", TUE | THU},
        {"TT", TUE | THU},
        {"MTWRF", MON | TUE | WED | THU | FRI},
        {"W", WED},
        {"FM", 0},
        {"Music", 0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (dayletters_read(rows[i].text) != rows[i].days)
            fail_msg("%s: %u, not %u", rows[i].text, dayletters_read(rows[i].text), rows[i].days);
}

/* A registrar's list: the days of each row are letters, the name stands under its heading, the hours say how long. */
static void test_a_list_of_courses(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Type",    "Activity", "Days", "Start", "End",   "Duration", /* */
        "Lecture", "Calculus", "MWF",  "9:00",  "11:00", "2:00",     /* */
        "Seminar", "Optics",   "TR",   "10:00", "11:00", "1:00",     /* */
        "Lecture", "Ethics",   "W",    "13:00", "14:00", "1:00",     /* */
    };
    dossier_t *dossier = dossier_new();
    page_t page = table_of(dossier, texts, 4, 6);
    view_t view = view_of(dossier, &page);
    column_t *columns[COLUMNS_MOST];
    assert_int_equal(columns_of(&view, columns), 1);
    drafts_t drafts = lists_read(&view, NULL);
    assert_int_equal(drafts.count, 6);
    assert_string_equal(find(&drafts, DAY_FRIDAY, 9 * 60)->name, "Calculus");
    assert_string_equal(find(&drafts, DAY_THURSDAY, 10 * 60)->name, "Optics");
    assert_string_equal(find(&drafts, DAY_WEDNESDAY, 13 * 60)->notes, "Lecture");
    assert_int_equal(find(&drafts, DAY_MONDAY, 9 * 60)->end.minute, 11 * 60);
    dossier_destroy(&dossier);
}

/* A bell schedule: times for other days stand beside the first, and take its names. */
static void test_lists_share_their_names(void **state)
{
    (void)state;
    static const char *const texts[] = {
        NULL,       "Monday - Thursday", "Friday",       /* */
        "Period A", "8:00 - 9:00",       "8:00 - 8:40",  /* */
        "Break",    "9:00 - 9:20",       "8:40 - 8:50",  /* */
        "Period B", "9:20 - 10:20",      "8:50 - 9:30",  /* */
        "Lunch",    "10:20 - 11:00",     "9:30 - 10:00", /* */
    };
    dossier_t *dossier = dossier_new();
    page_t page = table_of(dossier, texts, 5, 3);
    view_t view = view_of(dossier, &page);
    drafts_t drafts = lists_read(&view, NULL);
    assert_int_equal(drafts.count, 20);
    assert_string_equal(find(&drafts, DAY_FRIDAY, 8 * 60 + 50)->name, "Period B");
    assert_string_equal(find(&drafts, DAY_TUESDAY, 10 * 60 + 20)->name, "Lunch");
    dossier_destroy(&dossier);
}

/* Columns headed by classes are lists of their own. */
static void test_classes_have_columns(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Day",    "Time",         "Class 5A", "Class 5B", /* */
        "Monday", "8:00 - 8:45",  "Maths",    "English",  /* */
        "Monday", "8:50 - 9:35",  "English",  "Maths",    /* */
        "Monday", "9:40 - 10:25", "Art",      "Science",  /* */
    };
    dossier_t *dossier = dossier_new();
    page_t page = table_of(dossier, texts, 4, 4);
    view_t view = view_of(dossier, &page);
    drafts_t drafts = lists_read(&view, NULL);
    assert_int_equal(drafts.count, 6);
    for (size_t i = 0; i < drafts.count; i++) {
        assert_non_null(drafts.items[i].class_name);
        assert_null(drafts.items[i].notes);
    }
    assert_string_equal(find(&drafts, DAY_MONDAY, 8 * 60)->class_name, "5A");
    dossier_destroy(&dossier);
}

/* Starts with their ends below them, as telephones show a day. */
static void test_ends_below_their_starts(void **state)
{
    (void)state;
    static const char *const texts[] = {"08:55", "09:55", "09:55", "10:55", "11:15", "12:15"};
    static const int gaps[] = {0, 28, 60, 28, 60, 28};
    dossier_t *dossier = dossier_new();
    page_t page = {.number = 1, .width = 400, .height = 500, .origin = "pdf"};
    for (int i = 0, y = 40; i < 6; i++) {
        y += gaps[i];
        word_t *word = list_push(dossier->arena, &page.words, sizeof *word);
        *word = (word_t){.text = texts[i],
                         .box = {.x = 20, .y = y, .w = 40, .h = 14},
                         .size = 16,
                         .confidence = 1,
                         .cell = -1,
                         .line = i};
    }
    view_t view = view_of(dossier, &page);
    column_t *columns[COLUMNS_MOST];
    assert_int_equal(columns_of(&view, columns), 1);
    assert_int_equal(columns[0]->count, 3);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(columns[0]->rows[i]->text, texts[2 * i]);
        assert_non_null(columns[0]->ends[i]);
        assert_string_equal(columns[0]->ends[i]->text, texts[2 * i + 1]);
    }
    dossier_destroy(&dossier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_in_letters),         cmocka_unit_test(test_a_list_of_courses),
        cmocka_unit_test(test_lists_share_their_names), cmocka_unit_test(test_classes_have_columns),
        cmocka_unit_test(test_ends_below_their_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
