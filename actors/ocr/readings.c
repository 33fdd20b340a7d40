/* readings: see readings.h. */
#include "readings.h"

#include <string.h>

void readings_add(readings_t *readings, arena_t *arena, reading_t word)
{
    enum { TOGETHER = 8 };
    if (readings->count % TOGETHER == 0) {
        reading_t *more = arena_array(arena, (size_t)readings->count + TOGETHER, sizeof *more);
        if (readings->count)
            memcpy(more, readings->items, (size_t)readings->count * sizeof *more);
        readings->items = more;
    }
    readings->items[readings->count++] = word;
}
