/* form: each written form of a small dossier against its golden text, and of hostile ones against what must never come
 * out. */
#include "proto/form.h"
#include "proto/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const form_options_t calendar = {.term_start = "2026-09-02", .term_end = "2026-12-18", .tz = "UTC"};

static timeblock_t *add_block(dossier_t *dossier, const char *day, const char *start, const char *end, const char *name,
                              const char *notes)
{
    if (!dossier->timetables.count)
        ((timetable_t *)list_push(dossier->arena, &dossier->timetables, sizeof(timetable_t)))->page = 1;
    timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, dossier->timetables.count - 1);
    timeblock_t *block = list_push(dossier->arena, &timetable->timeblocks, sizeof *block);
    block->id = arena_format(dossier->arena, "b%zu", timetable->timeblocks.count);
    block->day = day;
    block->start_time = start;
    block->end_time = end;
    block->name = name;
    block->notes = notes;
    block->confidence = 0.97;
    block->page = 1;
    block->box = (box_t){.x = 1, .y = 2, .w = 3, .h = 4};
    return block;
}

static dossier_t *blank(void)
{
    dossier_t *dossier = dossier_new();
    dossier->document.filename = "photo.jpg";
    dossier->document.media = "image/jpeg";
    dossier->document.source = "https://store/x?signature=secret";
    dossier->document.bytes = 1234;
    dossier->document.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    dossier->options.gate = 0.9;
    dossier->classification.kind = "image";
    dossier->classification.pages = 1;
    dossier->classification.timetable = 0.99;
    dossier->outcome.status = "completed";
    dossier->outcome.confidence = 0.95;
    return dossier;
}

/* Two days: one lesson each in parallel rows, one double, one in doubt, one without an end. */
static dossier_t *sample(void)
{
    dossier_t *dossier = blank();
    add_block(dossier, "Monday", "09:00", "09:30", "Maths", "Room 4");
    add_block(dossier, "Monday", "09:30", "10:00", "Break", NULL);
    timeblock_t *double_lesson = add_block(dossier, "Tuesday", "09:00", "10:00", "Art", NULL);
    double_lesson->confidence = 0.5;
    timeblock_t *last = add_block(dossier, "Monday", "10:00", "10:40", "English", NULL);
    texts_push(dossier->arena, &last->inferred, "endTime");
    reason_t *reason = list_push(dossier->arena, &last->reasons, sizeof *reason);
    reason->field = "endTime";
    reason->why = "lessons of this day last 40 minutes";
    evidence_t *evidence = list_push(dossier->arena, &last->evidence, sizeof *evidence);
    evidence->name = "word_confidence";
    evidence->value = 0.9;
    add_block(dossier, "Tuesday", "10:00", NULL, "Choir", NULL);
    timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, 0);
    timetable->class_name = "2EJ";
    timetable->teacher = "Miss Joynes";
    timetable->year = 2026;
    timetable->school = "Little School";
    check_t *check = list_push(dossier->arena, &dossier->checks, sizeof *check);
    check->rule = "gap";
    check->severity = "warning";
    check->message = "no end is printed";
    texts_push(dossier->arena, &check->blocks, "b5");
    return dossier;
}

/* The form as text; the caller frees it. Fails the test on a fault. */
static char *written(const char *form, const dossier_t *dossier, const form_options_t *options)
{
    buf_t out = {0};
    fault_t fault = {0};
    if (form_write(form, dossier, options, &out, &fault) < 0)
        fail_msg("%s: %s", form, fault.text);
    assert_true(out.size > 0);
    assert_int_equal(out.bytes[out.size - 1], '\n');
    return out.bytes;
}

static void expect(const char *form, dossier_t *dossier, const form_options_t *options, const char *golden)
{
    char *text = written(form, dossier, options);
    assert_string_equal(text, golden);
    free(text);
    dossier_destroy(&dossier);
}

