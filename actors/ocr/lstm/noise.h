/* noise: what the models see beyond the edges of a picture: numbers by chance, the same ones for every line. */
#ifndef YOGI_OCR_LSTM_NOISE_H
#define YOGI_OCR_LSTM_NOISE_H

#include <stdint.h>

/* Plain data; {.seed = …} before the first use. */
typedef struct {
    int64_t seed;   /* as the model was last trained with */
    uint64_t state; /* of the generator, behind the last number */
    int8_t *items;  /* the numbers so far; owned */
    int count;      /* how many there are */
} noise_t;

/* Makes at least count numbers. */
void noise_need(noise_t *noise, int count);
void noise_free(noise_t *noise);

#endif
