/* tenant: what a tenant may be called: it begins the keys of blobs, stands in addresses and on the wire. Pure. */
#ifndef YOGI_TENANT_H
#define YOGI_TENANT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the longest name, without the closing zero. */
enum { TENANT_MOST = 64 };

/* Who has not been told to be anybody else's. */
#define TENANT_DEFAULT "default"

/* Whether the text is a name: 1 to TENANT_MOST of a-z, 0-9, - and _. */
bool tenant_is_name(const char *text, size_t size);

#endif
