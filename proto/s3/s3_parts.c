/* s3_parts: see s3_parts.h. */
#include "s3_parts.h"

#include "proto/base/hash.h"
#include "proto/base/mark.h"
#include "proto/base/memory.h"
#include "s3_answer.h"
#include "s3_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* UPLOADS: of a page of a list, S3's own limit. PAGES: more than anybody leaves of one key. */
enum { UPLOADS_MOST = 1000, PAGES_MOST = 10, ID_BYTES = 600 };

/* An object that goes in parts. */
typedef struct {
    s3_t *s3;
    const char *key;
    int64_t bytes;
    buf_t query; /* "uploadId=…" */
    buf_t list;  /* the XML that closes it */
} parts_t;

static int begin_parts(parts_t *parts, const char *media, fault_t *fault)
{
    char type[160], id[ID_BYTES];
    s3_answer_t answer = {0};
    snprintf(type, sizeof type, "Content-Type: %s", media);
    s3_call_t call = {.method = "POST", .headers = {type}};
    int failed = s3_ask(parts->s3, parts->key, "uploads=", &call, (int[]){200, 0}, &answer, fault);
    if (!failed && !s3_answer_find(&answer.body, "UploadId", id, sizeof id))
        failed = fault_set(fault, FAULT_UNREACHABLE, "%s begins an upload without an id", parts->s3->place.host);
    s3_answer_free(&answer);
    if (failed)
        return -1;
    buf_text(&parts->query, "uploadId=");
    s3_encode(&parts->query, id, false);
    buf_text(&parts->list, "<CompleteMultipartUpload>");
    return 0;
}

/* SHA-256 of a piece of the file; "" where it cannot be read. */
static void digest_piece(int fd, int64_t from, int64_t bytes, char out[HASH_HEX])
{
    static const size_t BLOCK = 256 * 1024;
    hash_t hash;
    char *block = memory_new(1, BLOCK);
    hash_begin(&hash);
    while (bytes > 0) {
        ssize_t n = pread(fd, block, bytes < (int64_t)BLOCK ? (size_t)bytes : BLOCK, from);
        if (n <= 0)
            break;
        hash_add(&hash, block, (size_t)n);
        from += n, bytes -= n;
    }
    free(block);
    hash_hex(&hash, out);
    if (bytes)
        *out = 0;
}

