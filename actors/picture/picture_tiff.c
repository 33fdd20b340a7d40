/* picture_tiff: see picture_tiff.h. */
#include "picture_tiff.h"

#include <stdarg.h>

#include <tiffio.h>

/* libtiff has one handler for the process, and leptonica opens the file, so that there is nothing to hang the count
 * from: the one variable of the program outside of a context, of its thread alone. */
static _Thread_local int errors;

static void count(thandle_t handle, const char *module, const char *format, va_list arguments)
{
    (void)handle;
    (void)module;
    (void)format;
    (void)arguments;
    errors++;
}

void picture_tiff_listen(void)
{
    TIFFSetErrorHandlerExt(count); /* leptonica sets the other one, TIFFSetErrorHandler */
    errors = 0;
}

int picture_tiff_errors(void)
{
    return errors;
}
