/* line: connections and the time that they may take. libmicrohttpd's time-out counts from the last byte alone, so a
 * client that sends one now and then would stay for ever; here the head, the body and the answer have a time each in
 * total, and a connection that is over it is answered 408 and shut down. So is, without an answer, one whose client has
 * gone in the middle of a request, or between two, where the library has not seen it.
 */
#ifndef YOGI_HTTP_LINE_H
#define YOGI_HTTP_LINE_H

#include <stdint.h>

typedef struct lines lines_t;
typedef struct line line_t;

typedef enum {
    LINE_IDLE,   /* nothing of a request was seen; the head's time and the idle time together */
    LINE_HEAD,   /* the request line is there */
    LINE_BODY,   /* the head is there */
    LINE_WORK,   /* somebody works on it, or a stream goes on: no limit here */
    LINE_ANSWER, /* the answer is being sent */
    LINE_PHASES,
} line_phase_t;

/* limits_ms: of each phase; 0 = none. Starts a thread, which looks once a second while there are connections. */
lines_t *lines_new(const int64_t limits_ms[LINE_PHASES]);
void lines_destroy(lines_t **lines);

line_t *line_open(lines_t *lines, int fd);

/* Before its socket is closed. */
void line_close(lines_t *lines, line_t *line);

void line_enters(lines_t *lines, line_t *line, line_phase_t phase);

uint64_t lines_count(lines_t *lines);
uint64_t lines_overdue(lines_t *lines); /* shut down since the start */

#endif
