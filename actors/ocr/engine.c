/* engine: see engine.h. */
#include "engine.h"

#include "actors/picture/picture_filter.h"
#include "libtesseract.h"
#include "lstm/model.h"
#include "proto/base/buf.h"
#include "proto/base/memory.h"
#include "tessdata/tessdata.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct engine {
    model_t *model;          /* of one language; NULL where the library has to read it */
    libtesseract_t *library; /* NULL until it is needed */
    bool failed;             /* the library could not be opened */
    char *languages;         /* "eng+fra", NULL before */
    int calls;               /* lines read */
};

engine_t *engine_new(void)
{
    return memory_new(1, sizeof(engine_t));
}

static void unload(engine_t *engine)
{
    model_destroy(&engine->model);
    libtesseract_close(&engine->library);
    free(engine->languages);
    engine->languages = NULL;
    engine->failed = false;
}

void engine_destroy(engine_t **engine)
{
    if (!engine || !*engine)
        return;
    unload(*engine);
    free(*engine);
    *engine = NULL;
}

/* The model of a language from where tesseract's library would take it; NULL where there is none that is read here. */
static model_t *open_model(const char *language)
{
    buf_t path = {0};
    model_t *model = NULL;
    const char *folder;
    for (size_t i = 0; !model && (folder = tessdata_folder(i)); i++) {
        buf_clear(&path);
        tessdata_path(folder, language, &path);
        model = model_open(buf_string(&path));
    }
    buf_free(&path);
    return model;
}

/* Loads by tesseract's list of languages; 0 when it worked. */
static int load(engine_t *engine, const char *languages)
{
    unload(engine);
    if (!strchr(languages, '+'))
        engine->model = open_model(languages);
    if (!engine->model && !(engine->library = libtesseract_open(languages)))
        return -1;
    engine->languages = strdup(languages);
    return engine->languages ? 0 : -1;
}

int engine_languages(engine_t *engine, const texts_t *languages, fault_t *fault)
{
    buf_t wanted = {0};
    int status = 0;
    for (size_t i = 0; i < languages->count; i++) {
        if (!tessdata_is_name(languages->items[i])) {
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
                buf_t package = {0};
                tessdata_package(name, &package);
                status = fault_set(fault, FAULT_LANGUAGE, "no model for the language \"%s\": install the package %s",
                                   name, package.bytes);
                buf_free(&package);
                goto done;
            }
    }
    if (languages->count > 1 && load(engine, buf_string(&wanted)))
        status = fault_set(fault, FAULT_LANGUAGE, "the languages %s cannot be loaded together", buf_string(&wanted));
done:
    buf_free(&wanted);
    return status;
}

static void read_with_model(model_t *model, const picture_t *line, arena_t *arena, readings_t *out)
{
    int height = model_height(model), width = (int)lround((double)line->width * height / line->height), count;
    if (width < model_width_least(model) || width > model_width_most())
        return;
    picture_t *scaled = line->height == height ? NULL : picture_scale(line, width, height);
    const picture_t *given = scaled ? scaled : line;
    if (given->height == height) {
        double across = (double)width / line->width;
        const model_word_t *words = model_read(model, given->pixels, width, given->stride, &count);
        for (int i = 0; i < count; i++)
            readings_add(out, arena,
                         (reading_t){arena_text(arena, words[i].text), (int)floor(words[i].x0 / across),
                                     (int)ceil(words[i].x1 / across), words[i].confidence});
    }
    picture_destroy(&scaled);
}

/* The library with the languages that are loaded; NULL where it does not read them. */
static libtesseract_t *need_library(engine_t *engine)
{
    if (!engine->library && engine->languages && !engine->failed) {
        engine->library = libtesseract_open(engine->languages);
        engine->failed = !engine->library;
    }
    return engine->library;
}

void engine_read(engine_t *engine, const picture_t *line, engine_way_t way, arena_t *arena, readings_t *out)
{
    double sum = 0, letters = 0;
    *out = (readings_t){0};
    engine->calls++;
    if (engine->model && way == ENGINE_AS_IS)
        read_with_model(engine->model, line, arena, out);
    else if (need_library(engine))
        libtesseract_read(engine->library, line, way, arena, out);
    for (int i = 0; i < out->count; i++) {
        double bytes = (double)strlen(out->items[i].text);
        sum += out->items[i].confidence * bytes;
        letters += bytes;
    }
    out->confidence = letters > 0 ? sum / letters : 0;
}

bool engine_knows(engine_t *engine, const char *word)
{
    if (engine->model)
        return model_knows(engine->model, word);
    return engine->library && libtesseract_knows(engine->library, word);
}

int engine_calls(const engine_t *engine)
{
    return engine->calls;
}
