/* limits: see limits.h. Data and open files were limited by the supervisor before the program began
 * (proto/base/child.c); CPU time is limited by it for each job.
 */
#include "limits.h"
#include "instrumented.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Mapped beside private data: the document (256 MB at most), models and fonts (the largest has 30 MB), with room. */
static const uint64_t MAPPED_MOST = (uint64_t)1 << 30;

/* Address space in use, bytes; 0 when it cannot be told. */
static uint64_t mapped(void)
{
    char text[32] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    return n > 0 ? (uint64_t)strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static int lower(int resource, uint64_t value)
{
    struct rlimit now;
    if (getrlimit(resource, &now) < 0)
        return -1;
    if (now.rlim_max < value)
        value = now.rlim_max;
    return setrlimit(resource, &(struct rlimit){value, value});
}

/* The address space follows the limit of private data, which the supervisor has set by its own settings. */
static int lower_space(void)
{
    struct rlimit data;
    if (INSTRUMENTED) /* shadow memory has 20 TB; resident memory is watched by the supervisor all the same */
        return 0;
    if (getrlimit(RLIMIT_DATA, &data) < 0)
        return -1;
    return data.rlim_cur == RLIM_INFINITY ? 0 : lower(RLIMIT_AS, mapped() + data.rlim_cur + MAPPED_MOST);
}

int limits_lower(bool threads)
{
    int status = lower_space();
    status |= lower(RLIMIT_FSIZE, 0);
    if (!threads && !INSTRUMENTED) /* the leak check at the end clones itself */
        status |= lower(RLIMIT_NPROC, 0);
    return status ? -1 : 0;
}
