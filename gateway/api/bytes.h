/* bytes: the bytes of a blob on their way to a caller, by way of a file of the spool, so that a slow reader holds no
 * thread and no memory.
 */
#ifndef YOGI_GATEWAY_BYTES_H
#define YOGI_GATEWAY_BYTES_H

#include "gateway/gateway.h"

/* A file with all bytes of the tenant's blob, the caller's to close; -1 with the fault (FAULT_INPUT: there is no such
 * blob). Blocks. */
int bytes_get(gateway_t *gateway, const char *tenant, const char *sha256, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
