/* cron_hash: the letter H of a cron pattern, a number that is left to chance: the same one for the same seed, wherever
 * the pattern is read. For cron_parse.c.
 * Source: the generator is mulberry32, a text becomes its seed by FNV-1a over UTF-16, as in cron-parser.
 */
#ifndef YOGI_CRON_HASH_H
#define YOGI_CRON_HASH_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

/* What an H of one field falls by. */
typedef struct {
    double random; /* of this field, 0 … 1 */
    bool strict;   /* ranges and steps that the field cannot hold are errors */
} cron_hash_t;

uint32_t cron_hash_seed(const char *text);

/* The next number of a generator, 0 … 1. */
double cron_hash_next(uint32_t *state);

/* Appends the text to out with every H, H/step, H(a-b) and H(a-b)/step in it become numbers of least … most. */
int cron_hash_expand(const cron_hash_t *hash, const char *text, int least, int most, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
