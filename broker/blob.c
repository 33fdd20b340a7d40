/* blob: see blob.h. */
#include "blob.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

blob_t *blob_new(slice_t bytes)
{
    if (bytes.size == 0)
        return NULL;
    blob_t *blob = memory_grow(NULL, sizeof *blob + bytes.size, 1);
    blob->holders = 1;
    blob->size = bytes.size;
    memcpy(blob->bytes, bytes.at, bytes.size);
    return blob;
}

blob_t *blob_hold(blob_t *blob)
{
    if (blob)
        blob->holders++;
    return blob;
}

void blob_drop(blob_t **blob, blob_yard_t *yard)
{
    blob_t *gone = *blob;
    *blob = NULL;
    if (!gone)
        return;
    assert(gone->holders > 0);
    if (--gone->holders > 0)
        return;
    if (yard->count == yard->capacity) {
        yard->capacity = yard->capacity ? 2 * yard->capacity : 16;
        yard->items = memory_grow(yard->items, yard->capacity, sizeof(blob_t *));
    }
    yard->items[yard->count++] = gone;
}

void blob_sweep(blob_yard_t *yard)
{
    for (size_t i = 0; i < yard->count; i++)
        free(yard->items[i]);
    yard->count = 0;
}

void blob_yard_free(blob_yard_t *yard)
{
    blob_sweep(yard);
    free(yard->items);
    *yard = (blob_yard_t){0};
}
