/* units: what stands in the body of a table, on pages made by hand. */
#include "sheet.h"

#include "actors/llm/rules/units.h"

enum { LEFT = 100, TOP = 60, WIDE = 150, HIGH = 80, DAYS = 2, SLOTS = 2 };

/* Two days as rows and two slots as columns, their headings beyond LEFT and TOP. */
typedef struct {
    dayband_t bands[DAYS];
    slot_t columns[SLOTS];
    dayaxis_t days;
    slots_t slots;
} frame_t;

static void frame_make(frame_t *frame, bool days_drawn, bool slots_drawn)
{
    *frame = (frame_t){.days = {.lie = DAYS_ARE_ROWS, .count = DAYS, .heads = {0, LEFT}, .celled = days_drawn},
                       .slots = {.count = SLOTS, .celled = slots_drawn, .timed = true, .heads = {0, TOP}}};
    for (int i = 0; i < DAYS; i++)
        frame->bands[i] = (dayband_t){.days = 1u << i, .band = {TOP + i * HIGH, TOP + (i + 1) * HIGH}, .read = 1};
    for (int i = 0; i < SLOTS; i++)
        frame->columns[i].place = frame->columns[i].ink = (extent_t){LEFT + i * WIDE, LEFT + (i + 1) * WIDE};
    frame->days.bands = frame->bands;
    frame->slots.items = frame->columns;
}

/* "0-1/0 Maths Room 4" for a unit over both slots on the first day, "+" before it where its edges are drawn; in reading
 * order. */
static const char *show(const sheet_t *sheet, const units_t *units)
{
    enum { SIZE = 1024 };
    char *out = arena_take(sheet->dossier->arena, SIZE);
    *out = '\0';
    for (int y = 0; y < DAYS; y++)
        for (int x = 0; x < SLOTS; x++)
            for (size_t i = 0; i < units->count; i++) {
                const unit_t *u = &units->items[i];
                int t0 = (u->t.lo - LEFT + WIDE / 2) / WIDE, t1 = (u->t.hi - LEFT - WIDE / 2) / WIDE;
                int d0 = (u->d.lo - TOP + HIGH / 2) / HIGH, d1 = (u->d.hi - TOP - HIGH / 2) / HIGH;
                if (t0 != x || d0 != y)
                    continue;
                size_t used = strlen(out);
                snprintf(out + used, SIZE - used, "%s%s%d-%d/%d-%d", used ? "; " : "", u->drawn ? "+" : "", t0, t1, d0,
                         d1);
                for (size_t k = 0; k < u->count; k++) {
                    strncat(out, " ", SIZE - strlen(out) - 1);
                    strncat(out, u->phrases[k]->text, SIZE - strlen(out) - 1);
                }
            }
    return out;
}

/* Print, in px from the corner of the body; cell is an index into the cells of the case, -1 for none. */
typedef struct {
    int cell, x, y;
    const char *text;
} ink_t;

typedef struct {
    const char *what;
    bool days_drawn, slots_drawn;
    box_t cells[6]; /* px from the corner of the body; the first without a width ends them */
    ink_t inks[8];
    const char *units;
} body_t;

#define BOX(X, Y, W, H)                                                                                                \
    {                                                                                                                  \
        .x = X, .y = Y, .w = W, .h = H                                                                                 \
    }
#define FOUR_CELLS                                                                                                     \
    {                                                                                                                  \
        BOX(0, 0, WIDE, HIGH), BOX(WIDE, 0, WIDE, HIGH), BOX(0, HIGH, WIDE, HIGH), BOX(WIDE, HIGH, WIDE, HIGH)         \
    }

