/* folder: the demo's folder of uploads: <document>/<32 digits>.<ending>, or flat names. Paths come from rows of a
 * database, and from whoever could write into the folder: nothing outside of it is ever opened, and no symbolic link
 * followed. Names are relative to the folder. Safe for many threads.
 */
#ifndef YOGI_MOVE_FOLDER_H
#define YOGI_MOVE_FOLDER_H

#include "proto/base/arena.h"
#include "proto/base/fault.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Bytes of a relative name with its zero, and of one part of it: what Linux takes. */
enum { FOLDER_NAME_BYTES = 4096, FOLDER_PART_MOST = 255 };

/* The name in the folder of what a row calls by this path: its longest end that is a file there ("./data/uploads/a/b"
 * and "/data/uploads/a/b" are "a/b" in the folder of uploads, or "uploads/a/b" in the one above). In the arena; NULL
 * when there is none. */
const char *folder_find(int folder, const char *path, arena_t *arena, struct stat *status);

/* Opens one for reading; -1 with errno. */
int folder_open(int folder, const char *name);

/* Whether a file of this name can be made there: relative, no part empty, "." or "..", none too long. */
bool folder_takes(const char *name);

/* Makes a file with folders above it, under another name first; -1 with errno. temporary: room for the name that it has
 * until folder_place gives it its own, once it is on disk. */
int folder_make(int folder, const char *name, char temporary[FOLDER_NAME_BYTES]);
int folder_place(int folder, int fd, const char *temporary, const char *name) __attribute__((warn_unused_result));
void folder_drop(int folder, const char *temporary);

/* Visits every file below, in no order. tidy: what a killed move left is removed. -1 with errno. */
typedef void folder_visit_fn(void *user, const char *name, const struct stat *status);
int folder_walk(int folder, bool tidy, folder_visit_fn *visit, void *user);

#endif
