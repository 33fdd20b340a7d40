/* s3_ask: see s3_ask.h. */
#include "s3_ask.h"

#include "proto/base/clock.h"
#include "s3_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The fault of an answer that is no 2xx, in the server's own words where it has some. */
static int refuse(const s3_t *s3, const char *key, const s3_answer_t *answer, fault_t *fault)
{
    char code[64], message[200];
    s3_answer_find(&answer->body, "Code", code, sizeof code);
    s3_answer_find(&answer->body, "Message", message, sizeof message);
    const char *bucket = s3->place.bucket;
    if (strcmp(code, "NoSuchBucket") == 0)
        return fault_set(fault, FAULT_SETTING, "there is no bucket %s at %s; make it, or mend S3_BUCKET", bucket,
                         s3->place.host);
    if (strcmp(code, "XAmzContentSHA256Mismatch") == 0 || strcmp(code, "BadDigest") == 0)
        return fault_set(fault, FAULT_DAMAGED, "%s: the bytes that were to be kept are not those of its digest", key);
    if (answer->status == 404)
        return fault_set(fault, FAULT_INPUT, "there is no object %s in the bucket %s", key ? key : "", bucket);
    if (answer->status == 301 || answer->status == 307 || strcmp(code, "AuthorizationHeaderMalformed") == 0 ||
        strcmp(code, "IllegalLocationConstraintException") == 0)
        return fault_set(fault, FAULT_SETTING,
                         "the bucket %s is of another region than %s; mend AWS_REGION or S3_ENDPOINT", bucket,
                         s3->place.region);
    if (strcmp(code, "RequestTimeTooSkewed") == 0)
        return fault_set(fault, FAULT_SETTING, "the clock of this machine is too far from that of %s; set it",
                         s3->place.host);
    if (answer->status == 401 || answer->status == 403 || strcmp(code, "ExpiredToken") == 0 ||
        strcmp(code, "InvalidToken") == 0)
        return fault_set(fault, FAULT_SETTING,
                         "%s refuses these credentials for the bucket %s (HTTP %d %s); see AWS_ACCESS_KEY_ID",
                         s3->place.host, bucket, answer->status, code);
    return fault_set(fault, FAULT_SYSTEM, "%s answers HTTP %d %s for %s: %s", s3->place.host, answer->status, code,
                     key ? key : bucket, message);
}

int s3_ask(s3_t *s3, const char *key, const char *query, s3_call_t *call, const int *wanted, s3_answer_t *answer,
           fault_t *fault)
{
    buf_t url = {0};
    s3_credentials_t credentials;
    int failed = s3_account_get(s3->account, clock_wall_ms() / 1000, &credentials, fault);
    if (!failed) {
        s3_place_url(&s3->place, key, &url);
        if (query)
            buf_format(&url, "?%s", query);
        call->region = s3->place.region;
        call->credentials = &credentials;
        call->url = url.bytes;
        failed = s3_call(s3->line, call, answer, fault);
    }
    explicit_bzero(&credentials, sizeof credentials);
    buf_free(&url);
    if (failed)
        return -1;
    while (*wanted && *wanted != answer->status)
        wanted++;
    return *wanted ? 0 : refuse(s3, key, answer, fault);
}

int s3_head(s3_t *s3, const char *key, s3_object_t *object, fault_t *fault)
{
    s3_answer_t answer = {0};
    s3_call_t call = {.method = "HEAD"};
    int failed = s3_ask(s3, key, NULL, &call, (int[]){200, 404, 0}, &answer, fault);
    bool there = !failed && answer.status == 200;
    if (there) {
        struct tm tm = {0};
        *object = (s3_object_t){.bytes = answer.bytes};
        snprintf(object->key, sizeof object->key, "%s", key);
        if (strptime(answer.date, "%a, %d %b %Y %H:%M:%S", &tm))
            object->changed_s = timegm(&tm);
    }
    s3_answer_free(&answer);
    return failed ? -1 : there;
}
