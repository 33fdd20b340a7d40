/* Headings as schools print them, and what they say of the timetable below. */
#include "actors/llm/rules/heading.h"
#include "check.h"

#include <string.h>

enum { ROOM = 16, SIZE = 20, LETTER = 11, LINE = 30, COLUMN = 320 };

/* Phrases written as text: '\n' starts a line, '\t' a phrase further right, '>' a line below the table, '#' large
 * print,
 * '?' print that was read badly. */
typedef struct {
    heading_phrase_t phrases[ROOM];
    size_t count;
} sheet_t;

static void add(sheet_t *sheet, const char *text, int row, int column)
{
    assert_true(sheet->count < ROOM);
    heading_phrase_t *p = &sheet->phrases[sheet->count++];
    *p = (heading_phrase_t){.size = SIZE, .confidence = 1, .title = true};
    for (; strchr(">#?", *text); text++) {
        p->title = p->title && *text != '>';
        p->size = *text == '#' ? 2 * SIZE : p->size;
        p->confidence = *text == '?' ? 0.2 : p->confidence;
    }
    p->text = text;
    p->box = (rect_t){column * COLUMN, row * LINE, column * COLUMN + LETTER * (int)strlen(text), row * LINE + SIZE};
}

static void write_sheet(arena_t *arena, sheet_t *sheet, const char *text)
{
    *sheet = (sheet_t){0};
    for (int row = 0, column = 0; *text; column++) {
        size_t size = strcspn(text, "\n\t");
        if (size)
            add(sheet, arena_text_n(arena, text, size), row, column);
        text += size;
        if (*text == '\n')
            row++, column = -1;
        text += *text ? 1 : 0;
    }
}

/* What is wanted: "teacher|class|term|year", and where they are looked at "|school|week". */
typedef struct {
    const char *text, *want;
} row_t;

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static const char *read(arena_t *arena, const row_t *row)
{
    sheet_t sheet;
    timetable_t t = {0};
    write_sheet(arena, &sheet, row->text);
    heading_read(sheet.phrases, sheet.count, arena, &t);
    const char *year = t.year ? arena_format(arena, "%d", t.year) : "";
    const char *values[] = {or_empty(t.teacher), or_empty(t.class_name), or_empty(t.term), year,
                            or_empty(t.school),  or_empty(t.week)};
    const char *got = values[0], *bar = row->want;
    for (size_t i = 1; i < 6 && (bar = strchr(bar, '|')); i++, bar++)
        got = arena_format(arena, "%s|%s", got, values[i]);
    return got;
}

