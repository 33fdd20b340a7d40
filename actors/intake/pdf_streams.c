/* pdf_streams: see pdf_streams.h. */
#define ZLIB_CONST /* input of zlib is const */
#include "pdf_streams.h"

#include "actors/picture/picture_jpeg.h"

#include <string.h>
#include <zlib.h>

/* Bytes of a dictionary before its stream that are looked at. */
enum { REACH = 4096 };

typedef enum { PACKING_OTHER, PACKING_FLATE, PACKING_JPEG } packing_t;

/* A stream: its bytes, of which only the beginning is known for sure. */
typedef struct {
    packing_t packing;
    const char *bytes;
} stream_t;

static const char *find(const char *from, const char *end, const char *text)
{
    return memmem(from, (size_t)(end - from), text, strlen(text));
}

/* By the names of filters in the dictionary. */
static packing_t packing_of(const char *from, const char *end)
{
    static const char *const others[] = {"/ASCII", "/LZW", "/RunLength", "/CCITT", "/JBIG2", "/JPX", "/Crypt"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (find(from, end, others[i]))
            return PACKING_OTHER;
    bool flate = find(from, end, "/FlateDecode"), jpeg = find(from, end, "/DCTDecode");
    return flate == jpeg ? PACKING_OTHER : flate ? PACKING_FLATE : PACKING_JPEG;
}

/* The next stream from *at on, which moves behind its keyword; false when there is none. */
static bool next_stream(const char *begin, const char *end, const char **at, stream_t *stream)
{
    for (const char *word; (word = find(*at, end, "stream"));) {
        const char *data = word + strlen("stream");
        *at = data;
        if (data < end && *data == '\r')
            data++;
        if (data >= end || *data != '\n')
            continue;
        const char *close = word;
        while (close > begin && (close[-1] == '\n' || close[-1] == '\r' || close[-1] == ' '))
            close--;
        if (close - begin < 2 || close[-1] != '>' || close[-2] != '>')
            continue; /* "endstream", or chance */
        const char *open = close - begin > REACH ? close - REACH : begin;
        for (const char *next; (next = find(open, close, " obj"));)
            open = next + strlen(" obj");
        *stream = (stream_t){packing_of(open, close), data + 1};
        return true;
    }
    return false;
}

/* Takes what it unpacks from *left. True when the data ends as it should, or when the file or *left does first. */
static bool inflates(const char *bytes, const char *end, size_t *left)
{
    uint8_t sink[16384];
    z_stream flow = {.next_in = (const Bytef *)bytes,
                     .avail_in = end - bytes > UINT32_MAX ? UINT32_MAX : (uInt)(end - bytes)};
    int told = inflateInit(&flow);
    while (told == Z_OK && *left) {
        flow.next_out = sink, flow.avail_out = sizeof sink;
        told = inflate(&flow, Z_NO_FLUSH);
        size_t got = sizeof sink - flow.avail_out;
        *left -= got < *left ? got : *left;
    }
    inflateEnd(&flow);
    return told != Z_DATA_ERROR && told != Z_NEED_DICT;
}

bool pdf_streams_are_sound(const uint8_t *bytes, size_t size)
{
    const char *begin = (const char *)bytes, *end = begin + size, *at = begin;
    size_t left = PDF_STREAMS_BYTES_MOST;
    if (find(begin, end, "/Encrypt"))
        return true;
    for (stream_t stream; left && next_stream(begin, end, &at, &stream);) {
        const char *stop = stream.packing == PACKING_JPEG ? find(stream.bytes, end, "endstream") : NULL;
        if (stream.packing == PACKING_FLATE && !inflates(stream.bytes, end, &left))
            return false;
        if (stop && !picture_jpeg_is_sound((const uint8_t *)stream.bytes, (size_t)(stop - stream.bytes)))
            return false;
    }
    return true;
}
