/* picture_jpeg: see picture_jpeg.h. */
#include "picture_jpeg.h"

#include <setjmp.h>
#include <stdio.h> /* before jpeglib.h, which wants FILE */
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

/* What libjpeg is told to call; `base` is first, so that its pointer is this one's. */
typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf escape; /* out of libjpeg, which does not come back from an error */
    bool damaged;   /* a warning was of one that costs pixels */
} watch_t;

static void fail(j_common_ptr codec)
{
    longjmp(((watch_t *)codec->err)->escape, 1);
}

/* Bytes between the last code and the next marker that some cameras write; more of them, and codes were lost. */
enum { STRAY_MOST = 64 };

/* level: -1 for what is wrong with the data, 0 and above for talk. Where in the page it is told says nothing: after one
 * wrong code the rest is out of step, and often the first warning is of the end, which comes too soon. */
static void note(j_common_ptr codec, int level)
{
    watch_t *watch = (watch_t *)codec->err;
    if (level < 0 && (watch->base.msg_code != JWRN_EXTRANEOUS_DATA || watch->base.msg_parm.i[0] > STRAY_MOST))
        watch->damaged = true;
}

static void read_rows(struct jpeg_decompress_struct *codec, const watch_t *watch)
{
    JSAMPARRAY row = codec->mem->alloc_sarray((j_common_ptr)codec, JPOOL_IMAGE,
                                              codec->output_width * (JDIMENSION)codec->output_components, 1);
    while (!watch->damaged && codec->output_scanline < codec->output_height)
        jpeg_read_scanlines(codec, row, 1);
    if (!watch->damaged)
        jpeg_finish_decompress(codec); /* up to the end marker */
}

bool picture_jpeg_is_sound(const uint8_t *bytes, size_t size)
{
    watch_t watch = {.damaged = false};
    struct jpeg_decompress_struct codec = {.err = jpeg_std_error(&watch.base)};
    watch.base.error_exit = fail;
    watch.base.emit_message = note;
    if (setjmp(watch.escape) == 0) {
        jpeg_create_decompress(&codec);
        jpeg_mem_src(&codec, bytes, (unsigned long)size);
        jpeg_read_header(&codec, TRUE);
        codec.scale_num = 1;
        codec.scale_denom = 8;
        jpeg_start_decompress(&codec);
        read_rows(&codec, &watch);
    } else {
        watch.damaged = true;
    }
    jpeg_destroy_decompress(&codec);
    return !watch.damaged;
}
