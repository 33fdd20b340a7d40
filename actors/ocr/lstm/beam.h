/* beam: the likeliest text for the chances that the network gives, with words that the dictionary knows preferred.
 *
 * At each place the best few ways to the signs there are kept, apart from each other by what may follow. The rules and
 * the weights are those of tesseract 5.3 (RecodeBeamSearch in src/lstm/recodebeam.cpp), ties aside.
 */
#ifndef YOGI_OCR_LSTM_BEAM_H
#define YOGI_OCR_LSTM_BEAM_H

#include "dictionary.h"

typedef struct beam beam_t;

/* One sign of the text. */
typedef struct {
    int sign;
    word_kind_t kind; /* of what it belongs to */
    bool begins;      /* whether a word of the dictionary begins with it */
    double certainty; /* logarithm of the least chance of what it consists of */
    int from, to;     /* places; to is behind the last, and where the next begins */
} beam_sign_t;

/* Borrows the dictionary (NULL for none). empty: the code that means no sign. */
beam_t *beam_new(const charset_t *charset, const dictionary_t *dictionary, int empty);
void beam_destroy(beam_t **beam);

/* Finds the text of places rows of chances, signs in each. The signs belong to the beam and live until the next. */
const beam_sign_t *beam_find(beam_t *beam, const float *chances, int places, int signs, int *count);

#endif
