/* A dossier from anywhere is refused, or it goes on to be the same dossier. */
#include "proto/dossier.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fault_t fault = {0};
    dossier_t *dossier = dossier_decode(bytes, size, &fault), *again = NULL;
    if (!dossier)
        return 0;
    buf_t first = {0}, second = {0};
    dossier_encode(dossier, &first);
    again = dossier_decode(first.bytes, first.size, &fault);
    if (!again)
        abort(); /* what we write we must be able to read */
    dossier_encode(again, &second);
    if (first.size != second.size || memcmp(first.bytes, second.bytes, first.size) != 0)
        abort();
    buf_free(&first);
    buf_free(&second);
    dossier_destroy(&dossier);
    dossier_destroy(&again);
    return 0;
}
