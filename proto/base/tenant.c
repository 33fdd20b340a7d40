/* tenant: see tenant.h. */
#include "tenant.h"

bool tenant_is_name(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return size >= 1 && size <= TENANT_MOST;
}
