/* pages: the files of web/, built in: a gateway has no files beside it. */
#ifndef YOGI_GATEWAY_PAGES_H
#define YOGI_GATEWAY_PAGES_H

#include <stddef.h>

/* Plain data. */
typedef struct {
    const char *name; /* "first.html" */
    const unsigned char *bytes;
    size_t size;
} page_t;

extern const page_t pages[];
extern const size_t pages_count;

#endif
