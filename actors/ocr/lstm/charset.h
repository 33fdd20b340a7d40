/* charset: the signs of a model: what each is written as, and which output of the network means it. */
#ifndef YOGI_OCR_LSTM_CHARSET_H
#define YOGI_OCR_LSTM_CHARSET_H

#include "bytes.h"

/* A sign by its number in the model's list; these are the same in all. */
enum { CHARSET_SPACE = 0, CHARSET_JOINED = 1, CHARSET_BROKEN = 2, CHARSET_NONE = -1 };

typedef struct charset charset_t;

/* Reads the list of signs and that of their codes. NULL where they are damaged, or where signs are made of several
 * codes, are not parted into words by spaces or are written from the right: such models are not read here. */
charset_t *charset_parse(bytes_t signs, bytes_t codes);
void charset_destroy(charset_t **charset);

int charset_codes(const charset_t *charset);            /* codes, 0 … n-1 */
int charset_code(const charset_t *charset, int rank);   /* the rank-th code in the order of the signs */
int charset_rank(const charset_t *charset, int code);   /* the same backwards; -1 for a code without a sign */
int charset_sign(const charset_t *charset, int code);   /* sign of a code, CHARSET_NONE without one */
bool charset_digit(const charset_t *charset, int sign); /* whether it is a digit */
const char *charset_text(const charset_t *charset, int sign);

/* The sign at the beginning of a text, which moves behind it; the longest where there are several. CHARSET_NONE where
 * there is none. */
int charset_find(const charset_t *charset, const char **text);

#endif
