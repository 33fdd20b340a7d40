/* picture_codec: files of pictures to pixels and back, by leptonica; see picture.h. The only file that knows leptonica.
 *
 * Sizes are read from the headers and checked before leptonica may allocate for them.
 */
#include "picture.h"
#include "picture_file.h"
#include "picture_heic.h"
#include "picture_jpeg.h"
#include "picture_tiff.h"

#include <leptonica/allheaders.h>

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void hush(const char *message)
{
    (void)message;
}

static void silence(void)
{
    leptSetStderrHandler(hush);
    setMsgSeverity(L_SEVERITY_NONE);
}

static picture_file_t known_kind(const uint8_t *bytes, size_t size, fault_t *fault)
{
    picture_file_t kind = picture_file_kind(bytes, size);
    if (kind == PICTURE_FILE_NONE)
        fault_set(fault, FAULT_UNSUPPORTED, "not a picture that can be read; send a PNG, JPEG, TIFF, WebP, GIF or BMP");
    return kind;
}

int picture_count(const uint8_t *bytes, size_t size, fault_t *fault)
{
    picture_file_t kind = known_kind(bytes, size, fault);
    if (kind == PICTURE_FILE_NONE)
        return -1;
    if (kind != PICTURE_FILE_TIFF)
        return 1;
    int pages = picture_file_tiff_pages(bytes, size, NULL);
    if (pages > 0)
        return pages;
    return fault_set(fault, FAULT_DAMAGED, "the TIFF holds no page: it is damaged or was cut off; send it again");
}

static int check_size(picture_file_t kind, int width, int height, fault_t *fault)
{
    if (width <= 0 || height <= 0)
        return fault_set(fault, FAULT_DAMAGED, "the %s says that it is %d x %d pixels: it is damaged; send it again",
                         picture_file_name(kind), width, height);
    if (width > PICTURE_SIDE_MOST || height > PICTURE_SIDE_MOST || (int64_t)width * height > PICTURE_PIXELS_MOST)
        return fault_set(
            fault, FAULT_TOO_LARGE,
            "the %s is %d x %d pixels, more than the %d million that are read; save it smaller (300 dpi is "
            "enough)",
            picture_file_name(kind), width, height, PICTURE_PIXELS_MOST / 1000000);
    return 0;
}

/* The size from the header alone. */
static int read_size(picture_file_t kind, const uint8_t *bytes, size_t size, int nth, int *width, int *height,
                     fault_t *fault)
{
    l_int32 format, bps, spp, cmap, resolution;
    int failed = kind == PICTURE_FILE_TIFF
                     ? readHeaderMemTiff(bytes, size, nth, width, height, &bps, &spp, &resolution, &cmap, &format)
                     : pixReadHeaderMem(bytes, size, &format, width, height, &bps, &spp, &cmap);
    if (failed)
        return fault_set(fault, FAULT_DAMAGED,
                         "the header of the %s cannot be read: it is damaged or was cut off; send "
                         "it again",
                         picture_file_name(kind));
    return check_size(kind, *width, *height, fault);
}

/* The first frame alone, closed with a trailer, so that hundreds of frames are never decoded. */
static PIX *read_gif(const uint8_t *bytes, const picture_file_gif_t *gif)
{
    uint8_t *copy = malloc(gif->end + 1);
    if (!copy)
        return NULL;
    memcpy(copy, bytes, gif->end);
    copy[gif->end] = 0x3b;
    /* the canvas is the frame: some decoders refuse frames that reach over it */
    copy[6] = (uint8_t)gif->width, copy[7] = (uint8_t)(gif->width >> 8);
    copy[8] = (uint8_t)gif->height, copy[9] = (uint8_t)(gif->height >> 8);
    PIX *pix = pixReadMemGif(copy, gif->end + 1);
    free(copy);
    PIXCMAP *cmap = pix ? pixGetColormap(pix) : NULL;
    if (cmap && gif->transparent >= 0 && gif->transparent < pixcmapGetCount(cmap))
        pixcmapResetColor(cmap, gif->transparent, 255, 255, 255);
    return pix;
}

/* How many times smaller a JPEG may be decoded (1, 2, 4, 8) with the longer side still `side`; 1 where side is 0. */
static int reduction(int width, int height, int side)
{
    int by = 1, longer = width > height ? width : height;
    while (side > 0 && by < 8 && longer / (by * 2) >= side)
        by *= 2;
    return by;
}