static void check(const row_t *rows, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        arena_t *arena = arena_new();
        const char *got = read(arena, &rows[i]);
        if (strcmp(got, rows[i].want)) {
            print_error("\"%s\"\n  gives %s\n  not   %s\n", rows[i].text, got, rows[i].want);
            wrong++;
        }
        arena_destroy(&arena);
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void test_labels(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"Class: 2EJ Term: Autumn 2 2024 Teacher: Miss Joynes", "Miss Joynes|2EJ|Autumn 2|2024"},
        {"Class: 2EJ\tTerm: Autumn 2 2024\tTeacher: Miss Joynes", "Miss Joynes|2EJ|Autumn 2|2024"},
        {"Class:\t2EJ\nTerm:\tAutumn 2 2024\nTeacher:\tMiss Joynes", "Miss Joynes|2EJ|Autumn 2|2024"},
        {"Class:\tTerm:\tTeacher:\n2EJ\tAutumn 2 2024\tMiss Joynes", "Miss Joynes|2EJ|Autumn 2|2024"},
        {"Class\tTerm\tTeacher\n2EJ\tAutumn 2 2024\tMiss Joynes", "Miss Joynes|2EJ|Autumn 2|2024"},
        {"Class: 2EJ Term: Spring 2 Week: 2_ Teacher: Miss Joynes", "Miss Joynes|2EJ|Spring 2|||2"},
        {"Term: Spring 2 Week: 2 Teacher: Miss Joynes", "Miss Joynes||Spring 2|||2"},
        {"Class: 8H Teacher: Ms Tamsin Spring Term 2025", "Ms Tamsin|8H|Spring Term|2025"},
        {"Class: Rang 4 Teacher: Mr Ó Dálaigh Term 2 2022", "Mr Ó Dálaigh|Rang 4|Term 2|2022"},
        {"Class: 5th Grade Teacher: Mr. Delmar Spring 2022", "Mr. Delmar|5th Grade|Spring|2022"},
        {"Class: X C Class Teacher: Mr. A. Bhalla", "Mr. A. Bhalla|X C||"},
        {"Class: Room 8 Teacher: Ms Rowe Term 4 2023", "Ms Rowe|Room 8|Term 4|2023"},
        {"Class: Reception\nYear: 2024\tTerm: Summer 1", "|Reception|Summer 1|2024"},
        {"Year: 2023 Term 3\nClass: Prep C", "|Prep C|Term 3|2023"},
        {"Term: 3\tYear: 2024", "||Term 3|2024"},
        {"Sem: I\tSession 2021-22", "||Sem I|2021"},
        {"FT:Ng Khong Keong", "Ng Khong Keong|||"},
        {"Form Tutor: Mr J Patel", "Mr J Patel|||"},
        {"Class in-charge: Mr X. Menon", "Mr X. Menon|||"},
        {"Class Teacher Ms Tran", "Ms Tran|||"},
        {"Class Teacher: ________", "|||"},
        {"Teacher: Mrs Pell & Mr Smith", "Mrs Pell & Mr Smith|||"},
        {"Teacher: Ms Spring (Room 4)", "Ms Spring|||"},
        {"Grade: 4 Section: B", "|Grade 4 B||"},
        {"Class: VII\tSection: A", "|VII A||"},
        {"Section: BSE-6A", "|BSE-6A||"},
        {"Class/Section: VII-B", "|VII-B||"},
        {"Std. V-A", "|Std. V-A||"},
        {"Year: 5\tTeacher: Mrs Okafor", "Mrs Okafor|Year 5||"},
        {"Year Group: 5", "|Year Group 5||"},
        {"Academic year 2024/25", "|||2024"},
        {"School year: 2023-24", "|||2023"},
        {"AY 23/24 Semester 2", "||Semester 2|2023"},
        {"TIME TABLE FOR CLASS : VIII - A (2023-24)", "|VIII - A||2023"},
        {"CLASS-X-A", "|X-A||"},
        {"Teachers: Mrs Pell, Mr Oakes", "Mrs Pell, Mr Oakes|||"},
        {"Class: II BCA III Semester 2023", "|II BCA|III Semester|2023"},
        {"Semester – V", "||Semester – V|"},
        {"Date: 12/08/2024 Class: 5A", "|5A||"},
        {"Class - 5A\tTeacher – Mrs Rao", "Mrs Rao|5A||"},
    };
    CHECK(rows);
}

static void test_misread(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"Teachor: Miss Joynes\tClas5: 2EJ", "Miss Joynes|2EJ||"},
        {"Class; 2EJ Teacher. Miss Corrigan Summer Term 2022", "Miss Corrigan|2EJ|Summer Term|2022"},
        {"Class: Sth Grade", "|5th Grade||"},
        {"Class: VilB Class Teacher: Mrs. Leela Menon", "Mrs. Leela Menon|VII B||"},
        {"11C timetable Spring 1 2022", "|11C|Spring 1|2022"},
        {"Class: 9K I Tutor: Mrs Kerr I Academic year 2024/2025", "Mrs Kerr|9K||2024"},
        {"Sem I Tutor: Mrs Kerr", "Mrs Kerr||Sem I|"},
        {"Semester 12023\tTerm: Spring 12025", "||Spring 1|2023"},
        {"Ms\tBhriain’s Timetable", "Ms Bhriain|||"},
        {"? 4M", "|||"},
    };
    CHECK(rows);
}

