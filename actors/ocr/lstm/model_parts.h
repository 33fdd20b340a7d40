/* model_parts: where the parts of a model file are. */
#ifndef YOGI_OCR_LSTM_MODEL_PARTS_H
#define YOGI_OCR_LSTM_MODEL_PARTS_H

#include "bytes.h"

/* Parts by their numbers in the file. */
enum {
    PART_NETWORK = 17,
    PART_PUNCTUATION = 18, /* patterns of punctuation, words, patterns of numbers */
    PART_WORDS = 19,
    PART_NUMBERS = 20,
    PART_SIGNS = 21,
    PART_CODES = 22,
    PARTS = 24
};

/* Finds the parts; one that is missing is empty. -1 where the file is damaged. */
int model_parts(const uint8_t *bytes, size_t size, bytes_t parts[PARTS]) __attribute__((warn_unused_result));

#endif
