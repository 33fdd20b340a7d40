/* Times within other print are found with the text that they took, and numbers of other things are left alone. */
#include "actors/llm/rules/timetext.h"
#include "timespan_show.h"

#include <stdio.h>
#include <string.h>

enum { ROOM = 8 };

typedef struct {
    const char *text, *spans; /* each as "times{text it took}" */
} find_t;

static const find_t finds[] = {
    {"9.00 Registration", "09:00{9.00}"},
    {"Break between 10.15 and 10.30", "10:15-10:30{10.15 and 10.30}"},
    {"Maths 9.00 and 10.00", "09:00{9.00} 10:00{10.00}"},
    {"Lunch 12h15 à 13h00", "12:15-13:00{12h15 à 13h00}"},
    {"Turnen 13u30 - 14u20 zaal", "13:30-14:20{13u30 - 14u20}"},
    {"School 8:30A–3:05P daily", "08:30-15:05{8:30A–3:05P}"},
    {"Begins at half past nine", "09:30{half past nine}"},
    {"Ends at quarter to four.", "15:45{quarter to four}"},
    {"Lunch at noon to 12.45", "12:00-12:45{noon to 12.45}"},
    {"Parade 0900hrs sharp", "09:00{0900hrs}"},
    {"Parade 0900 – 0945", "09:00-09:45{0900 – 0945}"},
    {"Mathe 8²⁵–9¹⁰", "08:25-09:10{8²⁵–9¹⁰}"},
    {"kl. 9.15 Fika", "09:15{9.15}"},
    {"od 8:00 do 8:45 Polski", "08:00-08:45{8:00 do 8:45}"},
    {"Art 9:OO", "09:00{9:OO}"},
    {"Art 8:3O-9:I5 Hall", "08:30-09:15{8:3O-9:I5}"},
    {"Year 9 AM Registration", ""},
    {"Year 9 PM", ""},
    {"Class 9 AM", ""},
    {"Year 9 9am", "09:00{9am}"},
    {"Lesson 9.00 - 9.45", "09:00-09:45{9.00 - 9.45}"},
    {"Period 9.00-9.45", "09:00-09:45{9.00-9.45}"},
    {"Programming Lab 2-4pm", "14:00-16:00{2-4pm}"},
    {"Lab 2\n9.15", "09:15{9.15}"},
    {"Year 9-10 PM", ""},
    {"Session 9am – 10am", "09:00-10:00{9am – 10am}"},
    {"Room 9.15", ""},
    {"Ch. 4.20", ""},
    {"Exercise 5.30", ""},
    {"Fig. 2.10", ""},
    {"Raum 2.15", ""},
    {"Klasse 9.10", ""},
    {"lokaal 2.15", ""},
    {"sala 2.15", ""},
    {"p. 12-14", ""},
    {"Unit 3-5", ""},
    {"Week 1-2", ""},
    {"Session 2024-25", ""},
    {"2024/25", ""},
    {"ó 9.00 go dtí 9.45", "09:00-09:45{9.00 go dtí 9.45}"},
    {"de 9h00 à 9h45", "09:00-09:45{9h00 à 9h45}"},
    {"Class 7.2", ""},
    {"U-9", ""},
    {"Under 9s", ""},
    {"4.5 hrs", ""},
    {"10.30 km", ""},
    {"5.30 mins", ""},
    {"Grade 9-10", ""},
    {"Tel. 0800 1111", ""},
    {"Call 555-0120", ""},
    {"020 7946 0958", ""},
    {"+44 1483 720930", ""},
    {"50-60%", ""},
    {"1:1 support", ""},
    {"Level 2.30", ""},
    {"Room 4B.12", ""},
    {"nine to ten pupils", ""},
    {"five to eleven year olds", ""},
    {"half of nine", ""},
    {"Set two thirty", ""},
    {"S.45 f.", ""},
    {"Marks 9.5/10", ""},
    {"3/4 of 9.00/2", ""},
    {"9a and 9b", ""},
    {"Maths 9A", ""},
    {"Assembly 9.00 – 9.30 Hall", "09:00-09:30{9.00 – 9.30}"},
    {"9- 9.30 RWI", "09:00-09:30{9- 9.30}"},
    {"10- 10:15am Break", "10:00-10:15{10- 10:15am}"},
    {"Lunch 12-1pm", "12:00-13:00{12-1pm}"},
    {"10-11am", "10:00-11:00{10-11am}"},
    {"9-10", ""},
    {"7:30\n7:55", "07:30{7:30} 07:55{7:55}"},
    {"7   10:00-10:30", "10:00-10:30{10:00-10:30}"},
    {"Period 1 (9.30-10.20)", "09:30-10:20{9.30-10.20}"},
    {"Lesson 3 - 2.15", "14:15{2.15}"},
    {"Year 9 9.00-10.00 Room 12", "09:00-10:00{9.00-10.00}"},
    {"Break 10.15 - 10.30, Lunch 12 – 1.10 p.m.", "10:15-10:30{10.15 - 10.30} 12:00-13:10{12 – 1.10 p.m.}"},
    {"8:35 — 8.50\nam Guided reading", "08:35-08:50{8:35 — 8.50\nam}"},
    {"12:00-13:\n00 Mathe", "12:00-13:00{12:00-13:\n00}"},
    {"8.00 Uhr bis 8.45 Uhr Deutsch", "08:00-08:45{8.00 Uhr bis 8.45 Uhr}"},
    {"9am Welcome, 9.30 a.m. Start", "09:00{9am} 09:30{9.30 a.m.}"},
    {"0750-0810 Tutor", "07:50-08:10{0750-0810}"},
    {"9.00 - Assembly", "09:00{9.00}"},
    {"8.30 9.15 10.00", "08:30{8.30} 09:15{9.15} 10:00{10.00}"},
    {"Lunch at noon", "12:00{noon}"},
    {"9.00 - 7R Maths", "09:00{9.00}"},
    {"Mon:9.00", "09:00{9.00}"},
    {"Mon-9.00", "09:00{9.00}"},
    {"17-Oct-16", ""},
    {"10/11/2022", ""},
    {"03.09.2024", ""},
    {"29.12.22", ""},
    {"29/12/2022", ""},
    {"2022-10-11", ""},
    {"3/4", ""},
    {"Weeks 3-13", ""},
    {"2022-2023", ""},
    {"COM1-0206", ""},
    {"BSM-104", ""},
    {"TL-113", ""},
    {"£2.50", ""},
    {"$3.50 each", ""},
    {"Lesson 9", ""},
    {"Year 9", ""},
    {"Grade 7", ""},
    {"Room 12", ""},
    {"Room 203", ""},
    {"Room 2.15", ""},
    {"7R", ""},
    {"2EJ", ""},
    {"FCE1", ""},
    {"x2", ""},
    {"Station 2", ""},
    {"P/1/BEE-105", ""},
    {"TUT [E14]", ""},
    {"KS2", ""},
    {"page 1-2", ""},
    {"Unit 2", ""},
    {"7 x 8", ""},
    {"3/4W", ""},
    {"4.5 hours", ""},
    {"Chapter 4", ""},
    {"Vol.15", ""},
    {"tel 0206 1330 2024", ""},
    {"Solo 5", ""},
    {"Monday morning", ""},
    {"Year 3: 12 boys", ""},
    {"Year 3 :12 boys", ""},
    {"1,55 m", ""},
    {"10 |1:05", "13:05{1:05}"},
    {"03.09. bis 07.09. Ferien", ""},
    {"pages 10,15-20", ""},
    {"Timetable generated:6/21/2020", ""},
    {"Session 2021-22", ""},
    {"rooms 104-106", ""},
    {"10.45 | 11.00 -", "10:45{10.45} 11:00{11.00}"},
    {"Term 1 2026", ""},
    {"10:06-1 0:51 Art", "10:06-10:51{10:06-1 0:51}"},
};

static void test_find(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof finds / sizeof *finds; i++) {
        timespan_t spans[ROOM];
        char all[256] = "", one[32];
        size_t count = timetext_find(finds[i].text, spans, ROOM);
        for (size_t j = 0; j < count; j++) {
            timespan_show(&spans[j], one, sizeof one);
            size_t used = strlen(all);
            snprintf(all + used, sizeof all - used, "%s%s{%.*s}", j ? " " : "", one, (int)spans[j].length,
                     finds[i].text + spans[j].from);
        }
        if (strcmp(all, finds[i].spans) != 0)
            fail_msg("find \"%s\": %s, not %s", finds[i].text, all, finds[i].spans);
    }
}

static void test_find_keeps_to_its_room(void **state)
{
    (void)state;
    timespan_t spans[2] = {{.from = 77}, {.from = 77}};
    assert_int_equal(timetext_find("9.00 10.00 11.00", spans, 1), 1);
    assert_int_equal(spans[1].from, 77);
    assert_int_equal(timetext_find("9.00", NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_find_keeps_to_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
