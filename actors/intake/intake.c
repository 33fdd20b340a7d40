/* intake: see intake.h. Here: which room a document belongs to, and what to say of one that belongs to none. */
#include "intake.h"

#include "actors/picture/picture_file.h"
#include "pdf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct intake {
    intake_format_t format;
    const uint8_t *bytes;
    size_t size;
    const char *media;
    int pages;
    pdf_t *pdf; /* INTAKE_PDF */
};

/* A PDF's header may have some bytes before it (ISO 32000-1, annex H.3: within the first 1024). */
static bool is_pdf(const uint8_t *bytes, size_t size)
{
    return memmem(bytes, size < 1024 ? size : 1024, "%PDF-", 5) != NULL;
}

static int open_picture(intake_t *intake, fault_t *fault)
{
    intake->format = INTAKE_PICTURE;
    intake->media = picture_file_media(picture_file_kind(intake->bytes, intake->size));
    intake->pages = picture_count(intake->bytes, intake->size, fault);
    return intake->pages < 1 ? -1 : 0;
}

static int open_pdf(intake_t *intake, fault_t *fault)
{
    intake->format = INTAKE_PDF;
    intake->media = "application/pdf";
    intake->pdf = pdf_open(intake->bytes, intake->size, fault);
    if (!intake->pdf)
        return -1;
    intake->pages = pdf_pages(intake->pdf);
    return 0;
}

intake_t *intake_open(const uint8_t *bytes, size_t size, fault_t *fault)
{
    if (size == 0) {
        fault_set(fault, FAULT_UNSUPPORTED, "the file is empty; send the document itself");
        return NULL;
    }
    intake_t *intake = calloc(1, sizeof *intake);
    if (!intake) {
        fault_set(fault, FAULT_MEMORY, "no memory");
        return NULL;
    }
    intake->bytes = bytes, intake->size = size;
    int failed = picture_file_kind(bytes, size) != PICTURE_FILE_NONE ? open_picture(intake, fault)
                 : is_pdf(bytes, size)                               ? open_pdf(intake, fault)
                                                                     : fault_set(fault, FAULT_UNSUPPORTED, "unknown");
    if (failed)
        intake_close(&intake);
    return intake;
}

void intake_close(intake_t **intake)
{
    if (!intake || !*intake)
        return;
    pdf_close(&(*intake)->pdf);
    free(*intake);
    *intake = NULL;
}

intake_format_t intake_format(const intake_t *intake)
{
    return intake->format;
}

const char *intake_media(const intake_t *intake)
{
    return intake->media;
}

int intake_pages(const intake_t *intake)
{
    return intake->pages;
}

intake_page_t intake_page_kind(intake_t *intake, int index)
{
    assert(index >= 0 && index < intake->pages);
    if (intake->format == INTAKE_PICTURE)
        return INTAKE_PAGE_PICTURE;
    if (intake->format == INTAKE_PDF)
        return pdf_page_has_text(intake->pdf, index) ? INTAKE_PAGE_TEXT : INTAKE_PAGE_PICTURE;
    return INTAKE_PAGE_CELLS;
}

int intake_page(intake_t *intake, int index, double dpi, arena_t *arena, page_t *page, fault_t *fault)
{
    assert(index >= 0 && index < intake->pages && intake->format != INTAKE_PICTURE);
    return pdf_page(intake->pdf, index, dpi, arena, page, fault);
}

picture_t *intake_picture(intake_t *intake, int index, double dpi, fault_t *fault)
{
    assert(index >= 0 && index < intake->pages);
    if (intake->format == INTAKE_PICTURE)
        return picture_decode(intake->bytes, intake->size, index, fault);
    if (intake->format == INTAKE_PDF)
        return pdf_picture(intake->pdf, index, dpi, fault);
    fault_set(fault, FAULT_UNSUPPORTED, "a %s document has no picture of its pages", intake->media);
    return NULL;
}

double intake_page_dpi(intake_t *intake, int index)
{
    assert(index >= 0 && index < intake->pages);
    return intake->format == INTAKE_PDF ? pdf_page_dpi(intake->pdf, index) : 0;
}
