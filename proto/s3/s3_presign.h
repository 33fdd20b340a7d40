/* s3_presign: a URL that lets its holder fetch one object for some time. Pure: needs no network.
 *
 * Source: AWS Signature Version 4, "Authenticating Requests: Using Query Parameters" (Amazon S3 API Reference), whose
 * published example is a test.
 */
#ifndef YOGI_S3_PRESIGN_H
#define YOGI_S3_PRESIGN_H

#include "s3_place.h"

#include <stdint.h>

/* Seconds that a URL may hold: a week, by AWS's rule. Bytes of credentials with their zero: an id has 20 at AWS and
 * 128 at most, a secret 40, a session's token about 1,000. */
enum { S3_PRESIGN_SECONDS_MOST = 604800, S3_ID_BYTES = 132, S3_SECRET_BYTES = 256, S3_TOKEN_BYTES = 8192 };

/* Plain data. */
typedef struct {
    char id[S3_ID_BYTES];         /* access key */
    char secret[S3_SECRET_BYTES]; /* of it; never written anywhere */
    char token[S3_TOKEN_BYTES];   /* of a session; "" = none */
} s3_credentials_t;

/* Appends the URL by which the object can be got from now on for so many seconds (1 … S3_PRESIGN_SECONDS_MOST,
 * asserted). now_s is Unix time. */
void s3_presign(const s3_place_t *place, const s3_credentials_t *credentials, const char *key, int seconds,
                int64_t now_s, buf_t *url);

#endif
