/* pageset: see pageset.h. */
#include "pageset.h"

#include <ctype.h>
#include <stdlib.h>

bool pageset_has(const char *set, int page)
{
    if (!set || !*set)
        return true;
    while (*set) {
        char *end = NULL;
        long first = 1, last = 1L << 30;
        if (isdigit((unsigned char)*set)) {
            first = strtol(set, &end, 10);
            set = end;
            if (*set != '-')
                last = first;
        }
        if (*set == '-') {
            set++;
            if (isdigit((unsigned char)*set)) {
                last = strtol(set, &end, 10);
                set = end;
            }
        } else if (!end) {
            last = 0; /* neither a number nor a range */
        }
        if (page >= first && page <= last)
            return true;
        while (*set && *set != ',')
            set++;
        if (*set == ',')
            set++;
    }
    return false;
}
