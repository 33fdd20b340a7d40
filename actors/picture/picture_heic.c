/* picture_heic: see picture_heic.h. */
#include "picture_heic.h"

#ifdef YOGI_HEIF

#include <libheif/heif.h>

#include <string.h>

static picture_t *copy_pixels(const struct heif_image *image)
{
    int stride = 0, width = heif_image_get_width(image, heif_channel_interleaved);
    int height = heif_image_get_height(image, heif_channel_interleaved);
    const uint8_t *from = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
    picture_t *picture = from && width > 0 && height > 0 ? picture_new(width, height, 3) : NULL;
    for (int y = 0; picture && y < height; y++)
        memcpy(picture->pixels + (size_t)y * picture->stride, from + (size_t)y * (size_t)stride, picture->stride);
    return picture;
}

static picture_t *decode(struct heif_image_handle *handle, fault_t *fault)
{
    int width = heif_image_handle_get_width(handle), height = heif_image_handle_get_height(handle);
    if (width > PICTURE_SIDE_MOST || height > PICTURE_SIDE_MOST || (int64_t)width * height > PICTURE_PIXELS_MOST) {
        fault_set(fault, FAULT_TOO_LARGE,
                  "the HEIC is %d x %d pixels, more than the %d million that are read; save it smaller", width, height,
                  PICTURE_PIXELS_MOST / 1000000);
        return NULL;
    }
    struct heif_image *image = NULL;
    struct heif_error error = heif_decode_image(handle, &image, heif_colorspace_RGB, heif_chroma_interleaved_RGB, NULL);
    picture_t *picture = error.code == heif_error_Ok ? copy_pixels(image) : NULL;
    if (image)
        heif_image_release(image);
    if (!picture)
        fault_set(fault, FAULT_DAMAGED, "the HEIC is damaged or was cut off: its pixels cannot be read; send it again");
    return picture;
}

picture_t *picture_heic_decode(const uint8_t *bytes, size_t size, fault_t *fault)
{
    struct heif_context *context = heif_context_alloc();
    struct heif_image_handle *handle = NULL;
    picture_t *picture = NULL;
    struct heif_error error = heif_context_read_from_memory_without_copy(context, bytes, size, NULL);
    if (error.code == heif_error_Ok)
        error = heif_context_get_primary_image_handle(context, &handle);
    if (error.code != heif_error_Ok || !handle)
        fault_set(fault, FAULT_DAMAGED, "the HEIC is damaged or was cut off; send it again");
    else
        picture = decode(handle, fault);
    if (handle)
        heif_image_handle_release(handle);
    heif_context_free(context);
    return picture;
}

#else

picture_t *picture_heic_decode(const uint8_t *bytes, size_t size, fault_t *fault)
{
    (void)bytes, (void)size;
    fault_set(fault, FAULT_UNSUPPORTED, "a HEIC picture, which this build cannot read; save it as JPEG or PNG");
    return NULL;
}

#endif
