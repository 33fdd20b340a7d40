/* Times as schools print them are read as what they mean, and numbers of other things are left alone. */
#include "actors/llm/rules/timetext.h"
#include "timespan_show.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const char *text, *times; /* NULL: no time */
    double trust;             /* 0: any */
} only_t;

static const only_t onlies[] = {
    /* shapes */
    {"9.00", "09:00", 0},
    {"9:00", "09:00", 1},
    {"9h00", "09:00", 0},
    {"9h", "09:00", 0},
    {"0900", "09:00", 0.9},
    {"1330", "13:30", 0.8},
    {"2024", "20:24", 0.2},
    {"09 00", "09:00", 0.8},
    {"9", "09:00", 0.3},
    {"7", "07:00", 0.3},
    {"2", "14:00", 0.3},
    {"9am", "09:00", 1},
    {"9.30 a.m.", "09:30", 0},
    {"1:30 P.M.", "13:30", 0},
    {"8.00 Uhr", "08:00", 0},
    {"8 Uhr", "08:00", 0},
    {"9 o'clock", "09:00", 0},
    {"12 noon", "12:00", 0},
    {"noon", "12:00", 0},
    {"Midday", "12:00", 0},
    {"01:15", "13:15", 0},
    {"13:15", "13:15", 0},
    {"0:10", "00:10", 0},
    {"23:59", "23:59", 0},
    /* ranges */
    {"9.00 – 9.30", "09:00-09:30", 1},
    {"9 – 9.30", "09:00-09:30", 0.9},
    {"7.45am to 8.30am", "07:45-08:30", 1},
    {"12-1pm", "12:00-13:00", 0},
    {"11-12pm", "11:00-12:00", 0},
    {"10.35 - 11 am", "10:35-11:00", 0},
    {"11.30-12.15pm", "11:30-12:15", 1},
    {"9-2", "09:00-14:00", 0.4},
    {"9 - 10", "09:00-10:00", 0.4},
    {"12.30 – 1.30", "12:30-13:30", 1},
    {"11:20-11-35", "11:20-11:35", 0},
    {"8.40—9.00", "08:40-09:00", 1},
    {"12:00-13: 00", "12:00-13:00", 0},
    {"15:00-17:0 0", "15:00-17:00", 0.8},
    {"12:00-13:\n00", "12:00-13:00", 0},
    {"8:35 — 8.50\nam", "08:35-08:50", 1},
    {"10- 10:15am", "10:00-10:15", 0},
    {"1-1.15pm", "13:00-13:15", 0},
    {"2-3pm", "14:00-15:00", 0},
    {"3 - 3.15pm", "15:00-15:15", 0},
    {"1.15-3PM", "13:15-15:00", 0},
    {"11am-2", "11:00-14:00", 0},
    {"9am - 10", "09:00-10:00", 0},
    {"0750-0810", "07:50-08:10", 0},
    {"1230 - 1315", "12:30-13:15", 0},
    {"830-915", "08:30-09:15", 0},
    {"10.15 - 11.05 a.m.", "10:15-11:05", 1},
    {"9h00-10h30", "09:00-10:30", 1},
    {"de 8h à 9h", "08:00-09:00", 0},
    {"von 8 bis 9 Uhr", "08:00-09:00", 0},
    {"from 9 until 10", "09:00-10:00", 0.4},
    {"das 8h às 9h", "08:00-09:00", 0},
    {"9.00 tot 9.45", "09:00-09:45", 1},
    {"1:30 PM - 2:15 PM", "13:30-14:15", 1},
    {"8:35 -> 8:50", "08:35-08:50", 1},
    {"8:35 → 8:50", "08:35-08:50", 1},
    {"8:35~8:50", "08:35-08:50", 1},
    {"8:35 − 8:50", "08:35-08:50", 1},
    {"8:35 -- 8:50", "08:35-08:50", 1},
    {"08:00:00 - 08:45:00", "08:00-08:45", 1},
    {"09 00 - 09 50", "09:00-09:50", 0.8},
    {"12.00 - 12 noon", "12:00-?", 0},
    {"11.30 - 12 noon", "11:30-12:00", 0},
    {"10.30-12.00am", "10:30-12:00", 0},
    {"13:15 - 14:00 pm", "13:15-14:00", 0},
    {"12.15 – 13:00", "12:15-13:00", 0},
    {"6.30 - 08:00", "06:30-08:00", 1},
    {"5.30 - 7 pm", "17:30-19:00", 0},
    {"6.30-8:00", "18:30-20:00", 0},
    /* words before, between and behind */
    {"between 9.00 and 9.45", "09:00-09:45", 1},
    {"between 9 and 9.45", "09:00-09:45", 0.9},
    {"zwischen 9.00 und 9.45", "09:00-09:45", 1},
    {"entre 9h00 et 9h45", "09:00-09:45", 1},
    {"od 8:00 do 8:45", "08:00-08:45", 1},
    {"godz. 8.15", "08:15", 0},
    {"kl. 9.15", "09:15", 0},
    {"kl 8.15 till 9.00", "08:15-09:00", 1},
    {"dalle 8.00 alle 8.45", "08:00-08:45", 1},
    {"dalle ore 8.00 alle ore 8.45", "08:00-08:45", 1},
    {"de las 8:00 a las 8:45", "08:00-08:45", 1},
    {"van 8.30 tot 9.15", "08:30-09:15", 1},
    {"saat 9.00", "09:00", 0},
    {"from 9 to 10", "09:00-10:00", 0.4},
    {"9-9:45", "09:00-09:45", 0.9},
    {"1.10 - 1:55", "13:10-13:55", 1},
    {"8:00 a.m. – 8:50 a.m.", "08:00-08:50", 1},
    {"8:00 a. m. – 1:50 p. m.", "08:00-13:50", 1},
    {"8:30a-9:15a", "08:30-09:15", 1},
    {"8:30A–3:05P", "08:30-15:05", 1},
    {"8:30a", "08:30", 1},
    {"9.00 Uhr bis 9.45 Uhr", "09:00-09:45", 1},
    {"9.00 – 9.45 Uhr", "09:00-09:45", 1},
    {"9 - 10 Uhr", "09:00-10:00", 0},
    {"9 uur", "09:00", 0},
    {"8.30 uur - 9.15 uur", "08:30-09:15", 1},
    {"8:00 hs", "08:00", 0},
    {"12nn", "12:00", 0},
    {"12:00 NN", "12:00", 0},
    {"8.00. - 8.45.", "08:00-08:45", 1},
    {"9:00 -", "09:00", 0.8},
    {"9 to 9.45 am", "09:00-09:45", 0},
    {"9.15 'til 10.00", "09:15-10:00", 1},
    {"8h00/8h55", "08:00-08:55", 1},
    {"8:00 / 8:55", "08:00-08:55", 1},
    {"9.00/9.45", "09:00-09:45", 1},
    {"9:00 > 9:45", "09:00-09:45", 1},
    {"9.00...9.45", "09:00-09:45", 1},
    {"9.00 … 9.45", "09:00-09:45", 1},
    {"ca. 9.15", "09:15", 0},
    {"approx. 9.15", "09:15", 0},
    {"9.15 thru 10.00", "09:15-10:00", 1},
    /* hours and minutes with a letter between them */
    {"13u30 - 14u20", "13:30-14:20", 1},
    {"13u30", "13:30", 1},
    {"13u - 14u", "13:00-14:00", 0},
    {"10 h 15", "10:15", 1},
    {"10 h 15 – 11 h 05", "10:15-11:05", 1},
    {"10h15–11h05", "10:15-11:05", 1},
    {"10H15 - 11H05", "10:15-11:05", 1},
    {"08h00 às 09h40", "08:00-09:40", 1},
    {"8 h - 9 h", "08:00-09:00", 1},
    {"8h30min - 9h15min", "08:30-09:15", 1},
    /* compact */
    {"0900-0945", "09:00-09:45", 0},
    {"0900hrs", "09:00", 1},
    {"0900hrs - 0945hrs", "09:00-09:45", 1},
    {"0900 hrs – 0945 hrs", "09:00-09:45", 1},
    {"1330 hours", "13:30", 1},
    /* raised minutes */
    {"8²⁵–9¹⁰", "08:25-09:10", 1},
    {"8⁰⁰ - 8⁴⁵", "08:00-08:45", 1},
    {"13³⁰", "13:30", 1},
    {"8 25 - 9 10", "08:25-09:10", 0.6},
    {"9 20 – 10 05", "09:20-10:05", 0.6},
    {"8 25", NULL, 0},
    /* words for numbers */
    {"half past nine", "09:30", 1},
    {"halb zehn", "09:30", 1},
    {"Viertel nach neun", "09:15", 1},
    {"Viertel vor eins", "12:45", 1},
    {"half tien", "09:30", 1},
    {"kwart voor elf", "10:45", 1},
    {"halv tio", "09:30", 1},
    {"neuf heures et demie", "09:30", 1},
    {"9 heures et quart", "09:15", 1},
    {"nueve y media", "09:30", 1},
    {"diez menos cuarto", "09:45", 1},
    {"nove e mezza", "09:30", 1},
    {"nove e meia", "09:30", 1},
    {"wpół do dziesiątej", "09:30", 1},
    {"dokuz buçuk", "09:30", 1},
    {"leathuair tar éis a naoi", "09:30", 1},
    {"halb neun bis Viertel vor zehn", "08:30-09:45", 1},
    {"Half past 9", "09:30", 1},
    {"quarter past nine", "09:15", 1},
    {"a quarter to ten", "09:45", 1},
    {"ten past nine", "09:10", 1},
    {"10 past 9", "09:10", 1},
    {"twenty to eleven", "10:40", 1},
    {"twenty-five past two", "14:25", 1},
    {"five to one", "12:55", 1},
    {"quarter to 1", "12:45", 1},
    {"half nine", "09:30", 1},
    {"nine o'clock", "09:00", 1},
    {"nine o’clock", "09:00", 1},
    {"nine thirty", "09:30", 1},
    {"nine-fifteen", "09:15", 1},
    {"half past nine to quarter past ten", "09:30-10:15", 1},
    {"nine o'clock to half past ten", "09:00-10:30", 1},
    {"half past eight am", "08:30", 1},
    {"half past one pm", "13:30", 1},
    {"nine am", "09:00", 1},
    {"twelve noon", "12:00", 1},
    {"noon to 12.45", "12:00-12:45", 0},
    {"midday – 1 pm", "12:00-13:00", 0},
    /* two lines of one cell */
    {"7:30\n7:55", "07:30-07:55", 0.9},
    {"12.45\n1.30", "12:45-13:30", 0.9},
    {"7:30\n7:15", "07:30-19:15", 0},
    /* what may stand around them */
    {"8.35 -", "08:35", 0.8},
    {"7.45am to", "07:45", 0.8},
    {"8.40 | 9.00", "08:40-09:00", 0.9},
    {"9:00-9:15 |", "09:00-09:15", 1},
    {"9 -", "09:00", 0.3},
    {"(9.00 – 9.30)", "09:00-09:30", 1},
    {"I (9.30-10.20)", "09:30-10:20", 1},
    {"IV. 11.30-12.20", "11:30-12:20", 1},
    {"1 10:00 - 11:40", "10:00-11:40", 1},
    {"7   10:00-10:30", "10:00-10:30", 1},
    {"1) 8.00", "08:00", 0},
    {"Time: 9.00", "09:00", 0},
    {"at 9.00", "09:00", 0},
    {"[9:00]", "09:00", 1},
    {"9:00.", "09:00", 1},
    {"  9:00 \n", "09:00", 1},
    {"9\xC2\xA0–\xC2\xA0"
     "9.30",
     "09:00-09:30", 0.9},
    /* misread digits */
    {"l0:15", "10:15", 0.8},
    {"1O:15 - 11:O0", "10:15-11:00", 0.8},
    {"I.15 - 2.00", "13:15-14:00", 0.8},
    {"9:S0", "09:50", 0.8},
    {"lO:OO", NULL, 0},
    {"1,55-2.35", "13:55-14:35", 0.8},
    {"8,00 - 8,45", "08:00-08:45", 0.8},
    {"9;30", "09:30", 0.5},
    {"9,30 Uhr", "09:30", 0.8},
    {"9:OO", "09:00", 0.8},
    {"9.OO - 9.45", "09:00-09:45", 0.8},
    {"1O.3O", "10:30", 0},
    {"9;15", "09:15", 0.5},
    {"9;15 - 10;00", "09:15-10:00", 0.8},
    {"9 :15", "09:15", 0.8},
    {"9: 15", "09:15", 0.8},
    {"9 : 15 - 10 : 00", "09:15-10:00", 0.8},
    {"8:3O-9:I5", "08:30-09:15", 0.8},
    {"8:3O - 9:i5", "08:30-09:15", 0.8},
    {"09.1S", "09:15", 0},
    {"9:1S – 9:4S", "09:15-09:45", 0.8},
    {"I1:05", "11:05", 0.8},
    {"1l.20", "11:20", 0},
    {"1O:OO-1O:45", "10:00-10:45", 0.8},
    {"S.45", "17:45", 0.5},
    {"10.10 to liam", "10:10-11:00", 0.8},
    {"Il.OO—ILI§", "11:00-11:15", 0.6},
    {"IIl.OO-IL.I§", NULL, 0},
    {"ILIs-I2.00", "11:15-12:00", 0.6},
    {"12.4§-L.15", "12:45-13:15", 0.6},
    {"L.1s—2.00", "13:15-14:00", 0.6},
    {"Is-Is", NULL, 0},
    {"LO-LO", NULL, 0},
    {"SOS-SOS", NULL, 0},
    {"Io-Il.Is", "10:00-11:15", 0.6},
    {"Io:Isam", "10:15", 0.8},
    {"9:30am — Io:Isam", "09:30-10:15", 0.8},
    {"lO:lO pm", NULL, 0},
    {"S.45 - 6.30", "17:45-18:30", 0.8},
    {"O9:15", "09:15", 0.8},
    {"B:30 - 9:15", "08:30-09:15", 0.8},
    {"9:2Z", "09:22", 0.8},
    {"8:3Oam", "08:30", 0.8},
    /* torn print */
    {"12:20 -1 :05", "12:20-13:05", 0.8},
    {"10:54-11 :34", "10:54-11:34", 0.8},
    {"10:4 4 - 11:29", "10:44-11:29", 0.8},
    {"10:06-1 0:51", "10:06-10:51", 0.8},
    {"10 am", "10:00", 1},
    {"1.15 —-2pm", "13:15-14:00", 0},
    {"03.09. - 07.09.", NULL, 0},
    {"03.09.", NULL, 0},
    {"9.10.", "09:10", 0},
    /* other things */
    {"", NULL, 0},
    {"-", NULL, 0},
    {"24:00", NULL, 0},
    {"9.60", NULL, 0},
    {"17-Oct-16", NULL, 0},
    {"10/11/2022", NULL, 0},
    {"03.09.2024", NULL, 0},
    {"29/12/2022", NULL, 0},
    {"3/4", NULL, 0},
    {"Weeks 3-13", NULL, 0},
    {"2022-2023", NULL, 0},
    {"COM1-0206", NULL, 0},
    {"BSM-104", NULL, 0},
    {"TL-113", NULL, 0},
    {"£2.50", NULL, 0},
    {"$3.50", NULL, 0},
    {"2.50 €", NULL, 0},
    {"Lesson 9", NULL, 0},
    {"Year 9", NULL, 0},
    {"Grade 7", NULL, 0},
    {"Room 12", NULL, 0},
    {"Room 203", NULL, 0},
    {"7R", NULL, 0},
    {"2EJ", NULL, 0},
    {"FCE1", NULL, 0},
    {"x2", NULL, 0},
    {"Station 2", NULL, 0},
    {"P/1/BEE-105", NULL, 0},
    {"TUT [E14]", NULL, 0},
    {"KS2", NULL, 0},
    {"page 1-2", NULL, 0},
    {"Unit 2", NULL, 0},
    {"7 x 8", NULL, 0},
    {"3/4W", NULL, 0},
    {"4.5 hours", NULL, 0},
    {"Chapter 4", NULL, 0},
    {"9.00 Maths", NULL, 0},
    {"Maths 9.00", NULL, 0},
    {"9_30", NULL, 0},
    {"12345", NULL, 0},
    {"1 2", NULL, 0},
    {"9.00 9.30 10.00", NULL, 0},
    {"I", NULL, 0},
    {"am", NULL, 0},
    {"Year 9 AM", NULL, 0},
    {"Yr 9 AM", NULL, 0},
    {"Form 7 PM", NULL, 0},
    {"Grade 9-10", NULL, 0},
    {"Room 9.15", NULL, 0},
    {"Rm 9.15", NULL, 0},
    {"Level 2.30", NULL, 0},
    {"Ch. 4.2", NULL, 0},
    {"Ch. 4.20", NULL, 0},
    {"Unit 3-5", NULL, 0},
    {"Week 1-2", NULL, 0},
    {"p. 12-14", NULL, 0},
    {"S. 12-14", NULL, 0},
    {"Class 7.2", NULL, 0},
    {"Kl. 9-10", NULL, 0},
    {"Klasse 9.10", NULL, 0},
    {"Salle 2.15", NULL, 0},
    {"Aula 2.15", NULL, 0},
    {"U-9", NULL, 0},
    {"U9", NULL, 0},
    {"HS!1000", NULL, 0},
    {"0- 11:30am", "11:30", 1},
    {"7022 1:00 PM", "13:00", 1},
    {"Class: 8H", NULL, 0},
    {"9.A", NULL, 0},
    {"A 5", NULL, 0},
    {"2024-25", NULL, 0},
    {"2024/25", NULL, 0},
    {"2019-20", NULL, 0},
    {"4.5 hrs", NULL, 0},
    {"1.15 hours", NULL, 0},
    {"0800 1111", NULL, 0},
    {"01234 567890", NULL, 0},
    {"555-0120", NULL, 0},
    {"720-0930", NULL, 0},
    {"10%", NULL, 0},
    {"9-10%", NULL, 0},
    {"9.30 %", NULL, 0},
    {"1:1 support", NULL, 0},
    {"1:1", NULL, 0},
    {"2:1", NULL, 0},
    {"10-15 mins", NULL, 0},
    {"10.30 km", NULL, 0},
    {"4.50 EUR", NULL, 0},
    {"5-a-side", NULL, 0},
    {"9A", NULL, 0},
    {"9a-9b", NULL, 0},
    {"7P", NULL, 0},
    {"24/7", NULL, 0},
    {"11+", NULL, 0},
    {"nine", NULL, 0},
    {"One", NULL, 0},
    {"nine to ten", NULL, 0},
    {"half", NULL, 0},
    {"One half", NULL, 0},
    {"three quarter", NULL, 0},
    {"quarter nine", NULL, 0},
    {"10/11", NULL, 0},
    {"9/10/11", NULL, 0},
    {"3.5/4.5", NULL, 0},
    {"Quarter 1", NULL, 0},
    {"half term", NULL, 0},
    {"ten", NULL, 0},
    {"past nine", NULL, 0},
    {"H 15", NULL, 0},
    {"2u", "14:00", 0},
};

