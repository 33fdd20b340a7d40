/* engine: reads one prepared line of print at a time, with tesseract's models: of one language by ourselves where the
 * model allows it (lstm/model), else by tesseract's library, which is opened when it is first needed.
 *
 * One engine a process, kept open between documents.
 */
#ifndef YOGI_OCR_ENGINE_H
#define YOGI_OCR_ENGINE_H

#include "actors/picture/picture.h"
#include "proto/base/arena.h"
#include "proto/schema.h"

typedef struct engine engine_t;

/* One word as read; boxes in px of the line's picture. */
typedef struct {
    const char *text;  /* UTF-8; the arena's */
    int x0, x1;        /* px, x1 behind the last */
    double confidence; /* 0 … 1 */
} reading_t;

typedef struct {
    reading_t *items; /* left to right; the arena's */
    int count;
    double confidence; /* mean over the letters, 0 … 1; 0 where nothing was read */
} readings_t;

/* Adds a word at the end, without its confidence to that of all. */
void readings_add(readings_t *readings, arena_t *arena, reading_t word);

/* What of a picture the model is given. */
typedef enum {
    ENGINE_AS_IS,    /* all of it, scaled to the height of the model (36 px): its margins matter */
    ENGINE_FIND_LINE /* the line that tesseract finds in it, with the white that it is used to */
} engine_way_t;

/* Never NULL; no language is loaded yet. */
engine_t *engine_new(void);
void engine_destroy(engine_t **engine);

/* Loads the models of these languages (tesseract's names; none: "eng") unless they are loaded. -1 with FAULT_LANGUAGE
 * and a sentence that names the package to install. */
int engine_languages(engine_t *engine, const texts_t *languages, fault_t *fault) __attribute__((warn_unused_result));

/* Reads one line: grey, dark print on white. */
void engine_read(engine_t *engine, const picture_t *line, engine_way_t way, arena_t *arena, readings_t *out);

/* Whether the models' dictionaries know the word. */
bool engine_knows(engine_t *engine, const char *word);

/* Lines read since it was opened. */
int engine_calls(const engine_t *engine);

#endif
