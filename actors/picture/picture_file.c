/* picture_file: see picture_file.h. Sources: PNG (RFC 2083), JPEG (ITU T.81 annex B), Exif 2.32, TIFF 6.0 and BigTIFF,
 * GIF89a, WebP container (RIFF), BMP. */
#include "picture_file.h"

#include <stdbool.h>
#include <string.h>

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static bool starts(const uint8_t *bytes, size_t size, const char *magic, size_t length)
{
    return size >= length && memcmp(bytes, magic, length) == 0;
}

/* ISO base media brands of HEIF still pictures. */
static bool is_heic(const uint8_t *bytes, size_t size)
{
    static const char brands[][5] = {"heic", "heix", "heim", "heis", "hevc", "mif1", "msf1", "avif"};
    if (size < 12 || memcmp(bytes + 4, "ftyp", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (memcmp(bytes + 8, brands[i], 4) == 0)
            return true;
    return false;
}

picture_file_t picture_file_kind(const uint8_t *bytes, size_t size)
{
    if (starts(bytes, size, "\x89PNG\r\n\x1a\n", 8))
        return PICTURE_FILE_PNG;
    if (starts(bytes, size, "\xff\xd8\xff", 3))
        return PICTURE_FILE_JPEG;
    if (starts(bytes, size, "II*\0", 4) || starts(bytes, size, "MM\0*", 4) || starts(bytes, size, "II+\0", 4) ||
        starts(bytes, size, "MM\0+", 4))
        return PICTURE_FILE_TIFF;
    if (starts(bytes, size, "RIFF", 4) && size >= 12 && memcmp(bytes + 8, "WEBP", 4) == 0)
        return PICTURE_FILE_WEBP;
    if (starts(bytes, size, "GIF87a", 6) || starts(bytes, size, "GIF89a", 6))
        return PICTURE_FILE_GIF;
    /* "BM" begins many a text: the reserved words and the header's size must fit as well */
    if (starts(bytes, size, "BM", 2) && size >= 26 && le32(bytes + 6) == 0 && le32(bytes + 14) >= 12 &&
        le32(bytes + 14) <= 124)
        return PICTURE_FILE_BMP;
    if (is_heic(bytes, size))
        return PICTURE_FILE_HEIC;
    return PICTURE_FILE_NONE;
}

static const struct {
    const char *name, *media;
} kinds[] = {
    [PICTURE_FILE_NONE] = {"unknown", "application/octet-stream"},
    [PICTURE_FILE_PNG] = {"PNG", "image/png"},
    [PICTURE_FILE_JPEG] = {"JPEG", "image/jpeg"},
    [PICTURE_FILE_TIFF] = {"TIFF", "image/tiff"},
    [PICTURE_FILE_WEBP] = {"WebP", "image/webp"},
    [PICTURE_FILE_GIF] = {"GIF", "image/gif"},
    [PICTURE_FILE_BMP] = {"BMP", "image/bmp"},
    [PICTURE_FILE_HEIC] = {"HEIC", "image/heic"},
};

const char *picture_file_name(picture_file_t kind)
{
    return kinds[kind].name;
}

const char *picture_file_media(picture_file_t kind)
{
    return kinds[kind].media;
}

static bool tiff_pages_are_whole(const uint8_t *bytes, size_t size);

static int cut_off(picture_file_t kind, size_t size, fault_t *fault)
{
    return fault_set(fault, FAULT_DAMAGED,
                     "the %s ends early, at byte %zu: it was cut off on its way here; send the whole file again",
                     kinds[kind].name, size);
}

static int png_whole(const uint8_t *bytes, size_t size, fault_t *fault)
{
    size_t at = 8;
    while (size - at >= 12) {
        uint32_t length = be32(bytes + at);
        if (memcmp(bytes + at + 4, "IEND", 4) == 0)
            return 0;
        if (length > size - at - 12)
            break;
        at += 12 + (size_t)length;
    }
    return cut_off(PICTURE_FILE_PNG, size, fault);
}

/* A TIFF header's byte order and sizes, to walk directories with. */
typedef struct {
    const uint8_t *bytes;
    size_t size;
    bool big_endian, big; /* big: BigTIFF, 8-byte offsets */
} tiff_t;

/* width bytes at offset as a number; false outside the file. */
static bool tiff_number(const tiff_t *tiff, uint64_t offset, int width, uint64_t *out)
{
    if (offset > tiff->size || (uint64_t)width > tiff->size - offset)
        return false;
    *out = 0;
    for (int i = 0; i < width; i++)
        *out = *out << 8 | tiff->bytes[offset + (uint64_t)(tiff->big_endian ? i : width - 1 - i)];
    return true;
}

static bool tiff_open(const uint8_t *bytes, size_t size, tiff_t *tiff, uint64_t *first)
{
    if (size < 8 || !((bytes[0] == 'I' && bytes[1] == 'I') || (bytes[0] == 'M' && bytes[1] == 'M')))
        return false;
    *tiff = (tiff_t){.bytes = bytes, .size = size, .big_endian = bytes[0] == 'M'};
    uint64_t magic = 0;
    if (!tiff_number(tiff, 2, 2, &magic) || (magic != 42 && magic != 43))
        return false;
    tiff->big = magic == 43;
    return tiff_number(tiff, tiff->big ? 8 : 4, tiff->big ? 8 : 4, first);
}

/* Value of a short or long tag of the directory at offset; `absent` where it has none. *next: the following directory.
 */
static uint64_t tiff_tag(const tiff_t *tiff, uint64_t offset, uint64_t tag, uint64_t absent, uint64_t *next)
{
    int head = tiff->big ? 8 : 2, entry = tiff->big ? 20 : 12, wide = tiff->big ? 8 : 4;
    uint64_t count = 0, value = absent;
    *next = 0;
    if (!tiff_number(tiff, offset, head, &count) || count > PICTURE_FILE_TAGS_MOST)
        return absent;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = offset + (uint64_t)head + i * (uint64_t)entry, id = 0, type = 0, found = 0;
        if (!tiff_number(tiff, at, 2, &id) || !tiff_number(tiff, at + 2, 2, &type))
            return value;
        if (id == tag && tiff_number(tiff, at + 4 + (uint64_t)wide, type == 3 ? 2 : 4, &found))
            value = found;
    }
    if (!tiff_number(tiff, offset + (uint64_t)head + count * (uint64_t)entry, wide, next))
        *next = 0;
    return value;
}

/* One tag's values, which stand in the entry itself or where it points. */
typedef struct {
    uint64_t at, count; /* of the first value, and how many */
    int width;          /* bytes of one */
} tiff_values_t;

static bool tiff_values(const tiff_t *tiff, uint64_t offset, uint64_t tag, tiff_values_t *values)
{
    int head = tiff->big ? 8 : 2, entry = tiff->big ? 20 : 12, wide = tiff->big ? 8 : 4;
    uint64_t count = 0;
    if (!tiff_number(tiff, offset, head, &count) || count > PICTURE_FILE_TAGS_MOST)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = offset + (uint64_t)head + i * (uint64_t)entry, id = 0, type = 0;
        if (!tiff_number(tiff, at, 2, &id) || !tiff_number(tiff, at + 2, 2, &type) ||
            !tiff_number(tiff, at + 4, wide, &values->count))
            return false;
        if (id != tag)
            continue;
        values->width = type == 3 ? 2 : type == 16 ? 8 : 4;
        values->at = at + 4 + (uint64_t)wide;
        return values->count <= (uint64_t)wide / (uint64_t)values->width ||
               tiff_number(tiff, values->at, wide, &values->at);
    }
    return false;
}

