/* screen: the whole terminal for a while, given back as it was: the other screen of the terminal, no cursor, and keys
 * that come at once and unseen. Standard output is the terminal; standard input may be one.
 */
#ifndef YOGI_DEPLOY_SCREEN_H
#define YOGI_DEPLOY_SCREEN_H

#include "proto/base/buf.h"

#include <stdbool.h>
#include <termios.h>

/* Plain data; {0} is one that is not taken. */
typedef struct {
    bool taken;
    bool has_keys;         /* standard input is a terminal */
    struct termios before; /* how it was */
} screen_t;

/* Whether the standard output is a terminal that can be taken. */
bool screen_is_there(void);

void screen_take(screen_t *screen);
void screen_give_back(screen_t *screen); /* takes what is not taken */

/* Its width. */
size_t screen_columns(void);

/* Shows these lines from the top on, as many and as much of them as there is room for. -1 when nobody looks any more.
 */
int screen_show(const screen_t *screen, const char *lines) __attribute__((warn_unused_result));

/* The next key that was pressed; 0 = none; -1 = there will be none any more. */
int screen_key(const screen_t *screen);

#endif