/* NULL too where leptonica gives half a page. It counts the warnings of libjpeg, which says which of them matter. */
static PIX *read_jpeg(const uint8_t *bytes, size_t size, int by)
{
    l_int32 warnings = 0;
    PIX *pix = pixReadMemJpeg(bytes, size, 0, by, &warnings, L_JPEG_CONTINUE_WITH_BAD_DATA);
    if (pix && warnings > 0 && !picture_jpeg_is_sound(bytes, size))
        pixDestroy(&pix);
    return pix;
}

/* The same of a TIFF, whose rows may each be packed for themselves. */
static PIX *read_tiff(const uint8_t *bytes, size_t size, int nth)
{
    picture_tiff_listen();
    PIX *pix = pixReadMemTiff(bytes, size, nth);
    if (pix && picture_tiff_errors() > 0)
        pixDestroy(&pix);
    return pix;
}

static PIX *read_pix(picture_file_t kind, const uint8_t *bytes, size_t size, int index, int side, fault_t *fault)
{
    int width = 0, height = 0, nth = index;
    picture_file_gif_t gif;
    if (kind == PICTURE_FILE_GIF) {
        if (picture_file_gif(bytes, size, &gif, fault) != 0 || check_size(kind, gif.width, gif.height, fault) != 0)
            return NULL;
    } else {
        if (kind == PICTURE_FILE_TIFF)
            picture_file_tiff_pages(bytes, size, &nth);
        if (picture_file_whole(kind, bytes, size, fault) != 0 ||
            read_size(kind, bytes, size, nth, &width, &height, fault) != 0)
            return NULL;
    }
    PIX *pix = kind == PICTURE_FILE_TIFF   ? read_tiff(bytes, size, nth)
               : kind == PICTURE_FILE_JPEG ? read_jpeg(bytes, size, reduction(width, height, side))
               : kind == PICTURE_FILE_GIF  ? read_gif(bytes, &gif)
                                           : pixReadMem(bytes, size);
    if (!pix)
        fault_set(fault, FAULT_DAMAGED, "the %s is damaged or was cut off: its pixels cannot be read; send it again",
                  picture_file_name(kind));
    return pix;
}

/* Lays what is transparent over white; most pictures with an alpha channel have it opaque throughout, and leptonica's
 * own blending takes as long as unpacking a PNG. */
static void blend_white(PIX *pix)
{
    l_uint32 *data = pixGetData(pix);
    size_t words = (size_t)pixGetWpl(pix) * (size_t)pixGetHeight(pix);
    for (size_t i = 0; i < words; i++) {
        l_uint32 p = data[i], alpha = p & 0xff, white = 255 - alpha;
        if (white == 0)
            continue;
        l_uint32 r = (p >> 24) * alpha / 255, g = (p >> 16 & 0xff) * alpha / 255, b = (p >> 8 & 0xff) * alpha / 255;
        data[i] = (r + white) << 24 | (g + white) << 16 | (b + white) << 8 | 0xff;
    }
    pixSetSpp(pix, 3);
}

/* To 8 bits grey or 32 bits colour without palette or transparency. Takes pix; NULL when memory is refused. */
static PIX *plain_pix(PIX *pix)
{
    l_int32 opaque = 1;
    PIX *out = NULL;
    if (pixGetColormap(pix)) {
        pixcmapIsOpaque(pixGetColormap(pix), &opaque);
        out = pixRemoveColormap(pix, opaque ? REMOVE_CMAP_BASED_ON_SRC : REMOVE_CMAP_WITH_ALPHA);
        pixDestroy(&pix);
        pix = out;
    }
    if (pix && pixGetDepth(pix) == 32 && pixGetSpp(pix) == 4)
        blend_white(pix);
    if (pix && pixGetDepth(pix) != 32 && pixGetDepth(pix) != 8) {
        out = pixGetDepth(pix) == 16 ? pixConvert16To8(pix, L_MS_BYTE) : pixConvertTo8(pix, 0);
        pixDestroy(&pix);
        pix = out;
    }
    return pix;
}

static bool has_colour(const PIX *pix)
{
    const l_uint32 *data = pixGetData((PIX *)pix);
    size_t words = (size_t)pixGetWpl((PIX *)pix) * (size_t)pixGetHeight((PIX *)pix);
    for (size_t i = 0; i < words; i++) {
        l_uint32 p = data[i];
        if ((p >> 24) != (p >> 16 & 0xff) || (p >> 24) != (p >> 8 & 0xff))
            return true;
    }
    return false;
}

