/* English words stand here, since a word means more in a heading than in a table; those of other languages come from
 * the vocabulary. Used by headword alone. */
#include "headlexicon.h"
#include "headword.h"
#include "proto/base/text.h"
#include "vocabulary.h"

#include <stdbool.h>
#include <string.h>

enum {
    FUZZY_LEAST = 5
}; /* letters of a label that may be misread by one; shorter ones are one letter from other words */

static const unsigned LABELS = HEAD_TEACHER | HEAD_CLASS | HEAD_SECTION | HEAD_UNIT | HEAD_TERM | HEAD_YEARS |
                               HEAD_WEEK | HEAD_SCHOOL | HEAD_OTHER;

/* Forms are folded. */
static const struct {
    const char *form;
    unsigned can;
} lexicon[] = {
    {"teacher", HEAD_TEACHER},
    {"teachers", HEAD_TEACHER},
    {"class teacher", HEAD_TEACHER},
    {"classteacher", HEAD_TEACHER},
    {"class teachers", HEAD_TEACHER},
    {"form teacher", HEAD_TEACHER},
    {"form teachers", HEAD_TEACHER},
    {"homeroom teacher", HEAD_TEACHER},
    {"head teacher", HEAD_OTHER},
    {"headteacher", HEAD_OTHER},
    {"teacher name", HEAD_TEACHER},
    {"teachers name", HEAD_TEACHER},
    {"name of teacher", HEAD_TEACHER},
    {"name of the teacher", HEAD_TEACHER},
    {"teacher in charge", HEAD_TEACHER},
    {"class in charge", HEAD_TEACHER},
    {"class incharge", HEAD_TEACHER},
    {"in charge", HEAD_TEACHER | HEAD_WEAK},
    {"incharge", HEAD_TEACHER | HEAD_WEAK},
    {"tutor", HEAD_TEACHER},
    {"form tutor", HEAD_TEACHER},
    {"class tutor", HEAD_TEACHER},
    {"group tutor", HEAD_TEACHER},
    {"form master", HEAD_TEACHER},
    {"form mistress", HEAD_TEACHER},
    {"homeroom", HEAD_TEACHER | HEAD_WEAK},
    {"advisor", HEAD_TEACHER | HEAD_WEAK},
    {"adviser", HEAD_TEACHER | HEAD_WEAK},
    {"instructor", HEAD_TEACHER | HEAD_WEAK},
    {"lecturer", HEAD_TEACHER | HEAD_WEAK},
    {"faculty", HEAD_TEACHER | HEAD_WEAK},
    {"ft", HEAD_TEACHER | HEAD_WEAK},
    {"class", HEAD_CLASS},
    {"class name", HEAD_CLASS},
    {"class group", HEAD_CLASS},
    {"group", HEAD_CLASS | HEAD_WEAK},
    {"tutor group", HEAD_CLASS},
    {"form group", HEAD_CLASS},
    {"form class", HEAD_CLASS},
    {"class section", HEAD_CLASS},
    {"class sec", HEAD_CLASS},
    {"class and section", HEAD_CLASS},
    {"class and sec", HEAD_CLASS},
    {"class div", HEAD_CLASS},
    {"year class", HEAD_CLASS},
    {"section", HEAD_SECTION | HEAD_WEAK},
    {"sec", HEAD_SECTION | HEAD_WEAK | HEAD_UNIT},
    {"division", HEAD_SECTION | HEAD_WEAK},
    {"div", HEAD_SECTION | HEAD_WEAK},
    {"grade", HEAD_UNIT},
    {"grades", HEAD_UNIT},
    {"grade level", HEAD_UNIT},
    {"gr", HEAD_UNIT},
    {"year", HEAD_UNIT | HEAD_YEARS},
    {"yr", HEAD_UNIT},
    {"year group", HEAD_UNIT},
    {"form", HEAD_UNIT | HEAD_CLASS},
    {"std", HEAD_UNIT | HEAD_CLASS},
    {"standard", HEAD_UNIT | HEAD_CLASS},
    {"rang", HEAD_UNIT},
    {"prep", HEAD_UNIT | HEAD_STAGE},
    {"primary", HEAD_UNIT | HEAD_SCHOOL | HEAD_WEAK},
    {"secondary", HEAD_UNIT | HEAD_SCHOOL | HEAD_WEAK},
    {"kindergarten", HEAD_UNIT | HEAD_STAGE | HEAD_SCHOOL | HEAD_WEAK},
    {"kg", HEAD_UNIT},
    {"jss", HEAD_UNIT},
    {"sss", HEAD_UNIT},
    {"reception", HEAD_UNIT | HEAD_STAGE},
    {"nursery", HEAD_UNIT | HEAD_STAGE | HEAD_SCHOOL | HEAD_WEAK},
    {"preschool", HEAD_STAGE | HEAD_SCHOOL | HEAD_WEAK},
    {"pre school", HEAD_STAGE},
    {"pre k", HEAD_STAGE},
    {"prek", HEAD_STAGE},
    {"foundation", HEAD_UNIT | HEAD_STAGE},
    {"eyfs", HEAD_STAGE},
    {"junior infants", HEAD_STAGE},
    {"senior infants", HEAD_STAGE},
    {"sixth form", HEAD_STAGE},
    {"term", HEAD_TERM},
    {"semester", HEAD_TERM},
    {"sem", HEAD_TERM},
    {"trimester", HEAD_TERM},
    {"quarter", HEAD_TERM},
    {"half term", HEAD_TERM},
    {"halfterm", HEAD_TERM},
    {"autumn", HEAD_SEASON},
    {"fall", HEAD_SEASON},
    {"winter", HEAD_SEASON},
    {"spring", HEAD_SEASON},
    {"summer", HEAD_SEASON},
    {"wintersemester", HEAD_SEASON},
    {"sommersemester", HEAD_SEASON},
    {"wise", HEAD_SEASON},
    {"sose", HEAD_SEASON},
    {"michaelmas", HEAD_SEASON},
    {"hilary", HEAD_SEASON},
    {"lent", HEAD_SEASON},
    {"trinity", HEAD_SEASON},
    {"academic year", HEAD_YEARS},
    {"academic session", HEAD_YEARS},
    {"school year", HEAD_YEARS},
    {"session", HEAD_YEARS},
    {"ay", HEAD_YEARS},
    {"week", HEAD_WEEK},
    {"wk", HEAD_WEEK},
    {"weeks", HEAD_OTHER},
    {"week beginning", HEAD_STAMP},
    {"week commencing", HEAD_STAMP},
    {"school", HEAD_SCHOOL | HEAD_WEAK},
    {"schools", HEAD_SCHOOL | HEAD_WEAK},
    {"school name", HEAD_SCHOOL},
    {"name of school", HEAD_SCHOOL},
    {"name of the school", HEAD_SCHOOL},
    {"academy", HEAD_SCHOOL},
    {"college", HEAD_SCHOOL},
    {"university", HEAD_SCHOOL},
    {"institute", HEAD_SCHOOL},
    {"institution", HEAD_SCHOOL},
    {"polytechnic", HEAD_SCHOOL},
    {"vidyalaya", HEAD_SCHOOL},
    {"vidyalay", HEAD_SCHOOL},
    {"vidya mandir", HEAD_SCHOOL},
    {"mandir", HEAD_SCHOOL},
    {"scoil", HEAD_SCHOOL},
    {"gaelscoil", HEAD_SCHOOL},
    {"ysgol", HEAD_SCHOOL},
    {"convent", HEAD_SCHOOL},
    {"grammar", HEAD_SCHOOL | HEAD_WEAK},
    {"elementary", HEAD_SCHOOL | HEAD_WEAK},
    {"intermediate", HEAD_SCHOOL | HEAD_WEAK},
    {"high", HEAD_SCHOOL | HEAD_WEAK},
    {"middle", HEAD_SCHOOL | HEAD_WEAK},
    {"junior", HEAD_SCHOOL | HEAD_WEAK},
    {"infants", HEAD_SCHOOL | HEAD_WEAK},
    {"campus", HEAD_SCHOOL | HEAD_WEAK},
    {"mr", HEAD_PERSON},
    {"mrs", HEAD_PERSON},
    {"ms", HEAD_PERSON},
    {"miss", HEAD_PERSON},
    {"mx", HEAD_PERSON},
    {"dr", HEAD_PERSON},
    {"prof", HEAD_PERSON},
    {"professor", HEAD_PERSON},
    {"sir", HEAD_PERSON},
    {"madam", HEAD_PERSON},
    {"mme", HEAD_PERSON},
    {"smt", HEAD_PERSON},
    {"shri", HEAD_PERSON},
    {"sri", HEAD_PERSON},
    {"rev", HEAD_PERSON},
    {"timetable", HEAD_TABLE},
    {"time table", HEAD_TABLE},
    {"timetables", HEAD_TABLE},
    {"time tables", HEAD_TABLE},
    {"schedule", HEAD_TABLE},
    {"bell schedule", HEAD_TABLE},
    {"weekly", HEAD_TABLE},
    {"daily", HEAD_TABLE},
    {"planner", HEAD_TABLE},
    {"calendar", HEAD_TABLE},
    {"overview", HEAD_TABLE},
    {"routine", HEAD_TABLE},
    {"plan", HEAD_TABLE},
    {"class timetable", HEAD_TABLE},
    {"horario", HEAD_TABLE},
    {"orario", HEAD_TABLE},
    {"class program", HEAD_TABLE},
    {"class programme", HEAD_TABLE},
    {"class time table", HEAD_TABLE},
    {"class schedule", HEAD_TABLE},
    {"class routine", HEAD_TABLE},
    {"school timetable", HEAD_TABLE},
    {"school time table", HEAD_TABLE},
    {"school schedule", HEAD_TABLE},
    {"school week", HEAD_TABLE},
    {"school day", HEAD_TABLE},
    {"my", HEAD_TABLE},
    {"our", HEAD_TABLE},
    {"unsere", HEAD_TABLE},
    {"unser", HEAD_TABLE},
    {"meine", HEAD_TABLE},
    {"mein", HEAD_TABLE},
    {"notre", HEAD_TABLE},
    {"onze", HEAD_TABLE},
    {"draft", HEAD_TABLE},
    {"final", HEAD_TABLE},
    {"january", HEAD_MONTH},
    {"february", HEAD_MONTH},
    {"march", HEAD_MONTH},
    {"april", HEAD_MONTH},
    {"may", HEAD_MONTH},
    {"june", HEAD_MONTH},
    {"july", HEAD_MONTH},
    {"august", HEAD_MONTH},
    {"september", HEAD_MONTH},
    {"october", HEAD_MONTH},
    {"november", HEAD_MONTH},
    {"december", HEAD_MONTH},
    {"jan", HEAD_MONTH},
    {"feb", HEAD_MONTH},
    {"mar", HEAD_MONTH},
    {"apr", HEAD_MONTH},
    {"jun", HEAD_MONTH},
    {"jul", HEAD_MONTH},
    {"aug", HEAD_MONTH},
    {"sep", HEAD_MONTH},
    {"sept", HEAD_MONTH},
    {"oct", HEAD_MONTH},
    {"nov", HEAD_MONTH},
    {"dec", HEAD_MONTH},
    {"of", HEAD_GLUE},
    {"for", HEAD_GLUE},
    {"the", HEAD_GLUE},
    {"and", HEAD_GLUE},
    {"with", HEAD_GLUE},
    {"monday", HEAD_DAY},
    {"tuesday", HEAD_DAY},
    {"wednesday", HEAD_DAY},
    {"thursday", HEAD_DAY},
    {"friday", HEAD_DAY},
    {"saturday", HEAD_DAY},
    {"sunday", HEAD_DAY},
    {"mondays", HEAD_DAY},
    {"tuesdays", HEAD_DAY},
    {"wednesdays", HEAD_DAY},
    {"thursdays", HEAD_DAY},
    {"fridays", HEAD_DAY},
    {"de", HEAD_PARTICLE},
    {"du", HEAD_PARTICLE},
    {"des", HEAD_PARTICLE},
    {"der", HEAD_PARTICLE},
    {"del", HEAD_PARTICLE},
    {"della", HEAD_PARTICLE},
    {"dei", HEAD_PARTICLE},
    {"da", HEAD_PARTICLE},
    {"do", HEAD_PARTICLE},
    {"van", HEAD_PARTICLE},
    {"von", HEAD_PARTICLE},
    {"den", HEAD_PARTICLE},
    {"mdm", HEAD_PERSON},
    {"tr", HEAD_PERSON},
    {"juf", HEAD_PERSON},
    {"meester", HEAD_PERSON},
    {"mister", HEAD_PERSON},
    {"mres", HEAD_DEGREE},
    {"msc", HEAD_DEGREE},
    {"bsc", HEAD_DEGREE},
    {"mphil", HEAD_DEGREE},
    {"meng", HEAD_DEGREE},
    {"beng", HEAD_DEGREE},
    {"mba", HEAD_DEGREE},
    {"bba", HEAD_DEGREE},
    {"phd", HEAD_DEGREE},
    {"llb", HEAD_DEGREE},
    {"llm", HEAD_DEGREE},
    {"generated", HEAD_STAMP},
    {"updated", HEAD_STAMP},
    {"last updated", HEAD_STAMP},
    {"printed", HEAD_STAMP},
    {"created", HEAD_STAMP},
    {"revised", HEAD_STAMP},
    {"modified", HEAD_STAMP},
    {"exported", HEAD_STAMP},
    {"copyright", HEAD_STAMP},
    {"version", HEAD_STAMP},
    {"wef", HEAD_SINCE},
    {"effective", HEAD_SINCE},
    {"effective from", HEAD_SINCE},
    {"with effect from", HEAD_SINCE},
    {"from", HEAD_SINCE},
    {"starting", HEAD_SINCE},
    {"valid from", HEAD_SINCE},
    {"date", HEAD_OTHER | HEAD_WEAK},
    {"room", HEAD_OTHER | HEAD_UNIT},
    {"rm", HEAD_OTHER | HEAD_WEAK},
    {"room no", HEAD_OTHER},
    {"venue", HEAD_OTHER | HEAD_WEAK},
    {"branch", HEAD_OTHER | HEAD_WEAK},
    {"course", HEAD_OTHER | HEAD_WEAK},
    {"programme", HEAD_OTHER | HEAD_WEAK},
    {"program", HEAD_OTHER | HEAD_WEAK},
    {"department", HEAD_OTHER},
    {"dept", HEAD_OTHER},
    {"subject", HEAD_OTHER | HEAD_WEAK},
    {"name", HEAD_OTHER | HEAD_WEAK},
    {"student", HEAD_OTHER | HEAD_WEAK},
    {"student name", HEAD_OTHER | HEAD_WEAK},
    {"principal", HEAD_OTHER},
    {"period", HEAD_OTHER | HEAD_WEAK},
    {"lesson", HEAD_OTHER | HEAD_WEAK},
    {"odd", HEAD_ORDINAL},
    {"even", HEAD_ORDINAL},
    {"first", HEAD_ORDINAL},
    {"second", HEAD_ORDINAL},
    {"third", HEAD_ORDINAL},
    {"fourth", HEAD_ORDINAL},
    {"fifth", HEAD_ORDINAL},
    {"sixth", HEAD_ORDINAL},
    {"seventh", HEAD_ORDINAL},
    {"eighth", HEAD_ORDINAL},
};