static void test_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof onlies / sizeof *onlies; i++) {
        const only_t *row = &onlies[i];
        timespan_t span = {0};
        char shown[32] = "none";
        if (timetext_only(row->text, &span))
            timespan_show(&span, shown, sizeof shown);
        if (strcmp(shown, row->times ? row->times : "none") != 0)
            fail_msg("only \"%s\": %s, not %s", row->text, shown, row->times ? row->times : "none");
        if (row->trust > 0 && (span.trust < row->trust - 0.001 || span.trust > row->trust + 0.001))
            fail_msg("only \"%s\": trust %.2f, not %.2f", row->text, span.trust, row->trust);
        assert_true(!row->times || span.from + span.length <= strlen(row->text));
    }
}

/* The minute stands as printed, the half says what the print says. */
static void test_moments_as_printed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int minute;
        half_t half;
    } rows[] = {
        {"1.15", 75, HALF_UNKNOWN}, {"1.15pm", 795, HALF_PM},    {"13:15", 795, HALF_DAY},
        {"08:50", 530, HALF_DAY},   {"8:50", 530, HALF_UNKNOWN}, {"01:15", 75, HALF_UNKNOWN},
        {"07:30", 450, HALF_DAY},   {"09:00", 540, HALF_DAY},    {"06:30", 390, HALF_UNKNOWN},
        {"8.05am", 485, HALF_AM},   {"12.30pm", 750, HALF_PM},   {"12.30", 750, HALF_UNKNOWN},
        {"0:10", 10, HALF_DAY},     {"noon", 720, HALF_DAY},     {"0900", 540, HALF_DAY},
        {"13.15pm", 795, HALF_DAY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        timespan_t span;
        assert_true(timetext_only(rows[i].text, &span));
        assert_int_equal(span.start.minute, rows[i].minute);
        assert_int_equal(span.start.half, rows[i].half);
        assert_int_equal(span.end.minute, -1);
    }
}

