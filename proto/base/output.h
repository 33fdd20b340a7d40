/* output: bytes to a descriptor, all of them. */
#ifndef YOGI_BASE_OUTPUT_H
#define YOGI_BASE_OUTPUT_H

#include <stddef.h>

/* Writes all bytes, however many calls of write(2) that takes. 0, or -1 with errno; how many went out is then unknown.
 */
int output_all(int fd, const void *bytes, size_t size) __attribute__((warn_unused_result));

#endif
