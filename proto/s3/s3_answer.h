/* s3_answer: the XML that S3 and STS answer with, read leaf by leaf. Pure. Bytes from outside: whatever is malformed
 * gives fewer leaves, never a fault.
 */
#ifndef YOGI_S3_ANSWER_H
#define YOGI_S3_ANSWER_H

#include "proto/base/buf.h"

#include <stdbool.h>

/* Called for each element without children, with its text, in the order of the document; and for each other element
 * when it ends, with text NULL. Names without their namespace. */
typedef void s3_leaf_fn(void *user, const char *name, const char *text);

void s3_answer_walk(const buf_t *xml, s3_leaf_fn *leaf, void *user);

/* The text of the first leaf of that name, to out (cut at size); false and "" when there is none. */
bool s3_answer_find(const buf_t *xml, const char *name, char *out, size_t size);

#endif