/* What an entry of the vocabulary is in a heading; without a name, every other entry of its section. */
static const struct {
    const char *section, *entry;
    unsigned can;
} readings[] = {
    {"teacher", "mr", HEAD_PERSON},
    {"teacher", "teaching assistant", HEAD_OTHER | HEAD_WEAK},
    {"teacher", NULL, HEAD_TEACHER},
    {"class", "class", HEAD_CLASS},
    {"class", "grade", HEAD_UNIT | HEAD_ORDINAL}, /* Segundo, Troisième are grades too */
    {"class", "reception", HEAD_STAGE},
    {"class", NULL, HEAD_CLASS | HEAD_WEAK},
    {"term", "autumn", HEAD_SEASON},
    {"term", "spring", HEAD_SEASON},
    {"term", "summer", HEAD_SEASON},
    {"term", "winter", HEAD_SEASON},
    {"term", NULL, HEAD_TERM},
    {"year", NULL, HEAD_YEARS},
    {"school", NULL, HEAD_SCHOOL},
    {"week", NULL, HEAD_WEEK},
    {"months", NULL, HEAD_MONTH},
    {"days", NULL, HEAD_DAY},
    {"furniture", "timetable", HEAD_TABLE},
};

/* Forms that are a label with its value ("Semaine A", "1. Halbjahr") are left to be read word by word; one word with a
 * figure ("CM2") is a class by itself. */