static bool contains(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

static void test_forms_are_found_by_name(void **state)
{
    (void)state;
    size_t count;
    const form_t *forms = form_list(&count);
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(form_find(forms[i].name), &forms[i]);
    assert_null(form_find("xml"));
    assert_null(form_find(""));
}

/* --- table --- */

static void test_table_draws_the_week(void **state)
{
    (void)state;
    expect("table", sample(), &(form_options_t){.columns = 80},
           " photo.jpg\n"
           "\n"
           " Little School\n"
           " Class 2EJ · Miss Joynes · 2026\n"
           "╭────────┬────────────────────────────┬────────────────────────────╮\n"
           "│        │           Monday           │          Tuesday           │\n"
           "├────────┼────────────────────────────┼────────────────────────────┤\n"
           "│  09:00 │ Maths                      │ Art                        │\n"
           "│  09:30 │ Room 4                     │ ? 50 %                     │\n"
           "├────────┼────────────────────────────┤                            │\n"
           "│  09:30 │ Break                      │                            │\n"
           "├────────┼────────────────────────────┼────────────────────────────┤\n"
           "│  10:00 │ English                    │ Choir                      │\n"
           "│  10:40 │ 10:00–~10:40               │ 10:00–?                    │\n"
           "╰────────┴────────────────────────────┴────────────────────────────╯\n"
           " ? less than 90 % sure, look at it   ~ not printed on the page, worked out\n"
           "\n"
           " ! gap: no end is printed (Tuesday 10:00 Choir)\n"
           " ✓ completed, 95 % sure\n");
}

static void test_table_is_a_list_where_it_is_narrow(void **state)
{
    (void)state;
    dossier_t *dossier = blank();
    add_block(dossier, "Monday", "09:00", "09:30", "Maths", "Room 4");
    add_block(dossier, "Tuesday", NULL, NULL, "Choir", NULL)->confidence = 0.2;
    expect("table", dossier, &(form_options_t){.columns = 40},
           " photo.jpg\n"
           "\n"
           " Monday\n"
           "  09:00–09:30    Maths\n"
           "                 Room 4\n"
           "\n"
           " Tuesday\n"
           "                 Choir\n"
           "                 ? 20 %\n"
           " ? less than 90 % sure, look at it\n"
           "\n"
           " ✓ completed, 95 % sure\n");
}

static void test_table_keeps_its_width(void **state)
{
    (void)state;
    static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    for (int columns = 80; columns <= 200; columns += 7) {
        dossier_t *dossier = blank();
        for (int day = 0; day < 7; day++) {
            add_block(dossier, days[day], "09:00", "10:00", "数学と理科と社会と音楽の時間",
                      "Donaudampfschifffahrtsgesellschaft");
            add_block(dossier, days[day], "09:30", "10:15",
                      "e\xcc\x81"
                      "cole e\xcc\x81"
                      "le\xcc\x81mentaire/matin",
                      NULL);
        }
        char *text = written("table", dossier, &(form_options_t){.columns = columns});
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            if ((int)text_columns(line) > columns)
                fail_msg("%zu columns of %d: %s", text_columns(line), columns, line);
        free(text);
        dossier_destroy(&dossier);
    }
}

static void test_table_merges_a_row_that_is_the_same_every_day(void **state)
{
    (void)state;
    dossier_t *dossier = blank();
    add_block(dossier, "Monday", "12:00", "13:00", "Lunch", NULL);
    add_block(dossier, "Tuesday", "12:00", "13:00", "Lunch", NULL);
    add_block(dossier, "Friday", "12:00", "13:00", "Lunch", NULL);
    char *text = written("table", dossier, &(form_options_t){0});
    assert_int_equal(count_of(text, "Lunch"), 1);
    free(text);
    LIST_AT(timeblock_t, LIST_AT(timetable_t, dossier->timetables, 0)->timeblocks, 1)->confidence = 0.3;
    text = written("table", dossier, &(form_options_t){0}); /* a doubt must not vanish in it */
    assert_int_equal(count_of(text, "Lunch"), 3);
    assert_true(contains(text, "? 30 %"));
    free(text);
    dossier_destroy(&dossier);
}

static void test_table_colours_only_when_asked(void **state)
{
    (void)state;
    dossier_t *dossier = sample();
    char *plain = written("table", dossier, &(form_options_t){0});
    char *coloured = written("table", dossier, &(form_options_t){.colour = true});
    assert_false(contains(plain, "\033"));
    assert_true(contains(coloured, "\033[1mMonday"));
    char *to = coloured; /* without its codes it is the same text */
    for (const char *from = coloured; *from;)
        if (*from == '\033')
            from = strchr(from, 'm') + 1;
        else
            *to++ = *from++;
    *to = 0;
    assert_string_equal(plain, coloured);
    free(plain);
    free(coloured);
    dossier_destroy(&dossier);
}

static void test_table_explains(void **state)
{
    (void)state;
    dossier_t *dossier = sample();
    char *text = written("table", dossier, &(form_options_t){.explain = true});
    assert_true(contains(text, "   10:00–10:40  English  97 %\n"
                               "      end    10:40: lessons of this day last 40 minutes (not printed on the page)\n"));
    free(text);
    dossier_destroy(&dossier);
}

/* --- json --- */

static void test_json_on_one_line(void **state)
{
    (void)state;
    dossier_t *dossier = blank();
    timeblock_t *block = add_block(dossier, "Monday", "09:00", NULL, "Maths \"A\"", NULL);
    texts_push(dossier->arena, &block->inferred, "startTime");
    reason_t *reason = list_push(dossier->arena, &block->reasons, sizeof *reason);
    reason->field = "day";
    reason->why = "a heading";
    expect("json", dossier, &(form_options_t){.one_line = true},
           "{\"document\":{\"filename\":\"photo.jpg\",\"media\":\"image/jpeg\",\"bytes\":1234,\"sha256\":"
           "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"},"
           "\"classification\":{\"kind\":\"image\",\"pages\":1,\"orientation\":0,\"timetable\":0.99,\"language\":null},"
           "\"timetables\":[{\"teacher\":null,\"className\":null,\"term\":null,\"year\":null,\"school\":null,\"week\":"
           "null,"
           "\"confidence\":0,\"page\":1,\"timeblocks\":[{\"id\":\"b1\",\"day\":\"Monday\",\"name\":\"Maths \\\"A\\\"\","
           "\"startTime\":\"09:00\",\"endTime\":null,\"notes\":null,\"inferred\":[\"startTime\"],\"confidence\":0.97,"
           "\"page\":1,\"box\":{\"x\":1,\"y\":2,\"w\":3,\"h\":4},\"week\":null}]}],\"checks\":[],"
           "\"outcome\":{\"status\":\"completed\",\"confidence\":0.95,\"error\":null}}\n");
}

