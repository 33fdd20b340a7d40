/* s3_call: see s3_call.h. */
#include "s3_call.h"

#include "proto/base/chance.h"
#include "proto/base/clock.h"
#include "proto/base/memory.h"
#include "proto/redact.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* IDLE: handles kept, about as many as threads that a gateway has. WAIT: first and longest wait before another try.
 * SMALL: of a file that goes in one piece with its request. A larger one is sent when the server has said that it wants
 * it (Expect: 100-continue), which costs either side as much as a small one. BUFFER: of large ones. */
enum { IDLE_MOST = 32, WAIT_FIRST_MS = 50, WAIT_MOST_MS = 2000, SMALL_BYTES = 64 * 1024, BUFFER_BYTES = 256 * 1024 };

/* SHA-256 of nothing. */
static const char nothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct s3_line {
    s3_line_plan_t plan;
    char *authorities;     /* copy */
    pthread_mutex_t lock;  /* of what follows */
    chance_t chance;       /* of waits */
    CURL *idle[IDLE_MOST]; /* handles with their connections */
    size_t count;          /* of them */
};

/* One try. */
typedef struct {
    const s3_call_t *call;
    s3_answer_t *answer;
    CURL *easy;
    char *small;  /* copy of a small file's body */
    int64_t sent; /* bytes of the body that were read from the file */
    bool handed;  /* the sink has got something */
    bool unread;  /* the file could not be read */
    bool refused; /* the sink wants no more */
} attempt_t;

s3_line_t *s3_line_new(const s3_line_plan_t *plan)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    s3_line_t *line = memory_new(1, sizeof *line);
    line->plan = *plan;
    line->authorities = plan->authorities ? strdup(plan->authorities) : NULL;
    line->chance.state = (uint64_t)clock_wall_ms() ^ (uint64_t)getpid() << 32;
    pthread_mutex_init(&line->lock, NULL);
    return line;
}

void s3_line_destroy(s3_line_t **line)
{
    if (!line || !*line)
        return;
    while ((*line)->count)
        curl_easy_cleanup((*line)->idle[--(*line)->count]);
    pthread_mutex_destroy(&(*line)->lock);
    free((*line)->authorities);
    free(*line);
    *line = NULL;
    curl_global_cleanup();
}

void s3_answer_free(s3_answer_t *answer)
{
    buf_free(&answer->body);
    *answer = (s3_answer_t){0};
}

/* ---- handles ---- */

static CURL *borrow(s3_line_t *line)
{
    pthread_mutex_lock(&line->lock);
    CURL *easy = line->count ? line->idle[--line->count] : NULL;
    pthread_mutex_unlock(&line->lock);
    if (!easy)
        easy = curl_easy_init();
    if (!easy)
        abort();
    return easy;
}

/* Keeps the handle for its connection, not for its options. */
static void give_back(s3_line_t *line, CURL *easy)
{
    curl_easy_reset(easy);
    pthread_mutex_lock(&line->lock);
    bool kept = line->count < IDLE_MOST;
    if (kept)
        line->idle[line->count++] = easy;
    pthread_mutex_unlock(&line->lock);
    if (!kept)
        curl_easy_cleanup(easy);
}

/* ---- libcurl's callbacks ---- */

/* Reads the next piece of the file. 0 at its end; -1 where it cannot be read. */
static ssize_t read_piece(attempt_t *attempt, char *to, size_t room)
{
    const s3_call_t *call = attempt->call;
    int64_t left = call->bytes - attempt->sent;
    size_t size = room < (size_t)left ? room : (size_t)left;
    ssize_t n = size ? pread(call->fd, to, size, call->from + attempt->sent) : 0;
    if (size && n <= 0) {
        attempt->unread = true;
        return -1;
    }
    attempt->sent += n;
    return n;
}

static size_t on_read(char *to, size_t one, size_t count, void *user)
{
    ssize_t n = read_piece(user, to, one * count);
    return n < 0 ? CURL_READFUNC_ABORT : (size_t)n;
}

