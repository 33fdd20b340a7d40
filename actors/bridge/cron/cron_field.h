/* cron_field: one field of a cron pattern, from its text to the set of numbers that it stands for. For cron_parse.c. */
#ifndef YOGI_CRON_FIELD_H
#define YOGI_CRON_FIELD_H

#include "cron_hash.h"
#include "proto/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order in which cron-parser reads them, which is the order in which H falls. */
typedef enum { CRON_SECOND, CRON_MINUTE, CRON_HOUR, CRON_MONTH, CRON_DAY, CRON_WEEKDAY, CRON_FIELDS } cron_place_t;

/* What a field stands for. */
typedef struct {
    uint64_t numbers;  /* bit n: the number n; of weekdays 0 … 7, where 7 beside 0 means nothing more */
    uint64_t twice;    /* those of them that it names more than once, which is an error where they count */
    uint32_t digits;   /* bit n: n is the first digit of an entry with L, as 5 of 5L */
    uint64_t lasts[2]; /* the entries with L, numbered, to find one twice */
    bool any;          /* it is * or ? */
    bool last;         /* an L stands in it */
} cron_field_t;

/* -1 with FAULT_USAGE and a sentence that begins with the field's name. */
int cron_field_parse(cron_place_t place, const char *text, const cron_hash_t *hash, cron_field_t *field, fault_t *fault)
    __attribute__((warn_unused_result));

const char *cron_field_name(cron_place_t place); /* "hour" */

#endif