static void test_json_tells_what_is_asked_for(void **state)
{
    (void)state;
    dossier_t *dossier = sample();
    trail_t *trail = list_push(dossier->arena, &dossier->trail, sizeof *trail);
    trail->stage = "ocr";
    char *text = written("json", dossier, &(form_options_t){0});
    assert_false(contains(text, "evidence") || contains(text, "reasons") || contains(text, "trail") ||
                 contains(text, "secret") || contains(text, "options"));
    free(text);
    text = written("json", dossier, &(form_options_t){.explain = true, .timing = true});
    assert_true(contains(text, "\"reasons\"") && contains(text, "\"trail\""));
    assert_false(contains(text, "evidence") || contains(text, "secret"));
    free(text);
    dossier_destroy(&dossier);
}

/* --- csv --- */

#define CSV_HEADER                                                                                                     \
    "document,timetable,className,teacher,term,year,week,day,startTime,endTime,name,notes,inferred,confidence,page,"   \
    "x,y,w,h\r\n"

static void test_csv_rows(void **state)
{
    (void)state;
    expect("csv", sample(), &(form_options_t){0},
           CSV_HEADER "photo.jpg,1,2EJ,Miss Joynes,,2026,,Monday,09:00,09:30,Maths,Room 4,,0.97,1,1,2,3,4\r\n"
                      "photo.jpg,1,2EJ,Miss Joynes,,2026,,Monday,09:30,10:00,Break,,,0.97,1,1,2,3,4\r\n"
                      "photo.jpg,1,2EJ,Miss Joynes,,2026,,Tuesday,09:00,10:00,Art,,,0.50,1,1,2,3,4\r\n"
                      "photo.jpg,1,2EJ,Miss Joynes,,2026,,Monday,10:00,10:40,English,,endTime,0.97,1,1,2,3,4\r\n"
                      "photo.jpg,1,2EJ,Miss Joynes,,2026,,Tuesday,10:00,,Choir,,,0.97,1,1,2,3,4\r\n");
}

