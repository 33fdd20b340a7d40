/* bytes: see bytes.h. */
#include "bytes.h"

#include "proto/base/output.h"

#include <unistd.h>

static bool to_file(void *user, const void *bytes, size_t size)
{
    return output_all(*(int *)user, bytes, size) == 0;
}

int bytes_get(gateway_t *gateway, const char *tenant, const char *sha256, fault_t *fault)
{
    char key[BLOBS_KEY_BYTES];
    int fd = http_spool(gateway->http);
    if (fd < 0)
        return fault_set(fault, FAULT_UNAVAILABLE, "the folder for uploads cannot be written");
    if (blobs_key(tenant, sha256, key, fault) == 0 && blobs_get(gateway->blobs, key, 0, -1, to_file, &fd, fault) == 0)
        return fd;
    close(fd);
    return -1;
}
