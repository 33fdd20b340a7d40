/* folders: see folders.h. */
#include "folders.h"
#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int folders_make(const char *path)
{
    size_t size = strlen(path);
    char *part = memcpy(memory_new(size + 1, 1), path, size);
    int failed = size ? 0 : -1;
    for (char *p = part + 1; !failed; p++) {
        char was = *p;
        if (was && was != '/')
            continue;
        *p = 0;
        failed = mkdir(part, 0700) < 0 && errno != EEXIST ? -1 : 0;
        *p = was;
        if (!was)
            break;
    }
    int number = size ? errno : ENOENT;
    free(part);
    errno = number;
    return failed;
}
