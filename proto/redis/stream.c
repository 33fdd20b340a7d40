/* stream: see stream.h. */
#include "stream.h"
#include "proto/base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A peer that has vanished without a word is noticed after IDLE + COUNT * INTERVAL seconds where nothing is sent. */
enum { ALIVE_IDLE_S = 10, ALIVE_INTERVAL_S = 5, ALIVE_COUNT = 3 };

struct stream {
    int fd;
    bool connected; /* the socket is */
    SSL_CTX *context;
    SSL *tls;    /* NULL = plain */
    short wants; /* events that TLS waits for: POLLIN or POLLOUT; 0 = as the caller has need */
};

/* What OpenSSL says last, as a sentence. */
static int fail_tls(fault_t *fault, fault_code_t code, const char *what)
{
    char text[160];
    unsigned long error = ERR_peek_last_error();
    ERR_error_string_n(error, text, sizeof text);
    const char *reason = ERR_reason_error_string(error);
    ERR_clear_error();
    return fault_set(fault, code, "%s: %s", what, reason ? reason : error ? text : "the other side hung up");
}

static int load_files(SSL_CTX *context, const redis_place_t *place, fault_t *fault)
{
    if (place->verify && (place->authorities ? SSL_CTX_load_verify_locations(context, place->authorities, NULL)
                                             : SSL_CTX_set_default_verify_paths(context)) != 1)
        return fail_tls(fault, FAULT_SETTING, "REDIS_TLS_CA: the certificates cannot be used");
    if (place->certificate && SSL_CTX_use_certificate_chain_file(context, place->certificate) != 1)
        return fail_tls(fault, FAULT_SETTING, "REDIS_TLS_CERT: the certificate cannot be used");
    if (place->key && SSL_CTX_use_PrivateKey_file(context, place->key, SSL_FILETYPE_PEM) != 1)
        return fail_tls(fault, FAULT_SETTING, "REDIS_TLS_KEY: the key cannot be used");
    return 0;
}

