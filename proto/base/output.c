/* output: see output.h. */
#include "output.h"

#include <errno.h>
#include <unistd.h>

int output_all(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    for (ssize_t n; size; at += n, size -= (size_t)n) {
        n = write(fd, at, size);
        if (n < 0 && errno == EINTR)
            n = 0;
        if (n < 0)
            return -1;
    }
    return 0;
}