static void test_one_half_counts_for_both_ends(void **state)
{
    (void)state;
    timespan_t span;
    assert_true(timetext_only("12-1pm", &span));
    assert_int_equal(span.start.half, HALF_PM);
    assert_true(timetext_only("11-12pm", &span));
    assert_int_equal(span.start.half, HALF_AM);
    assert_true(timetext_only("10.35 - 11 am", &span));
    assert_int_equal(span.start.half, HALF_AM);
}

/* A lone time that closes something. */
static void test_closing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int minute; /* -1: none */
        bool closes;
    } rows[] = {
        {"- 9:45", 585, true},       {"– 9.45", 585, true},         {"till 3", 180, true},
        {"until 3.30", 210, true},   {"'til 3.30", 210, true},      {"to 9.45", 585, true},
        {"bis 9.45 Uhr", 585, true}, {"hasta las 9:45", 585, true}, {"tot 9.45", 585, true},
        {"do 9:45", 585, true},      {"9:45", 585, false},          {"9:45 -", 585, false},
        {"9:00 - 9:45", 540, false}, {"at 9.45", 585, false},       {"from 9.45", 585, false},
        {"(9.45)", 585, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        timespan_t span = {.start.minute = -1};
        bool read = timetext_only(rows[i].text, &span);
        if (read != (rows[i].minute >= 0) || (read && span.start.minute != rows[i].minute) ||
            (read && span.closes != rows[i].closes))
            fail_msg("\"%s\": %d closes %d", rows[i].text, span.start.minute, span.closes);
    }
    timespan_t word;
    assert_true(timetext_only("(till 10.30)", &word));
    assert_int_equal(word.from, 1); /* the word is part of it */
    assert_int_equal(word.length, strlen("till 10.30"));
    timespan_t found[2];
    assert_int_equal(timetext_find("Open till 3.15 pm", found, 2), 1);
    assert_true(found[0].closes);
    assert_int_equal(timetext_find("Open 9.15 till 3.15", found, 2), 1);
    assert_false(found[0].closes);
}

static void test_minute(void **state)
{
    (void)state;
    assert_int_equal(timetext_minute((moment_t){75, HALF_UNKNOWN}, EARLIEST), 795);
    assert_int_equal(timetext_minute((moment_t){420, HALF_UNKNOWN}, EARLIEST), 420);
    assert_int_equal(timetext_minute((moment_t){420, HALF_UNKNOWN}, 480), 1140);
    assert_int_equal(timetext_minute((moment_t){75, HALF_AM}, EARLIEST), 75);
    assert_int_equal(timetext_minute((moment_t){-1, HALF_UNKNOWN}, EARLIEST), -1);
    assert_int_equal(timetext_minute((moment_t){720, HALF_UNKNOWN}, EARLIEST), 720);
}

static void test_format(void **state)
{
    (void)state;
    char out[6];
    assert_string_equal(timetext_format(0, out), "00:00");
    assert_string_equal(timetext_format(545, out), "09:05");
    assert_string_equal(timetext_format(1439, out), "23:59");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only),
        cmocka_unit_test(test_moments_as_printed),
        cmocka_unit_test(test_one_half_counts_for_both_ends),
        cmocka_unit_test(test_closing),
        cmocka_unit_test(test_minute),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
