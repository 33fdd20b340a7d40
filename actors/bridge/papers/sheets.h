/* sheets: the pages of a dossier as JSON for programs outside: all words in one list, each with the number of its page,
 * and the pages without them; and back. For payload.c and result.c. Pure.
 */
#ifndef YOGI_BRIDGE_SHEETS_H
#define YOGI_BRIDGE_SHEETS_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/fault.h"
#include "proto/page.h"

#include <jansson.h>
#include <stdbool.h>

/* Whether an object says anything of pages. */
bool sheets_there(const json_t *json);

/* The pages that an object tells of: `pages`, with their own words or none; `words`, which go to the page of their
 * number (made where it is not among them, as large as what stands on it); or `text` alone, whose letters then stand on
 * a page of even columns. Words that name no line are put into lines, and those without a confidence have the object's.
 * -1 with FAULT_INPUT. */
int sheets_read(const json_t *json, arena_t *arena, list_t *pages, fault_t *fault) __attribute__((warn_unused_result));

/* Appends what stands on the pages as text: a line for each line, an empty one between pages. */
void sheets_write_text(const list_t *pages, buf_t *out);

/* Appends the words of all pages, and the pages without them, as JSON arrays. */
void sheets_write_words(const list_t *pages, buf_t *out);
void sheets_write_pages(const list_t *pages, buf_t *out);

#endif
