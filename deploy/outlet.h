/* outlet: where results go: the standard output without ever blocking, or files that appear whole or not at all. */
#ifndef YOGI_DEPLOY_OUTLET_H
#define YOGI_DEPLOY_OUTLET_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

#include <stdbool.h>

/* Bytes on their way to a descriptor. Plain data; {.fd = …}. */
typedef struct {
    int fd;      /* not ours to close */
    bool tiny;   /* a pipe or socket: writes of at most PIPE_BUF never block once poll says so */
    buf_t bytes; /* queued */
    size_t sent; /* of them */
} outlet_t;

void outlet_open(outlet_t *outlet, int fd);
void outlet_close(outlet_t *outlet); /* frees what is queued */
bool outlet_is_pending(const outlet_t *outlet);

/* Writes once, when poll says that the descriptor takes something. -1 with FAULT_OUTPUT; *gone tells a reader that has
 * closed its end from a fault. */
int outlet_write(outlet_t *outlet, bool *gone, fault_t *fault) __attribute__((warn_unused_result));

/* Writes the bytes to folder/name: to a hidden file beside it first, which is flushed to disk and renamed. On -1
 * nothing is left behind and a file that was there before is as it was. What is there and no file (a device, a pipe)
 * is never replaced. */
int outlet_save(const char *folder, const char *name, const buf_t *bytes, fault_t *fault)
    __attribute__((warn_unused_result));

/* Checks that files can be made in the folder, which is made where it is missing. */
int outlet_check(const char *folder, fault_t *fault) __attribute__((warn_unused_result));

#endif