/* libcurl begins the body again, on a connection that was closed while it stood idle. */
static int on_seek(void *user, curl_off_t to, int origin)
{
    attempt_t *attempt = user;
    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    attempt->sent = to;
    return CURL_SEEKFUNC_OK;
}

static size_t on_write(char *bytes, size_t one, size_t count, void *user)
{
    attempt_t *attempt = user;
    size_t size = one * count;
    long status = 0;
    curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &status);
    bool good = status >= 200 && status < 300;
    if (good && attempt->call->sink) {
        attempt->handed = true;
        attempt->refused = !attempt->call->sink(attempt->call->user, bytes, size);
        return attempt->refused ? 0 : size;
    }
    buf_t *body = &attempt->answer->body;
    size_t most = good ? S3_ANSWER_BYTES_MOST : S3_ERROR_BYTES_MOST;
    if (body->size + size > most)
        return good ? 0 : size; /* the status tells enough */
    buf_add(body, bytes, size);
    return size;
}

static void take_header(const char *line, size_t size, const char *name, char *to, size_t room)
{
    size_t length = strlen(name);
    if (size <= length || strncasecmp(line, name, length) != 0)
        return;
    for (line += length, size -= length; size && *line == ' '; size--)
        line++;
    while (size && (line[size - 1] == '\r' || line[size - 1] == '\n'))
        size--;
    snprintf(to, room, "%.*s", (int)size, line);
}

static size_t on_header(char *bytes, size_t one, size_t count, void *user)
{
    attempt_t *attempt = user;
    take_header(bytes, one * count, "ETag:", attempt->answer->tag, sizeof attempt->answer->tag);
    take_header(bytes, one * count, "Last-Modified:", attempt->answer->date, sizeof attempt->answer->date);
    return one * count;
}

/* ---- one try ---- */

static struct curl_slist *add_format(struct curl_slist *list, const char *name, const char *value)
{
    buf_t text = {0};
    buf_format(&text, "%s: %s", name, value);
    list = curl_slist_append(list, text.bytes);
    buf_free(&text);
    return list;
}

/* The headers; signed is whatever is put here. (An empty one such as "Expect:" would break libcurl's signature.) */
static struct curl_slist *headers_of(const s3_call_t *call)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < S3_HEADERS_MOST && call->headers[i]; i++)
        list = curl_slist_append(list, call->headers[i]);
    if (call->region) { /* libcurl signs this one and does not send it by itself */
        list = add_format(list, "x-amz-content-sha256", call->sha256 ? call->sha256 : nothing);
        if (*call->credentials->token)
            list = add_format(list, "x-amz-security-token", call->credentials->token);
    }
    return list;
}

static void set_file(attempt_t *attempt)
{
    CURL *easy = attempt->easy;
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)BUFFER_BYTES);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)attempt->call->bytes);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, attempt);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, attempt);
    curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, 1000L);
}

static void set_body(attempt_t *attempt)
{
    const s3_call_t *call = attempt->call;
    CURL *easy = attempt->easy;
    const void *memory = attempt->small ? attempt->small : call->body;
    if (strcmp(call->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (memory) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->bytes);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, memory);
    } else if (call->bytes || strcmp(call->method, "PUT") == 0) {
        set_file(attempt);
    } else if (call->sink) {
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)BUFFER_BYTES);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
}

static void set_line(const s3_line_t *line, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "yogi/" YOGI_VERSION);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)line->plan.connect_ms);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((line->plan.stall_ms + 999) / 1000));
    if (line->plan.most_bytes_s) {
        curl_easy_setopt(easy, CURLOPT_MAX_SEND_SPEED_LARGE, (curl_off_t)line->plan.most_bytes_s);
        curl_easy_setopt(easy, CURLOPT_MAX_RECV_SPEED_LARGE, (curl_off_t)line->plan.most_bytes_s);
    }
    if (line->authorities)
        curl_easy_setopt(easy, CURLOPT_CAINFO, line->authorities);
}

