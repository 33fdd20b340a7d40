/* dictionary: the words that a model knows, with the punctuation and the numbers around them, sign by sign.
 *
 * A word may stand in punctuation: one graph holds the patterns of that, with a place in each where a word or a number
 * goes. Where one is in the graphs after some signs is a set of positions.
 */
#ifndef YOGI_OCR_LSTM_DICTIONARY_H
#define YOGI_OCR_LSTM_DICTIONARY_H

#include "charset.h"
#include "dawg.h"

/* What a word was recognised as; the larger, the better. The numbers are those of tesseract. */
typedef enum {
    WORD_NONE = 0,
    WORD_PUNCTUATION = 1,
    WORD_ANY = 2,    /* no word of the dictionary */
    WORD_NUMBER = 6, /* a pattern of digits */
    WORD_KNOWN = 8
} word_kind_t;

/* Lists of words. */
typedef enum { LIST_NONE = -1, LIST_WORDS, LIST_NUMBERS, LISTS } word_list_t;

/* One place where one may be. */
typedef struct {
    int edge;        /* of the list, DAWG_NONE before a word was begun */
    int punctuation; /* edge of the patterns, DAWG_NONE at their beginning */
    int8_t list;     /* word_list_t of the word, LIST_NONE before it */
    bool patterned;  /* a pattern surrounds it */
    bool behind;     /* the word is over */
} position_t;

/* Most positions of a set: two lists and the patterns, within a word and behind it. */
enum { POSITIONS_MOST = 12 };

typedef struct {
    position_t items[POSITIONS_MOST];
    int count;
} positions_t;

/* Plain data; borrows the file and the signs. */
typedef struct {
    const charset_t *charset;
    dawg_t lists[LISTS];
    dawg_t patterns; /* of punctuation */
    bool has_patterns;
} dictionary_t;

/* The beginning of every word. */
void dictionary_begin(const dictionary_t *dictionary, positions_t *out);

/* Goes on by one sign, the last of its word where `last` says so: what the word is then, WORD_NONE where no word goes
 * on like this; *ends whether it may end here. */
word_kind_t dictionary_next(const dictionary_t *dictionary, const positions_t *from, int sign, bool last,
                            positions_t *out, bool *ends);

/* Whether a text is a word that it knows; numbers and punctuation alone are none. */
bool dictionary_knows(const dictionary_t *dictionary, const char *text);

#endif
