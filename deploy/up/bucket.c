/* bucket: see bucket.h. */
#include "bucket.h"

#include "proto/s3/s3_place.h"

static bool is_set(const char *text)
{
    return text && *text;
}

const char *bucket_endpoints(const settings_t *settings, arena_t *arena)
{
    s3_place_t place;
    fault_t fault;
    /* hosts are handed URLs of the public endpoint, where there is one */
    const char *endpoint = is_set(settings->s3_public_endpoint) ? settings->s3_public_endpoint : settings->s3_endpoint;
    const char *more = settings->source_endpoints;
    if (!is_set(settings->s3_bucket) || s3_place_parse(endpoint, settings->aws_region, settings->s3_bucket,
                                                       (s3_addressing_t)settings->s3_addressing, &place, &fault) < 0)
        return NULL;
    return arena_format(arena, "%s%s%s://%s", is_set(more) ? more : "", is_set(more) ? " " : "",
                        place.tls ? "https" : "http", place.host);
}

const char *bucket_networks(const settings_t *settings)
{
    bool alone = is_set(settings->s3_bucket) && !is_set(settings->source_endpoints);
    return alone && !is_set(settings->source_networks) ? "0.0.0.0/0 ::/0" : NULL;
}
