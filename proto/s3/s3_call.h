/* s3_call: one request to a server of S3 or STS, tried again where that can help. The only file of the room that knows
 * libcurl, which also signs (AWS Signature Version 4 in headers).
 *
 * Blocking; safe for many threads, each call has a handle of libcurl for itself, kept for the next one.
 * Tried again: no connection, a connection lost before an answer, 429, 500, 502, 503 and 504; a few times within the
 * total time, with a growing and uneven wait. Not once a body has been handed on.
 */
#ifndef YOGI_S3_CALL_H
#define YOGI_S3_CALL_H

#include "s3_presign.h"

#include <stddef.h>
#include <stdint.h>

typedef struct s3_line s3_line_t;

/* Takes the bytes of a body as they come. False ends the transfer. */
typedef bool s3_sink_fn(void *user, const void *bytes, size_t size);

enum { S3_HEADERS_MOST = 4 };

/* What is asked; everything is borrowed for the call. */
typedef struct {
    const char *method;                   /* "GET", "HEAD", "PUT", "POST", "DELETE" */
    const char *url;                      /* with its query, encoded and in the order of its names */
    const char *region;                   /* of the signature; NULL = unsigned */
    const s3_credentials_t *credentials;  /* of it */
    const char *headers[S3_HEADERS_MOST]; /* "Name: value"; NULL where there is no more. Content-Type where a body is */
    const char *sha256;                   /* of the body, or "UNSIGNED-PAYLOAD"; NULL = there is no body */
    const void *body;                     /* to send; NULL = from fd */
    int fd;                               /* read from `from` on where bytes > 0 and body is NULL */
    int64_t from, bytes;                  /* of the body */
    s3_sink_fn *sink;                     /* takes the body of a 2xx answer; NULL = kept in the answer */
    void *user;                           /* for the sink */
} s3_call_t;

/* What came; s3_answer_free. */
typedef struct {
    int status;    /* of HTTP */
    buf_t body;    /* unless a sink took it; of errors always, S3_ERROR_BYTES_MOST at most */
    int64_t bytes; /* Content-Length; -1 = none was told */
    char tag[128]; /* ETag with its quotes; "" */
    char date[40]; /* Last-Modified as it came; "" */
} s3_answer_t;

/* Bytes of answers that are kept: a list of 1,000 keys has 400,000; an error 500. */
enum { S3_ANSWER_BYTES_MOST = 4 << 20, S3_ERROR_BYTES_MOST = 65536 };

typedef struct {
    const char *authorities; /* file of certificates that are trusted; NULL = the system's */
    int64_t connect_ms;      /* until a connection stands */
    int64_t stall_ms;        /* longest time without a byte */
    int64_t retry_ms;        /* from the start of a call, within which it is tried again */
    int64_t most_bytes_s;    /* of one transfer's body, either way; 0 = as fast as it goes */
} s3_line_plan_t;

s3_line_t *s3_line_new(const s3_line_plan_t *plan);
void s3_line_destroy(s3_line_t **line);

/* 0 when there was an answer, of whatever status; -1 with the fault: FAULT_UNREACHABLE (no answer, or of those that may
 * pass another time), FAULT_SETTING (a certificate that is not trusted), FAULT_CANCELLED (the sink wants no more). */
int s3_call(s3_line_t *line, const s3_call_t *call, s3_answer_t *answer, fault_t *fault)
    __attribute__((warn_unused_result));

void s3_answer_free(s3_answer_t *answer);

#endif
