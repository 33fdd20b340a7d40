/* stream: see stream.h. */
#include "stream.h"

#include "proto/base/buf.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* BLOCK: what libmicrohttpd takes at once. LOOK: between looks for quiet ones. */
enum { BLOCK = 4096, LOOK_S = 1 };

struct stream {
    streams_t *all;
    struct MHD_Connection *connection;
    uint32_t slot, generation; /* its number */
    buf_t bytes;               /* that wait */
    size_t sent;               /* of them */
    int64_t last_us;           /* when something was put in */
    bool asleep;               /* the connection is suspended until there is something */
    bool ended;                /* no more comes */
};

struct streams {
    pthread_mutex_t lock;
    pthread_cond_t more; /* a first stream, or the end */
    pthread_t thread;
    stream_t **slots; /* NULL = free */
    uint32_t *generations;
    uint32_t most, count, hint; /* hint: where to look for a free slot */
    int64_t quiet_us;
    bool closed; /* no new ones */
    bool ending;
};

/* The thread of libmicrohttpd goes on with it. */
static void rouse(stream_t *stream)
{
    if (stream->asleep)
        MHD_resume_connection(stream->connection);
    stream->asleep = false;
}

static void end(stream_t *stream)
{
    stream->ended = true;
    rouse(stream);
}

/* Puts bytes in; false where it does not read, and ends it. */
static bool put(stream_t *stream, const char *bytes, size_t size)
{
    if (stream->ended || stream->bytes.size - stream->sent > STREAM_BYTES_MOST) {
        end(stream);
        return false;
    }
    if (stream->sent == stream->bytes.size) {
        buf_clear(&stream->bytes);
        stream->sent = 0;
    }
    buf_add(&stream->bytes, bytes, size);
    stream->last_us = clock_now_us();
    rouse(stream);
    return true;
}

static void *watch(void *user)
{
    streams_t *streams = user;
    pthread_mutex_lock(&streams->lock);
    while (!streams->ending) {
        struct timespec until;
        if (!streams->count) {
            pthread_cond_wait(&streams->more, &streams->lock);
            continue;
        }
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += LOOK_S;
        pthread_cond_timedwait(&streams->more, &streams->lock, &until);
        int64_t before_us = clock_now_us() - streams->quiet_us;
        for (uint32_t i = 0; i < streams->most; i++)
            if (streams->slots[i] && streams->slots[i]->last_us < before_us)
                put(streams->slots[i], ":\n\n", 3);
    }
    pthread_mutex_unlock(&streams->lock);
    return NULL;
}

streams_t *streams_new(int streams_most, int64_t quiet_ms)
{
    pthread_condattr_t attributes;
    streams_t *streams = memory_new(1, sizeof *streams);
    streams->most = (uint32_t)streams_most;
    streams->quiet_us = quiet_ms * 1000;
    streams->slots = memory_new(streams->most, sizeof *streams->slots);
    streams->generations = memory_new(streams->most, sizeof *streams->generations);
    pthread_mutex_init(&streams->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&streams->more, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&streams->thread, NULL, watch, streams) != 0)
        abort();
    return streams;
}

void streams_destroy(streams_t **streams)
{
    if (!streams || !*streams)
        return;
    streams_t *s = *streams;
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    pthread_cond_signal(&s->more);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->more);
    pthread_mutex_destroy(&s->lock);
    free(s->slots);
    free(s->generations);
    free(s);
    *streams = NULL;
}

stream_t *stream_open(streams_t *streams, struct MHD_Connection *connection)
{
    stream_t *stream = NULL;
    pthread_mutex_lock(&streams->lock);
    if (streams->count < streams->most && !streams->closed) {
        while (streams->slots[streams->hint])
            streams->hint = (streams->hint + 1) % streams->most;
        stream = memory_new(1, sizeof *stream);
        *stream = (stream_t){.all = streams,
                             .connection = connection,
                             .slot = streams->hint,
                             .generation = ++streams->generations[streams->hint],
                             .last_us = clock_now_us()};
        streams->slots[streams->hint] = stream;
        if (!streams->count++)
            pthread_cond_signal(&streams->more);
    }
    pthread_mutex_unlock(&streams->lock);
    return stream;
}

void stream_close(streams_t *streams, stream_t *stream)
{
    if (!stream)
        return;
    pthread_mutex_lock(&streams->lock);
    streams->slots[stream->slot] = NULL;
    streams->count--;
    pthread_mutex_unlock(&streams->lock);
    buf_free(&stream->bytes);
    free(stream);
}

uint64_t stream_number(const stream_t *stream)
{
    return (uint64_t)stream->generation << 32 | stream->slot;
}

/* libmicrohttpd asks for bytes. Nothing there: it sleeps until rouse. */
static ssize_t on_read(void *user, uint64_t at, char *to, size_t most)
{
    (void)at;
    stream_t *stream = user;
    ssize_t got = 0;
    pthread_mutex_lock(&stream->all->lock);
    size_t waits = stream->bytes.size - stream->sent;
    if (waits) {
        got = (ssize_t)(waits < most ? waits : most);
        memcpy(to, stream->bytes.bytes + stream->sent, (size_t)got);
        stream->sent += (size_t)got;
    } else if (stream->ended) {
        got = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->asleep = true;
        MHD_suspend_connection(stream->connection);
    }
    pthread_mutex_unlock(&stream->all->lock);
    return got;
}

struct MHD_Response *stream_response(stream_t *stream)
{
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_read, stream, NULL);
}

/* The stream of a number; the lock is held. */
static stream_t *find(streams_t *streams, uint64_t number)
{
    uint32_t slot = (uint32_t)number;
    stream_t *stream = slot < streams->most ? streams->slots[slot] : NULL;
    return stream && stream->generation == number >> 32 ? stream : NULL;
}

bool streams_send(streams_t *streams, uint64_t number, const char *bytes, size_t size)
{
    pthread_mutex_lock(&streams->lock);
    stream_t *stream = find(streams, number);
    bool sent = stream && put(stream, bytes, size);
    pthread_mutex_unlock(&streams->lock);
    return sent;
}

bool streams_have(streams_t *streams, uint64_t number)
{
    pthread_mutex_lock(&streams->lock);
    const stream_t *stream = find(streams, number);
    bool open = stream && !stream->ended;
    pthread_mutex_unlock(&streams->lock);
    return open;
}

void streams_end(streams_t *streams, uint64_t number)
{
    pthread_mutex_lock(&streams->lock);
    stream_t *stream = find(streams, number);
    if (stream)
        end(stream);
    pthread_mutex_unlock(&streams->lock);
}

void streams_end_all(streams_t *streams)
{
    pthread_mutex_lock(&streams->lock);
    streams->closed = true;
    for (uint32_t i = 0; i < streams->most; i++)
        if (streams->slots[i])
            end(streams->slots[i]);
    pthread_mutex_unlock(&streams->lock);
}

uint64_t streams_count(streams_t *streams)
{
    pthread_mutex_lock(&streams->lock);
    uint64_t count = streams->count;
    pthread_mutex_unlock(&streams->lock);
    return count;
}
