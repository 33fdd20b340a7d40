/* folders: a folder with those above it. */
#ifndef YOGI_BASE_FOLDERS_H
#define YOGI_BASE_FOLDERS_H

/* Makes the folder, and those above it that are missing; only we may look into those that are made. 0, or -1 with
 * errno. A folder that is there is left as it is. */
int folders_make(const char *path) __attribute__((warn_unused_result));

#endif
