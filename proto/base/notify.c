/* notify: see notify.h. Source: sd_notify(3), sd_watchdog_enabled(3). */
#include "notify.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* BEATS: so many fit in the time that the manager waits, so that one may be late. */
enum { SAY_SECONDS = 1, BEATS = 3 };

_Static_assert(NOTIFY_NAME_MOST < sizeof((struct sockaddr_un *)0)->sun_path, "room for a name and its zero");

static bool is_name(const char *name)
{
    size_t size = strlen(name);
    return (name[0] == '/' || name[0] == '@') && size >= 2 && size <= NOTIFY_NAME_MOST;
}

/* The address of "/a/path" or "@name"; returns its size. */
static socklen_t address(const char *name, struct sockaddr_un *to)
{
    size_t size = strlen(name);
    *to = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(to->sun_path, name, size);
    if (name[0] == '@')
        to->sun_path[0] = 0; /* abstract names have no zero at their end */
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (name[0] == '/'));
}

/* The manager's patience in microseconds where it is meant for this process, else 0. */
static int64_t find_patience(void)
{
    const char *pid = getenv("WATCHDOG_PID"), *patience = getenv("WATCHDOG_USEC");
    char *end;
    if (!patience || (pid && strtoll(pid, NULL, 10) != getpid()))
        return 0;
    errno = 0;
    long long us = strtoll(patience, &end, 10);
    return errno || *end || us < 0 ? 0 : us;
}

void notify_open(notify_t *notify)
{
    *notify = (notify_t){.fd = -1, .pulse = {.file = -1}, .next_us = INT64_MAX};
    const char *name = getenv("NOTIFY_SOCKET");
    if (name && is_name(name))
        notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (notify->fd >= 0) {
        struct timeval most = {.tv_sec = SAY_SECONDS};
        strcpy(notify->name, name);
        setsockopt(notify->fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
        notify->beat_us = find_patience() / BEATS;
        notify->next_us = notify->beat_us ? 0 : INT64_MAX;
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void notify_close(notify_t *notify)
{
    if (notify->fd >= 0)
        close(notify->fd);
    notify->fd = -1;
    pulse_close(&notify->pulse);
    notify->next_us = INT64_MAX;
}

void notify_keep(notify_t *notify, const char *path)
{
    notify->pulse.path = path;
    if (!notify->beat_us || notify->beat_us > PULSE_BEAT_US)
        notify->beat_us = PULSE_BEAT_US;
    notify->next_us = 0;
}

static void say(const notify_t *notify, const char *word, const char *status)
{
    char line[NOTIFY_STATUS_MOST + 1], words[NOTIFY_STATUS_MOST + 64];
    if (notify->fd < 0)
        return;
    snprintf(line, sizeof line, "%s", status ? status : "");
    text_neuter(line);
    int size =
        snprintf(words, sizeof words, "%s%s%s%s", word, *word && *line ? "\n" : "", *line ? "STATUS=" : "", line);
    struct sockaddr_un to;
    socklen_t to_bytes = address(notify->name, &to);
    ssize_t sent;
    do
        sent = sendto(notify->fd, words, (size_t)size, MSG_NOSIGNAL, (const struct sockaddr *)&to, to_bytes);
    while (sent < 0 && errno == EINTR);
}

void notify_ready(notify_t *notify, const char *status)
{
    pulse_keep(&notify->pulse, PULSE_READY, status);
    say(notify, "READY=1", status);
}

void notify_status(const notify_t *notify, const char *status)
{
    say(notify, "", status);
}

void notify_stopping(notify_t *notify, const char *status)
{
    if (notify->pulse.file >= 0)
        pulse_keep(&notify->pulse, PULSE_ENDING, status);
    say(notify, "STOPPING=1", status);
}

bool notify_is_due(const notify_t *notify, int64_t now_us)
{
    return now_us >= notify->next_us;
}

void notify_beat(notify_t *notify, const char *status, int64_t now_us)
{
    if (!notify_is_due(notify, now_us))
        return;
    notify->next_us = now_us + notify->beat_us;
    pulse_keep(&notify->pulse, notify->pulse.state, status);
    say(notify, "WATCHDOG=1", status);
}