static void test_csv_cells_are_quoted_and_never_formulas(void **state)
{
    (void)state;
    const struct {
        const char *name, *cell;
    } cases[] = {
        {"a,b", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"=1+1", "'=1+1"},
        {"+44", "'+44"},
        {"-", "'-"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"  =1+1", "'=1+1"},
        {"\t=1+1", "'=1+1"},
        {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
        {"two\nlines", "two lines"},
        {"a=b", "a=b"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dossier_t *dossier = blank();
        add_block(dossier, "Monday", "09:00", "09:30", cases[i].name, NULL);
        char golden[400];
        snprintf(golden, sizeof golden, "photo.jpg,1,,,,,,Monday,09:00,09:30,%s,,,0.97,1,1,2,3,4\r\n", cases[i].cell);
        expect("csv", dossier, &(form_options_t){.continued = true}, golden);
    }
}

/* --- ics --- */

static void test_ics_golden(void **state)
{
    (void)state;
    dossier_t *dossier = blank();
    add_block(dossier, "Monday", "09:00", "09:30", "Maths; or, not", "Room \\4");
    add_block(dossier, "Wednesday", "10:00", NULL, "Choir", NULL)->confidence = 0.5;
    add_block(dossier, "Friday", NULL, NULL, "No time", NULL);
    char *text = written("ics", dossier, &calendar), *again = written("ics", dossier, &calendar);
    assert_string_equal(text, again);
    char *uid = strstr(text, "UID:");
    while (uid) { /* a hash: its value is of no interest here, its stability is */
        memset(uid + 4, '0', strcspn(uid, "\r") - 4);
        uid = strstr(uid + 4, "UID:");
    }
    assert_string_equal(text,
                        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Yogi//Timetables//EN\r\n"
                        "CALSCALE:GREGORIAN\r\nX-WR-CALNAME:photo.jpg\r\nX-WR-TIMEZONE:UTC\r\nX-YOGI-LEFT-OUT:1\r\n"
                        "BEGIN:VEVENT\r\nUID:00000000000000000000000000000000000000\r\n"
                        "DTSTAMP:20260902T000000Z\r\nDTSTART:20260907T090000Z\r\nDTEND:20260907T093000Z\r\n"
                        "RRULE:FREQ=WEEKLY;UNTIL=20261218T235959Z\r\nSUMMARY:Maths\\; or\\, not\r\n"
                        "DESCRIPTION:Room \\\\4\r\nSTATUS:CONFIRMED\r\nX-YOGI-CONFIDENCE:0.97\r\nEND:VEVENT\r\n"
                        "BEGIN:VEVENT\r\nUID:00000000000000000000000000000000000000\r\n"
                        "DTSTAMP:20260902T000000Z\r\nDTSTART:20260902T100000Z\r\n"
                        "RRULE:FREQ=WEEKLY;UNTIL=20261218T235959Z\r\nSUMMARY:Choir\r\n"
                        "DESCRIPTION:The page gives no end.\r\nSTATUS:TENTATIVE\r\nX-YOGI-CONFIDENCE:0.50\r\n"
                        "END:VEVENT\r\nEND:VCALENDAR\r\n");
    free(text);
    free(again);
    dossier_destroy(&dossier);
}

static void test_ics_uids_differ(void **state)
{
    (void)state;
    dossier_t *dossier = blank();
    for (int i = 0; i < 40; i++) /* the same block forty times, too */
        add_block(dossier, "Monday", "09:00", i < 20 ? "09:30" : "10:00", "Maths", NULL);
    char *text = written("ics", dossier, &calendar);
    for (char *a = strstr(text, "UID:"); a; a = strstr(a + 1, "UID:"))
        for (char *b = strstr(a + 1, "UID:"); b; b = strstr(b + 1, "UID:"))
            assert_int_not_equal(strncmp(a, b, strcspn(a, "\r")), 0);
    assert_int_equal(count_of(text, "UID:"), 40);
    free(text);
    dossier_destroy(&dossier);
}

static void test_ics_lines_are_folded_between_characters(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        char name[800] = "abcdefgh";
        name[shift] = 0;
        for (int i = 0; i < 120; i++)
            strcat(name, i % 3 == 0 ? "é" : i % 3 == 1 ? "数" : "😀");
        dossier_t *dossier = blank();
        add_block(dossier, "Monday", "09:00", "09:30", name, NULL);
        char *text = written("ics", dossier, &calendar), *to = text, line[1000] = "";
        for (const char *from = text; *from;) {
            size_t size = strcspn(from, "\r");
            assert_true(size <= 75);
            assert_true(text_valid(from, size));
            from += size + 2;
        }
        for (const char *from = text; *from;) /* unfold */
            if (strncmp(from, "\r\n ", 3) == 0)
                from += 3;
            else
                *to++ = *from++;
        *to = 0;
        snprintf(line, sizeof line, "SUMMARY:%s\r\n", name);
        assert_true(contains(text, line));
        free(text);
        dossier_destroy(&dossier);
    }
}

static void test_ics_weeks_take_turns(void **state)
{
    (void)state;
    dossier_t *dossier = blank(); /* the term starts on a Wednesday of week A */
    add_block(dossier, "Monday", "09:00", "09:30", "A on Monday", NULL)->week = "A";
    add_block(dossier, "Thursday", "09:00", "09:30", "A on Thursday", NULL)->week = "A";
    add_block(dossier, "Monday", "09:00", "09:30", "B on Monday", NULL)->week = "B";
    add_block(dossier, "Friday", "09:00", "09:30", "Every Friday", NULL);
    char *text = written("ics", dossier, &(form_options_t){.term_start = "2026-09-02"});
    const struct {
        const char *start, *rule, *name;
    } events[] = {{"20260914T090000", "FREQ=WEEKLY;INTERVAL=2", "A on Monday"},
                  {"20260903T090000", "FREQ=WEEKLY;INTERVAL=2", "A on Thursday"},
                  {"20260907T090000", "FREQ=WEEKLY;INTERVAL=2", "B on Monday"},
                  {"20260904T090000", "FREQ=WEEKLY", "Every Friday"}};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        char part[300];
        snprintf(part, sizeof part, "DTSTART:%s\r\nDTEND:%.8sT093000\r\nRRULE:%s\r\nSUMMARY:%s\r\n", events[i].start,
                 events[i].start, events[i].rule, events[i].name);
        if (!contains(text, part))
            fail_msg("no %s in\n%s", part, text);
    }
    free(text);
    dossier_destroy(&dossier);
}

