/* view: a page as the engine sees it: its phrases and labels, found once and borrowed by every layout that is tried. */
#ifndef YOGI_RULES_VIEW_H
#define YOGI_RULES_VIEW_H

#include "label.h"

#include <string.h>

typedef struct {
    arena_t *arena; /* of the document */
    const page_t *page;
    phrases_t phrases;
    labels_t labels;
} view_t;

/* Whether the page's words were read from pixels; else they are the document's own, and exact. */
static inline bool view_is_read(const view_t *view)
{
    return view->page->origin && strcmp(view->page->origin, "ocr") == 0;
}

#endif