static const body_t bodies[] = {
    {"each cell is one, empty ones too",
     true,
     true,
     FOUR_CELLS,
     {{0, 8, 8, "Maths\nRoom 4"}, {1, 158, 8, "Art"}, {3, 158, 88, "Music"}},
     "+0-0/0-0 Maths Room 4; +1-1/0-0 Art; +0-0/1-1; +1-1/1-1 Music"},
    {"a cell over both slots with its print in the middle",
     true,
     true,
     {BOX(0, 0, 2 * WIDE, HIGH)},
     {{0, 127, 8, "Maths"}},
     "+0-1/0-0 Maths"},
    {"a cell over both slots whose print keeps to them holds two",
     true,
     true,
     {BOX(0, 0, 2 * WIDE, HIGH)},
     {{0, 52, 8, "Maths"}, {0, 211, 8, "Art"}},
     "0-0/0-0 Maths; 1-1/0-0 Art"},
    {"a cell over both days whose print keeps to them holds two",
     true,
     true,
     {BOX(0, 0, WIDE, 2 * HIGH)},
     {{0, 52, 33, "Maths"}, {0, 52, 113, "Art"}},
     "0-0/0-0 Maths; 0-0/1-1 Art"},
    {"entries in one cell, each with its time, share it in order",
     true,
     true,
     {BOX(0, 0, 2 * WIDE, HIGH)},
     {{0, 127, 8, "9.00 Maths"}, {0, 127, 30, "9.30 Art"}},
     "0-0/0-0 9.00 Maths; 1-1/0-0 9.30 Art"},
    {"ranges above their entries",
     true,
     true,
     {BOX(0, 0, 2 * WIDE, HIGH)},
     {{0, 127, 4, "9.00 - 9.30\nMaths"}, {0, 127, 48, "9.30 - 10.00\nArt"}},
     "0-0/0-0 9.00 - 9.30 Maths; 1-1/0-0 9.30 - 10.00 Art"},
    {"ranges below their entries",
     true,
     true,
     {BOX(0, 0, 2 * WIDE, HIGH)},
     {{0, 127, 4, "Maths\n9.00 - 9.30"}, {0, 127, 48, "Art\n9.30 - 10.00"}},
     "0-0/0-0 Maths 9.00 - 9.30; 1-1/0-0 Art 9.30 - 10.00"},
    {"start above end is one entry",
     true,
     true,
     {BOX(0, 0, 2 * WIDE, HIGH)},
     {{0, 127, 4, "9.00\n9.30\nMaths"}},
     "+0-1/0-0 9.00 9.30 Maths"},
    {"one time is one entry",
     true,
     true,
     {BOX(0, 0, 2 * WIDE, HIGH)},
     {{0, 127, 4, "9.00 - 9.30\nMaths\nRoom 4"}},
     "+0-1/0-0 9.00 - 9.30 Maths Room 4"},
    {"without cells a paragraph claims the places that it covers",
     false,
     false,
     {BOX(0, 0, 0, 0)},
     {{-1, 20, 8, "Maths\nRoom 4"}, {-1, 180, 8, "Art"}, {-1, 180, 88, "Music"}},
     "0-0/0-0 Maths Room 4; 1-1/0-0 Art; 1-1/1-1 Music"},
    {"paragraphs that claim the same place are one",
     false,
     false,
     {BOX(0, 0, 0, 0)},
     {{-1, 20, 4, "Maths"}, {-1, 20, 56, "Room"}, {-1, 180, 88, "Music"}},
     "0-0/0-0 Maths Room; 1-1/1-1 Music"},
    {"print before the body is none of it",
     false,
     false,
     {BOX(0, 0, 0, 0)},
     {{-1, 20, -50, "Week"}, {-1, -90, 8, "Form"}, {-1, 20, 8, "Maths"}},
     "0-0/0-0 Maths"},
    {"print behind the last slot is none of it",
     false,
     false,
     {BOX(0, 0, 0, 0)},
     {{-1, 20, 8, "Maths"}, {-1, 310, 8, "Signed"}},
     "0-0/0-0 Maths"},
    {"print outside the cells of a drawn table is none of it",
     true,
     true,
     {BOX(0, 0, WIDE, HIGH)},
     {{0, 8, 8, "Maths"}, {-1, 8, 100, "Footer"}},
     "+0-0/0-0 Maths"},
    {"print between the cells of a drawn table is",
     true,
     true,
     {BOX(0, 0, WIDE, HIGH), BOX(WIDE, HIGH, WIDE, HIGH)},
     {{0, 8, 8, "Maths"}, {-1, 158, 8, "Art"}, {1, 158, 88, "Music"}},
     "+0-0/0-0 Maths; 1-1/0-0 Art; +1-1/1-1 Music"},
};

