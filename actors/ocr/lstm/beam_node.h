/* beam_node: a way to one place, and the few best ones of a kind, in a heap with the worst on top. */
#ifndef YOGI_OCR_LSTM_BEAM_NODE_H
#define YOGI_OCR_LSTM_BEAM_NODE_H

#include "dictionary.h"

/* What may follow a way. Chances of neighbouring places are added where a sign passes into another; what stands on
 * either side of such a sum must stand alone. */
typedef enum {
    NEXT_ANY,   /* its own chance alone: anything */
    NEXT_SAME,  /* a sum before the sign stood alone: only the same sign */
    NEXT_OTHER, /* a sum behind it: only another one */
    NEXTS
} next_t;

/* One place of a way. */
typedef struct {
    int code;          /* output of the network; -1: no node */
    int sign;          /* CHARSET_NONE: no sign here */
    word_kind_t kind;  /* of the word so far */
    bool new_word;     /* words of the dictionary may begin behind it */
    bool begins;       /* a word of the dictionary begins with it */
    bool ends;         /* and may end with it */
    bool again;        /* the same sign as before it, held on */
    float certainty;   /* logarithm of the chance here */
    float score;       /* sum of them along the way */
    int before;        /* node before it; -1 at the beginning */
    int set, set_size; /* where it is in the dictionary: first position and how many; 0 of them outside words */
    uint64_t text;     /* hash of the signs along the way */
} node_t;

enum { BEAM_WIDTH = 5 };

typedef struct {
    node_t items[BEAM_WIDTH + 1]; /* a heap by score */
    int count;
} ways_t;

/* Whether a node of this score would be kept. */
bool ways_want(const ways_t *ways, float score);

/* Keeps a node that is wanted; of two with the same text the better one. */
void ways_add(ways_t *ways, const node_t *node);

#endif
