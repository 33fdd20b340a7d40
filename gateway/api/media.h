/* media: what an upload is, by its first bytes alone, for people and for the header Content-Type: the workers look at
 * it themselves. Pure.
 */
#ifndef YOGI_GATEWAY_MEDIA_H
#define YOGI_GATEWAY_MEDIA_H

#include <stddef.h>

/* Bytes that are looked at. */
enum { MEDIA_BYTES = 64 * 1024 };

typedef struct {
    const char *word;  /* the demo's file_type: "image", "pdf", "docx", "xlsx", "other" */
    const char *media; /* "image/png" … "application/octet-stream" */
} media_t;

media_t media_of(const void *bytes, size_t size);

#endif