static void test_bodies(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const body_t *row = &bodies[i];
        sheet_t sheet = sheet_new(600, 400);
        frame_t frame;
        frame_make(&frame, row->days_drawn, row->slots_drawn);
        for (const box_t *b = row->cells; b->w; b++)
            sheet_cell(&sheet, LEFT + b->x, TOP + b->y, b->w, b->h);
        for (const ink_t *ink = row->inks; ink->text; ink++)
            sheet_print(&sheet, ink->cell, LEFT + ink->x, TOP + ink->y, ink->text);
        view_t view = sheet_view(&sheet);
        units_t units = units_of(&view, &frame.days, &frame.slots, (rect_t){LEFT, TOP, 600, 400});
        const char *shown = show(&sheet, &units);
        if (strcmp(shown, row->units) != 0)
            print_error("%s:\n  found  %s\n  wanted %s\n", row->what, shown, row->units), wrong++;
        for (size_t k = 0; k < units.count; k++)
            assert_int_equal(units.items[k].cell >= 0,
                             units.items[k].drawn || row->cells[0].w > WIDE || row->cells[0].h > HIGH);
        sheet_destroy(&sheet);
    }
    assert_int_equal(wrong, 0);
}

/* Headings lie in the body of no table, wherever they stand. */
static void test_headings_are_no_units(void **state)
{
    (void)state;
    sheet_t sheet = sheet_new(600, 400);
    frame_t frame;
    frame_make(&frame, false, false);
    sheet_print(&sheet, -1, LEFT + 20, TOP + 8, "Monday");
    sheet_print(&sheet, -1, LEFT + 20, TOP + 50, "9.00");
    sheet_print(&sheet, -1, LEFT + WIDE + 20, TOP + 8, "Maths");
    view_t view = sheet_view(&sheet);
    for (size_t i = 0; i < view.labels.count; i++) {
        if (view.labels.items[i].day.days)
            frame.bands[0].label = &view.labels.items[i];
        if (view.labels.items[i].timed)
            frame.columns[0].label = &view.labels.items[i];
    }
    assert_non_null(frame.bands[0].label);
    assert_non_null(frame.columns[0].label);
    units_t units = units_of(&view, &frame.days, &frame.slots, (rect_t){LEFT, TOP, 600, 400});
    assert_string_equal(show(&sheet, &units), "1-1/0-0 Maths");
    sheet_destroy(&sheet);
}

/* Columns close together in one cell: a line of print is one phrase, and each of its words is an entry of its own. */
static void test_a_line_over_many_columns_is_parted_at_each(void **state)
{
    (void)state;
    static const char *const entries[] = {"Maths", "Dance", "Music", "Drama", "Latin", "Sport", "Craft", "Greek"};
    enum { COLUMNS = 8, NARROW = 62, FIRST = 200 };
    sheet_t sheet = sheet_new(900, 300);
    frame_t frame;
    frame_make(&frame, true, false);
    slot_t columns[COLUMNS] = {{.place = {0, 0}}};
    frame.slots.items = columns, frame.slots.count = COLUMNS;
    sheet_cell(&sheet, FIRST, TOP, COLUMNS * NARROW, HIGH);
    for (int i = 0; i < COLUMNS; i++) {
        columns[i].place = columns[i].ink = (extent_t){FIRST + i * NARROW, FIRST + (i + 1) * NARROW};
        sheet_word(&sheet, 0, FIRST + i * NARROW + 6, TOP + 20, entries[i])->box.w = NARROW - 12;
    }
    view_t view = sheet_view(&sheet);
    assert_int_equal(view.phrases.count, 1);
    units_t units = units_of(&view, &frame.days, &frame.slots, (rect_t){180, 0, 900, 300});
    assert_int_equal(units.count, COLUMNS);
    for (size_t i = 0; i < units.count; i++) {
        assert_int_equal(units.items[i].count, 1);
        assert_string_equal(units.items[i].phrases[0]->text, entries[i]);
        assert_int_equal(units.items[i].t.lo, columns[i].place.lo);
    }
    sheet_destroy(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_headings_are_no_units),
        cmocka_unit_test(test_a_line_over_many_columns_is_parted_at_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
