/* owner: print that names a class or a teacher and nothing else, or stands in a column that is headed so: whose row or
 * column a table's cells are. Judged once for all labels of a page.
 */
#ifndef YOGI_RULES_OWNER_H
#define YOGI_RULES_OWNER_H

#include "view.h"

typedef enum { OWNER_NONE, OWNER_CLASS, OWNER_TEACHER } owner_t;

typedef struct owners owners_t;

/* Judges the labels of a page; borrows the view. */
owners_t *owners_of(const view_t *view);

/* What a label of the view is as the heading of a row (days as rows) or column. Only whole cells are any. */
owner_t owner_at(const owners_t *owners, const label_t *label, lie_t lie);

/* What a text names. */
owner_t owner_of_text(const char *text);

#endif
