/* folders: which files the process can still open, by Landlock (landlock(7)): a list of folders for reading only. The
 * only room that knows Landlock. Whether a file is there and how large it is can still be asked; nothing of it read. */
#ifndef YOGI_SANDBOX_FOLDERS_H
#define YOGI_SANDBOX_FOLDERS_H

/* Locks; needs no_new_privs before. 0, or -1 when the kernel does not offer it. */
int folders_lock(void) __attribute__((warn_unused_result));

#endif
