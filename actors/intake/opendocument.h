/* opendocument: OpenDocument texts and spreadsheets (OASIS ODF 1.2, ODT and ODS). Used by intake.c alone. */
#ifndef YOGI_INTAKE_OPENDOCUMENT_H
#define YOGI_INTAKE_OPENDOCUMENT_H

#include "package.h"
#include "proto/page.h"

typedef struct opendocument opendocument_t;

/* Reads the document (sheet: a spreadsheet, else a text); the package is not needed afterwards. NULL with the fault. */
opendocument_t *opendocument_open(package_t *package, bool sheet, fault_t *fault) __attribute__((warn_unused_result));
void opendocument_close(opendocument_t **document);

/* A text is one page; of a spreadsheet the tables that hold something are. */
int opendocument_pages(const opendocument_t *document);

/* Lays a page out at 96 px per inch into a zeroed page. 0, or -1 with the fault. */
int opendocument_page(opendocument_t *document, int index, arena_t *arena, page_t *page, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
