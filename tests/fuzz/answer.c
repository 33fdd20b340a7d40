/* Whatever a server of S3 answers is walked to its end. */
#include "proto/s3/s3_answer.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

static void on_leaf(void *user, const char *name, const char *text)
{
    if (!name || (text && strlen(text) > *(size_t *)user))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    buf_t xml = {0};
    char found[16];
    size_t most = size * 8; /* a character reference is no shorter than what it stands for */
    buf_add(&xml, size ? (const void *)bytes : "", size);
    s3_answer_walk(&xml, on_leaf, &most);
    s3_answer_find(&xml, "Key", found, sizeof found);
    if (strnlen(found, sizeof found) == sizeof found)
        abort();
    buf_free(&xml);
    return 0;
}
