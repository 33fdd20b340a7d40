/* view: borrowed bytes as they came from outside, zeros and all, so that what is not text can be refused instead of
 * cut.
 */
#ifndef YOGI_GATEWAY_VIEW_H
#define YOGI_GATEWAY_VIEW_H

#include <stddef.h>
#include <string.h>

/* Plain data; at NULL is nothing at all (SQL's NULL), which is not the same as an empty text. */
typedef struct {
    const char *at; /* not closed with a zero */
    size_t size;    /* bytes */
} view_t;

/* A C string as a view; NULL gives nothing. */
static inline view_t view_of(const char *text)
{
    return (view_t){text, text ? strlen(text) : 0};
}

#endif
