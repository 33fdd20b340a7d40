/* daytext: days as pages print them. */
#include "check.h"

#include "actors/llm/rules/daytext.h"

#include <stdio.h>
#include <string.h>

enum { MON = 1, TUE = 2, WED = 4, THU = 8, FRI = 16, SAT = 32, SUN = 64, WEEK = 31 };

static void test_days(void **state)
{
    static const struct {
        const char *text;
        unsigned days;
        bool only;
        double trust_least;
    } rows[] = {
        {"Monday", MON, true, 1},
        {"TUESDAY", TUE, true, 1},
        {"Weds", WED, true, 0.9},
        {"Thurs.", THU, true, 0.9},
        {"Fri", FRI, true, 0.9},
        {"Sat", SAT, true, 0.9},
        {"Sunday", SUN, true, 1},
        {"Mo", MON, true, 0.5},
        {"Th", THU, true, 0.5},
        {"M", MON, true, 0.2},
        {"w", WED, true, 0.2},
        {"Monday, Tuesday, Thursday", MON | TUE | THU, true, 1},
        {"Tuesday & Thursday", TUE | THU, true, 1},
        {"MON and WED", MON | WED, true, 0.9},
        {"Mon/Wed/Fri", MON | WED | FRI, true, 0.9},
        {"MWF", MON | WED | FRI, true, 0.7},
        {"Mon - Thu", MON | TUE | WED | THU, true, 0.9},
        {"Monday to Friday", WEEK, true, 1},
        {"Mon–Fri", WEEK, true, 0.9},
        {"Daily", WEEK, true, 0.8},
        {"Every day", WEEK, true, 0.8},
        {"Monday 17-Oct-16", MON, true, 1},
        {"Mon 4 Sept", MON, true, 0.9},
        {"wo 8 okt", WED, true, 0.7},
        {"di7 okt", TUE, true, 0.7},
        {"Mi 4. Juni", WED, true, 0.7},
        {"Friday 2/6", FRI, true, 1},
        {"FriA", FRI, true, 0.9},
        {"Tue B", TUE, true, 0.9},
        {"Friday SIP (Flex Day)", FRI, false, 0.85},
        {"Minimum Day - Wednesday", WED, false, 0.85},
        {"Regular Schedule (Monday – Thursday)", MON | TUE | WED | THU, false, 0.85},
        {"Wednes\nday", WED, true, 0.8},
        {"Thur sday", THU, true, 0.8},
        {"Vednesday", WED, true, 0.6},
        {"Mondav", MON, true, 0.6},
        {"Montag", MON, true, 1},
        {"Donnerstag", THU, true, 1},
        {"mercredi", WED, true, 1},
        {"viernes", FRI, true, 1},
        {"venerdì", FRI, true, 1},
        {"quarta-feira", WED, true, 0.9},
        {"woensdag", WED, true, 1},
        {"środa", WED, true, 1},
        {"torsdag", THU, true, 1},
        {"Perşembe", THU, true, 1},
        {"Dé hAoine", FRI, true, 0.8},
    };
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        daytext_t got = daytext_read(rows[i].text);
        if (got.days != rows[i].days || got.only != rows[i].only || got.trust < rows[i].trust_least)
            print_error("\"%s\": days %x only %d trust %.2f, wanted %x %d %.2f\n", rows[i].text, got.days, got.only,
                        got.trust, rows[i].days, rows[i].only, rows[i].trust_least),
                wrong++;
    }
    assert_int_equal(wrong, 0);
}