/* Pixels of a plain pix as a picture. */
static picture_t *pix_picture(PIX *pix)
{
    int width = pixGetWidth(pix), height = pixGetHeight(pix), wpl = pixGetWpl(pix), depth = pixGetDepth(pix);
    int channels = depth == 32 && has_colour(pix) ? 3 : 1;
    picture_t *picture = picture_new(width, height, channels);
    if (!picture)
        return NULL;
    for (int y = 0; y < height; y++) {
        const l_uint32 *from = pixGetData(pix) + (size_t)y * (size_t)wpl;
        uint8_t *to = picture->pixels + (size_t)y * picture->stride;
        if (depth == 8) {
            for (int x = 0; x < width; x++)
                to[x] = (uint8_t)(from[x >> 2] >> (24 - 8 * (x & 3)));
        } else if (channels == 1) {
            for (int x = 0; x < width; x++)
                to[x] = (uint8_t)(from[x] >> 24);
        } else {
            for (int x = 0; x < width; x++, to += 3)
                to[0] = (uint8_t)(from[x] >> 24), to[1] = (uint8_t)(from[x] >> 16), to[2] = (uint8_t)(from[x] >> 8);
        }
    }
    picture->dpi = pixGetXRes(pix) > 0 ? pixGetXRes(pix) : 0;
    return picture;
}

/* Turned upright from EXIF orientation 2 to 8. Takes the picture; NULL when memory is refused. */
static picture_t *upright(picture_t *picture, int orientation)
{
    bool transposed = orientation >= 5,
         flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int width = picture->width, height = picture->height, n = picture->channels;
    picture_t *out = picture_new(transposed ? height : width, transposed ? width : height, n);
    if (out) {
        out->dpi = picture->dpi;
        for (int y = 0; y < out->height; y++) {
            uint8_t *to = out->pixels + (size_t)y * out->stride;
            for (int x = 0; x < out->width; x++, to += n) {
                int sx = transposed ? y : x, sy = transposed ? x : y;
                sx = flip_x ? width - 1 - sx : sx, sy = flip_y ? height - 1 - sy : sy;
                memcpy(to, picture->pixels + (size_t)sy * picture->stride + (size_t)sx * (size_t)n, (size_t)n);
            }
        }
    }
    picture_destroy(&picture);
    return out;
}

picture_t *picture_decode(const uint8_t *bytes, size_t size, int index, fault_t *fault)
{
    return picture_decode_preview(bytes, size, index, 0, fault);
}

picture_t *picture_decode_preview(const uint8_t *bytes, size_t size, int index, int side, fault_t *fault)
{
    assert(index >= 0);
    picture_file_t kind = known_kind(bytes, size, fault);
    if (kind == PICTURE_FILE_NONE)
        return NULL;
    if (kind == PICTURE_FILE_HEIC)
        return picture_heic_decode(bytes, size, fault);
    silence();
    PIX *pix = read_pix(kind, bytes, size, index, side, fault);
    if (!pix)
        return NULL;
    pix = plain_pix(pix);
    picture_t *picture = pix ? pix_picture(pix) : NULL;
    pixDestroy(&pix);
    int orientation = picture_file_orientation(kind, bytes, size);
    if (picture && orientation > 1)
        picture = upright(picture, orientation);
    if (!picture)
        fault_set(fault, FAULT_MEMORY, "no memory for the picture; save it smaller");
    return picture;
}

int picture_encode_png(const picture_t *picture, buf_t *out, fault_t *fault)
{
    silence();
    l_uint8 *bytes = NULL;
    size_t size = 0;
    PIX *pix = pixCreate(picture->width, picture->height, picture->channels == 3 ? 32 : 8);
    for (int y = 0; pix && y < picture->height; y++) {
        l_uint32 *to = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
        const uint8_t *from = picture->pixels + (size_t)y * picture->stride;
        for (int x = 0; x < picture->width; x++, from += picture->channels) {
            if (picture->channels == 3)
                to[x] = (l_uint32)from[0] << 24 | (l_uint32)from[1] << 16 | (l_uint32)from[2] << 8 | 0xff;
            else
                to[x >> 2] |= (l_uint32)*from << (24 - 8 * (x & 3));
        }
    }
    int failed = !pix || pixWriteMemPng(&bytes, &size, pix, 0) != 0;
    pixDestroy(&pix);
    if (!failed)
        buf_add(out, bytes, size);
    free(bytes);
    return failed ? fault_set(fault, FAULT_MEMORY, "no memory for the PNG") : 0;
}
