/* libtesseract: see libtesseract.h. */
#include "libtesseract.h"

#include "lean.h"
#include "proto/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>

struct libtesseract {
    TessBaseAPI *api;
};

libtesseract_t *libtesseract_open(const char *languages)
{
    libtesseract_t *library = memory_new(1, sizeof *library);
    lean_open();
    library->api = TessBaseAPICreate();
    if (!library->api || TessBaseAPIInit2(library->api, NULL, languages, OEM_LSTM_ONLY)) {
        libtesseract_close(&library);
        return NULL;
    }
    TessBaseAPISetVariable(library->api, "debug_file", "/dev/null");
    /* print comes dark on white: a doubtful line need not be tried as a negative, which costs it twice */
    TessBaseAPISetVariable(library->api, "tessedit_do_invert", "0");
    TessBaseAPISetVariable(library->api, "invert_threshold", "0");
    return library;
}

void libtesseract_close(libtesseract_t **library)
{
    if (!library || !*library)
        return;
    if ((*library)->api) {
        TessBaseAPIEnd((*library)->api);
        TessBaseAPIDelete((*library)->api);
    }
    free(*library);
    *library = NULL;
}

void libtesseract_read(libtesseract_t *library, const picture_t *line, engine_way_t way, arena_t *arena,
                       readings_t *out)
{
    TessBaseAPI *api = library->api;
    TessBaseAPISetPageSegMode(api, way == ENGINE_AS_IS ? PSM_RAW_LINE : PSM_SINGLE_LINE);
    TessBaseAPISetImage(api, line->pixels, line->width, line->height, 1, (int)line->stride);
    TessBaseAPISetSourceResolution(api, 300);
    if (TessBaseAPIRecognize(api, NULL))
        return;
    TessResultIterator *at = TessBaseAPIGetIterator(api);
    if (!at)
        return;
    do {
        char *text = TessResultIteratorGetUTF8Text(at, RIL_WORD);
        int x0, y0, x1, y1;
        if (text && *text && strspn(text, " \t\n") < strlen(text) &&
            TessPageIteratorBoundingBox(TessResultIteratorGetPageIteratorConst(at), RIL_WORD, &x0, &y0, &x1, &y1)) {
            double confidence = (double)TessResultIteratorConfidence(at, RIL_WORD) / 100;
            confidence = confidence < 0 ? 0 : confidence > 1 ? 1 : confidence;
            readings_add(out, arena, (reading_t){arena_text(arena, text), x0, x1, confidence});
        }
        TessDeleteText(text);
    } while (TessResultIteratorNext(at, RIL_WORD));
    TessResultIteratorDelete(at);
}

bool libtesseract_knows(libtesseract_t *library, const char *word)
{
    return TessBaseAPIIsValidWord(library->api, word);
}
