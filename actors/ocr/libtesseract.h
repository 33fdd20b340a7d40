/* libtesseract: tesseract's own library, for the models that lstm/model does not read, and for several languages at
 * once. The only file that knows it.
 *
 * OMP_THREAD_LIMIT=1 must be in the environment before the process starts: set later it has no effect and costs five
 * times the time.
 */
#ifndef YOGI_OCR_LIBTESSERACT_H
#define YOGI_OCR_LIBTESSERACT_H

#include "actors/picture/picture.h"
#include "readings.h"

#include <stdbool.h>

typedef struct libtesseract libtesseract_t;

/* Loads models by tesseract's list of languages ("eng+fra"); NULL where one is missing or damaged. */
libtesseract_t *libtesseract_open(const char *languages);
void libtesseract_close(libtesseract_t **library);

/* As engine_read and engine_knows. */
void libtesseract_read(libtesseract_t *library, const picture_t *line, engine_way_t way, arena_t *arena,
                       readings_t *out);
bool libtesseract_knows(libtesseract_t *library, const char *word);

#endif
