/* dayletters: a column of a list that names the days of each row by letters alone, as registrars print them: "MWF",
 * "TR", "T", "MTWRF", "TuTh". A single letter is too little to be a day by itself; a whole column of them is.
 */
#ifndef YOGI_RULES_DAYLETTERS_H
#define YOGI_RULES_DAYLETTERS_H

#include "column.h"

/* The days of a text of letters, bits; 0 where it is something else. T is Tuesday unless h follows it or a Tuesday
 * stands before it, R is Thursday, U Sunday, S Saturday; days rise. */
unsigned dayletters_read(const char *text);

/* Sets the days of the list's rows where a column of the page has them in letters; whether there is one. */
bool dayletters_find(const view_t *view, column_t *list);

#endif
