/* xlsx: Excel workbooks (ECMA-376 part 1, SpreadsheetML), transitional and strict. Used by intake.c alone. */
#ifndef YOGI_INTAKE_XLSX_H
#define YOGI_INTAKE_XLSX_H

#include "package.h"
#include "proto/page.h"

typedef struct xlsx xlsx_t;

/* Reads the workbook; the package is not needed afterwards. NULL with the fault. */
xlsx_t *xlsx_open(package_t *package, fault_t *fault) __attribute__((warn_unused_result));
void xlsx_close(xlsx_t **xlsx);

/* Sheets that are shown and hold something; 1 where none does. */
int xlsx_pages(const xlsx_t *xlsx);

/* Lays a sheet out at 96 px per inch into a zeroed page. 0, or -1 with the fault. */
int xlsx_page(xlsx_t *xlsx, int index, arena_t *arena, page_t *page, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
