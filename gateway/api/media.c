/* media: see media.h. */
#include "media.h"

#include <string.h>

static const struct {
    size_t at;
    const char *magic;
    size_t length;
    media_t media;
} kinds[] = {
    {0, "\x89PNG\r\n\x1a\n", 8, {"image", "image/png"}},
    {0, "\xff\xd8\xff", 3, {"image", "image/jpeg"}},
    {0, "GIF8", 4, {"image", "image/gif"}},
    {0, "II*\0", 4, {"image", "image/tiff"}},
    {0, "MM\0*", 4, {"image", "image/tiff"}},
    {8, "WEBP", 4, {"image", "image/webp"}},
    {0, "BM", 2, {"image", "image/bmp"}},
    {4, "ftyphei", 7, {"image", "image/heic"}},
    {4, "ftypmif1", 8, {"image", "image/heic"}},
};

/* The parts of a package that say which program it is of stand near its beginning. */
static media_t package_of(const char *bytes, size_t size)
{
    if (memmem(bytes, size, "application/vnd.oasis.opendocument.text", 39))
        return (media_t){"odt", "application/vnd.oasis.opendocument.text"};
    if (memmem(bytes, size, "application/vnd.oasis.opendocument.spreadsheet", 46))
        return (media_t){"ods", "application/vnd.oasis.opendocument.spreadsheet"};
    if (memmem(bytes, size, "xl/", 3))
        return (media_t){"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"};
    if (memmem(bytes, size, "word/", 5))
        return (media_t){"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"};
    return (media_t){"other", "application/zip"};
}

media_t media_of(const void *bytes, size_t size)
{
    const char *from = bytes;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (size >= kinds[i].at + kinds[i].length && memcmp(from + kinds[i].at, kinds[i].magic, kinds[i].length) == 0)
            return kinds[i].media;
    if (memmem(from, size, "%PDF-", 5))
        return (media_t){"pdf", "application/pdf"};
    if (size >= 4 && memcmp(from, "PK\3\4", 4) == 0)
        return package_of(from, size);
    return (media_t){"other", "application/octet-stream"};
}
