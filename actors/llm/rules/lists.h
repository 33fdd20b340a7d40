/* lists: the layouts in which times run down the page with what takes place beside them: one list for several days
 * ("Monday, Tuesday, Thursday"), lists side by side, sections under the name of a day, and tables with a column for the
 * day.
 */
#ifndef YOGI_RULES_LISTS_H
#define YOGI_RULES_LISTS_H

#include "draft.h"
#include "view.h"

/* The blocks of all lists of a page; `used` (one flag a label) is set for the print that they explain. */
drafts_t lists_read(const view_t *view, bool *used);

#endif
