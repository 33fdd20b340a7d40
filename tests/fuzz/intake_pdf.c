/* PDF documents: words and pages drawn. */
#include "intake_pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (memmem(bytes, size < 1024 ? size : 1024, "%PDF-", 5))
        fuzz_document(bytes, size, 1);
    return 0;
}
