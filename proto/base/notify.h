/* notify: what a service says to the manager that started it, systemd or one that speaks as it does: that it is ready,
 * what it is doing, that it ends, and that it is alive. In a container, where nobody listens, it keeps the same in a
 * file, which `yogi health` looks at.
 *
 * The protocol is one datagram of NAME=value lines to the socket of $NOTIFY_SOCKET, a path or with @ an abstract name
 * (sd_notify(3), which is stable; libsystemd would bring its own closure into every image). Without the variable
 * everything here does nothing. A manager that does not take a word within SAY_SECONDS misses it: a service never
 * depends on being listened to.
 */
#ifndef YOGI_BASE_NOTIFY_H
#define YOGI_BASE_NOTIFY_H

#include "pulse.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    NOTIFY_NAME_MOST = 107,                 /* a path or an abstract name of a socket (unix(7)) */
    NOTIFY_STATUS_MOST = PULSE_STATUS_MOST, /* a line for people */
};

/* Plain data; filled by notify_open. */
typedef struct {
    int fd;                          /* -1 = nobody listens */
    char name[NOTIFY_NAME_MOST + 1]; /* of the manager's socket */
    pulse_t pulse;                   /* the file */
    int64_t beat_us;                 /* between two beats, a third of what the manager waits; 0 = it wants none */
    int64_t next_us;                 /* when the next is due; INT64_MAX = never */
} notify_t;

/* Takes the manager's variables (NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID) out of the environment, so that no child
 * speaks in this process's name. Before any thread is started. A socket that cannot be used is nobody listening. */
void notify_open(notify_t *notify);
void notify_close(notify_t *notify);

/* Keeps in this file too what is said, from the first notify_ready or notify_beat on, so that a command which is no
 * service leaves it as it is. The text outlives notify. */
void notify_keep(notify_t *notify, const char *path);

/* Each may carry a line for people, of one line and NOTIFY_STATUS_MOST bytes at most; longer ones are cut, and what
 * would break the line is replaced. */
void notify_ready(notify_t *notify, const char *status);
void notify_status(const notify_t *notify, const char *status);
void notify_stopping(notify_t *notify, const char *status);

/* Says that the service is alive, and what it is doing, where that is due; to be called by the loop that does the work,
 * so that a hung one falls silent. notify->next_us is the loop's deadline. */
bool notify_is_due(const notify_t *notify, int64_t now_us);
void notify_beat(notify_t *notify, const char *status, int64_t now_us);

#endif