/* Days that belong together: lists, ranges, letters; the least trust that makes a heading of them. */
static void test_several_days(void **state)
{
    static const struct {
        const char *text;
        unsigned days;
        bool only;
        double trust_least;
    } rows[] = {
        /* lists */
        {"M/W/F", MON | WED | FRI, true, 0.7},
        {"M, W, F", MON | WED | FRI, true, 0.7},
        {"M-W-F", MON | WED | FRI, true, 0.7},
        {"Mon-Wed-Fri", MON | WED | FRI, true, 0.9},
        {"M & W", MON | WED, true, 0.5},
        {"T/R", TUE | THU, true, 0.5},
        {"T/Th", TUE | THU, true, 0.7},
        {"Tu/Th", TUE | THU, true, 0.7},
        {"Tu & Th", TUE | THU, true, 0.7},
        {"TTh", TUE | THU, true, 0.7},
        {"TuTh", TUE | THU, true, 0.7},
        {"MoWeFr", MON | WED | FRI, true, 0.7},
        {"MWThF", MON | WED | THU | FRI, true, 0.7},
        {"MTWTF", WEEK, true, 0.7},
        {"MTWTFSS", WEEK | SAT | SUN, true, 0.7},
        {"MWF 9:00-9:50", MON | WED | FRI, true, 0.7},
        {"Mon & Wed", MON | WED, true, 0.9},
        {"Mon + Wed", MON | WED, true, 0.9},
        {"Mon; Wed", MON | WED, true, 0.9},
        {"Mondays and Wednesdays", MON | WED, true, 1},
        {"Mondays & Wednesdays 3.15-4.15", MON | WED, true, 1},
        {"on Mondays and Fridays", MON | FRI, true, 1},
        {"every Tuesday", TUE, true, 1},
        {"Mon, Tue and Thu", MON | TUE | THU, true, 0.9},
        {"Mon-Wed, Fri", MON | TUE | WED | FRI, true, 0.9},
        {"Sat/Sun", SAT | SUN, true, 0.9},
        {"Mo., Mi., Fr.", MON | WED | FRI, true, 0.7},
        {"Mo+Do", MON | THU, true, 0.7},
        {"Mo, Mi und Fr", MON | WED | FRI, true, 0.7},
        {"Di/Do", TUE | THU, true, 0.7},
        {"montags und mittwochs", MON | WED, true, 1},
        {"lundi et jeudi", MON | THU, true, 1},
        {"lun. et jeu.", MON | THU, true, 0.7},
        {"le lundi et le jeudi", MON | THU, true, 1},
        {"lunes y miércoles", MON | WED, true, 1},
        {"los lunes y los jueves", MON | THU, true, 1},
        {"L-M-X-J-V", WEEK, true, 0.7},
        {"L/X/V", MON | WED | FRI, true, 0.7},
        {"lunedì e mercoledì", MON | WED, true, 1},
        {"Seg/Qua/Sex", MON | WED | FRI, true, 0.7},
        {"segundas e quartas", MON | WED, true, 1},
        {"terça e quinta", TUE | THU, true, 1},
        {"2ª, 4ª e 6ª", MON | WED | FRI, true, 0.7},
        {"maandag en woensdag", MON | WED, true, 1},
        {"di en do", TUE | THU, true, 0.5},
        {"poniedziałek i środa", MON | WED, true, 1},
        {"pn, śr, pt", MON | WED | FRI, true, 0.7},
        {"måndag och onsdag", MON | WED, true, 1},
        {"mån, ons, fre", MON | WED | FRI, true, 0.7},
        {"tis/tors", TUE | THU, true, 0.7},
        {"ti och to", TUE | THU, true, 0.5},
        {"Pazartesi ve Çarşamba", MON | WED, true, 1},
        {"Pzt, Çar, Cum", MON | WED | FRI, true, 0.7},
        {"Luan agus Céadaoin", MON | WED, true, 0.9},
        {"Dé Luain agus Dé Céadaoin", MON | WED, true, 0.9},
        /* ranges */
        {"M–Th", MON | TUE | WED | THU, true, 0.7},
        {"M-F", WEEK, true, 0.7},
        {"M to F", WEEK, true, 0.7},
        {"Mon-Fri", WEEK, true, 0.9},
        {"Mon to Thu", MON | TUE | WED | THU, true, 0.9},
        {"Mon. – Thurs.", MON | TUE | WED | THU, true, 0.9},
        {"Mon thru Fri", WEEK, true, 0.9},
        {"Monday through Thursday", MON | TUE | WED | THU, true, 1},
        {"from Monday to Thursday", MON | TUE | WED | THU, true, 1},
        {"Tuesday until Friday", TUE | WED | THU | FRI, true, 1},
        {"Mon → Wed", MON | TUE | WED, true, 0.9},
        {"Sunday to Thursday", SUN | MON | TUE | WED | THU, true, 1},
        {"Sun - Thu", SUN | MON | TUE | WED | THU, true, 0.9},
        {"Saturday – Wednesday", SAT | SUN | MON | TUE | WED, true, 1},
        {"Mon 4 – Fri 8 Sept", WEEK, true, 0.9},
        {"Mon 9.00-9.45, Wed 10.00-10.45", MON | WED, true, 0.9},
        {"Mon 9.00-9.45 Wed 10.00-10.45", MON | WED, true, 0.9},
        {"Mo–Fr", WEEK, true, 0.7},
        {"Mo bis Do", MON | TUE | WED | THU, true, 0.7},
        {"von Montag bis Donnerstag", MON | TUE | WED | THU, true, 1},
        {"Di.–Do.", TUE | WED | THU, true, 0.7},
        {"lun. au ven.", WEEK, true, 0.7},
        {"du lundi au jeudi", MON | TUE | WED | THU, true, 1},
        {"mardi à vendredi", TUE | WED | THU | FRI, true, 1},
        {"L-V", WEEK, true, 0.7},
        {"lunes a jueves", MON | TUE | WED | THU, true, 1},
        {"de lunes a viernes", WEEK, true, 0.9},
        {"L a V", WEEK, true, 0.7},
        {"lunedì–venerdì", WEEK, true, 1},
        {"dal martedì al giovedì", TUE | WED | THU, true, 1},
        {"lun-ven", WEEK, true, 0.7},
        {"seg. a sex.", WEEK, true, 0.7},
        {"segunda a quinta", MON | TUE | WED | THU, true, 1},
        {"segunda-feira a quinta-feira", MON | TUE | WED | THU, true, 1},
        {"2ª a 6ª", WEEK, true, 0.7},
        {"ma t/m vr", WEEK, true, 0.7},
        {"ma-do", MON | TUE | WED | THU, true, 0.7},
        {"dinsdag tot en met vrijdag", TUE | WED | THU | FRI, true, 1},
        {"pon.–pt.", WEEK, true, 0.7},
        {"od poniedziałku do czwartku", MON | TUE | WED | THU, true, 1},
        {"wt. do czw.", TUE | WED | THU, true, 0.7},
        {"mån–fre", WEEK, true, 0.7},
        {"måndag till torsdag", MON | TUE | WED | THU, true, 1},
        {"må-to", MON | TUE | WED | THU, true, 0.7},
        {"Pzt - Cum", WEEK, true, 0.7},
        {"Pazartesi – Perşembe", MON | TUE | WED | THU, true, 1},
        {"Luan go Déardaoin", MON | TUE | WED | THU, true, 0.9},
        {"Dé Luain go dtí Dé hAoine", WEEK, true, 0.9},
        /* every day of school */
        {"weekdays", WEEK, true, 0.8},
        {"daily", WEEK, true, 0.8},
        {"Weekdays 9.00 – 9.45", WEEK, true, 0.8},
        {"Every weekday", WEEK, true, 0.8},
        {"täglich", WEEK, true, 0.8},
        {"tous les jours", WEEK, true, 0.8},
        {"todos los días", WEEK, true, 0.8},
        {"tutti i giorni", WEEK, true, 0.8},
        {"todos os dias", WEEK, true, 0.8},
        {"dagelijks", WEEK, true, 0.8},
        {"codziennie", WEEK, true, 0.8},
        {"varje dag", WEEK, true, 0.8},
        {"her gün", WEEK, true, 0.8},
        {"gach lá", WEEK, true, 0.8},
        {"Daily (Mon – Thurs)", MON | TUE | WED | THU, true, 0.8},
        {"Daily Schedule — Mon — Thurs", MON | TUE | WED | THU, false, 0.8},
        {"Daily Schedule — Fri", FRI, false, 0.8},
        /* but some */
        {"Every day except Friday", MON | TUE | WED | THU, true, 0.8},
        {"Mon–Fri except Wed", MON | TUE | THU | FRI, true, 0.9},
        {"täglich außer Mittwoch", MON | TUE | THU | FRI, true, 0.8},
        {"tous les jours sauf le mercredi", MON | TUE | THU | FRI, true, 0.8},
        /* the same day in two languages, and in two of its forms */
        {"Monday / Lundi", MON, true, 0.8},
        {"Dé Máirt / Tuesday", TUE, true, 0.8},
        {"Mon (Monday)", MON, true, 0.9},
        /* beside other words */
        {"Mon (Flex)", MON, false, 0.75},
        {"Sat: Swimming", SAT, false, 0.75},
        {"Wed Period 3", WED, false, 0.75},
        {"Sun Lunch", SUN, false, 0.75},
        {"Mon Maths", MON, false, 0.75},
        {"Thu Hockey", THU, false, 0.75},
        {"lun. 3 mars", MON, true, 0.5},
        {"Monday's", MON, true, 0.9},
        {"Mo-Fr 8-13 Uhr", WEEK, true, 0.7},
        {"Mon 2 pm", MON, true, 0.9},
        {"Mon to Fri 9am-3pm", WEEK, true, 0.9},
        {"M0NDAY", MON, true, 0.7},
        {"FR1DAY", FRI, true, 0.7},
        {"TUE5DAY & THUR5DAY", TUE | THU, true, 0.7},
        {"Mon 4th Sept", MON, true, 0.9},
    };
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        daytext_t got = daytext_read(rows[i].text);
        if (got.days != rows[i].days || got.only != rows[i].only || got.trust < rows[i].trust_least)
            print_error("\"%s\": days %x only %d trust %.2f, wanted %x %d %.2f\n", rows[i].text, got.days, got.only,
                        got.trust, rows[i].days, rows[i].only, rows[i].trust_least),
                wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void test_no_days(void **state)
{
    static const char *const rows[] = {
        "", "Maths", "Wedding", "Sunny", "Art", "Lunch", "9.00 – 9.30", "Week 3", "Period", "Day / Time", "Days",
        "L U N C H", "Room 12",
        /* words that are forms of days too */
        "Mon amour", "Mon ami", "Sun cream", "Sun and Moon", "Sun Salutation", "Sat down", "Sat nav", "Wed in spring",
        "SATs", "Do it", "Do Re Mi", "Don't run", "I'm", "Di Caprio", "Mi casa", "We can", "So what", "Me and you",
        "Mit Don", "Die Welt", "Same again", "Mr Don Fox", "Segunda Guerra Mundial", "Sexta parte", "Quinta das Flores",
        "Mardi Gras", "Shrove Tuesday", "Good Friday",
        /* near a form of a day, and another word */
        "Sunflower", "Sundae", "Sundry", "Fried rice", "Fried", "Fries", "Fri(ed) rice", "Friary", "Smart", "Marta",
        "Mercy", "Merci", "Monde", "Lundy", "Freed", "Quarto", "Quinto", "Sexto", "Segundo", "Sextant", "Birthday",
        "Holiday", "Today", "Midday", "Someday", "Workday",
        /* months and their days */
        "May", "12 Mar", "12. Mar", "Mar 2024", "Jan, Feb, Mar", "4th September", "2nd", "20th",
        /* codes */
        "M1", "T2", "F101", "W3", "7R", "3M", "9Th", "MTH", "MRS", "MR", "MFL", "S/M/L", "M/F", "T/F", "F-M", "S & M",
        "A M W", "R&R", "Daily Mile", "Everyday Maths", "Daily 5", "Sex Ed", "Sun, Moon and Stars", "Funday", "Freda",
        "F0110", "Monday 99999999999999999999 books and nothing else at all today", "A10101", "R&S", "r X", "me d",
        "to", "20th", "cards", "m f", "Homework club after school for everybody who asked on a Friday before noon"};
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        daytext_t got = daytext_read(rows[i]);
        if (got.days)
            print_error("\"%s\" names no day, not %x with %.2f\n", rows[i], got.days, got.trust), wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void test_short_foreign_forms_are_doubted(void **state)
{
    (void)state;
    assert_true(daytext_read("Di").trust < 0.5);
    assert_true(daytext_read("PE").days == 0 || daytext_read("PE").trust < 0.5);
    assert_true(daytext_read("ND").days == 0 || daytext_read("ND").trust < 0.5);
}

static void test_likeness_of_misread_print(void **state)
{
    (void)state;
    assert_true(daytext_like("Vednesda", DAY_WEDNESDAY) > 0.7);
    assert_true(daytext_like("Fridav", DAY_FRIDAY) > daytext_like("Fridav", DAY_MONDAY));
    assert_string_equal(daytext_name(DAY_SUNDAY), "Sunday");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_several_days),
        cmocka_unit_test(test_no_days),
        cmocka_unit_test(test_short_foreign_forms_are_doubted),
        cmocka_unit_test(test_likeness_of_misread_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
