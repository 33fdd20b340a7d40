/* engine: reads one prepared line of print at a time, with tesseract's models: of one language by ourselves where the
 * model allows it (lstm/model), else by tesseract's library, which is opened when it is first needed.
 *
 * One engine a process, kept open between documents.
 */
#ifndef YOGI_OCR_ENGINE_H
#define YOGI_OCR_ENGINE_H

#include "actors/picture/picture.h"
#include "proto/schema.h"
#include "readings.h"

typedef struct engine engine_t;

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
