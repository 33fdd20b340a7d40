/* s3: objects of one bucket of a server that speaks S3.
 *
 * For:    blobs of a gateway and of migrations, several threads at once; each call blocks until it is done.
 * Writes: an object is there whole or not at all. Above S3_PART_BYTES it goes in parts; parts of one that fails are
 * given up, so that nothing is left to pay for. Faults: FAULT_UNREACHABLE, may pass (tried again inside for retry_ms);
 * FAULT_SETTING, the server refuses these credentials, bucket or region; FAULT_INPUT, there is no such object;
 * FAULT_SYSTEM, others. Source: Amazon S3 API Reference, 2006-03-01.
 */
#ifndef YOGI_S3_H
#define YOGI_S3_H

#include "s3_account.h"
#include "s3_call.h"
#include "s3_place.h"

typedef struct s3 s3_t;

/* Bytes of a part, which is also the largest object that goes in one. (S3 takes parts of 5 MiB to 5 GiB, 10,000 of
 * them.) */
enum { S3_PART_BYTES = 16 << 20, S3_PARTS_MOST = 10000 };

/* Texts are borrowed for s3_new. */
typedef struct {
    const char *endpoint, *region, *bucket; /* as s3_place_parse takes them */
    const char *public_endpoint;            /* as others reach it, for presigned URLs; NULL = the same */
    s3_addressing_t addressing;
    s3_account_plan_t account;
    s3_line_plan_t line;
} s3_plan_t;

typedef struct {
    char key[S3_KEY_MOST + 1];
    int64_t bytes;
    int64_t changed_s; /* Unix time */
} s3_object_t;

/* Takes an object of a list. False ends the listing. */
typedef bool s3_visit_fn(void *user, const s3_object_t *object);

/* NULL with the fault (FAULT_SETTING). Asks the server nothing. */
s3_t *s3_new(const s3_plan_t *plan, fault_t *fault);
void s3_destroy(s3_t **s3);

/* Writes bytes of the file from its beginning under the key. sha256: of them, hex. media: Content-Type. */
int s3_put(s3_t *s3, const char *key, int fd, int64_t bytes, const char *sha256, const char *media, fault_t *fault)
    __attribute__((warn_unused_result));

/* Writes the object of another key of the same bucket under the key, without its bytes coming here (5 GiB at most). */
int s3_copy(s3_t *s3, const char *from, const char *key, fault_t *fault) __attribute__((warn_unused_result));

/* Hands bytes from `from` on to the sink, `bytes` of them at most (-1: all); none where the object ends before `from`.
 */
int s3_get(s3_t *s3, const char *key, int64_t from, int64_t bytes, s3_sink_fn *sink, void *user, fault_t *fault)
    __attribute__((warn_unused_result));

/* 1 and the object is filled, 0 when there is none, -1 with the fault. */
int s3_head(s3_t *s3, const char *key, s3_object_t *object, fault_t *fault) __attribute__((warn_unused_result));

/* No object of the key is there any more; also when there was none. */
int s3_delete(s3_t *s3, const char *key, fault_t *fault) __attribute__((warn_unused_result));

/* Gives up whatever was begun to be written under the key in parts and never ended: its writer was killed. Nobody may
 * be writing it now. */
int s3_give_up(s3_t *s3, const char *key, fault_t *fault) __attribute__((warn_unused_result));

/* Visits all objects whose keys begin with the prefix, in the order of their keys. */
int s3_list(s3_t *s3, const char *prefix, s3_visit_fn *visit, void *user, fault_t *fault)
    __attribute__((warn_unused_result));

/* Whether the bucket is there and may be used: 0, or -1 with the fault. */
int s3_check(s3_t *s3, fault_t *fault) __attribute__((warn_unused_result));

/* Appends a URL that fetches the object for so many seconds (s3_presign.h), at the public endpoint. */
int s3_url(s3_t *s3, const char *key, int seconds, buf_t *url, fault_t *fault) __attribute__((warn_unused_result));

#endif
