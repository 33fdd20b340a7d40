/* line: see line.h. */
#include "line.h"

#include "proto/base/clock.h"
#include "proto/base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { LOOK_MS = 1000 };

struct line {
    line_t *next, **back; /* in the list of all */
    int fd;
    line_phase_t phase;
    int64_t since_us; /* when it entered it */
    bool silent;      /* at the last look its client had sent all that it ever will */
    bool shut;        /* for its time, or because its client has gone */
};

struct lines {
    pthread_mutex_t lock;
    pthread_cond_t more; /* a first connection, or the end */
    pthread_t thread;
    line_t *first;
    uint64_t count, overdue;
    int64_t limits_ms[LINE_PHASES];
    bool ending;
};

/* Ends the connection. A client that has not said all that it wants gets to know why, past libmicrohttpd, which has
 * nothing to send then; one that reads its answer cannot be told. */
static void shut(line_t *line, int status, const char *title, const char *code, const char *why)
{
    char body[400], text[600];
    if (line->phase == LINE_HEAD || line->phase == LINE_BODY) {
        int size =
            snprintf(body, sizeof body,
                     "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":\"%s\",\"detail\":\"%s\","
                     "\"error\":\"%s\"}\n",
                     title, status, code, why, why);
        int length = snprintf(text, sizeof text,
                              "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
                              "Content-Length: %d\r\n\r\n%s",
                              status, title, size, body);
        (void)!send(line->fd, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    shutdown(line->fd, SHUT_RDWR);
    line->shut = true;
}

/* Whether a request is still to come, or to be ended, over a socket at whose end we are. */
static bool is_over(const line_t *line)
{
    char byte;
    return (line->phase == LINE_IDLE || line->phase == LINE_HEAD || line->phase == LINE_BODY) &&
           recv(line->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* A client that left in the middle. libmicrohttpd sees the end of a socket only when it comes after the bytes before
 * it: it takes a short read for the last one, and the edge of epoll that told of both is gone. The end is believed at
 * the second look, for what was read at the first may still be on its way to us. */
static void look_for_end(line_t *line)
{
    bool over = is_over(line);
    if (over && line->silent)
        shut(line, 400, "Bad Request", "cut-off",
             "the request ends before its end: not all of it has come; send it again");
    line->silent = over;
}

static void look(lines_t *lines)
{
    int64_t now_us = clock_now_us();
    for (line_t *line = lines->first; line; line = line->next) {
        int64_t limit_ms = lines->limits_ms[line->phase];
        if (line->shut)
            continue;
        if (limit_ms && now_us - line->since_us > limit_ms * 1000) {
            shut(line, 408, "Request Timeout", "too-slow",
                 "the request has not come in the time that it has; send it again");
            lines->overdue++;
        } else {
            look_for_end(line);
        }
    }
}

static void *watch(void *user)
{
    lines_t *lines = user;
    pthread_mutex_lock(&lines->lock);
    while (!lines->ending) {
        struct timespec until;
        if (!lines->first) {
            pthread_cond_wait(&lines->more, &lines->lock);
            continue;
        }
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += LOOK_MS / 1000;
        if (pthread_cond_timedwait(&lines->more, &lines->lock, &until) != 0)
            look(lines);
    }
    pthread_mutex_unlock(&lines->lock);
    return NULL;
}

lines_t *lines_new(const int64_t limits_ms[LINE_PHASES])
{
    pthread_condattr_t attributes;
    lines_t *lines = memory_new(1, sizeof *lines);
    memcpy(lines->limits_ms, limits_ms, sizeof lines->limits_ms);
    pthread_mutex_init(&lines->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&lines->more, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&lines->thread, NULL, watch, lines) != 0)
        abort();
    return lines;
}

void lines_destroy(lines_t **lines)
{
    if (!lines || !*lines)
        return;
    pthread_mutex_lock(&(*lines)->lock);
    (*lines)->ending = true;
    pthread_cond_signal(&(*lines)->more);
    pthread_mutex_unlock(&(*lines)->lock);
    pthread_join((*lines)->thread, NULL);
    pthread_cond_destroy(&(*lines)->more);
    pthread_mutex_destroy(&(*lines)->lock);
    free(*lines);
    *lines = NULL;
}

line_t *line_open(lines_t *lines, int fd)
{
    line_t *line = memory_new(1, sizeof *line);
    *line = (line_t){.fd = fd, .since_us = clock_now_us()};
    pthread_mutex_lock(&lines->lock);
    line->next = lines->first;
    line->back = &lines->first;
    if (lines->first)
        lines->first->back = &line->next;
    else
        pthread_cond_signal(&lines->more);
    lines->first = line;
    lines->count++;
    pthread_mutex_unlock(&lines->lock);
    return line;
}

void line_close(lines_t *lines, line_t *line)
{
    pthread_mutex_lock(&lines->lock);
    *line->back = line->next;
    if (line->next)
        line->next->back = line->back;
    lines->count--;
    pthread_mutex_unlock(&lines->lock);
    free(line);
}

void line_enters(lines_t *lines, line_t *line, line_phase_t phase)
{
    pthread_mutex_lock(&lines->lock);
    line->phase = phase;
    line->since_us = clock_now_us();
    line->silent = false;
    pthread_mutex_unlock(&lines->lock);
}

uint64_t lines_count(lines_t *lines)
{
    pthread_mutex_lock(&lines->lock);
    uint64_t count = lines->count;
    pthread_mutex_unlock(&lines->lock);
    return count;
}

uint64_t lines_overdue(lines_t *lines)
{
    pthread_mutex_lock(&lines->lock);
    uint64_t overdue = lines->overdue;
    pthread_mutex_unlock(&lines->lock);
    return overdue;
}
