/* The words of schools: what a text stands for, exactly, at its beginning, and nearly. */
#include "actors/llm/rules/vocabulary.h"
#include "check.h"

#include <string.h>

static void test_find(void **state)
{
    (void)state;
    static const struct {
        const char *section, *text, *name; /* name NULL: no such form */
    } rows[] = {
        {"days", "Monday", "Monday"},
        {"days", "  THURS. ", "Thursday"},
        {"days", "Mon", "Monday"},
        {"days", "T", "Tuesday"}, /* an axis of letters is settled by its order */
        {"days", "Mittwoch", "Wednesday"},
        {"days", "miercoles", "Wednesday"},
        {"days", "MIÉRCOLES", "Wednesday"},
        {"days", "Segunda-feira", "Monday"},
        {"days", "Déardaoin", "Thursday"},
        {"days", "Çarşamba", "Wednesday"},
        {"days", "SALI", "Tuesday"},
        {"days", "Środa", "Wednesday"},
        {"days", "Lördag", "Saturday"},
        {"days", "Mondaine", NULL},
        {"days", "", NULL},
        {"weekdays", "Every day", "daily"},
        {"weekdays", "täglich", "daily"},
        {"to", "t/m", "to"},
        {"to", "jusqu'au", "to"},
        {"and", "oraz", "and"},
        {"from", "jeden", "from"},
        {"except", "außer", "except"},
        {"at", "dalle ore", "at"},
        {"clock", "o’clock", "o'clock"},
        {"number", "forty-five", "45"},
        {"part", "a quarter", "15"},
        {"counted", "Klasse", "counted"},
        {"measure", "mins", "measure"},
        {"months", "Sept.", "September"},
        {"months", "Février", "February"},
        {"routine", "Break", "break"},
        {"routine", "LUNCH TIME", "lunch"},
        {"routine", "Große Pause", "break"},
        {"routine", "Récréation", "break"},
        {"routine", "Sos Beag", "break"},
        {"routine", "Reg.", "registration"},
        {"routine", "Roll Call", "roll call"},
        {"routine", "A'bly", "assembly"},
        {"routine", "Home-time", "home time"},
        {"routine", "Öğle Arası", "lunch"},
        {"routine", "Maths", NULL},
        {"subject", "P.E.", "pe"},
        {"subject", "PE", "pe"},
        {"subject", "S.E.S.E.", "humanities"},
        {"subject", "Gaeilge", "gaeilge"},
        {"subject", "Read Write Inc.", "phonics"},
        {"subject", "Mathe", "maths"},
        {"subject", "Education physique", "pe"},
        {"subject", "Wychowanie fizyczne", "pe"},
        {"teacher", "Class in-charge", "class in-charge"},
        {"teacher", "FT", "form teacher"},
        {"teacher", "Klassenlehrerin", "class teacher"},
        {"class", "Std.", "std"},
        {"class", "Year Group", "year group"},
        {"term", "Half-Term", "term"},
        {"term", "Autumn", "autumn"},
        {"term", "Sem", "semester"},
        {"school", "Kendriya Vidyalaya", "vidyalaya"},
        {"school", "Gymnasium", "college"},
        {"week", "W/C", "week"},
        {"time", "Period/Time", "time"},
        {"day", "Day / Time", "day"},
        {"period", "L1", "lesson"},
        {"period", "P1", "period"},
        {"room", "Rm.", "room"},
        {"furniture", "aSc Timetables", "timetable generated"},
        {"furniture", "Stundenplan", "timetable"},
        {"no such section", "Monday", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int entry = vocabulary_find(rows[i].section, rows[i].text);
        const char *name = vocabulary_name(rows[i].section, entry);
        if ((entry < 0) != !rows[i].name || (name && strcmp(name, rows[i].name) != 0))
            fail_msg("%s \"%s\": %s, should be %s", rows[i].section, rows[i].text, name ? name : "none",
                     rows[i].name ? rows[i].name : "none");
    }
}

/* Days are in the order of the week, months in that of the year, whatever language adds to them. */
static void test_order(void **state)
{
    (void)state;
    static const char *const days[] = {"Montag", "mardi", "wednesday", "jueves", "venerdì", "sobota", "Söndag"};
    static const char *const months[] = {"enero", "Feb",  "März",  "abril",       "maggio", "junho",
                                         "Juli",  "août", "Eylül", "październik", "Nov",    "Nollaig"};
    for (int i = 0; i < 7; i++)
        assert_int_equal(vocabulary_find("days", days[i]), i);
    for (int i = 0; i < 12; i++)
        assert_int_equal(vocabulary_find("months", months[i]), i);
    assert_null(vocabulary_name("days", 7));
    assert_null(vocabulary_name("days", -1));
}

static void test_prefix(void **state)
{
    (void)state;
    static const struct {
        const char *section, *text;
        size_t length; /* 0: none */
        const char *name;
    } rows[] = {
        {"routine", "Lunch 12.15 - 1.15", 5, "lunch"},
        {"routine", "Tutor time & notices", 10, "tutor time"},
        {"routine", "Breakdown", 0, NULL},
        {"teacher", "Class Teacher: Ms Byrne", 13, "class teacher"},
        {"teacher", "Teacher – Mr Ó Sé", 7, "teacher"},
        {"class", "Class: 2EJ", 5, "class"},
        {"term", "Autumn 1 2024", 8, "autumn"},
        {"furniture", "Timetable generated:12/09/2022", 19, "timetable generated"},
        {"days", "Dé Luain 9.00", 9, "Monday"},
        {"subject", "P.E. (hall)", 3, "pe"},
        {"days", "", 0, NULL},
        {"days", "...", 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = 0;
        int entry = vocabulary_prefix(rows[i].section, rows[i].text, &length);
        const char *name = vocabulary_name(rows[i].section, entry);
        if ((entry < 0) != !rows[i].name || length != rows[i].length || (name && strcmp(name, rows[i].name) != 0))
            fail_msg("%s \"%s\": %s of %zu bytes, should be %s of %zu", rows[i].section, rows[i].text,
                     name ? name : "none", length, rows[i].name ? rows[i].name : "none", rows[i].length);
    }
}

static void test_nearest(void **state)
{
    (void)state;
    int entry = 99;
    assert_int_equal(vocabulary_nearest("days", "Wednesday", 2, 0, &entry), 0);
    assert_int_equal(entry, 2);
    assert_int_equal(vocabulary_nearest("days", "Vednesda", 2, 0, &entry), 2);
    assert_int_equal(entry, 2);
    assert_int_equal(vocabulary_nearest("routine", "Registrat1on", 2, 0, &entry), 1);
    assert_string_equal(vocabulary_name("routine", entry), "registration");
    assert_int_equal(vocabulary_nearest("days", "Smart", 1, 0, &entry), 1); /* mart */
    assert_int_equal(vocabulary_nearest("days", "Smart", 1, 6, &entry), 2);
    assert_int_equal(entry, -1);
    assert_int_equal(vocabulary_nearest("days", "xylophone", 2, 0, &entry), 3);
    assert_int_equal(entry, -1);
}

static void test_readings(void **state)
{
    (void)state;
    vocabulary_reading_t readings[16];
    size_t count = vocabulary_readings("days", "Ma", readings, 16);
    assert_true(count >= 3); /* mardi, martes, martedì, maandag */
    bool tuesday = false, monday = false;
    for (size_t i = 0; i < count; i++) {
        const char *language = vocabulary_language(readings[i].language);
        tuesday |= strcmp(language, "fra") == 0 && readings[i].entry == 1;
        monday |= strcmp(language, "nld") == 0 && readings[i].entry == 0;
    }
    assert_true(tuesday);
    assert_true(monday);
    assert_int_equal(vocabulary_readings("days", "Ma", readings, 1), 1);
    assert_int_equal(vocabulary_readings("days", "Tuesday", readings, 16), 1); /* English only */
    assert_int_equal(readings[0].language, 0);
    assert_string_equal(vocabulary_language(0), "eng");
    assert_null(vocabulary_language(vocabulary_languages()));
}

static void test_knows(void **state)
{
    (void)state;
    assert_true(vocabulary_knows("Guided Reading"));
    assert_true(vocabulary_knows("Comprehension"));
    assert_true(vocabulary_knows("Education physique et sportive"));
    assert_true(vocabulary_knows("P.E. and Games"));
    assert_false(vocabulary_knows("Comprehens"));
    assert_false(vocabulary_knows("Engli"));
    assert_false(vocabulary_knows("Mon amour"));
    assert_false(vocabulary_knows(""));
    assert_false(vocabulary_knows("2 B"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),    cmocka_unit_test(test_order),    cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_nearest), cmocka_unit_test(test_readings), cmocka_unit_test(test_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
