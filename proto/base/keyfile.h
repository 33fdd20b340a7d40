/* keyfile: reads and makes the files that access hangs on, and looks at who else may read or change them. */
#ifndef YOGI_BASE_KEYFILE_H
#define YOGI_BASE_KEYFILE_H

#include "buf.h"
#include "fault.h"

typedef enum {
    KEYFILE_SECRET, /* nobody but its owner may read it; where that is root, and this process is not, its group may */
    KEYFILE_OPEN,   /* everybody may read it, not everybody may change it */
} keyfile_kind_t;

/* Appends the bytes of a regular file of at most `most` bytes. -1 with the fault (FAULT_SETTING), which names the path.
 * Bytes of a secret are to be wiped by the caller; those before a failure are none. */
int keyfile_read(const char *path, keyfile_kind_t kind, size_t most, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

/* A new file for its owner alone (0600), on disk when this returns; one that is there stays as it is. -1 with the fault
 * (FAULT_OUTPUT), and then there is none of ours. */
int keyfile_write(const char *path, const char *text, size_t size, fault_t *fault) __attribute__((warn_unused_result));

#endif