/* The certificate must be for this host: a name, or a number. */
static bool expect_host(SSL *tls, const char *host)
{
    struct in6_addr number;
    X509_VERIFY_PARAM *rules = SSL_get0_param(tls);
    if (inet_pton(AF_INET, host, &number) == 1 || inet_pton(AF_INET6, host, &number) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(rules, host) == 1;
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(rules, host, 0) == 1 && SSL_set_tlsext_host_name(tls, host) == 1;
}

static int dress(stream_t *stream, const redis_place_t *place, const char *host, fault_t *fault)
{
    stream->context = SSL_CTX_new(TLS_client_method());
    if (!stream->context)
        return fail_tls(fault, FAULT_SYSTEM, "TLS cannot be had");
    SSL_CTX_set_min_proto_version(stream->context, TLS1_2_VERSION);
    SSL_CTX_set_mode(stream->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (load_files(stream->context, place, fault) < 0)
        return -1;
    SSL_CTX_set_verify(stream->context, place->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    stream->tls = SSL_new(stream->context);
    if (!stream->tls || SSL_set_fd(stream->tls, stream->fd) != 1)
        return fail_tls(fault, FAULT_SYSTEM, "TLS cannot be had");
    if (place->verify && !expect_host(stream->tls, place->server_name ? place->server_name : host))
        return fail_tls(fault, FAULT_SETTING, "the name of the Redis server cannot be in a certificate");
    SSL_set_connect_state(stream->tls);
    return 0;
}

static void tune(int fd, int family)
{
    int on = 1, idle = ALIVE_IDLE_S, interval = ALIVE_INTERVAL_S, count = ALIVE_COUNT;
    if (family == AF_UNIX)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

stream_t *stream_open(const redis_place_t *place, const struct sockaddr *address, socklen_t size, const char *host,
                      fault_t *fault)
{
    stream_t *stream = memory_new(1, sizeof *stream);
    stream->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int opened = stream->fd < 0 ? fault_set(fault, FAULT_SYSTEM, "no socket: %s", strerror(errno)) : 0;
    if (opened == 0) {
        tune(stream->fd, address->sa_family);
        if (connect(stream->fd, address, size) == 0)
            stream->connected = true;
        else if (errno != EINPROGRESS)
            opened = fault_set(fault, FAULT_UNAVAILABLE, "%s", strerror(errno));
    }
    if (opened == 0 && place->tls && address->sa_family != AF_UNIX)
        opened = dress(stream, place, host, fault);
    if (opened < 0)
        stream_close(&stream);
    return stream;
}

void stream_close(stream_t **stream)
{
    if (!stream || !*stream)
        return;
    SSL_free((*stream)->tls);
    SSL_CTX_free((*stream)->context);
    ERR_clear_error();
    if ((*stream)->fd >= 0)
        close((*stream)->fd);
    free(*stream);
    *stream = NULL;
}

static int look_connected(stream_t *stream, fault_t *fault)
{
    struct pollfd poll_out = {stream->fd, POLLOUT, 0};
    int cause = 0;
    socklen_t size = sizeof cause;
    if (poll(&poll_out, 1, 0) == 0)
        return 0;
    if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &cause, &size) < 0 || cause)
        return fault_set(fault, FAULT_UNAVAILABLE, "%s", strerror(cause ? cause : errno));
    stream->connected = true;
    return 1;
}

/* What TLS waits for after a call that did not go through; -1 with the fault when it has failed. */
static int wait_for(stream_t *stream, int result, const char *what, fault_t *fault)
{
    int error = SSL_get_error(stream->tls, result);
    if (error == SSL_ERROR_WANT_READ)
        stream->wants = POLLIN;
    else if (error == SSL_ERROR_WANT_WRITE)
        stream->wants = POLLOUT;
    else if (error == SSL_ERROR_ZERO_RETURN)
        return fault_set(fault, FAULT_UNAVAILABLE, "the other side hung up");
    else
        return fail_tls(fault, FAULT_UNAVAILABLE, what);
    return 0;
}

static int shake_hands(stream_t *stream, fault_t *fault)
{
    stream->wants = 0;
    int result = SSL_do_handshake(stream->tls);
    if (result == 1)
        return 1;
    long verdict = SSL_get_verify_result(stream->tls);
    if (wait_for(stream, result, "TLS", fault) == 0)
        return 0;
    if (verdict != X509_V_OK && SSL_get_verify_mode(stream->tls) != SSL_VERIFY_NONE)
        fault_set(fault, FAULT_SETTING,
                  "the certificate of the Redis server is not trusted: %s (REDIS_TLS_CA, "
                  "REDIS_TLS_SERVERNAME)",
                  X509_verify_cert_error_string(verdict));
    return -1;
}

int stream_connect(stream_t *stream, fault_t *fault)
{
    if (!stream->connected) {
        int done = look_connected(stream, fault);
        if (done <= 0)
            return done;
    }
    return stream->tls && !SSL_is_init_finished(stream->tls) ? shake_hands(stream, fault) : 1;
}

static ssize_t plain_result(ssize_t result, fault_t *fault)
{
    if (result >= 0)
        return result;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return 0;
    return fault_set(fault, FAULT_UNAVAILABLE, "%s", strerror(errno));
}

ssize_t stream_read(stream_t *stream, void *bytes, size_t size, fault_t *fault)
{
    if (!stream->tls) {
        ssize_t n = recv(stream->fd, bytes, size, 0);
        return n == 0 ? fault_set(fault, FAULT_UNAVAILABLE, "the other side hung up") : plain_result(n, fault);
    }
    stream->wants = 0;
    size_t n = 0;
    int result = SSL_read_ex(stream->tls, bytes, size, &n);
    if (result == 1)
        return (ssize_t)n;
    int waits = wait_for(stream, result, "TLS", fault);
    stream->wants = stream->wants == POLLIN ? 0 : stream->wants; /* that is waited for anyway */
    return waits;
}

ssize_t stream_write(stream_t *stream, const void *bytes, size_t size, fault_t *fault)
{
    if (!stream->tls)
        return plain_result(send(stream->fd, bytes, size, MSG_NOSIGNAL), fault);
    stream->wants = 0;
    size_t n = 0;
    int result = SSL_write_ex(stream->tls, bytes, size, &n);
    return result == 1 ? (ssize_t)n : wait_for(stream, result, "TLS", fault);
}

struct pollfd stream_poll(const stream_t *stream, bool more)
{
    short events = stream->wants;
    if (!stream->connected)
        events = POLLOUT;
    else if (!stream->tls || SSL_is_init_finished(stream->tls))
        events = (short)(events | POLLIN | (more && events != POLLIN ? POLLOUT : 0));
    return (struct pollfd){stream->fd, events, 0};
}

bool stream_is_ready(const stream_t *stream)
{
    return stream->tls && SSL_pending(stream->tls) > 0;
}
