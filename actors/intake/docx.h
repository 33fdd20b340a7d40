/* docx: Word documents (ECMA-376 part 1, WordprocessingML), transitional and strict. Used by intake.c alone. */
#ifndef YOGI_INTAKE_DOCX_H
#define YOGI_INTAKE_DOCX_H

#include "package.h"
#include "proto/page.h"

typedef struct docx docx_t;

/* Reads the whole document; the package is not needed afterwards. NULL with the fault. */
docx_t *docx_open(package_t *package, fault_t *fault) __attribute__((warn_unused_result));
void docx_close(docx_t **docx);

/* Pages: parts between page breaks that stand between tables; 1 where there are none. */
int docx_pages(const docx_t *docx);

/* Whether it has no table and next to no text: what it shows is a picture, then. */
bool docx_is_empty(const docx_t *docx);

/* Lays a page out at 96 px per inch into a zeroed page. 0, or -1 with the fault. */
int docx_page(docx_t *docx, int index, arena_t *arena, page_t *page, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