static unsigned fit(const char *plain, unsigned can)
{
    size_t size = strlen(plain);
    const char *space = strrchr(plain, ' ');
    bool figure = strpbrk(plain, "0123456789");
    if (size < 3 && !(can & (HEAD_CLASS | HEAD_UNIT)))
        return 0; /* "M", "Fr", "PP": too short to be sure of */
    if (space && (figure || strlen(space) <= 2))
        return 0;
    if (size < 3)
        can |= HEAD_WEAK;
    return figure ? can & HEAD_UNIT ? HEAD_STAGE : 0 : can;
}

/* What a foreign word is by the vocabulary; its English is here already. */
static unsigned find_foreign(const char *plain)
{
    vocabulary_reading_t found[4];
    const char *section = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        if (section != readings[i].section && (!section || strcmp(section, readings[i].section)))
            count = vocabulary_readings(readings[i].section, plain, found, sizeof found / sizeof *found);
        section = readings[i].section;
        for (size_t k = 0; k < count; k++) {
            const char *name = vocabulary_name(section, found[k].entry);
            if (found[k].language > 0 && (!readings[i].entry || (name && !strcmp(name, readings[i].entry))))
                return fit(plain, readings[i].can);
        }
    }
    return 0;
}

unsigned headlexicon_find(const char *plain)
{
    for (size_t i = 0; i < sizeof lexicon / sizeof *lexicon; i++)
        if (!strcmp(lexicon[i].form, plain))
            return lexicon[i].can;
    return find_foreign(plain);
}

unsigned headlexicon_nearest(const char *plain)
{
    if (strlen(plain) < FUZZY_LEAST)
        return 0;
    for (size_t i = 0; i < sizeof lexicon / sizeof *lexicon; i++)
        if (lexicon[i].can & LABELS && strlen(lexicon[i].form) >= FUZZY_LEAST &&
            text_distance(lexicon[i].form, plain, 1) <= 1)
            return lexicon[i].can;
    return 0;
}