static void test_unlabelled(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"FHSS 2023 Sem 1 (wef 03 Jan)\n#1R1\nFUHUA SECONDARY SCHOOL, Singapore\tFT:Ng Khong Keong",
         "Ng Khong Keong|1R1|Sem 1|2023|FUHUA SECONDARY SCHOOL"},
        {"#4M", "|4M||"},
        {"5W", "|5W||"},
        {"#Department of Computer Science - CUI, Wah Campus\n#BSE-6A", "|BSE-6A||"},
        {"Reception timetable January 2025", "|Reception||2025"},
        {"VI D Timetable – Term I 2026\nTeacher: Mrs. S. Iyer", "Mrs. S. Iyer|VI D|Term I|2026"},
        {"IX A Timetable", "|IX A||"},
        {"6-B Timetable", "|6-B||"},
        {"10X Timetable – Spring 1 2024", "|10X|Spring 1|2024"},
        {"Kingsmead Academy 10X Timetable – Spring 1 2024 Teacher: Dr Larkin",
         "Dr Larkin|10X|Spring 1|2024|Kingsmead Academy"},
        {"Mrs Kavanagh's Timetable", "Mrs Kavanagh|||"},
        {"Ms Ní Bhriain’s Timetable\nTerm 3 2024", "Ms Ní Bhriain||Term 3|2024"},
        {"Mr Jones' Timetable", "Mr Jones|||"},
        {"Timetable of Mrs Ada Obi", "Mrs Ada Obi|||"},
        {"Mrs Thornton – 1B", "Mrs Thornton|1B||"},
        {"4M timetable Summer 2 2022", "|4M|Summer 2|2022"},
        {"8K timetable Spring Term 2024", "|8K|Spring Term|2024"},
        {"3/4W Timetable — Term 1 2025\nClass Teacher: Ms Tran", "Ms Tran|3/4W|Term 1|2025"},
        {"Grade 2 Timetable", "|Grade 2||"},
        {"3rd Grade Timetable", "|3rd Grade||"},
        {"Timetable for Grade 5", "|Grade 5||"},
        {"Time Table: Class X-B", "|X-B||"},
        {"Grade 7", "|Grade 7||"},
        {"Year 5", "|Year 5||"},
        {"Rang 3", "|Rang 3||"},
        {"2nd Class", "|2nd Class||"},
        {"Prep C", "|Prep C||"},
        {"Form 3B", "|Form 3B||"},
        {"Class 5B", "|5B||"},
        {"Class IX A", "|IX A||"},
        {"Y5 Timetable Wk 3", "|Y5||||3"},
        {"Year 3 Maple Class Timetable Autumn 2024", "|Year 3 Maple|Autumn|2024"},
        {"Year 10 Green\nTerm 1 2025", "|Year 10 Green|Term 1|2025"},
        {"Owls Class 2022-2023", "|Owls||2022"},
        {"Willow Class Timetable", "|Willow||"},
        {"Kestrels’ Timetable\nMiss Hartley - Autumn 2", "Miss Hartley|Kestrels|Autumn 2|"},
        {"Butterflies with Ms. Dana", "Ms. Dana|Butterflies||"},
        {"Room 11 - Term 2 - Mr. Vella", "Mr. Vella|Room 11|Term 2|"},
        {"Mr. Brandt, Room 6 – 2024-2025", "Mr. Brandt|Room 6||2024"},
        {"Room 7 Timetable Term 4 2023", "|Room 7|Term 4|2023"},
        {"P5 Timetable – Teacher: Mr MacLeod", "Mr MacLeod|P5||"},
        {"Class 3 weekly timetable", "|Class 3||"},
        {"Class 2C5 Semester 1 2023 Form Teacher: Mr Li Hong Ming", "Mr Li Hong Ming|2C5|Semester 1|2023"},
        {"Class 9.A\tClass teacher: M. Horak", "M. Horak|9.A||"},
        {"Freshman Class Schedule – Fall 2025", "||Fall|2025"},
        {"Class: Grade 8 (3)", "|Grade 8 (3)||"},
        {"Class: S.E. Computer (A)\nSemester: IV\nA.Y. 2023-24\nRoom No: 304", "|S.E. Computer (A)|Semester IV|2023"},
        {"Class: 8 - Sampaguita\nClass Adviser: Ms. Arlene Santos", "Ms. Arlene Santos|8 - Sampaguita||"},
        {"CLASS: 6 West\tTERM: 3", "|6 West|TERM 3|"},
        {"Grade 5 - B", "|Grade 5 - B||"},
        {"KG2 Timetable", "|KG2||"},
        {"5TH GRADE SCHEDULE", "|5TH GRADE||"},
        {"Mr Smith – Science Timetable", "Mr Smith|||"},
        {"Mrs Smith's Class", "Mrs Smith|||"},
        {"Class 2B – Miss Lee", "Miss Lee|2B||"},
        {"1st Term 2024/2025 Academic Session – JSS 2A", "|JSS 2A|1st Term|2024"},
        {"ODD SEMESTER 2023-24", "||ODD SEMESTER|2023"},
        {"Timetable from September 2024", "|||2024"},
        {"Semester 1", "||Semester 1|"},
        {"1st Semester 2023-24", "||1st Semester|2023"},
        {"Second Term", "||Second Term|"},
        {"Term-II", "||Term-II|"},
        {"Autumn Term 2025", "||Autumn Term|2025"},
        {"Fall 2023", "||Fall|2023"},
        {"Summer 2", "||Summer 2|"},
        {"T3 2024", "||T3|2024"},
        {"Term 3 Week 5", "||Term 3|||5"},
        {"2022-2023\nBlended Bell Schedule", "|||2022"},
        {"2022–2023 Blended Bell Schedule", "|||2022"},
        {"MRes SEAHA 2016/2017", "|MRes SEAHA||2016"},
        {"w.e.f. 12/08/2024", "|||2024"},
        {"w.e.f. 12/08/2024\nTerm 1 2023", "||Term 1|2023"},
        {"Week A", "|||||A"},
        {"Week A\tWeek B", "|||||"},
    };
    CHECK(rows);
}

