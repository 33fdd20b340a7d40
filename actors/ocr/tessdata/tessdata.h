/* tessdata: where tesseract's models lie, as its library looks for them. For the stage, and for who looks whether all
 * is there. Reads the environment variable TESSDATA_PREFIX.
 */
#ifndef YOGI_OCR_TESSDATA_H
#define YOGI_OCR_TESSDATA_H

#include "proto/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* A folder in which they are looked for, in this order; NULL behind the last. */
const char *tessdata_folder(size_t i);

/* Appends the path of the model of a language in a folder. */
void tessdata_path(const char *folder, const char *language, buf_t *path);

/* tesseract's names are letters, digits and _; anything else could be a path. */
bool tessdata_is_name(const char *language);

/* Appends Debian's package with the model of a language. */
void tessdata_package(const char *language, buf_t *out);

#endif
