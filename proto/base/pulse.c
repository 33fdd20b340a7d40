/* pulse: see pulse.h. */
#include "pulse.h"
#include "clock.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A record of fixed size: it is written anew by one call, and a reader sees the old one or the new one. */
enum { RECORD_BYTES = 320 };

static const char *const words[] = {[PULSE_STARTING] = "starting", [PULSE_READY] = "ready", [PULSE_ENDING] = "ending"};
enum { WORDS = sizeof words / sizeof *words };

void pulse_keep(pulse_t *pulse, pulse_state_t state, const char *status)
{
    char record[RECORD_BYTES + 1], line[PULSE_STATUS_MOST + 1];
    pulse->state = state;
    if (!pulse->path)
        return;
    if (pulse->file < 0)
        pulse->file = open(pulse->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    snprintf(line, sizeof line, "%s", status ? status : "");
    text_neuter(line);
    int size = snprintf(record, sizeof record, "yogi %s %" PRId64 " %s", words[state], clock_now_us(), line);
    memset(record + size, ' ', RECORD_BYTES - (size_t)size);
    record[RECORD_BYTES - 1] = '\n';
    if (pulse->file >= 0 && pwrite(pulse->file, record, RECORD_BYTES, 0) == RECORD_BYTES)
        return;
    fprintf(stderr, "%s cannot be written, so yogi health will know nothing: %s\n", pulse->path, strerror(errno));
    pulse->path = NULL;
}

void pulse_close(pulse_t *pulse)
{
    if (pulse->file >= 0)
        close(pulse->file);
    *pulse = (pulse_t){.file = -1};
}

/* Takes the record apart; false where it is none. */
static bool parse(char *record, int64_t now_us, pulse_seen_t *seen)
{
    char word[16];
    int64_t beat_us;
    int at = 0;
    if (sscanf(record, "yogi %15s %" SCNd64 "%n", word, &beat_us, &at) != 2)
        return false;
    int state = 0;
    while (state < WORDS && strcmp(words[state], word) != 0)
        state++;
    if (state == WORDS || beat_us < 0 || beat_us > now_us)
        return false;
    *seen = (pulse_seen_t){.state = (pulse_state_t)state, .age_us = now_us - beat_us};
    seen->alive = seen->age_us <= PULSE_LATE_US;
    snprintf(seen->status, sizeof seen->status, "%.*s", (int)PULSE_STATUS_MOST, text_squeeze(record + at));
    text_neuter(seen->status);
    return true;
}

int pulse_look(const char *path, int64_t now_us, pulse_seen_t *seen, fault_t *fault)
{
    char record[RECORD_BYTES + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), done = 0;
    ssize_t n = fd < 0 ? -1 : read(fd, record, RECORD_BYTES);
    int cause = errno;
    record[n > 0 ? n : 0] = 0;
    if (n < 0)
        done =
            fault_set(fault, FAULT_INPUT, "%s cannot be read: %s; the service has not started yet, or writes elsewhere",
                      path, strerror(cause));
    else if (n != RECORD_BYTES || !parse(record, now_us, seen))
        done = fault_set(fault, FAULT_INPUT, "%s holds no state of a service on this machine", path);
    if (fd >= 0)
        close(fd);
    return done;
}
