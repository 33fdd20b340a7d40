/* s3: see s3.h. */
#include "s3.h"

#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "s3_answer.h"
#include "s3_ask.h"
#include "s3_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Keys of one page of a list: S3's own limit. */
enum { LIST_MOST = 1000 };

static int64_t now_s(void)
{
    return clock_wall_ms() / 1000;
}

s3_t *s3_new(const s3_plan_t *plan, fault_t *fault)
{
    const char *outwards = plan->public_endpoint && *plan->public_endpoint ? plan->public_endpoint : plan->endpoint;
    s3_t *s3 = memory_new(1, sizeof *s3);
    if (s3_place_parse(plan->endpoint, plan->region, plan->bucket, plan->addressing, &s3->place, fault) < 0 ||
        s3_place_parse(outwards, plan->region, plan->bucket, plan->addressing, &s3->outwards, fault) < 0) {
        free(s3);
        return NULL;
    }
    s3->line = s3_line_new(&plan->line);
    s3->account = s3_account_new(&plan->account, s3->place.region, s3->line, fault);
    if (!s3->account)
        s3_destroy(&s3);
    return s3;
}

void s3_destroy(s3_t **s3)
{
    if (!s3 || !*s3)
        return;
    s3_account_destroy(&(*s3)->account);
    s3_line_destroy(&(*s3)->line);
    free(*s3);
    *s3 = NULL;
}

/* ---- writing ---- */

static int put_whole(s3_t *s3, const char *key, int fd, int64_t bytes, const char *sha256, const char *media,
                     fault_t *fault)
{
    char type[160];
    s3_answer_t answer = {0};
    snprintf(type, sizeof type, "Content-Type: %s", media);
    s3_call_t call = {.method = "PUT", .headers = {type}, .sha256 = sha256, .fd = fd, .bytes = bytes};
    int failed = s3_ask(s3, key, NULL, &call, (int[]){200, 0}, &answer, fault);
    s3_answer_free(&answer);
    return failed;
}

int s3_put(s3_t *s3, const char *key, int fd, int64_t bytes, const char *sha256, const char *media, fault_t *fault)
{
    return bytes > S3_PART_BYTES ? s3_parts_put(s3, key, fd, bytes, media, fault)
                                 : put_whole(s3, key, fd, bytes, sha256, media, fault);
}

/* The answer may be 200 and yet an error in its body. */
int s3_copy(s3_t *s3, const char *from, const char *key, fault_t *fault)
{
    char code[64];
    buf_t source = {0};
    s3_answer_t answer = {0};
    buf_format(&source, "x-amz-copy-source: /%s/", s3->place.bucket);
    s3_encode(&source, from, true);
    s3_call_t call = {.method = "PUT", .headers = {source.bytes}};
    int failed = s3_ask(s3, key, NULL, &call, (int[]){200, 0}, &answer, fault);
    if (!failed && s3_answer_find(&answer.body, "Code", code, sizeof code))
        failed = fault_set(fault, FAULT_UNREACHABLE, "%s could not copy %s: %s", s3->place.host, from, code);
    s3_answer_free(&answer);
    buf_free(&source);
    return failed;
}

/* ---- reading ---- */

int s3_get(s3_t *s3, const char *key, int64_t from, int64_t bytes, s3_sink_fn *sink, void *user, fault_t *fault)
{
    char range[80];
    s3_answer_t answer = {0};
    s3_call_t call = {.method = "GET", .sink = sink, .user = user};
    if (from || bytes >= 0) {
        if (bytes >= 0)
            snprintf(range, sizeof range, "Range: bytes=%lld-%lld", (long long)from, (long long)(from + bytes - 1));
        else
            snprintf(range, sizeof range, "Range: bytes=%lld-", (long long)from);
        call.headers[0] = range;
    }
    int failed = s3_ask(s3, key, NULL, &call, (int[]){200, 206, 416, 0}, &answer, fault);
    s3_answer_free(&answer);
    return failed;
}

int s3_delete(s3_t *s3, const char *key, fault_t *fault)
{
    s3_answer_t answer = {0};
    s3_call_t call = {.method = "DELETE"};
    int failed = s3_ask(s3, key, NULL, &call, (int[]){200, 204, 404, 0}, &answer, fault);
    s3_answer_free(&answer);
    return failed;
}

/* ---- lists ---- */

typedef struct {
    s3_visit_fn *visit;
    void *user;
    s3_object_t object; /* the one whose leaves are being read */
    bool ended;         /* visit wants no more */
    bool truncated;     /* there are more pages */
    char next[1100];    /* token of the next one */
} listing_t;

static void on_leaf(void *user, const char *name, const char *text)
{
    listing_t *listing = user;
    struct tm tm = {0};
    if (!text && strcmp(name, "Contents") == 0) {
        if (!listing->ended && *listing->object.key)
            listing->ended = !listing->visit(listing->user, &listing->object);
        listing->object = (s3_object_t){0};
    } else if (!text) {
        return;
    } else if (strcmp(name, "Key") == 0 && strlen(text) <= S3_KEY_MOST) {
        snprintf(listing->object.key, sizeof listing->object.key, "%s", text);
    } else if (strcmp(name, "Size") == 0) {
        listing->object.bytes = strtoll(text, NULL, 10);
    } else if (strcmp(name, "LastModified") == 0 && strptime(text, "%Y-%m-%dT%H:%M:%S", &tm)) {
        listing->object.changed_s = timegm(&tm);
    } else if (strcmp(name, "IsTruncated") == 0) {
        listing->truncated = strcmp(text, "true") == 0;
    } else if (strcmp(name, "NextContinuationToken") == 0) {
        snprintf(listing->next, sizeof listing->next, "%s", text);
    }
}

static int list_page(s3_t *s3, const char *prefix, listing_t *listing, fault_t *fault)
{
    buf_t query = {0};
    s3_answer_t answer = {0};
    s3_call_t call = {.method = "GET"};
    if (*listing->next) {
        buf_text(&query, "continuation-token=");
        s3_encode(&query, listing->next, false);
        buf_char(&query, '&');
    }
    buf_format(&query, "list-type=2&max-keys=%d&prefix=", LIST_MOST);
    s3_encode(&query, prefix, false);
    int failed = s3_ask(s3, NULL, query.bytes, &call, (int[]){200, 0}, &answer, fault);
    listing->truncated = false;
    *listing->next = 0;
    if (!failed)
        s3_answer_walk(&answer.body, on_leaf, listing);
    s3_answer_free(&answer);
    buf_free(&query);
    return failed;
}

int s3_list(s3_t *s3, const char *prefix, s3_visit_fn *visit, void *user, fault_t *fault)
{
    listing_t listing = {.visit = visit, .user = user};
    int failed;
    do
        failed = list_page(s3, prefix, &listing, fault);
    while (!failed && !listing.ended && listing.truncated && *listing.next);
    return failed;
}

int s3_check(s3_t *s3, fault_t *fault)
{
    s3_answer_t answer = {0};
    s3_call_t call = {.method = "GET"};
    int failed = s3_ask(s3, NULL, "list-type=2&max-keys=1&prefix=", &call, (int[]){200, 0}, &answer, fault);
    s3_answer_free(&answer);
    return failed;
}

int s3_url(s3_t *s3, const char *key, int seconds, buf_t *url, fault_t *fault)
{
    s3_credentials_t credentials;
    if (s3_account_get(s3->account, now_s(), &credentials, fault) < 0)
        return -1;
    s3_presign(&s3->outwards, &credentials, key, seconds, now_s(), url);
    explicit_bzero(&credentials, sizeof credentials);
    return 0;
}
