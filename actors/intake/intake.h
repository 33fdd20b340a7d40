/* intake: one way into every kind of document, chosen by content.
 *
 * Used by the stages classification, ocr and render, in a worker. Bytes are hostile: everything is limited.
 * Rooms behind it: picture (pictures), pdf (poppler-glib), docx, xlsx, opendocument (libzip and libxml2).
 */
#ifndef YOGI_INTAKE_H
#define YOGI_INTAKE_H

#include "actors/picture/picture.h"
#include "proto/base/arena.h"
#include "proto/page.h"

typedef struct intake intake_t;

typedef enum {
    INTAKE_PICTURE, /* PNG, JPEG, TIFF, WebP, GIF, BMP, HEIC */
    INTAKE_PDF,
    INTAKE_DOCX,
    INTAKE_XLSX,
    INTAKE_ODT,
    INTAKE_ODS,
} intake_format_t;

/* How a page can be read. */
typedef enum {
    INTAKE_PAGE_PICTURE, /* pixels only: read it by OCR */
    INTAKE_PAGE_TEXT,    /* its own words can be trusted; a PDF page can be drawn as well */
    INTAKE_PAGE_CELLS,   /* words and cells, no picture (DOCX, XLSX, ODT, ODS) */
} intake_page_t;

/* Most pages of one document that are read. */
enum { INTAKE_PAGES_MOST = 100 };

/* Opens a document. The bytes must outlive it. NULL with the fault: unsupported (a sentence that says what the file is
 * when that can be told: "a text file", "a Word 97 document: save it as DOCX"), damaged, encrypted, too large. */
intake_t *intake_open(const uint8_t *bytes, size_t size, fault_t *fault) __attribute__((warn_unused_result));
void intake_close(intake_t **intake);

intake_format_t intake_format(const intake_t *intake);
const char *intake_media(const intake_t *intake); /* "image/png", "application/pdf" … */
int intake_pages(const intake_t *intake);         /* >= 1 */

/* How page `index` (from 0) can be read. A PDF page whose hidden text does not lie on the ink is a picture. */
intake_page_t intake_page_kind(intake_t *intake, int index);

/* Words (and for DOCX, XLSX, ODT, ODS cells, rules, fills) of a page that is not INTAKE_PAGE_PICTURE into the zeroed
 * page; everything from the arena. A PDF page is measured in px of `dpi` (as intake_picture draws it). */
int intake_page(intake_t *intake, int index, double dpi, arena_t *arena, page_t *page, fault_t *fault)
    __attribute__((warn_unused_result));

/* The pixels of a page: the picture itself, or a PDF page drawn at `dpi` (ignored for pictures). NULL with the fault;
 * DOCX, XLSX, ODT and ODS have none. */
picture_t *intake_picture(intake_t *intake, int index, double dpi, fault_t *fault) __attribute__((warn_unused_result));

/* The same for a glance: the longer side about `side` px or more, whatever is cheapest. */
picture_t *intake_preview(intake_t *intake, int index, int side, fault_t *fault) __attribute__((warn_unused_result));

/* The largest embedded picture's resolution of a scanned PDF page, px per inch; 0 where there is none. */
double intake_page_dpi(intake_t *intake, int index);

#endif