/* Whether every strip or tile of the directory lies within the file. libtiff fills what is missing with white. */
static bool tiff_is_whole(const tiff_t *tiff, uint64_t offset)
{
    tiff_values_t places, sizes;
    if (!(tiff_values(tiff, offset, 273, &places) && tiff_values(tiff, offset, 279, &sizes)) &&
        !(tiff_values(tiff, offset, 324, &places) && tiff_values(tiff, offset, 325, &sizes)))
        return true; /* what else is wrong with it, libtiff says */
    for (uint64_t i = 0; i < places.count && i < sizes.count; i++) {
        uint64_t at = 0, size = 0;
        if (!tiff_number(tiff, places.at + i * (uint64_t)places.width, places.width, &at) ||
            !tiff_number(tiff, sizes.at + i * (uint64_t)sizes.width, sizes.width, &size) || at > tiff->size ||
            size > tiff->size - at)
            return false;
    }
    return true;
}

/* Whether all pages' pixels lie within the file. */
static bool tiff_pages_are_whole(const uint8_t *bytes, size_t size)
{
    tiff_t tiff;
    uint64_t at = 0, next = 0;
    if (!tiff_open(bytes, size, &tiff, &at))
        return true;
    for (int place = 0; at && place < PICTURE_FILE_PAGES_MOST; place++, at = next) {
        if (!tiff_is_whole(&tiff, at))
            return false;
        tiff_tag(&tiff, at, 254, 0, &next);
    }
    return true;
}

