/* Files of pictures. */
#include "intake_pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fault_t fault = {0};
    picture_t *picture = picture_decode(bytes, size, 0, &fault);
    if (!picture && (fault.code == FAULT_NONE || !fault.text[0]))
        abort();
    picture_destroy(&picture);
    if (size && picture_count(bytes, size, &fault) > 1)
        picture = picture_decode(bytes, size, 1, &fault);
    picture_destroy(&picture);
    return 0;
}