static void test_languages(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"Klasse 4B 09.12.2024 - 13.12.2024", "|4B||2024"},
        {"HORARIO 1º ESO B\nCurso 2024-2025 - Tutora: Carmen Ruiz", "Carmen Ruiz|1º ESO B||2024"},
        {"EMPLOI DU TEMPS - Classe : 4ème B", "|4ème B||"},
        {"Amchlár, Rang a Sé (2023-2024)\tTeacher: Múinteoir Niamh", "Múinteoir Niamh|Rang a Sé||2023"},
        {"Klasse 7b\tLehrer: Frau Müller\tSchuljahr 2023/24", "Frau Müller|7b||2023"},
        {"Stundenplan der Klasse 7b – 2. Halbjahr 2024", "|7b|2. Halbjahr|2024"},
        {"Stundenplan 7. Klasse", "|7. Klasse||"},
        {"Klassenlehrerin: Frau Dr. Weiß", "Frau Dr. Weiß|||"},
        {"Wintersemester 2023/24", "||Wintersemester|2023"},
        {"Classe : 6e B\tProfesseur principal : Mme Dupont", "Mme Dupont|6e B||"},
        {"Emploi du temps CM2", "|CM2||"},
        {"Année scolaire 2023-2024\n1er trimestre", "||1er trimestre|2023"},
        {"Curso 2º B\tDocente: Ana García", "Ana García|2º B||"},
        {"Horario de clases – Segundo B", "|Segundo B||"},
        {"Año escolar 2024\tSegundo trimestre", "||Segundo trimestre|2024"},
        {"Orario delle lezioni Classe 3A\tAnno scolastico 2024/2025", "|3A||2024"},
        {"Turma: 7º Ano B\tDiretor de turma: Rui Costa", "Rui Costa|7º Ano B||"},
        {"Rooster klas 2B\tMentor: Mevrouw De Vries", "Mevrouw De Vries|2B||"},
        {"Plan lekcji klasa 5a\tWychowawca: Jan Nowak", "Jan Nowak|5a||"},
        {"Schema klass 4B\tMentor: Lena Berg", "Lena Berg|4B||"},
        {"Ders programı Sınıf: 5-A", "|5-A||"},
        {"Amchlár Rang 3\tMúinteoir: Ms Ní Bhriain", "Ms Ní Bhriain|Rang 3||"},
    };
    CHECK(rows);
}

static void test_schools(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"Little Thurrock Primary School", "||||Little Thurrock Primary School"},
        {"Kendriya Vidyalaya No. 2", "||||Kendriya Vidyalaya No. 2"},
        {"St Bede's C of E Primary", "||||St Bede's C of E Primary"},
        {"St. Xavier's High School\nClass: IX A", "|IX A|||St. Xavier's High School"},
        {"The Belvoir School", "||||The Belvoir School"},
        {"Scoil Naomh Barra", "||||Scoil Naomh Barra"},
        {"M.M.M. University of Technology, Gorakhpur", "||||M.M.M. University of Technology"},
        {"Lincoln Elementary", "||||Lincoln Elementary"},
        {"Rangi Bay College", "||||Rangi Bay College"},
        {"St Mary's Primary School Year 4", "|Year 4|||St Mary's Primary School"},
        {"Dr. B. R. Ambedkar School", "||||Dr. B. R. Ambedkar School"},
        {"School: Hill Top", "||||Hill Top"},
        {"School Timetable", "||||"},
        {"Middle School Schedule", "||||"},
        {"PE kit is in school all week", "||||"},
    };
    CHECK(rows);
}

