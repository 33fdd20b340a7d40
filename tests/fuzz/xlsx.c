/* A sheet of an XLSX: the bytes are its xl/worksheets/sheet1.xml. */
#include "actors/intake/intake.h"
#include "package.h"
#include "target.h"

#include <stdlib.h>

#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    package_t package = {0};
    package_add_text(
        &package, "[Content_Types].xml",
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
        "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
        "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        "<Override PartName=\"/xl/workbook.xml\" "
        "ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>"
        "<Override PartName=\"/xl/worksheets/sheet1.xml\" "
        "ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>");
    package_add_text(&package, "_rels/.rels",
                     "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
                     "<Relationship Id=\"r1\" Type=\"" OFFICE
                     "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
    package_add_text(&package, "xl/workbook.xml",
                     "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"" OFFICE
                     "\">"
                     "<sheets><sheet name=\"Week\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>");
    package_add_text(&package, "xl/_rels/workbook.xml.rels",
                     "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
                     "<Relationship Id=\"r1\" Type=\"" OFFICE "/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
                     "</Relationships>");
    package_add(&package, "xl/worksheets/sheet1.xml", bytes, size);
    package_finish(&package);
    fault_t fault = {0};
    intake_t *intake = intake_open((const uint8_t *)package.zip.bytes, package.zip.size, &fault);
    arena_t *arena = arena_new();
    page_t page = {0};
    if (intake && intake_page(intake, 0, 72, arena, &page, &fault) < 0 && fault.code == FAULT_NONE)
        abort(); /* no cause was given */
    if (!intake && fault.code == FAULT_NONE)
        abort();
    arena_destroy(&arena);
    intake_close(&intake);
    package_free(&package);
    return 0;
}
