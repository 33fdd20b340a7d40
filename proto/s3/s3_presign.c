/* s3_presign: see s3_presign.h. */
#include "s3_presign.h"

#include "proto/base/hash.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DATE_BYTES = sizeof "20130524T000000Z", SCOPE_BYTES = 8 + S3_REGION_BYTES + sizeof "//s3/aws4_request" };

/* The signing key of a day, region and service. */
static void derive(const char *secret, const char *day, const char *region, uint8_t key[HASH_BYTES])
{
    char first[S3_SECRET_BYTES + 4];
    snprintf(first, sizeof first, "AWS4%s", secret);
    hash_hmac(first, strlen(first), day, 8, key);
    hash_hmac(key, HASH_BYTES, region, strlen(region), key);
    hash_hmac(key, HASH_BYTES, "s3", 2, key);
    hash_hmac(key, HASH_BYTES, "aws4_request", strlen("aws4_request"), key);
    explicit_bzero(first, sizeof first);
}

/* What is signed, in the order of its names. */
static void add_query(const s3_credentials_t *credentials, const char *scope, const char *date, int seconds, buf_t *out)
{
    buf_text(out, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
    s3_encode(out, credentials->id, false);
    buf_text(out, "%2F");
    s3_encode(out, scope, false);
    buf_format(out, "&X-Amz-Date=%s&X-Amz-Expires=%d", date, seconds);
    if (*credentials->token) {
        buf_text(out, "&X-Amz-Security-Token=");
        s3_encode(out, credentials->token, false);
    }
    buf_text(out, "&X-Amz-SignedHeaders=host");
}

static char *digest_of(const buf_t *text, char out[HASH_HEX])
{
    hash_t hash;
    hash_begin(&hash);
    hash_add(&hash, text->bytes, text->size);
    return hash_hex(&hash, out);
}

void s3_presign(const s3_place_t *place, const s3_credentials_t *credentials, const char *key, int seconds,
                int64_t now_s, buf_t *url)
{
    assert(seconds >= 1 && seconds <= S3_PRESIGN_SECONDS_MOST);
    char date[DATE_BYTES], scope[SCOPE_BYTES], hex[HASH_HEX];
    uint8_t digest[HASH_BYTES];
    buf_t query = {0}, request = {0}, text = {0};
    time_t now = (time_t)now_s;
    struct tm tm;
    strftime(date, sizeof date, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
    snprintf(scope, sizeof scope, "%.8s/%s/s3/aws4_request", date, place->region);
    add_query(credentials, scope, date, seconds, &query);
    buf_text(&request, "GET\n");
    s3_place_path(place, key, &request);
    buf_format(&request, "\n%s\nhost:%s\n\nhost\nUNSIGNED-PAYLOAD", query.bytes, place->host);
    buf_format(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, digest_of(&request, hex));
    derive(credentials->secret, date, place->region, digest);
    hash_hmac(digest, sizeof digest, text.bytes, text.size, digest);
    s3_place_url(place, key, url);
    buf_format(url, "?%s&X-Amz-Signature=%s", query.bytes, hash_text(digest, hex));
    explicit_bzero(digest, sizeof digest);
    buf_free(&query);
    buf_free(&request);
    buf_free(&text);
}
