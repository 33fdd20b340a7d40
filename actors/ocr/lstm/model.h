/* model: one of tesseract's models for a language, read and run without tesseract.
 *
 * Of the models of Debian's packages those for languages in Latin, Greek and Cyrillic letters can be read: byte
 * weights, one code for each sign, words parted by spaces. What is read is what tesseract 5.3 reads of the same
 * picture.
 *
 * Called by engine, in the worker of the stage ocr; the only header of this folder that others include. Diagnostics:
 * model_open refuses what it does not know, and damaged files; later nothing can fail but memory, which aborts.
 */
#ifndef YOGI_OCR_LSTM_MODEL_H
#define YOGI_OCR_LSTM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct model model_t;

/* The model in the file at a path; NULL where it is missing or of another kind. */
model_t *model_open(const char *path);

/* The same of bytes, which are borrowed and outlive it. */
model_t *model_parse(const uint8_t *bytes, size_t size);
void model_destroy(model_t **model);

int model_height(const model_t *model);      /* px that a line has to be high */
int model_width_least(const model_t *model); /* px that it has to be wide at least … */
int model_width_most(void);                  /* … and at most */

/* One word as read. */
typedef struct {
    const char *text;  /* UTF-8 */
    int x0, x1;        /* px, x1 behind the last */
    double confidence; /* 0 … 1 */
} model_word_t;

/* Reads a line: grey, dark on white, model_height rows. The words belong to the model and live until the next line. */
const model_word_t *model_read(model_t *model, const uint8_t *pixels, int width, size_t stride, int *count);

/* Whether its dictionary knows a word. */
bool model_knows(const model_t *model, const char *word);

#endif
