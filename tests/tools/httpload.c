/* httpload: asks an HTTP server on this machine over connections that stay open, each of which asks again once it is
 * answered, and prints how often a second and how long it took. One thread, so that little of the machine is its own.
 *
 *     httpload get    PORT CONNECTIONS COUNT PATHS           PATHS: a file of paths, one a line, asked for in turn
 *     httpload upload PORT CONNECTIONS COUNT PATH FILE       a form with FILE; no two uploads have the same bytes
 *
 * Any answer but 200 with a Content-Length ends it with code 1. Prints
 * "requests=N seconds=S per_second=R p50ms=T p99ms=T".
 */
#include "proto/base/buf.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* ANSWER: bytes of an answer that are looked at: its head, and the beginning of an unexpected body. */
enum { ANSWER_BYTES = 16384, TAIL_BYTES = 128, PARTS = 3, CONNECTIONS_MOST = 4096 };

#define BOUNDARY "yogi-bench-boundary"

/* A connection and the request that is under way on it. */
typedef struct {
    int fd;
    struct iovec parts[PARTS]; /* of the request that are not sent yet */
    int part;                  /* the first of them; PARTS = all is sent */
    char tail[TAIL_BYTES];     /* of an upload: what makes it another one */
    char answer[ANSWER_BYTES + 1];
    size_t got;   /* bytes of the answer */
    size_t whole; /* that it has; 0 = its head is not there yet */
    int64_t begun_us;
} line_t;

typedef struct {
    uint16_t port;
    size_t connections, count;
    buf_t head;   /* of an upload; the form's too */
    buf_t file;   /* that is uploaded */
    buf_t paths;  /* that are asked for, a zero after each */
    size_t path;  /* where the next one stands */
    buf_t *gets;  /* the request that each connection has out */
    size_t begun; /* requests so far */
    size_t ended;
    int64_t *times_us; /* that each took */
    int epoll;
} load_t;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "httpload: %s: %s\n", what, why);
    exit(1);
}

static void read_file(const char *path, buf_t *out)
{
    char block[65536];
    FILE *file = fopen(path, "rb");
    if (!file)
        fail(path, strerror(errno));
    for (size_t n; (n = fread(block, 1, sizeof block, file));)
        buf_add(out, block, n);
    fclose(file);
}

/* ---- requests ---- */

static const char *next_path(load_t *load)
{
    const char *path = load->paths.bytes + load->path;
    load->path += strlen(path) + 1;
    if (load->path >= load->paths.size)
        load->path = 0;
    return path;
}

static void make_get(load_t *load, line_t *line, buf_t *text)
{
    buf_clear(text);
    buf_format(text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", next_path(load));
    line->parts[0] = (struct iovec){text->bytes, text->size};
    line->parts[1] = line->parts[2] = (struct iovec){NULL, 0};
}

/* What makes it different stands behind the file's last byte, where no reader of pictures minds. */
static void make_upload(load_t *load, line_t *line)
{
    int size =
        snprintf(line->tail, sizeof line->tail, "%016llx%08x\r\n--" BOUNDARY "--\r\n",
                 (unsigned long long)clock_wall_ms() << 16 | (unsigned)(getpid() & 0xffff), (unsigned)load->begun);
    line->parts[0] = (struct iovec){load->head.bytes, load->head.size};
    line->parts[1] = (struct iovec){load->file.bytes, load->file.size};
    line->parts[2] = (struct iovec){line->tail, (size_t)size};
}

static void prepare_upload(load_t *load, const char *path)
{
    static const char form[] = "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"file\"; "
                               "filename=\"week.png\"\r\nContent-Type: image/png\r\n\r\n";
    static const size_t tail = 16 + 8 + sizeof "\r\n--" BOUNDARY "--\r\n" - 1;
    buf_format(&load->head,
               "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=" BOUNDARY
               "\r\nContent-Length: %zu\r\n\r\n%s",
               path, sizeof form - 1 + load->file.size + tail, form);
}

static void prepare_paths(load_t *load, const char *file)
{
    read_file(file, &load->paths);
    for (size_t i = 0; i < load->paths.size; i++)
        if (load->paths.bytes[i] == '\n')
            load->paths.bytes[i] = 0;
    if (!load->paths.size || load->paths.bytes[load->paths.size - 1])
        fail(file, "no paths, or no newline at the end");
}

/* ---- connections ---- */

/* Sends what is left of the request, as much as goes. */
static void send_on(line_t *line)
{
    while (line->part < PARTS) {
        ssize_t n = writev(line->fd, line->parts + line->part, PARTS - line->part);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            fail("a request cannot be sent", strerror(errno));
        while (line->part < PARTS && (size_t)n >= line->parts[line->part].iov_len)
            n -= (ssize_t)line->parts[line->part++].iov_len;
        if (line->part < PARTS) {
            line->parts[line->part].iov_base = (char *)line->parts[line->part].iov_base + n;
            line->parts[line->part].iov_len -= (size_t)n;
        }
    }
}

static void listen_for(load_t *load, line_t *line, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = line};
    if (epoll_ctl(load->epoll, how, line->fd, &event) < 0)
        fail("epoll", strerror(errno));
}

