/* column: times one below the other, which are the rows of a list; found for lists, which reads what stands beside
 * them. A column of starts and one of ends are one; a column of durations beside them is none.
 */
#ifndef YOGI_RULES_COLUMN_H
#define YOGI_RULES_COLUMN_H

#include "view.h"

/* Rows of one list: five days of half-hours are 240; and lists of one page. What comes after them is left out. */
enum { COLUMN_ROWS_MOST = 256, COLUMNS_MOST = 12 };

typedef struct column column_t;
struct column {
    const label_t *rows[COLUMN_ROWS_MOST];
    const label_t *ends[COLUMN_ROWS_MOST]; /* where a column of its own has them; NULL */
    const label_t *days[COLUMN_ROWS_MOST]; /* what names the days of a row; NULL */
    size_t count;
    extent_t x;             /* px that its times take */
    extent_t panel;         /* px across which its rows reach; for who reads the lists */
    const column_t *lender; /* the list at its left whose names stand for its rows too, or NULL; for who reads them */
};

/* All columns of a page from left to right, at most COLUMNS_MOST; returns how many. */
size_t columns_of(const view_t *view, column_t **out);

/* "7", "IV.": the number of a row. "Period 4" is what takes place. */
bool column_is_number(const char *text);

/* Whether print beside times may say what takes place: no time, no day, no number of a row, no length. */
bool column_content(const label_t *label);

/* px along which a row reaches: its cell, or half-way to its neighbours. */
extent_t column_row(const column_t *column, size_t i);

/* The row of `other` that stands level with a row of `column`, -1 for none. */
int column_level(const column_t *column, size_t row, const column_t *other);

#endif
