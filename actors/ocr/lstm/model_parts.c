/* model_parts: see model_parts.h. Format: tesseract 5.3, TessdataManager::LoadMemBuffer in
 * src/ccutil/tessdatamanager.cpp: the number of parts, the place of each (-1: missing), the parts. */
#include "model_parts.h"

int model_parts(const uint8_t *bytes, size_t size, bytes_t parts[PARTS])
{
    bytes_t head = {bytes, bytes + size, false};
    int64_t places[PARTS];
    int count = bytes_i32(&head);
    if (count <= PART_CODES || count > PARTS)
        return -1;
    for (int i = 0; i < count; i++)
        places[i] = bytes_i64(&head);
    if (head.failed)
        return -1;
    int64_t end = (int64_t)size, least = (int64_t)(size - (size_t)(head.end - head.at));
    for (int i = PARTS - 1; i >= 0; i--) {
        parts[i] = (bytes_t){bytes, bytes, false};
        if (i >= count || places[i] == -1)
            continue;
        if (places[i] < least || places[i] > end)
            return -1;
        parts[i] = (bytes_t){bytes + places[i], bytes + end, false};
        end = places[i];
    }
    return 0;
}
