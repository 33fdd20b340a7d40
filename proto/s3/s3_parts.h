/* s3_parts: objects that are written in parts. Used by proto/s3 alone. */
#ifndef YOGI_S3_PARTS_H
#define YOGI_S3_PARTS_H

#include "s3.h"

/* Writes bytes of the file from its beginning under the key, S3_PART_BYTES at a time; parts of one that fails are given
 * up. media: Content-Type. */
int s3_parts_put(s3_t *s3, const char *key, int fd, int64_t bytes, const char *media, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
