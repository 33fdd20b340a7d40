/* pdf: PDF documents by poppler-glib: words, drawn pages. Used by intake.c alone. */
#ifndef YOGI_INTAKE_PDF_H
#define YOGI_INTAKE_PDF_H

#include "actors/picture/picture.h"
#include "proto/base/arena.h"
#include "proto/page.h"

typedef struct pdf pdf_t;

/* Opens; the bytes must outlive it. NULL with the fault: encrypted, damaged. */
pdf_t *pdf_open(const uint8_t *bytes, size_t size, fault_t *fault) __attribute__((warn_unused_result));
void pdf_close(pdf_t **pdf);

int pdf_pages(const pdf_t *pdf); /* >= 1 */

/* Whether the page's own words are what is to be seen on it, so that it need not be read by OCR. */
bool pdf_page_has_text(pdf_t *pdf, int index);

/* The page's words at dpi into a zeroed page. 0, or -1 with the fault. */
int pdf_page(pdf_t *pdf, int index, double dpi, arena_t *arena, page_t *page, fault_t *fault)
    __attribute__((warn_unused_result));

/* The page drawn at dpi, over white. NULL with the fault. */
picture_t *pdf_picture(pdf_t *pdf, int index, double dpi, fault_t *fault) __attribute__((warn_unused_result));

/* Resolution of the largest picture on the page, px per inch; 0 where it has none. */
double pdf_page_dpi(pdf_t *pdf, int index);

/* The longer side of the page, inches; 0 where it cannot be read. */
double pdf_page_inches(pdf_t *pdf, int index);

#endif
