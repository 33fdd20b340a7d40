/* headpart: the things that headings are made of and that show themselves without a label: terms, classes, people.
 *
 * Pure functions of a line's words; each says how many words the thing takes from word i on, 0 where it is not there.
 */
#ifndef YOGI_RULES_HEADPART_H
#define YOGI_RULES_HEADPART_H

#include "headword.h"

enum { HEADLINE_WORDS = 48 }; /* most words of a line; the longest title among the test documents has 14 */

/* A line and its words. */
typedef struct {
    const char *text;
    headword_t words[HEADLINE_WORDS];
    size_t count;
} headwords_t;

/* Word i is there and may be any of these. */
bool headpart_has(const headwords_t *w, size_t i, unsigned can);

/* A word follows word i, without a comma, a bracket, a colon or a dash between. */
bool headpart_runs_on(const headwords_t *w, size_t i);

/* The same, where a dash may lie between: "VIII - A", "Semester – II". */
bool headpart_runs_on_dashed(const headwords_t *w, size_t i);

/* A number that counts terms: 1 to 8, arabic or roman. */
bool headpart_counts_terms(const headwords_t *w, size_t i);

/* "Autumn 2", "Spring Term", "Term I", "1st Semester", "T3" before a year. */
size_t headpart_term(const headwords_t *w, size_t i);

/* "Mrs Kavanagh", "Dr. B. R. Rao and Ms Lee": a title and the name behind it. */
size_t headpart_person(const headwords_t *w, size_t i);

/* The name of a group that numbers leave out, behind them: "West", "Sampaguita", but no subject or routine. */
bool headpart_names_group(const headwords_t *w, size_t i);

typedef enum {
    CLASS_NONE,
    CLASS_CODE,   /* "4M", "IX A", "Reception", "Room 7" */
    CLASS_SHORT,  /* "P5": may as well be a period */
    CLASS_STRONG, /* names its unit: "Year 5", "2nd Class" */
    CLASS_NAMED,  /* a group with a name: "Owls Class", "Kestrels' Timetable" */
} headclass_t;

/* A class, and which words are its name: of "Class IX A" only the latter two. */
typedef struct {
    headclass_t kind;
    size_t first; /* word of the name */
    size_t end;   /* the word behind the name */
    size_t next;  /* the word to read on from: behind "Class" in "Owls Class" */
} headpart_class_t;

/* kind is CLASS_NONE where no class begins at word i. */
headpart_class_t headpart_class(const headwords_t *w, size_t i);

#endif
