/* markup: text as it may stand in HTML and XML, between tags and within quoted attributes. */
#ifndef YOGI_BASE_MARKUP_H
#define YOGI_BASE_MARKUP_H

#include "buf.h"

/* Appends the text with & < > " ' escaped. */
void markup_text(const char *text, buf_t *out);

#endif
