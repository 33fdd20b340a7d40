/* settle: what only the start of a program has touched is given back when it begins to wait: tables of symbols and
 * initializers of thirty libraries are twice as much as it needs afterwards. For programs that are there for long and
 * mostly idle.
 */
#ifndef YOGI_BASE_SETTLE_H
#define YOGI_BASE_SETTLE_H

/* Takes all pages of the program and its libraries that nobody can write out of the process; those that are needed come
 * back from the system's cache of files by themselves, as they came first. Any thread, at any time. */
void settle(void);

#endif
