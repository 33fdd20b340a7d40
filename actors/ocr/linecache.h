/* linecache: pictures of lines that were read on this page, so that equal ones are read once.
 */
#ifndef YOGI_OCR_LINECACHE_H
#define YOGI_OCR_LINECACHE_H

#include "engine.h"

typedef struct linecache linecache_t;

linecache_t *linecache_new(void); /* never NULL */
void linecache_destroy(linecache_t **cache);

/* The reading of an equal picture (size within 1 x 2 px, ink that differs under a twentieth), into out. */
bool linecache_find(const linecache_t *cache, const picture_t *line, readings_t *out);

/* Keeps a copy of the picture with its reading; the reading's memory must outlive the cache. */
void linecache_add(linecache_t *cache, const picture_t *line, const readings_t *reading);

#endif
