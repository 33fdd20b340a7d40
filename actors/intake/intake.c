/* intake: see intake.h. Here: which room a document belongs to, and what to say of one that belongs to none. */
#include "intake.h"

#include "actors/picture/picture_file.h"
#include "docx.h"
#include "intake_refuse.h"
#include "opendocument.h"
#include "pdf.h"
#include "xlsx.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct intake {
    intake_format_t format;
    const uint8_t *bytes;
    size_t size;
    const char *media;
    int pages;
    uint8_t *inner;      /* the picture that a document is but the frame of: bytes lead there */
    pdf_t *pdf;          /* INTAKE_PDF */
    docx_t *docx;        /* INTAKE_DOCX */
    xlsx_t *xlsx;        /* INTAKE_XLSX */
    opendocument_t *odf; /* INTAKE_ODT, INTAKE_ODS */
};

/* A PDF's header may have some bytes before it (ISO 32000-1, annex H.3: within the first 1024). */
static bool is_pdf(const uint8_t *bytes, size_t size)
{
    return memmem(bytes, size < 1024 ? size : 1024, "%PDF-", 5) != NULL;
}

static bool is_zip(const uint8_t *bytes, size_t size)
{
    return size >= 4 && (memcmp(bytes, "PK\3\4", 4) == 0 || memcmp(bytes, "PK\5\6", 4) == 0);
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

static int open_docx(intake_t *intake, package_t *package, fault_t *fault)
{
    intake->format = INTAKE_DOCX;
    intake->media = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    intake->docx = docx_open(package, fault);
    if (!intake->docx)
        return -1;
    intake->pages = docx_pages(intake->docx);
    return 0;
}

/* A Word document with nothing in it but a picture: read the picture. */
static void open_inner(intake_t *intake, package_t *package)
{
    fault_t unused;
    size_t size = 0;
    uint8_t *bytes = docx_is_empty(intake->docx) ? package_largest(package, "word/media/", &size) : NULL;
    int pages = bytes && picture_file_kind(bytes, size) != PICTURE_FILE_NONE ? picture_count(bytes, size, &unused) : 0;
    if (pages < 1) {
        free(bytes);
        return;
    }
    docx_close(&intake->docx);
    intake->format = INTAKE_PICTURE;
    intake->inner = bytes;
    intake->bytes = bytes, intake->size = size;
    intake->pages = pages;
}

static int open_xlsx(intake_t *intake, package_t *package, fault_t *fault)
{
    intake->format = INTAKE_XLSX;
    intake->media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    intake->xlsx = xlsx_open(package, fault);
    if (!intake->xlsx)
        return -1;
    intake->pages = xlsx_pages(intake->xlsx);
    return 0;
}

/* An OpenDocument says what it is in its first part. */
static int open_opendocument(intake_t *intake, package_t *package, fault_t *fault)
{
    char type[80] = "";
    bool said = package_text(package, "mimetype", type, sizeof type);
    bool sheet = strncmp(type, "application/vnd.oasis.opendocument.spreadsheet", 46) == 0;
    if (!said || (!sheet && strncmp(type, "application/vnd.oasis.opendocument.text", 39) != 0))
        return fault_set(fault, FAULT_UNSUPPORTED,
                         "an OpenDocument that is neither a text nor a spreadsheet; save it as PDF");
    intake->format = sheet ? INTAKE_ODS : INTAKE_ODT;
    intake->media =
        sheet ? "application/vnd.oasis.opendocument.spreadsheet" : "application/vnd.oasis.opendocument.text";
    intake->odf = opendocument_open(package, sheet, fault);
    if (!intake->odf)
        return -1;
    intake->pages = opendocument_pages(intake->odf);
    return 0;
}

/* Parts that tell what a zip is, and what to say where it cannot be read. */
static const struct {
    const char *part;
    int (*open)(intake_t *intake, package_t *package, fault_t *fault);
    const char *refusal;
} packages[] = {
    {"word/document.xml", open_docx, NULL},
    {"xl/workbook.xml", open_xlsx, NULL},
    {"ppt/presentation.xml", NULL, "a PowerPoint presentation; save the slide with the timetable as PDF"},
    {"visio/document.xml", NULL, "a Visio drawing; save it as PDF"},
    {"xl/workbook.bin", NULL, "a binary Excel workbook (XLSB); save it as XLSX"},
    {"word/document2.xml", open_docx, NULL}, /* some converters number it */
    {"META-INF/container.xml", NULL, "an electronic book (EPUB); save the page with the timetable as PDF"},
    {"content.xml", open_opendocument, NULL},
    {"META-INF/MANIFEST.MF", NULL, "a Java archive; send the timetable as a picture, PDF, DOCX or XLSX"},
    {"AndroidManifest.xml", NULL, "an Android app; send the timetable as a picture, PDF, DOCX or XLSX"},
    {"Index/Document.iwa", NULL, "a Pages, Numbers or Keynote document; save it as PDF, DOCX or XLSX"},
};

static int open_package(intake_t *intake, fault_t *fault)
{
    package_t *package = package_open(intake->bytes, intake->size, fault);
    int failed = -1;
    if (!package)
        return -1;
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++) {
        if (!package_has(package, packages[i].part))
            continue;
        failed = packages[i].open ? packages[i].open(intake, package, fault)
                                  : fault_set(fault, FAULT_UNSUPPORTED, "%s", packages[i].refusal);
        if (!failed && intake->docx)
            open_inner(intake, package);
        goto done;
    }
    fault_set(
        fault, FAULT_UNSUPPORTED,
        "a zip archive that is no document; unpack it and send the timetable itself (picture, PDF, DOCX or XLSX)");
done:
    package_close(&package);
    return failed;
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
                 : is_zip(bytes, size)                               ? open_package(intake, fault)
                 : is_pdf(bytes, size)                               ? open_pdf(intake, fault)
                                                                     : intake_refuse(bytes, size, fault);
    if (failed)
        intake_close(&intake);
    return intake;
}

void intake_close(intake_t **intake)
{
    if (!intake || !*intake)
        return;
    pdf_close(&(*intake)->pdf);
    docx_close(&(*intake)->docx);
    xlsx_close(&(*intake)->xlsx);
    opendocument_close(&(*intake)->odf);
    free((*intake)->inner);
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
    if (intake->format == INTAKE_DOCX)
        return docx_page(intake->docx, index, arena, page, fault);
    if (intake->format == INTAKE_XLSX)
        return xlsx_page(intake->xlsx, index, arena, page, fault);
    if (intake->format == INTAKE_ODT || intake->format == INTAKE_ODS)
        return opendocument_page(intake->odf, index, arena, page, fault);
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

picture_t *intake_preview(intake_t *intake, int index, int side, fault_t *fault)
{
    assert(index >= 0 && index < intake->pages && side > 0);
    if (intake->format == INTAKE_PICTURE)
        return picture_decode_preview(intake->bytes, intake->size, index, side, fault);
    double inches = intake->format == INTAKE_PDF ? pdf_page_inches(intake->pdf, index) : 0;
    return intake_picture(intake, index, inches > 0 ? side / inches : 72, fault);
}

double intake_page_dpi(intake_t *intake, int index)
{
    assert(index >= 0 && index < intake->pages);
    return intake->format == INTAKE_PDF ? pdf_page_dpi(intake->pdf, index) : 0;
}
