/* Word documents: whole files, or their XML alone. */
#include "intake_pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {"word/document.xml", "word/styles.xml", "word/_rels/document.xml.rels",
                                        "word/header1.xml"};
    if (size >= 2 && memcmp(bytes, "PK", 2) == 0)
        fuzz_document(bytes, size, 0);
    else
        fuzz_package(bytes, size, names, sizeof names / sizeof *names);
    return 0;
}
