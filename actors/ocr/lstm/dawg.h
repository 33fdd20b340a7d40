/* dawg: a list of words of signs as a graph (directed acyclic word graph): words share beginnings and ends. */
#ifndef YOGI_OCR_LSTM_DAWG_H
#define YOGI_OCR_LSTM_DAWG_H

#include "bytes.h"

enum { DAWG_NONE = -1 };

/* Plain data; borrows the file. {0} is a list without words. */
typedef struct {
    const uint8_t *edges; /* 8 bytes each, little-endian */
    int count;            /* edges */
    int letter_bits;      /* of an edge: its sign, then whether it is the last of its node, whether it leads back,
                             whether a word ends with it, and where it leads */
    int first;            /* edges of the node where words begin; in order */
} dawg_t;

/* 0, or -1 where it is damaged. */
int dawg_parse(bytes_t bytes, dawg_t *dawg) __attribute__((warn_unused_result));

/* The edge with a sign out of the node that an edge leads to (DAWG_NONE: where words begin); only one with which a word
 * ends, where that is wanted. DAWG_NONE where there is none. */
int dawg_next(const dawg_t *dawg, int edge, int sign, bool ends);

/* Whether a word ends with the edge. */
bool dawg_ends(const dawg_t *dawg, int edge);

#endif
