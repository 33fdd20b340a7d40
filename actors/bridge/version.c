/* version: see version.h. */
#include "version.h"

#include <stdlib.h>
#include <string.h>

int version_number(const char *version)
{
    const char *colon = strrchr(version, ':');
    const char *number = colon ? colon + 1 : version;
    return strncmp(version, "bullmq:", 7) == 0 && *number >= '0' && *number <= '9' ? atoi(number) : 0;
}

major_t version_major(const char *version, int setting)
{
    if (setting >= 0)
        return (major_t)setting;
    return version_number(version) >= 6 ? MAJOR_6 : MAJOR_5;
}
