/* hashbook: the SHA-256 of files that were hashed before, by path, size and time of change, kept in a file of the work
 * folder, so that a move that is run again need not read them again. A line is lost at worst when the machine dies:
 * then the file is hashed again. Safe for many threads. */
#ifndef YOGI_MOVE_HASHBOOK_H
#define YOGI_MOVE_HASHBOOK_H

#include "proto/base/fault.h"
#include "proto/base/hash.h"

#include <stdbool.h>
#include <sys/stat.h>

typedef struct hashbook hashbook_t;

/* Reads the book; a broken line is passed over. NULL with the fault. */
hashbook_t *hashbook_new(const char *path, fault_t *fault);
void hashbook_destroy(hashbook_t **book); /* takes NULL; nulls the caller's pointer */

/* The digest of a file as it was then, if it is still the same. */
bool hashbook_find(hashbook_t *book, const char *name, const struct stat *status, char sha256[HASH_HEX]);

void hashbook_note(hashbook_t *book, const char *name, const struct stat *status, const char *sha256);

/* The digest of an open file: from the book, or hashed now and noted. fresh: never from the book. */
int hashbook_file(hashbook_t *book, const char *name, int fd, bool fresh, char sha256[HASH_HEX], fault_t *fault)
    __attribute__((warn_unused_result));

#endif
