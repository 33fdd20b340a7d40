/* OpenDocument texts and spreadsheets: their XML; the first byte says which. */
#include "intake_pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {"content.xml", "styles.xml"};
    static const char *const types[] = {"application/vnd.oasis.opendocument.text",
                                        "application/vnd.oasis.opendocument.spreadsheet"};
    package_t package = {0};
    const uint8_t *at = bytes + 1, *end = bytes + size;
    if (size < 2)
        return 0;
    package_add_text(&package, "mimetype", types[bytes[0] & 1]);
    for (size_t i = 0; i < sizeof names / sizeof *names && at < end; i++) {
        const uint8_t *next = memchr(at, 0x1e, (size_t)(end - at));
        next = next ? next : end;
        package_add(&package, names[i], at, (size_t)(next - at));
        at = next + (next < end);
    }
    package_finish(&package);
    fuzz_document((const uint8_t *)package.zip.bytes, package.zip.size, 0);
    package_free(&package);
    return 0;
}
