/* tessdata: see tessdata.h. */
#include "tessdata.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 31 };

const char *tessdata_folder(size_t i)
{
    static const char *const folders[] = {
        "/usr/share/tesseract-ocr/5/tessdata",                           /* Debian */
        "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata", /* others */
    };
    const char *own = getenv("TESSDATA_PREFIX");
    if (own && *own)
        return i == 0 ? own : NULL;
    return i < sizeof folders / sizeof *folders ? folders[i] : NULL;
}

void tessdata_path(const char *folder, const char *language, buf_t *path)
{
    buf_format(path, "%s/%s.traineddata", folder, language);
}

bool tessdata_is_name(const char *language)
{
    for (const char *c = language; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_')
            return false;
    return *language && strlen(language) <= NAME_MOST;
}

void tessdata_package(const char *language, buf_t *out)
{
    buf_text(out, "tesseract-ocr-");
    for (const char *c = language; *c; c++)
        buf_char(out, *c == '_' ? '-' : (char)tolower((unsigned char)*c));
}