static void test_ics_options_are_checked(void **state)
{
    (void)state;
    const form_options_t wrong[] = {
        {.term_start = "2026-02-30"},
        {.term_start = "02.09.2026"},
        {.term_start = "2026-09-02x"},
        {.term_start = "2026-09-02", .term_end = "2026-09-01"},
        {.term_start = "2026-09-02", .term_end = "soon"},
        {.term_start = "2026-09-02", .tz = "Europe/Atlantis"},
        {.term_start = "2026-09-02", .tz = "../../../etc/passwd"},
        {.term_start = "2026-09-02", .tz = ""},
        {.term_start = "2026-09-02", .tz = "Europe"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fault_t fault = {0};
        buf_t out = {0};
        dossier_t *dossier = sample();
        buf_text(&out, "before");
        assert_int_equal(form_check(&wrong[i], &fault), -1);
        assert_int_equal(fault.code, FAULT_USAGE);
        assert_int_equal(form_write("ics", dossier, &wrong[i], &out, &fault), -1);
        assert_string_equal(buf_string(&out), "before");
        buf_free(&out);
        dossier_destroy(&dossier);
    }
    fault_t fault = {0};
    assert_int_equal(form_check(&calendar, &fault), 0);
    assert_int_equal(form_check(&(form_options_t){0}, &fault), 0);
}

static void test_ics_needs_a_start_and_an_event(void **state)
{
    (void)state;
    fault_t fault = {0};
    buf_t out = {0};
    dossier_t *dossier = sample();
    assert_int_equal(form_write("ics", dossier, &(form_options_t){0}, &out, &fault), -1);
    assert_int_equal(fault.code, FAULT_USAGE);
    assert_int_equal(form_write("ics", dossier, &(form_options_t){.today = "2026-09-02"}, &out, &fault), 0);
    buf_clear(&out);
    dossier->timetables.count = 0;
    assert_int_equal(form_write("ics", dossier, &calendar, &out, &fault), -1);
    assert_int_equal(fault.code, FAULT_NOT_A_TIMETABLE);
    assert_int_equal(out.size, 0);
    buf_free(&out);
    dossier_destroy(&dossier);
}

/* --- html --- */

static void test_html_escapes_everything(void **state)
{
    (void)state;
    static const char evil[] = "</script></style><img src=x onerror=alert(1)>'\"&amp;";
    dossier_t *dossier = blank();
    dossier->document.filename = evil;
    timeblock_t *block = add_block(dossier, evil, evil, evil, evil, evil);
    block->week = evil;
    timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, 0);
    timetable->school = timetable->class_name = timetable->teacher = timetable->term = timetable->week = evil;
    check_t *check = list_push(dossier->arena, &dossier->checks, sizeof *check);
    check->rule = check->severity = check->message = evil;
    texts_push(dossier->arena, &check->blocks, evil);
    dossier->outcome.status = dossier->outcome.message = evil;
    char *text = written("html", dossier, &(form_options_t){0});
    assert_false(contains(text, "<img") || contains(text, "</script") || contains(text, "onerror=alert(1)>"));
    assert_int_equal(count_of(text, "</style>"), 1);
    assert_true(contains(text, "&lt;img src=x onerror=alert(1)&gt;&#39;&quot;&amp;amp;"));
    free(text);
    dossier_destroy(&dossier);
}