static CURLcode try_once(const s3_line_t *line, attempt_t *attempt)
{
    const s3_call_t *call = attempt->call;
    CURL *easy = attempt->easy;
    struct curl_slist *headers = headers_of(call);
    char provider[S3_REGION_BYTES + 32];
    attempt->sent = 0;
    s3_answer_free(attempt->answer);
    set_line(line, easy);
    set_body(attempt);
    curl_easy_setopt(easy, CURLOPT_URL, call->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, attempt);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, attempt);
    if (call->region) {
        snprintf(provider, sizeof provider, "aws:amz:%s:s3", call->region);
        curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, provider);
        curl_easy_setopt(easy, CURLOPT_USERNAME, call->credentials->id);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, call->credentials->secret);
    }
    CURLcode code = curl_easy_perform(easy);
    long status = 0;
    curl_off_t bytes = -1;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &bytes);
    attempt->answer->status = (int)status;
    attempt->answer->bytes = bytes;
    curl_slist_free_all(headers);
    return code;
}

/* ---- tries ---- */

static bool may_pass(int status)
{
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

/* Whether the certificate, not the moment, is at fault. */
static bool is_distrust(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR;
}

static int judge(const attempt_t *attempt, CURLcode code, fault_t *fault)
{
    char shown[REDACT_BYTES];
    redact_url(attempt->call->url, shown);
    if (attempt->refused)
        return fault_set(fault, FAULT_CANCELLED, "%s: what comes is not wanted any more", shown);
    if (attempt->unread)
        return fault_set(fault, FAULT_SYSTEM, "%s: the file that was to be sent cannot be read", shown);
    if (is_distrust(code))
        return fault_set(fault, FAULT_SETTING, "%s: its certificate is not trusted (%s)", shown,
                         curl_easy_strerror(code));
    if (code != CURLE_OK)
        return fault_set(fault, FAULT_UNREACHABLE, "%s: %s", shown, curl_easy_strerror(code));
    if (may_pass(attempt->answer->status))
        return fault_set(fault, FAULT_UNREACHABLE, "%s: it cannot serve now (HTTP %d)", shown, attempt->answer->status);
    return 0;
}

/* The wait before the next try: doubled each time, and uneven, so that many who wait do not come back together. */
static void rest(s3_line_t *line, int tries)
{
    int64_t most = (int64_t)WAIT_FIRST_MS << (tries < 8 ? tries : 8);
    most = most < WAIT_MOST_MS ? most : WAIT_MOST_MS;
    pthread_mutex_lock(&line->lock);
    int64_t ms = most / 2 + (int64_t)chance_below(&line->chance, (uint64_t)most / 2 + 1);
    pthread_mutex_unlock(&line->lock);
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

/* The body of a small file comes into memory; what cannot be read fails as it would while it is sent. */
static CURLcode take_small(attempt_t *attempt)
{
    const s3_call_t *call = attempt->call;
    if (call->body || call->bytes == 0 || call->bytes > SMALL_BYTES)
        return CURLE_OK;
    attempt->small = memory_new((size_t)call->bytes, 1);
    while (attempt->sent < call->bytes)
        if (read_piece(attempt, attempt->small + attempt->sent, (size_t)(call->bytes - attempt->sent)) < 0)
            return CURLE_READ_ERROR;
    return CURLE_OK;
}

int s3_call(s3_line_t *line, const s3_call_t *call, s3_answer_t *answer, fault_t *fault)
{
    attempt_t attempt = {.call = call, .answer = answer, .easy = borrow(line)};
    int64_t end_us = clock_now_us() + line->plan.retry_ms * 1000;
    int failed = judge(&attempt, take_small(&attempt), fault);
    for (int tries = 0; !attempt.unread; tries++) {
        failed = judge(&attempt, try_once(line, &attempt), fault);
        bool passes = failed && fault->code == FAULT_UNREACHABLE && !attempt.handed;
        if (!passes || clock_now_us() >= end_us)
            break;
        curl_easy_reset(attempt.easy);
        rest(line, tries);
    }
    give_back(line, attempt.easy);
    free(attempt.small);
    return failed;
}