int picture_file_tiff_pages(const uint8_t *bytes, size_t size, int *nth)
{
    tiff_t tiff;
    uint64_t at = 0, next = 0;
    int pages = 0, wanted = nth ? *nth : -1;
    if (!tiff_open(bytes, size, &tiff, &at))
        return 0;
    for (int place = 0; at && place < PICTURE_FILE_PAGES_MOST; place++, at = next) {
        uint64_t count = 0;
        if (!tiff_number(&tiff, at, tiff.big ? 8 : 2, &count) || count == 0)
            break;
        if (tiff_tag(&tiff, at, 254, 0, &next) & 1)
            continue;
        if (pages == wanted)
            *nth = place;
        pages++;
    }
    return pages;
}

/* Orientation of an Exif block, which is a TIFF. */
static int exif_orientation(const uint8_t *bytes, size_t size)
{
    tiff_t tiff;
    uint64_t first = 0, next = 0;
    if (!tiff_open(bytes, size, &tiff, &first))
        return 1;
    uint64_t value = tiff_tag(&tiff, first, 0x0112, 1, &next);
    return value >= 1 && value <= 8 ? (int)value : 1;
}

static int jpeg_orientation(const uint8_t *bytes, size_t size)
{
    for (size_t at = 2; at + 4 <= size && bytes[at] == 0xff;) {
        uint8_t marker = bytes[at + 1];
        size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (marker == 0xff) { /* fill byte */
            at++;
            continue;
        }
        if (marker == 0xda || length < 2 || length > size - at - 2)
            break;
        if (marker == 0xe1 && length >= 8 && memcmp(bytes + at + 4, "Exif\0", 6) == 0)
            return exif_orientation(bytes + at + 10, length - 8);
        at += 2 + length;
    }
    return 1;
}

static int png_orientation(const uint8_t *bytes, size_t size)
{
    for (size_t at = 8; at <= size && size - at >= 12;) {
        uint32_t length = be32(bytes + at);
        if (length > size - at - 12)
            break;
        if (memcmp(bytes + at + 4, "eXIf", 4) == 0)
            return exif_orientation(bytes + at + 8, length);
        at += 12 + (size_t)length;
    }
    return 1;
}

static int webp_orientation(const uint8_t *bytes, size_t size)
{
    for (size_t at = 12; at <= size && size - at >= 8;) {
        uint32_t length = le32(bytes + at + 4);
        if (length > size - at - 8)
            break;
        if (memcmp(bytes + at, "EXIF", 4) == 0) {
            size_t skip = length >= 6 && memcmp(bytes + at + 8, "Exif\0", 6) == 0 ? 6 : 0;
            return exif_orientation(bytes + at + 8 + skip, length - skip);
        }
        at += 8 + (size_t)length + (length & 1);
    }
    return 1;
}

int picture_file_orientation(picture_file_t kind, const uint8_t *bytes, size_t size)
{
    if (kind == PICTURE_FILE_JPEG)
        return jpeg_orientation(bytes, size);
    if (kind == PICTURE_FILE_PNG)
        return png_orientation(bytes, size);
    if (kind == PICTURE_FILE_WEBP)
        return webp_orientation(bytes, size);
    return 1;
}