static void test_html_stands_alone(void **state)
{
    (void)state;
    dossier_t *dossier = sample();
    char *text = written("html", dossier, &(form_options_t){0});
    assert_true(contains(text, "default-src 'none'; style-src 'unsafe-inline'"));
    assert_false(contains(text, "<script") || contains(text, "http://") || contains(text, "https://") ||
                 contains(text, "url(") || contains(text, "@import"));
    assert_true(contains(text, "<h3>Monday</h3>") && contains(text, "<h3>Tuesday</h3>"));
    assert_true(contains(text, "class=\"block unsure\""));
    assert_true(contains(text, "<span class=\"guess\" title=\"not printed on the page, worked out\">10:40</span>"));
    assert_true(contains(text, "<p class=\"notes\" dir=\"auto\">Room 4</p>"));
    free(text);
    dossier_destroy(&dossier);
}

/* --- all --- */

static void test_hostile_texts_in_every_form(void **state)
{
    (void)state;
    char *giant = malloc(10241);
    assert_non_null(giant);
    memset(giant, 'x', 10240);
    giant[10240] = 0;
    const char *const names[] = {giant,
                                 "",
                                 " ",
                                 "\xff\xfe\x80\xc0",
                                 "\u202e\u2066gnissalc",
                                 "\x1b]0;title\x07\x1b[2J",
                                 "a\r\nBEGIN:VEVENT\r\n",
                                 "\u2028\u2029",
                                 "\u0301\u0301\u0301",
                                 "-->",
                                 NULL};
    size_t count;
    const form_t *forms = form_list(&count);
    for (size_t f = 0; f < count; f++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            dossier_t *dossier = blank();
            add_block(dossier, "Monday", "09:00", "09:30", "Maths", NULL);
            add_block(dossier, names[i], "09:00", names[i], names[i], names[i]);
            add_block(dossier, "Monday", "24:00", "9:00", names[i], names[i]);
            timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, 0);
            timetable->school = timetable->class_name = timetable->week = names[i];
            char *text =
                written(forms[f].name, dossier, &(form_options_t){.term_start = "2026-09-02", .explain = true});
            assert_true(text_valid(text, strlen(text)));
            assert_false(contains(text, "\x1b") || contains(text, "\x07"));
            if (strcmp(forms[f].name, "json") != 0) /* which escapes, and so may keep them */
                assert_false(contains(text, "\u202e") || contains(text, "\u2066"));
            if (strcmp(forms[f].name, "ics") == 0)
                assert_int_equal(count_of(text, "\r\nBEGIN:VEVENT"), 1);
            free(text);
            dossier_destroy(&dossier);
        }
    free(giant);
}

