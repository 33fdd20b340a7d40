/* picture_codec_plain: see picture_codec_plain.h. */
#include "picture_codec_plain.h"

#include <leptonica/allheaders.h>
#include <stdatomic.h>

static atomic_int packed; /* the one global of the folder: the caller knows no context */

int picture_codec_packed(void)
{
    return packed;
}

/* Whoever unpacks it looks at the bytes for the format. */
l_ok pixWriteMem(l_uint8 **bytes, size_t *size, PIX *pix, l_int32 format)
{
    if (format != IFF_PNG && format != IFF_PNM)
        return 1; /* never asked for */
    packed++;
    return pixWriteMemPnm(bytes, size, pix);
}
