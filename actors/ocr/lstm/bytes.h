/* bytes: numbers and texts out of a model file, little-endian, one behind the other. Reading beyond the end gives zeros
 * and sets `failed`, which is asked once at the end. */
#ifndef YOGI_OCR_LSTM_BYTES_H
#define YOGI_OCR_LSTM_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Plain data; at and end borrow the file. */
typedef struct {
    const uint8_t *at, *end; /* what is left */
    bool failed;             /* more was wanted than there is */
} bytes_t;

/* The next size bytes; NULL where there are fewer. */
const uint8_t *bytes_take(bytes_t *bytes, size_t size);

uint8_t bytes_u8(bytes_t *bytes);
int32_t bytes_i32(bytes_t *bytes);
int64_t bytes_i64(bytes_t *bytes);
double bytes_f64(bytes_t *bytes);

/* A text with its length before it, copied to out, which has room for size bytes; longer ones fail. */
void bytes_text(bytes_t *bytes, char *out, size_t size);

/* The next line of text without its end, not closed with a zero; its length goes to *length. NULL at the end. */
const char *bytes_line(bytes_t *bytes, size_t *length);

#endif
