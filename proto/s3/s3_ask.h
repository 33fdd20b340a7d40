/* s3_ask: a question to the server about the bucket, signed, with the fault of an answer that was not wanted. Used by
 * proto/s3 alone.
 */
#ifndef YOGI_S3_ASK_H
#define YOGI_S3_ASK_H

#include "s3.h"

struct s3 {
    s3_place_t place;    /* as this process reaches it */
    s3_place_t outwards; /* as others do */
    s3_line_t *line;
    s3_account_t *account;
};

/* Fills region, credentials and url and makes the call; the caller frees the answer. `wanted` are the statuses that are
 * no fault, ended by 0. */
int s3_ask(s3_t *s3, const char *key, const char *query, s3_call_t *call, const int *wanted, s3_answer_t *answer,
           fault_t *fault) __attribute__((warn_unused_result));

#endif