/* Whether the last scan is closed by an end marker; a cut-off file's is not. */
static bool jpeg_ends(const uint8_t *bytes, size_t size)
{
    size_t at = 2;
    bool scan = false; /* inside entropy-coded data */
    while (at + 2 <= size) {
        if (scan) {
            const uint8_t *mark = memchr(bytes + at, 0xff, size - at);
            if (!mark || mark + 1 >= bytes + size)
                return false;
            at = (size_t)(mark - bytes);
            uint8_t code = mark[1];
            if (code == 0 || code == 0xff || (code >= 0xd0 && code <= 0xd7)) { /* stuffing, fill, restart */
                at += code == 0xff ? 1 : 2;
                continue;
            }
            scan = false;
        }
        if (bytes[at] != 0xff) { /* stray bytes between segments: decoders look for the next marker as well */
            const uint8_t *mark = memchr(bytes + at, 0xff, size - at);
            if (!mark)
                return false;
            at = (size_t)(mark - bytes);
            continue;
        }
        if (bytes[at + 1] == 0xd9)
            return true;
        if (bytes[at + 1] == 0xff) {
            at++;
            continue;
        }
        if (at + 4 > size)
            return false;
        scan = bytes[at + 1] == 0xda;
        at += 2 + ((size_t)bytes[at + 2] << 8 | bytes[at + 3]);
    }
    return false;
}

int picture_file_whole(picture_file_t kind, const uint8_t *bytes, size_t size, fault_t *fault)
{
    if (kind == PICTURE_FILE_PNG)
        return png_whole(bytes, size, fault);
    if (kind == PICTURE_FILE_JPEG && !jpeg_ends(bytes, size))
        return cut_off(kind, size, fault);
    if (kind == PICTURE_FILE_WEBP && le32(bytes + 4) > size - 8)
        return cut_off(kind, size, fault);
    if (kind == PICTURE_FILE_BMP && le32(bytes + 10) >= size)
        return cut_off(kind, size, fault);
    if (kind == PICTURE_FILE_TIFF && !tiff_pages_are_whole(bytes, size))
        return cut_off(kind, size, fault);
    return 0;
}

/* Moves behind a chain of GIF sub-blocks; false where they are cut off. */
static bool gif_blocks(const uint8_t *bytes, size_t size, size_t *at)
{
    while (*at < size) {
        uint8_t length = bytes[*at];
        *at += 1 + (size_t)length;
        if (length == 0)
            return true;
    }
    return false;
}

int picture_file_gif(const uint8_t *bytes, size_t size, picture_file_gif_t *gif, fault_t *fault)
{
    *gif = (picture_file_gif_t){.transparent = -1};
    if (size < 13)
        return cut_off(PICTURE_FILE_GIF, size, fault);
    size_t at = 13 + (bytes[10] & 0x80 ? (size_t)3 << ((bytes[10] & 7) + 1) : 0);
    while (at + 2 <= size) {
        if (bytes[at] == 0x21) { /* extension */
            if (bytes[at + 1] == 0xf9 && at + 7 <= size && (bytes[at + 3] & 1))
                gif->transparent = bytes[at + 6];
            at += 2;
            if (!gif_blocks(bytes, size, &at))
                break;
        } else if (bytes[at] == 0x2c && at + 11 <= size) { /* image */
            gif->width = bytes[at + 5] | bytes[at + 6] << 8;
            gif->height = bytes[at + 7] | bytes[at + 8] << 8;
            at += 11 + (bytes[at + 9] & 0x80 ? (size_t)3 << ((bytes[at + 9] & 7) + 1) : 0);
            if (!gif_blocks(bytes, size, &at))
                break;
            gif->end = at;
            return 0;
        } else if (bytes[at] == 0x3b) {
            return fault_set(fault, FAULT_DAMAGED,
                             "the GIF holds no picture; save it again from the program it came from");
        } else {
            return fault_set(fault, FAULT_DAMAGED, "the GIF is damaged at byte %zu; send it again", at);
        }
    }
    return cut_off(PICTURE_FILE_GIF, size, fault);
}
