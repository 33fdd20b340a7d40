/* pack: see pack.h. */
#define ZLIB_CONST
#include "pack.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

/* LEAST: bytes that go in one packet anyway. LEVEL: 3 packs JSON to a seventh at 100 MB/s. */
enum { LEAST = 1400, LEVEL = 3, GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8 };

/* The weight of a list member such as " gzip;q=0.5"; 1 where none is told. */
static double weight(const char *member, size_t length)
{
    const char *q = memmem(member, length, "q=", 2);
    return q ? strtod(q + 2, NULL) : 1;
}

bool pack_is_taken(const char *accept)
{
    double any = 0;
    while (accept && *accept) {
        accept += strspn(accept, " \t,");
        size_t length = strcspn(accept, ","), name = strcspn(accept, ",; \t");
        if ((name == 4 && strncasecmp(accept, "gzip", 4) == 0) || (name == 6 && strncasecmp(accept, "x-gzip", 6) == 0))
            return weight(accept, length) > 0;
        if (name == 1 && *accept == '*')
            any = weight(accept, length);
        accept += length;
    }
    return any > 0;
}

bool pack_pays(const char *media, size_t size)
{
    static const char *const texts[] = {"text/", "application/json", "application/problem+json",
                                        "application/javascript", "image/svg+xml"};
    for (size_t i = 0; size > LEAST && i < sizeof texts / sizeof *texts; i++)
        if (strncmp(media, texts[i], strlen(texts[i])) == 0)
            return true;
    return false;
}

bool pack_gzip(const void *bytes, size_t size, buf_t *out)
{
    z_stream flow = {0};
    if (size > UINT_MAX ||
        deflateInit2(&flow, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t bound = deflateBound(&flow, (uLong)size);
    buf_reserve(out, bound);
    flow.next_in = bytes, flow.avail_in = (uInt)size;
    flow.next_out = (Bytef *)out->bytes + out->size, flow.avail_out = (uInt)bound;
    bool done = deflate(&flow, Z_FINISH) == Z_STREAM_END;
    if (done)
        out->size += bound - flow.avail_out;
    deflateEnd(&flow);
    return done;
}
