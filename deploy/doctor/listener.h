/* listener: which process listens at a TCP port of this machine, by /proc. */
#ifndef YOGI_DEPLOY_LISTENER_H
#define YOGI_DEPLOY_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

enum { LISTENER_NAME = 64 };

/* Plain data. */
typedef struct {
    pid_t pid;                /* 0 = it is not this user's to see */
    char name[LISTENER_NAME]; /* of its program; "" = not known */
} listener_t;

/* Fills the first that is found; false where nobody listens there. */
bool listener_find(int port, listener_t *listener);

#endif
