/* s3_place: where a bucket is and how its objects are addressed. Pure.
 *
 * Sources: Amazon S3 API Reference (path-style and virtual-hosted-style requests; names of buckets), RFC 3986.
 */
#ifndef YOGI_S3_PLACE_H
#define YOGI_S3_PLACE_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

#include <stdbool.h>

/* Bytes of texts with their zero: a host name has 253 and a port 6, a bucket 63, a key 1024. */
enum { S3_HOST_BYTES = 264, S3_REGION_BYTES = 64, S3_BUCKET_BYTES = 64, S3_KEY_MOST = 1024 };

/* How a bucket is named in a request. */
typedef enum {
    S3_ADDRESSING_AUTO,    /* in the host name at AWS, in the path elsewhere */
    S3_ADDRESSING_PATH,    /* https://host/bucket/key */
    S3_ADDRESSING_VIRTUAL, /* https://bucket.host/key */
} s3_addressing_t;

/* Plain data. */
typedef struct {
    bool tls;                     /* https */
    bool in_path;                 /* the bucket stands in the path */
    char host[S3_HOST_BYTES];     /* as the header Host has it: with its port, with the bucket unless in_path */
    char region[S3_REGION_BYTES]; /* as signatures name it */
    char bucket[S3_BUCKET_BYTES]; /* as settings name it */
} s3_place_t;

/* Reads settings: the endpoint ("https://s3.example.org:9000"; NULL = AWS's own for the region), the region (NULL =
 * us-east-1, as AWS's own clients of old), the bucket. -1 with the fault (FAULT_SETTING), which names the setting. */
int s3_place_parse(const char *endpoint, const char *region, const char *bucket, s3_addressing_t addressing,
                   s3_place_t *place, fault_t *fault) __attribute__((warn_unused_result));

/* Appends text percent-encoded as signatures want it: everything but A-Z a-z 0-9 - . _ ~, and "/" where slashes stay.
 */
void s3_encode(buf_t *out, const char *text, bool slashes);

/* Appends the path of an object ("/bucket/key", encoded); key NULL is the bucket itself. */
void s3_place_path(const s3_place_t *place, const char *key, buf_t *out);

/* Appends the whole URL without a query. */
void s3_place_url(const s3_place_t *place, const char *key, buf_t *out);

#endif
