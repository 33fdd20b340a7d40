/* s3_place: see s3_place.h. */
#include "s3_place.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int refuse(fault_t *fault, const char *setting, const char *value, const char *why)
{
    return fault_set(fault, FAULT_SETTING, "%s is \"%s\": %s", setting, value, why);
}

/* By the rules of Amazon for names that can stand in a host name. */
static int check_bucket(const char *bucket, fault_t *fault)
{
    size_t length = bucket ? strlen(bucket) : 0;
    if (!length)
        return fault_set(fault, FAULT_SETTING, "S3_BUCKET is not set; name the bucket that documents are kept in");
    if (length < 3 || length >= S3_BUCKET_BYTES)
        return refuse(fault, "S3_BUCKET", bucket, "a bucket's name has 3 to 63 characters");
    for (const char *c = bucket; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '-' && *c != '.' && *c != '_')
            return refuse(fault, "S3_BUCKET", bucket, "a bucket's name is of a-z, 0-9, - and .");
    return 0;
}

static int check_region(const char *region, fault_t *fault)
{
    if (!*region || strlen(region) >= S3_REGION_BYTES)
        return refuse(fault, "AWS_REGION", region, "a region is named like eu-central-1");
    for (const char *c = region; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
            return refuse(fault, "AWS_REGION", region, "a region is named like eu-central-1");
    return 0;
}

/* The host and port of an endpoint, in lower case as clients send them; a default port is left out. */
static int take_host(const char *endpoint, s3_place_t *place, fault_t *fault)
{
    const char *host = NULL;
    if (strncasecmp(endpoint, "https://", 8) == 0)
        host = endpoint + 8, place->tls = true;
    else if (strncasecmp(endpoint, "http://", 7) == 0)
        host = endpoint + 7;
    else
        return refuse(fault, "S3_ENDPOINT", endpoint, "it begins with https:// or http://");
    size_t length = strcspn(host, "/?#");
    if (strspn(host + length, "/") != strlen(host + length))
        return refuse(fault, "S3_ENDPOINT", endpoint, "it has no path; the bucket is named by S3_BUCKET");
    if (!length || length + S3_BUCKET_BYTES >= S3_HOST_BYTES)
        return refuse(fault, "S3_ENDPOINT", endpoint, "it names no host");
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)host[i]) && !strchr("-._:[]", host[i]))
            return refuse(fault, "S3_ENDPOINT", endpoint, "it is a host with an optional port, no more");
        place->host[i] = (char)tolower((unsigned char)host[i]);
    }
    place->host[length] = 0;
    const char *standard = place->tls ? ":443" : ":80";
    size_t port = strlen(standard);
    if (length > port && strcmp(place->host + length - port, standard) == 0)
        place->host[length - port] = 0;
    return 0;
}

/* Whether the bucket can be a part of a host name that a certificate of AWS covers. */
static bool fits_host(const char *bucket)
{
    return !strchr(bucket, '.') && !strchr(bucket, '_');
}

int s3_place_parse(const char *endpoint, const char *region, const char *bucket, s3_addressing_t addressing,
                   s3_place_t *place, fault_t *fault)
{
    bool own = endpoint && *endpoint;
    *place = (s3_place_t){.tls = true};
    region = region && *region ? region : "us-east-1";
    if (check_bucket(bucket, fault) < 0 || check_region(region, fault) < 0)
        return -1;
    snprintf(place->region, sizeof place->region, "%s", region);
    snprintf(place->bucket, sizeof place->bucket, "%s", bucket);
    if (own && (place->tls = false, take_host(endpoint, place, fault) < 0))
        return -1;
    if (!own)
        snprintf(place->host, sizeof place->host, "s3.%s.amazonaws.com", region);
    place->in_path =
        addressing == S3_ADDRESSING_PATH || (addressing == S3_ADDRESSING_AUTO && (own || !fits_host(bucket)));
    if (!place->in_path) {
        char host[S3_HOST_BYTES];
        memcpy(host, place->host, sizeof host);
        if (snprintf(place->host, sizeof place->host, "%s.%s", bucket, host) >= (int)sizeof place->host)
            return refuse(fault, "S3_ENDPOINT", endpoint, "its host is too long");
    }
    return 0;
}

void s3_encode(buf_t *out, const char *text, bool slashes)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c < 0x80 && isalnum(c)) || strchr("-._~", c) || (c == '/' && slashes))
            buf_char(out, (char)c);
        else
            buf_format(out, "%%%02X", c);
    }
}

void s3_place_path(const s3_place_t *place, const char *key, buf_t *out)
{
    buf_char(out, '/');
    if (place->in_path)
        s3_encode(out, place->bucket, false);
    if (place->in_path && key)
        buf_char(out, '/');
    if (key)
        s3_encode(out, key, true);
}

void s3_place_url(const s3_place_t *place, const char *key, buf_t *out)
{
    buf_format(out, "%s://%s", place->tls ? "https" : "http", place->host);
    s3_place_path(place, key, out);
}
