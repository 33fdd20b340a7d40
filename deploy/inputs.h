/* inputs: the documents that a command line names, and their bytes.
 *
 * In the process of `yogi`, which never looks inside a document: bytes go into a sealed memory file, and only workers
 * read it.
 */
#ifndef YOGI_DEPLOY_INPUTS_H
#define YOGI_DEPLOY_INPUTS_H

#include "proto/base/arena.h"
#include "proto/base/fault.h"
#include "proto/base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Largest document: a 100-page colour scan at 600 dpi stays below. Most files of one command: what a walk may find. */
enum { INPUT_BYTES_MOST = 256 * 1024 * 1024, INPUTS_MOST = 100000 };

typedef struct {
    const char *path; /* as given, or found below a given folder; "-" is the standard input */
    bool walked;      /* found in a folder: not a document is no fault then */
    dev_t device;     /* of the file, with its inode: to tell whether an output would be written over it */
    ino_t inode;
    fault_t *fault; /* why there is nothing at this path, NULL = not known yet */
} input_t;

typedef struct {
    input_t *items; /* in the order given; a folder's in the order of their bytes */
    size_t count;
    bool folders; /* whether one of the paths was a folder */
} inputs_t;

/* A document's bytes. */
typedef struct {
    int fd;        /* sealed memory file; the taker closes it */
    int64_t bytes; /* size, > 0 */
    char sha256[HASH_HEX];
} input_bytes_t;

/* Lists the documents of `paths`; folders are walked down, hidden files and folders left out. A path that is not there
 * becomes an item with its fault. -1 with the fault only when there are more than INPUTS_MOST. */
int inputs_list(char *const *paths, size_t count, arena_t *arena, inputs_t *inputs, fault_t *fault)
    __attribute__((warn_unused_result));

/* Copies the document into memory. The wait for the standard input ends with FAULT_CANCELLED when stop_fd can be read
 * (-1 = nothing stops it). */
int input_read(const input_t *input, int stop_fd, input_bytes_t *bytes, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