static void test_nothing(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"", "|||||"},
        {"CLASS TIMETABLE", "|||||"},
        {"Weekly Timetable", "|||||"},
        {"Daily Schedule— Monday, Tuesday, Thursday", "|||||"},
        {"Class of 2026", "|||||"},
        {"Room: 12", "|||||"},
        {"Room:\t12B", "|||||"},
        {"Name: Lara Lovelace", "|||||"},
        {"Name:\tMrs Lovelace", "|||||"},
        {"Branch: B.Tech (Information Technology & Computer", "|||||"},
        {"TL-113", "|||||"},
        {"Prepared by: Mr X. Menon", "|||||"},
        {"Jane Doe (10A)", "|||||"},
        {"Date: 12/08/2024", "|||||"},
        {"Updated 3 Sept 2024", "|||||"},
        {"Timetable generated:29/12/2022", "|||||"},
        {">Timetable generated:6/21/2020\t>aSc Timetables\t>1R1", "|||||"},
        {"Enable Content", "|||||"},
        {"File Home Insert Draw Design Layout", "|||||"},
        {"Some active content has been disabled. Click for more details.", "|||||"},
        {"MATH Mathematics", "|||||"},
        {"PE\tPhysical Education (Sec 1)\tFTP\tForm Teacher Period", "|||||"},
        {"1A\t1B\t1C", "|||||"},
        {"Mrs Pell\tMr Oakes", "|||||"},
        {"Operating System :- Prof. Jyotiprakash Mishra", "|||||"},
        {">Teacher Name\n>Business Communication :- Prof. Swati Samantray", "|||||"},
        {">Timetable may change during the term.", "|||||"},
        {">4M\n>Term 3 2024\n>Mrs Thornton", "|||||"},
        {"9:00am\t12.30\t1pm", "|||||"},
        {"Acorn Nursery – Daily Routine", "||||Acorn Nursery|"},
        {"Summer", "|||||"},
        {"P5", "|||||"},
        {"Dance Class Timetable", "|||||"},
        {"Summer School Trip", "|||||"},
        {"Weeks 3-13", "|||||"},
    };
    CHECK(rows);
}

static void test_groups(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"Robins – Miss Begum – Spring 2 2024", "Miss Begum|Robins|Spring 2|2024"},
        {"Hedgehogs – our week", "|Hedgehogs||"},
        {"#Sunflower Group\nMrs. Lund · Tuesday, Wednesday & Thursday", "Mrs. Lund|Sunflower Group||"},
        {"1 Pearse", "|1 Pearse||"},
        {"Rooster H3b week 41", "|H3b||"},
        {"Emploi du temps – Classe de CE2 – Mme Garnier", "Mme Garnier|CE2||"},
        {"Class teacher: Mr Nairn Session 2024/25", "Mr Nairn|||2024"},
        {"CURSO: 2022-2023   CLASE: 4º A", "|4º A||2022"},
        {"Class: $1 Bruce", "|S1 Bruce||"},
        {"Weekrooster groep 5 – juf Marieke – schooljaar 2023-2024", "juf Marieke|groep 5||2023"},
        {"12 March", "|||"},
        {"Biology – our week", "|||"},
    };
    CHECK(rows);
}

static void test_footers(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {">Class Teacher: Ms Tran", "Ms Tran|||"},
        {">Academic year 2023-24", "|||2023"},
        {"Class: 4M\n>Class: 5W", "|4M||"},
        {">FT: Form Time", "|||"},
    };
    CHECK(rows);
}

static void test_keeps_what_is_there(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    sheet_t sheet;
    timetable_t table = {.class_name = "3P", .year = 2020};
    write_sheet(arena, &sheet, "Class: 4M Term 3 2024");
    heading_read(sheet.phrases, sheet.count, arena, &table);
    assert_string_equal(table.class_name, "3P");
    assert_string_equal(table.term, "Term 3");
    assert_int_equal(table.year, 2020);
    arena_destroy(&arena);
}

/* Any bytes are a heading: every prefix of odd lines, under the sanitizers. */
static void test_odd(void **state)
{
    (void)state;
    static const char *const texts[] = {
        ":::: ;;; --- ...",
        "Class::::Teacher:",
        "’s ’s 's' '' Mrs ’s",
        "\xFF\xFE Class: \xC3",
        "((((Year (5)))) [Term] 3",
        "2024/25/26 99/99/9999 2024-",
        "Mr Mr Mr Mr & Mr & & Mr",
        "Grade-Grade-5-5-5 Term1Term2 Y5Y5",
        "Class: ÉÉ\xC3",
        "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z",
        "Pneumonoultramicroscopicsilicovolcanoconiosisschool Supercalifragilisticexpialidocious's Timetable",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t size = 1; size <= strlen(texts[i]); size++) {
            arena_t *arena = arena_new();
            heading_phrase_t phrase = {.text = arena_text_n(arena, texts[i], size), .confidence = 1, .title = true};
            timetable_t table = {0};
            heading_read(&phrase, 1, arena, &table);
            arena_destroy(&arena);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels),     cmocka_unit_test(test_misread),
        cmocka_unit_test(test_unlabelled), cmocka_unit_test(test_schools),
        cmocka_unit_test(test_languages),  cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_footers),    cmocka_unit_test(test_groups),
        cmocka_unit_test(test_odd),        cmocka_unit_test(test_keeps_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