static int put_part(parts_t *parts, int number, int fd, int64_t from, int64_t bytes, fault_t *fault)
{
    char sha256[HASH_HEX];
    buf_t query = {0};
    s3_answer_t answer = {0};
    s3_call_t call = {.method = "PUT",
                      .headers = {"Content-Type: application/octet-stream"},
                      .sha256 = "UNSIGNED-PAYLOAD",
                      .fd = fd,
                      .from = from,
                      .bytes = bytes};
    if (!parts->s3->place.tls) { /* nothing else would notice that it was changed on its way */
        digest_piece(fd, from, bytes, sha256);
        call.sha256 = sha256;
    }
    buf_format(&query, "partNumber=%d&%s", number, parts->query.bytes);
    int failed = s3_ask(parts->s3, parts->key, query.bytes, &call, (int[]){200, 0}, &answer, fault);
    if (!failed)
        buf_format(&parts->list, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", number, answer.tag);
    s3_answer_free(&answer);
    buf_free(&query);
    MARK("s3.part");
    return failed;
}

/* The upload is not known any more: an earlier try has ended it, and its answer was lost; or it is gone. */
static int look_at_object(const parts_t *parts, fault_t *fault)
{
    s3_object_t object;
    int there = s3_head(parts->s3, parts->key, &object, fault);
    if (there < 0 || (there && object.bytes == parts->bytes))
        return there < 0 ? -1 : 0;
    return fault_set(fault, FAULT_UNREACHABLE, "%s has lost the parts of %s; they are to be sent again",
                     parts->s3->place.host, parts->key);
}

/* The answer may be 200 and yet an error in its body. */
static int end_parts(parts_t *parts, fault_t *fault)
{
    char sha256[HASH_HEX], code[64];
    hash_t hash;
    s3_answer_t answer = {0};
    buf_text(&parts->list, "</CompleteMultipartUpload>");
    hash_begin(&hash);
    hash_add(&hash, parts->list.bytes, parts->list.size);
    s3_call_t call = {.method = "POST",
                      .headers = {"Content-Type: application/xml"},
                      .sha256 = hash_hex(&hash, sha256),
                      .body = parts->list.bytes,
                      .bytes = (int64_t)parts->list.size};
    int failed = s3_ask(parts->s3, parts->key, parts->query.bytes, &call, (int[]){200, 404, 0}, &answer, fault);
    if (!failed && answer.status == 404)
        failed = look_at_object(parts, fault);
    else if (!failed && s3_answer_find(&answer.body, "Code", code, sizeof code))
        failed = fault_set(fault, FAULT_UNREACHABLE, "%s could not put %s together: %s", parts->s3->place.host,
                           parts->key, code);
    s3_answer_free(&answer);
    return failed;
}

/* query: "uploadId=…". */
static int give_up(s3_t *s3, const char *key, const char *query, fault_t *fault)
{
    s3_answer_t answer = {0};
    s3_call_t call = {.method = "DELETE"};
    int failed = s3_ask(s3, key, query, &call, (int[]){204, 404, 0}, &answer, fault);
    s3_answer_free(&answer);
    return failed;
}

int s3_parts_put(s3_t *s3, const char *key, int fd, int64_t bytes, const char *media, fault_t *fault)
{
    fault_t unused = {0};
    parts_t parts = {.s3 = s3, .key = key, .bytes = bytes};
    int64_t size = S3_PART_BYTES;
    while (size * S3_PARTS_MOST < bytes)
        size *= 2;
    int failed = begin_parts(&parts, media, fault);
    for (int number = 1; !failed && (number - 1) * size < bytes; number++) {
        int64_t from = (number - 1) * size, left = bytes - from;
        failed = put_part(&parts, number, fd, from, left < size ? left : size, fault);
    }
    if (!failed)
        failed = end_parts(&parts, fault);
    if (failed && parts.query.size)
        (void)!give_up(s3, key, parts.query.bytes, &unused); /* whoever removes the object does it (s3_give_up) */
    buf_free(&parts.query);
    buf_free(&parts.list);
    return failed;
}

/* ---- what was never ended ---- */

/* A page of the list of uploads in parts. */
typedef struct {
    const char *key;   /* whose are wanted */
    bool ours;         /* the one that is being read is of that key */
    char id[ID_BYTES]; /* of it */
    buf_t queries;     /* "uploadId=…", a zero after each */
    size_t count;      /* of them */
    bool truncated;    /* there are more pages */
} uploads_t;

static void on_leaf(void *user, const char *name, const char *text)
{
    uploads_t *uploads = user;
    if (text && strcmp(name, "Key") == 0) {
        uploads->ours = strcmp(text, uploads->key) == 0;
    } else if (text && strcmp(name, "UploadId") == 0) {
        snprintf(uploads->id, sizeof uploads->id, "%s", text);
    } else if (text && strcmp(name, "IsTruncated") == 0) {
        uploads->truncated = strcmp(text, "true") == 0;
    } else if (!text && strcmp(name, "Upload") == 0) {
        if (uploads->ours && *uploads->id) {
            buf_text(&uploads->queries, "uploadId=");
            s3_encode(&uploads->queries, uploads->id, false);
            buf_char(&uploads->queries, 0);
            uploads->count++;
        }
        uploads->ours = false;
        *uploads->id = 0;
    }
}

static int list_uploads(s3_t *s3, uploads_t *uploads, fault_t *fault)
{
    buf_t query = {0};
    s3_answer_t answer = {0};
    s3_call_t call = {.method = "GET"};
    buf_format(&query, "max-uploads=%d&prefix=", UPLOADS_MOST);
    s3_encode(&query, uploads->key, false);
    buf_text(&query, "&uploads=");
    int failed = s3_ask(s3, NULL, query.bytes, &call, (int[]){200, 0}, &answer, fault);
    if (!failed)
        s3_answer_walk(&answer.body, on_leaf, uploads);
    s3_answer_free(&answer);
    buf_free(&query);
    return failed;
}

/* Those that were given up are not in the list any more: it is asked for from its beginning again. */
int s3_give_up(s3_t *s3, const char *key, fault_t *fault)
{
    int failed = 0;
    bool more = true;
    for (int page = 0; !failed && more && page < PAGES_MOST; page++) {
        uploads_t uploads = {.key = key};
        failed = list_uploads(s3, &uploads, fault);
        const char *query = uploads.queries.bytes;
        for (size_t i = 0; !failed && i < uploads.count; i++, query += strlen(query) + 1)
            failed = give_up(s3, key, query, fault);
        more = uploads.truncated && uploads.count;
        buf_free(&uploads.queries);
    }
    return failed;
}