static void test_empty_dossiers(void **state)
{
    (void)state;
    static const char *const names[] = {"table", "json", "csv", "html"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        dossier_t *dossier = dossier_new();
        char *text = written(names[i], dossier, &(form_options_t){.explain = true, .timing = true});
        free(text);
        list_push(dossier->arena, &dossier->timetables, sizeof(timetable_t));
        list_push(dossier->arena, &dossier->checks, sizeof(check_t));
        list_push(dossier->arena, &dossier->trail, sizeof(trail_t));
        text = written(names[i], dossier, &(form_options_t){.explain = true, .timing = true});
        free(text);
        timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, 0);
        for (int k = 0; k < 3; k++)
            list_push(dossier->arena, &timetable->timeblocks, sizeof(timeblock_t));
        text = written(names[i], dossier, &(form_options_t){.explain = true, .timing = true});
        free(text);
        dossier_destroy(&dossier);
    }
}

static void test_a_crowded_day_is_written(void **state)
{
    (void)state;
    dossier_t *dossier = blank();
    static char times[2000][12];
    for (int i = 0; i < 2000; i++) {
        snprintf(times[i], sizeof times[i], "%02d:%02d", i % 1400 / 60, i % 60);
        add_block(dossier, i % 2 ? "Monday" : "Day 3", times[i], "23:59", "Maths", NULL);
    }
    for (size_t i = 0, count; i < (form_list(&count), count); i++)
        free(written(form_list(&count)[i].name, dossier, &calendar));
    dossier_destroy(&dossier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms_are_found_by_name),
        cmocka_unit_test(test_table_draws_the_week),
        cmocka_unit_test(test_table_is_a_list_where_it_is_narrow),
        cmocka_unit_test(test_table_keeps_its_width),
        cmocka_unit_test(test_table_merges_a_row_that_is_the_same_every_day),
        cmocka_unit_test(test_table_colours_only_when_asked),
        cmocka_unit_test(test_table_explains),
        cmocka_unit_test(test_json_on_one_line),
        cmocka_unit_test(test_json_tells_what_is_asked_for),
        cmocka_unit_test(test_csv_rows),
        cmocka_unit_test(test_csv_cells_are_quoted_and_never_formulas),
        cmocka_unit_test(test_ics_golden),
        cmocka_unit_test(test_ics_uids_differ),
        cmocka_unit_test(test_ics_lines_are_folded_between_characters),
        cmocka_unit_test(test_ics_weeks_take_turns),
        cmocka_unit_test(test_ics_options_are_checked),
        cmocka_unit_test(test_ics_needs_a_start_and_an_event),
        cmocka_unit_test(test_html_escapes_everything),
        cmocka_unit_test(test_html_stands_alone),
        cmocka_unit_test(test_hostile_texts_in_every_form),
        cmocka_unit_test(test_empty_dossiers),
        cmocka_unit_test(test_a_crowded_day_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
