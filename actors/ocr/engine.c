/* engine: see engine.h. */
#include "engine.h"

#include "lean.h"
#include "proto/base/buf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>

struct engine {
    TessBaseAPI *api; /* NULL until a language is loaded */
    char *languages;  /* "eng+fra", NULL before */
    int calls;        /* lines read */
};

engine_t *engine_new(void)
{
    engine_t *engine = calloc(1, sizeof *engine);
    if (!engine)
        abort(); /* as arena: a process without memory is replaced */
    lean_open();
    return engine;
}

static void unload(engine_t *engine)
{
    if (engine->api) {
        TessBaseAPIEnd(engine->api);
        TessBaseAPIDelete(engine->api);
    }
    engine->api = NULL;
    free(engine->languages);
    engine->languages = NULL;
}

void engine_destroy(engine_t **engine)
{
    if (!engine || !*engine)
        return;
    unload(*engine);
    free(*engine);
    *engine = NULL;
}

/* tesseract's names are letters, digits, _ and /; anything else could be a path. */
static bool is_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_')
            return false;
    return *name && strlen(name) < 32;
}

/* Loads by tesseract's list of languages; 0 when it worked. */
static int load(engine_t *engine, const char *languages)
{
    unload(engine);
    engine->api = TessBaseAPICreate();
    if (!engine->api)
        return -1;
    if (TessBaseAPIInit2(engine->api, NULL, languages, OEM_LSTM_ONLY)) {
        TessBaseAPIDelete(engine->api);
        engine->api = NULL;
        return -1;
    }
    TessBaseAPISetVariable(engine->api, "debug_file", "/dev/null");
    /* print comes dark on white: a doubtful line need not be tried as a negative, which costs it twice */
    TessBaseAPISetVariable(engine->api, "tessedit_do_invert", "0");
    TessBaseAPISetVariable(engine->api, "invert_threshold", "0");
    engine->languages = strdup(languages);
    return engine->languages ? 0 : -1;
}

int engine_languages(engine_t *engine, const texts_t *languages, fault_t *fault)
{
    buf_t wanted = {0};
    int status = 0;
    for (size_t i = 0; i < languages->count; i++) {
        if (!is_name(languages->items[i])) {
            status = fault_set(fault, FAULT_LANGUAGE, "\"%s\" is not the name of a language", languages->items[i]);
            goto done;
        }
        buf_format(&wanted, "%s%s", i ? "+" : "", languages->items[i]);
    }
    if (languages->count == 0)
        buf_text(&wanted, "eng");
    if (engine->languages && strcmp(engine->languages, buf_string(&wanted)) == 0)
        goto done;
    for (size_t i = 0; i < (languages->count ? languages->count : 1); i++) {
        const char *name = languages->count ? languages->items[i] : "eng";
        if (languages->count <= 1 || load(engine, name)) /* find out which of several is missing */
            if (load(engine, name)) {
                char package[40];
                snprintf(package, sizeof package, "tesseract-ocr-%s", name);
                for (char *c = package; *c; c++)
                    *c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
                status = fault_set(fault, FAULT_LANGUAGE, "no model for the language \"%s\": install the package %s",
                                   name, package);
                goto done;
            }
    }
    if (languages->count > 1 && load(engine, buf_string(&wanted)))
        status = fault_set(fault, FAULT_LANGUAGE, "the languages %s cannot be loaded together", buf_string(&wanted));
done:
    buf_free(&wanted);
    return status;
}

void engine_read(engine_t *engine, const picture_t *line, engine_way_t way, arena_t *arena, readings_t *out)
{
    *out = (readings_t){0};
    engine->calls++;
    TessBaseAPISetPageSegMode(engine->api, way == ENGINE_AS_IS ? PSM_RAW_LINE : PSM_SINGLE_LINE);
    TessBaseAPISetImage(engine->api, line->pixels, line->width, line->height, 1, (int)line->stride);
    TessBaseAPISetSourceResolution(engine->api, 300);
    if (TessBaseAPIRecognize(engine->api, NULL))
        return;
    TessResultIterator *at = TessBaseAPIGetIterator(engine->api);
    if (!at)
        return;
    int capacity = 0;
    double sum = 0, letters = 0;
    do {
        char *text = TessResultIteratorGetUTF8Text(at, RIL_WORD);
        int x0, y0, x1, y1;
        if (text && *text && strspn(text, " \t\n") < strlen(text) &&
            TessPageIteratorBoundingBox(TessResultIteratorGetPageIteratorConst(at), RIL_WORD, &x0, &y0, &x1, &y1)) {
            if (out->count == capacity) {
                reading_t *more = arena_array(arena, (size_t)capacity + 8, sizeof *more);
                if (capacity)
                    memcpy(more, out->items, (size_t)capacity * sizeof *more);
                out->items = more;
                capacity += 8;
            }
            double confidence = (double)TessResultIteratorConfidence(at, RIL_WORD) / 100;
            confidence = confidence < 0 ? 0 : confidence > 1 ? 1 : confidence;
            out->items[out->count++] = (reading_t){arena_text(arena, text), x0, x1, confidence};
            sum += confidence * (double)strlen(text);
            letters += (double)strlen(text);
        }
        TessDeleteText(text);
    } while (TessResultIteratorNext(at, RIL_WORD));
    TessResultIteratorDelete(at);
    out->confidence = letters > 0 ? sum / letters : 0;
}

bool engine_knows(engine_t *engine, const char *word)
{
    return engine->api && TessBaseAPIIsValidWord(engine->api, word);
}

int engine_calls(const engine_t *engine)
{
    return engine->calls;
}
