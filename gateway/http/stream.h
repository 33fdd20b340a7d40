/* stream: answers of server-sent events, which go on until one side has enough. Source: WHATWG HTML, 9.2.
 *
 * Other threads put events in by number; libmicrohttpd's thread takes them out. A stream that does not read keeps
 * STREAM_BYTES_MOST and one event more (which may be a whole timetable) at most; past that it is ended, and its client
 * comes back with the last id it has seen. A quiet one sends a comment now and then, which keeps proxies from closing
 * it and shows whether the client is there.
 */
#ifndef YOGI_HTTP_STREAM_H
#define YOGI_HTTP_STREAM_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct streams streams_t;
typedef struct stream stream_t;

/* Bytes that wait in one: some hundred events. */
enum { STREAM_BYTES_MOST = 64 * 1024 };

streams_t *streams_new(int streams_most, int64_t quiet_ms);

/* All are closed by then; takes NULL; nulls the caller's pointer. */
void streams_destroy(streams_t **streams);

/* A new one for the connection; NULL where there are too many. */
stream_t *stream_open(streams_t *streams, struct MHD_Connection *connection);
void stream_close(streams_t *streams, stream_t *stream); /* takes NULL */

uint64_t stream_number(const stream_t *stream);

/* The response that sends it; the stream must live longer. */
struct MHD_Response *stream_response(stream_t *stream);

bool streams_send(streams_t *streams, uint64_t number, const char *bytes, size_t size);
bool streams_have(streams_t *streams, uint64_t number); /* whether it is open */
void streams_end(streams_t *streams, uint64_t number);
void streams_end_all(streams_t *streams); /* and those that are opened later */
uint64_t streams_count(streams_t *streams);

#endif
