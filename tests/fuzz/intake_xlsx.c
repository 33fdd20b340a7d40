/* Excel workbooks: whole files, or their XML alone. */
#include "intake_pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {
        "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml",
        "xl/styles.xml",   "xl/theme/theme1.xml"};
    if (size >= 2 && memcmp(bytes, "PK", 2) == 0)
        fuzz_document(bytes, size, 0);
    else
        fuzz_package(bytes, size, names, sizeof names / sizeof *names);
    return 0;
}