static void begin(load_t *load, line_t *line, buf_t *text)
{
    if (load->file.size)
        make_upload(load, line);
    else
        make_get(load, line, text);
    load->begun++;
    line->part = 0;
    line->got = line->whole = 0;
    line->begun_us = clock_now_us();
    send_on(line);
}

static void connect_to(load_t *load, line_t *line)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(load->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    line->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (line->fd < 0 || connect(line->fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        fcntl(line->fd, F_SETFL, O_NONBLOCK) < 0 ||
        setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0)
        fail("no connection", strerror(errno));
    listen_for(load, line, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT | EPOLLET);
}

/* The bytes of the whole answer, once its head is there; 0 before. */
static size_t whole_of(line_t *line)
{
    static const char name[] = "\nContent-Length:";
    line->answer[line->got < ANSWER_BYTES ? line->got : ANSWER_BYTES] = 0;
    const char *end = strstr(line->answer, "\r\n\r\n"), *length = strcasestr(line->answer, name);
    if (!end)
        return 0;
    if (strncmp(line->answer, "HTTP/1.1 200 ", 13) != 0 || !length || length > end)
        fail("not the answer that is wanted", line->answer);
    return (size_t)(end + 4 - line->answer) + strtoul(length + sizeof name - 1, NULL, 10);
}

/* Reads what is there. Whether the answer has come whole. */
static bool receive(line_t *line)
{
    static char rest[65536];
    for (;;) {
        bool kept = line->got < ANSWER_BYTES;
        ssize_t n = kept ? read(line->fd, line->answer + line->got, ANSWER_BYTES - line->got)
                         : read(line->fd, rest, sizeof rest);
        if (n < 0 && errno == EAGAIN)
            return false;
        if (n <= 0)
            fail("the server has closed a connection", n ? strerror(errno) : line->answer);
        line->got += (size_t)n;
        if (!line->whole)
            line->whole = whole_of(line);
        if (line->whole && line->got >= line->whole)
            return true;
    }
}

static void run(load_t *load)
{
    line_t *lines = memory_new(load->connections, sizeof *lines);
    load->gets = memory_new(load->connections, sizeof *load->gets);
    struct epoll_event events[256];
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < load->connections; i++)
        connect_to(load, &lines[i]);
    for (size_t i = 0; i < load->connections && load->begun < load->count; i++)
        begin(load, &lines[i], &load->gets[i]);
    while (load->ended < load->count) {
        int n = epoll_wait(load->epoll, events, sizeof events / sizeof *events, 60000);
        if (n <= 0)
            fail("waiting", n ? strerror(errno) : "no answer in 60 s");
        for (int i = 0; i < n; i++) {
            line_t *line = events[i].data.ptr;
            send_on(line);
            if (!line->begun_us || !receive(line))
                continue;
            load->times_us[load->ended++] = clock_now_us() - line->begun_us;
            line->begun_us = 0;
            if (load->begun < load->count)
                begin(load, line, &load->gets[line - lines]);
        }
    }
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    bool get = argc == 6 && strcmp(argv[1], "get") == 0, upload = argc == 7 && strcmp(argv[1], "upload") == 0;
    if (!get && !upload)
        fail("usage", "get PORT CONNECTIONS COUNT PATHS | upload PORT CONNECTIONS COUNT PATH FILE");
    load_t load = {
        .port = (uint16_t)atoi(argv[2]), .connections = (size_t)atoi(argv[3]), .count = (size_t)atoi(argv[4])};
    if (!load.connections || load.connections > CONNECTIONS_MOST || load.count < 1)
        fail("usage", "1 to 4096 connections, 1 request at least");
    if (upload)
        read_file(argv[6], &load.file), prepare_upload(&load, argv[5]);
    else
        prepare_paths(&load, argv[5]);
    load.times_us = memory_new(load.count, sizeof *load.times_us);
    int64_t begun_us = clock_now_us();
    run(&load);
    double seconds = (double)(clock_now_us() - begun_us) / 1e6;
    qsort(load.times_us, load.count, sizeof *load.times_us, by_size);
    printf("requests=%zu seconds=%.3f per_second=%.1f p50ms=%.3f p99ms=%.3f\n", load.count, seconds,
           (double)load.count / seconds, (double)load.times_us[load.count / 2] / 1000,
           (double)load.times_us[load.count * 99 / 100] / 1000);
    return 0;
}
