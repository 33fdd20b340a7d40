/* fetch: see fetch.h. A transfer is in one state: FREE, FILE (read in blocks, one a step), WEB (libcurl's multi
 * interface, driven by its socket and timer callbacks), ENDED (its event waits). transfer_is is the only place that
 * changes it.
 */
#include "fetch.h"
#include "network.h"
#include "proto/base/memfile.h"
#include "proto/redact.h"
#include "source.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    BLOCK = 256 * 1024,     /* bytes of a file in one step: a millisecond of hashing */
    HEADERS_MOST = 65536,   /* bytes of headers of one answer: S3 sends 1,000 */
    DISCARDED_MOST = 65536, /* bytes of an answer that is no document: the text of an error */
};

typedef enum { FREE, FILE_, WEB, ENDED, STATES } state_t;

typedef struct {
    fetch_t *fetch;                 /* that it belongs to, for libcurl's callbacks */
    state_t state;                  /* changed by transfer_is alone */
    uint64_t key;                   /* the caller's */
    char shown[REDACT_BYTES];       /* the URL as it may be written */
    source_t source;                /* the URL that is being fetched, after redirects */
    char expected[HASH_HEX];        /* digest; "" = any */
    int64_t expected_bytes;         /* 0 = any */
    memfile_t file;                 /* what has come */
    int from;                       /* FILE: descriptor that is read; -1 = none */
    CURL *easy;                     /* WEB */
    struct curl_slist *headers;     /* of the caller; NULL = none */
    int redirects;                  /* followed */
    size_t header_bytes;            /* of this answer */
    size_t discarded;               /* bytes of an answer that is no document */
    int64_t begun_us;               /* start of the whole */
    int64_t heard_us;               /* last byte */
    char refused[INET6_ADDRSTRLEN]; /* address that may not be connected to; "" = none */
    fault_t fault;                  /* FAULT_NONE while all is well */
    char sha256[HASH_HEX];          /* ENDED */
    int fd;                         /* ENDED: sealed */
} transfer_t;

struct fetch {
    fetch_plan_t plan;
    char *authorities; /* copy */
    source_rules_t *rules;
    networks_t networks;
    CURLM *multi;
    int64_t timer_us;       /* when libcurl wants to be called; INT64_MAX = not */
    int64_t now_us;         /* of the call under way */
    transfer_t *transfers;  /* plan.count */
    size_t counts[STATES];  /* transfers in each state */
    struct pollfd *sockets; /* that libcurl waits for */
    struct pollfd *ready;   /* room for a copy */
    size_t socket_count;
};

/* ---- states ---- */

static void transfer_is(transfer_t *transfer, state_t state)
{
    transfer->fetch->counts[transfer->state]--;
    transfer->fetch->counts[state]++;
    transfer->state = state;
}

static void drop_headers(transfer_t *transfer)
{
    for (struct curl_slist *header = transfer->headers; header; header = header->next)
        explicit_bzero(header->data, strlen(header->data));
    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
}

/* Lets go of everything but the result. */
static void let_go(transfer_t *transfer)
{
    if (transfer->easy) {
        curl_multi_remove_handle(transfer->fetch->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    transfer->easy = NULL;
    drop_headers(transfer);
    if (transfer->from >= 0)
        close(transfer->from);
    transfer->from = -1;
    memfile_drop(&transfer->file);
    source_free(&transfer->source);
}

/* It ends without a document, for transfer->fault. */
static void fail(transfer_t *transfer)
{
    fault_prefix(&transfer->fault, transfer->shown);
    let_go(transfer);
    transfer_is(transfer, ENDED);
}

/* All bytes are there: are they the right ones? */
static void succeed(transfer_t *transfer)
{
    fault_t *fault = &transfer->fault;
    int64_t bytes = transfer->file.bytes;
    if (!bytes)
        fault_set(fault, FAULT_DAMAGED, "it has no bytes");
    else if (transfer->expected_bytes && bytes != transfer->expected_bytes)
        fault_set(fault, FAULT_DAMAGED, "it has %lld bytes, not the %lld that were announced", (long long)bytes,
                  (long long)transfer->expected_bytes);
    else
        transfer->fd = memfile_seal(&transfer->file, transfer->sha256, fault);
    if (fault->code == FAULT_NONE && *transfer->expected && strcasecmp(transfer->sha256, transfer->expected) != 0) {
        close(transfer->fd);
        transfer->fd = -1;
        fault_set(fault, FAULT_DAMAGED, "its SHA-256 is %.16s…, not the %.16s… that was announced", transfer->sha256,
                  transfer->expected);
    }
    if (fault->code != FAULT_NONE) {
        fail(transfer);
        return;
    }
    let_go(transfer);
    transfer_is(transfer, ENDED);
}

static int too_large(transfer_t *transfer)
{
    return fault_set(&transfer->fault, FAULT_TOO_LARGE,
                     "it has more than the %lld MB that are fetched (YOGI_SOURCE_BYTES)",
                     (long long)transfer->fetch->plan.bytes_most >> 20);
}

/* Takes bytes of the document. 0 or -1 with the transfer's fault. */
static int take(transfer_t *transfer, const void *bytes, size_t size)
{
    if (transfer->file.bytes + (int64_t)size > transfer->fetch->plan.bytes_most)
        return too_large(transfer);
    return memfile_add(&transfer->file, bytes, size, &transfer->fault);
}

/* ---- files ---- */

static void begin_file(transfer_t *transfer)
{
    int64_t bytes = 0;
    transfer->from = source_open(transfer->fetch->rules, &transfer->source, &bytes, &transfer->fault);
    if (transfer->from >= 0 && bytes > transfer->fetch->plan.bytes_most)
        too_large(transfer);
    if (transfer->fault.code == FAULT_NONE)
        transfer_is(transfer, FILE_);
    else
        fail(transfer);
}

/* Reads one block. */
static void step_file(transfer_t *transfer)
{
    char block[BLOCK];
    ssize_t n = read(transfer->from, block, sizeof block);
    if (n < 0 && errno == EINTR)
        return;
    transfer->heard_us = transfer->fetch->now_us;
    if (n == 0) {
        succeed(transfer);
    } else if (n < 0) {
        fault_set(&transfer->fault, FAULT_INPUT, "it cannot be read: %s", strerror(errno));
        fail(transfer);
    } else if (take(transfer, block, (size_t)n) < 0) {
        fail(transfer);
    }
}

/* ---- libcurl's callbacks ---- */

/* Makes the socket for an address, where that may be connected to. */
static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    transfer_t *transfer = user;
    const void *bytes = &((struct sockaddr_in *)(void *)&address->addr)->sin_addr;
    if (address->family == AF_INET6)
        bytes = &((struct sockaddr_in6 *)(void *)&address->addr)->sin6_addr;
    if (purpose != CURLSOCKTYPE_IPCXN || !networks_allow(&transfer->fetch->networks, &address->addr)) {
        if (address->family == AF_INET || address->family == AF_INET6)
            inet_ntop(address->family, bytes, transfer->refused, sizeof transfer->refused);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
}

static size_t on_header(char *bytes, size_t one, size_t count, void *user)
{
    (void)bytes;
    transfer_t *transfer = user;
    transfer->heard_us = transfer->fetch->now_us;
    transfer->header_bytes += one * count;
    if (transfer->header_bytes <= HEADERS_MOST)
        return one * count;
    fault_set(&transfer->fault, FAULT_UNREACHABLE, "its answer has more than %d kB of headers", HEADERS_MOST / 1024);
    return 0;
}

static size_t on_body(char *bytes, size_t one, size_t count, void *user)
{
    transfer_t *transfer = user;
    size_t size = one * count;
    long status = 0;
    transfer->heard_us = transfer->fetch->now_us;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200)
        return take(transfer, bytes, size) < 0 ? 0 : size;
    transfer->discarded += size;
    return transfer->discarded > DISCARDED_MOST ? 0 : size; /* the status tells enough */
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *own)
{
    (void)easy, (void)own;
    fetch_t *fetch = user;
    size_t i = 0;
    while (i < fetch->socket_count && fetch->sockets[i].fd != socket)
        i++;
    if (what == CURL_POLL_REMOVE) {
        if (i < fetch->socket_count)
            fetch->sockets[i] = fetch->sockets[--fetch->socket_count];
        return 0;
    }
    if (i == fetch->socket_count)
        fetch->socket_count++;
    assert(fetch->socket_count <= fetch_polls(fetch));
    fetch->sockets[i] =
        (struct pollfd){socket, (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0)), 0};
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
    (void)multi;
    fetch_t *fetch = user;
    fetch->timer_us = ms < 0 ? INT64_MAX : fetch->now_us + (int64_t)ms * 1000;
    return 0;
}

/* ---- the web ---- */

static void set_options(transfer_t *transfer)
{
    const fetch_plan_t *plan = &transfer->fetch->plan;
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_CURLU, transfer->source.url);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* each redirect is checked first */
    curl_easy_setopt(easy, CURLOPT_PROXY, "");          /* whatever the environment says: a proxy hides the address */
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a slow resolver is not waited for */
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "yogi/" YOGI_VERSION);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (transfer->fetch->authorities)
        curl_easy_setopt(easy, CURLOPT_CAINFO, transfer->fetch->authorities);
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)plan->bytes_most);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 0L); /* the longest silence ends it, as everything else */
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    if (transfer->headers)
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
}

static void take_headers(transfer_t *transfer, const char *const *headers)
{
    for (; headers && *headers; headers++) {
        struct curl_slist *longer = curl_slist_append(transfer->headers, *headers);
        if (!longer)
            abort();
        transfer->headers = longer;
    }
}

static void begin_web(transfer_t *transfer)
{
    transfer->easy = curl_easy_init();
    if (!transfer->easy)
        abort();
    set_options(transfer);
    transfer->header_bytes = transfer->discarded = 0;
    if (transfer->state != WEB)
        transfer_is(transfer, WEB);
    if (curl_multi_add_handle(transfer->fetch->multi, transfer->easy) != CURLM_OK) {
        fault_set(&transfer->fault, FAULT_SYSTEM, "libcurl takes no transfer");
        fail(transfer);
    }
}

/* The answer sends to another URL. */
static void redirect(transfer_t *transfer)
{
    char *to = NULL;
    source_t next;
    curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &to);
    if (!to) {
        fault_set(&transfer->fault, FAULT_INPUT, "it redirects to nowhere");
    } else if (transfer->headers) { /* what they hold is for that server alone */
        fault_set(&transfer->fault, FAULT_INPUT, "it redirects, where it should answer itself");
    } else if (transfer->redirects++ == FETCH_REDIRECTS_MOST) {
        fault_set(&transfer->fault, FAULT_INPUT, "it redirects more than %d times", FETCH_REDIRECTS_MOST);
    } else if (source_check(transfer->fetch->rules, to, &next, &transfer->fault) < 0) {
        fault_prefix(&transfer->fault, "it redirects to");
    } else if (next.kind != SOURCE_HTTP) { /* from the web to a file of this machine */
        source_free(&next);
        fault_set(&transfer->fault, FAULT_INPUT, "it redirects to a file");
    } else {
        curl_multi_remove_handle(transfer->fetch->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
        source_free(&transfer->source);
        transfer->source = next;
        begin_web(transfer);
        return;
    }
    fail(transfer);
}

/* The fault of an answer that is no document. */
static void judge_status(transfer_t *transfer, long status)
{
    fault_t *fault = &transfer->fault;
    if (status == 401 || status == 403 || status == 410)
        fault_set(fault, FAULT_EXPIRED, "it may no longer be fetched (HTTP %ld); it needs a new URL", status);
    else if (status == 404)
        fault_set(fault, FAULT_INPUT, "it is not there (HTTP 404)");
    else if (status == 408 || status == 425 || status == 429 || status >= 500)
        fault_set(fault, FAULT_UNREACHABLE, "its server cannot serve it now (HTTP %ld)", status);
    else
        fault_set(fault, FAULT_INPUT, "its server answers HTTP %ld, not 200", status);
}

/* The fault of a transfer that libcurl gave up. */
static void judge_code(transfer_t *transfer, CURLcode code)
{
    fault_t *fault = &transfer->fault;
    if (code == CURLE_COULDNT_RESOLVE_HOST)
        fault_set(fault, FAULT_UNREACHABLE, "its host name cannot be resolved");
    else if (code == CURLE_COULDNT_CONNECT && *transfer->refused)
        fault_set(fault, FAULT_INPUT,
                  "its address %s is not public, and no network that is allowed (YOGI_SOURCE_NETWORKS)",
                  transfer->refused);
    else if (code == CURLE_COULDNT_CONNECT)
        fault_set(fault, FAULT_UNREACHABLE, "nobody listens there");
    else if (code == CURLE_FILESIZE_EXCEEDED)
        too_large(transfer);
    else if (code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING)
        fault_set(fault, FAULT_UNREACHABLE, "the connection broke off");
    else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        fault_set(fault, FAULT_UNREACHABLE, "its certificate is not trusted (YOGI_SOURCE_AUTHORITIES)");
    else
        fault_set(fault, FAULT_UNREACHABLE, "%s", curl_easy_strerror(code));
}

/* libcurl is done with a transfer. */
static void conclude(transfer_t *transfer, CURLcode code)
{
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (transfer->fault.code != FAULT_NONE) {
        fail(transfer);
    } else if (status >= 300 && status < 400 && status != 304 && (code == CURLE_OK || code == CURLE_WRITE_ERROR)) {
        redirect(transfer);
    } else if (code == CURLE_OK && status == 200) {
        succeed(transfer);
    } else {
        if (code == CURLE_OK || code == CURLE_WRITE_ERROR)
            judge_status(transfer, status);
        else
            judge_code(transfer, code);
        fail(transfer);
    }
}

static void step_web(fetch_t *fetch)
{
    int running = 0;
    if (fetch->now_us >= fetch->timer_us) {
        fetch->timer_us = INT64_MAX;
        curl_multi_socket_action(fetch->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    size_t count = fetch->socket_count; /* a copy: the callbacks change the list */
    memcpy(fetch->ready, fetch->sockets, count * sizeof *fetch->ready);
    if (count && poll(fetch->ready, count, 0) > 0)
        for (size_t i = 0; i < count; i++) {
            short is = fetch->ready[i].revents;
            int mask = (is & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) | (is & POLLOUT ? CURL_CSELECT_OUT : 0) |
                       (is & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);
            if (mask)
                curl_multi_socket_action(fetch->multi, fetch->ready[i].fd, mask, &running);
        }
    CURLMsg *message;
    for (int left; (message = curl_multi_info_read(fetch->multi, &left));) {
        transfer_t *transfer = NULL;
        CURLcode code = message->data.result;
        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer) == CURLE_OK && transfer)
            conclude(transfer, code);
    }
}

/* ---- all of them ---- */

fetch_t *fetch_new(const fetch_plan_t *plan, fault_t *fault)
{
    assert(plan->count > 0 && plan->count <= FETCH_MOST && plan->bytes_most > 0);
    fetch_t *fetch = calloc(1, sizeof *fetch);
    if (!fetch || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    fetch->plan = *plan;
    fetch->timer_us = INT64_MAX;
    fetch->transfers = calloc(plan->count, sizeof *fetch->transfers);
    fetch->sockets = calloc(fetch_polls(fetch), sizeof *fetch->sockets);
    fetch->ready = calloc(fetch_polls(fetch), sizeof *fetch->ready);
    fetch->authorities = plan->authorities && *plan->authorities ? strdup(plan->authorities) : NULL;
    fetch->multi = curl_multi_init();
    if (!fetch->transfers || !fetch->sockets || !fetch->ready || !fetch->multi)
        abort();
    for (size_t i = 0; i < plan->count; i++)
        fetch->transfers[i] = (transfer_t){.fetch = fetch, .from = -1, .fd = -1, .file = {.fd = -1}};
    fetch->counts[FREE] = plan->count;
    curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETDATA, fetch);
    curl_multi_setopt(fetch->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(fetch->multi, CURLMOPT_TIMERDATA, fetch);
    fetch->rules = source_rules_new(plan->roots, plan->endpoints, fault);
    if (!fetch->rules || networks_parse(plan->networks, &fetch->networks, fault) < 0)
        fetch_destroy(&fetch);
    return fetch;
}

void fetch_destroy(fetch_t **fetch)
{
    if (!fetch || !*fetch)
        return;
    fetch_t *self = *fetch;
    *fetch = NULL;
    for (size_t i = 0; i < self->plan.count; i++) {
        let_go(&self->transfers[i]);
        if (self->transfers[i].fd >= 0)
            close(self->transfers[i].fd);
    }
    curl_multi_cleanup(self->multi);
    source_rules_destroy(&self->rules);
    free(self->transfers);
    free(self->sockets);
    free(self->ready);
    free(self->authorities);
    free(self);
    curl_global_cleanup();
}

size_t fetch_free(const fetch_t *fetch)
{
    return fetch->counts[FREE];
}

void fetch_begin(fetch_t *fetch, const fetch_order_t *order, int64_t now_us)
{
    assert(fetch->counts[FREE] > 0);
    transfer_t *transfer = fetch->transfers;
    while (transfer->state != FREE)
        transfer++;
    *transfer = (transfer_t){.fetch = fetch,
                             .key = order->key,
                             .expected_bytes = order->bytes,
                             .from = -1,
                             .fd = -1,
                             .file = {.fd = -1},
                             .begun_us = now_us,
                             .heard_us = now_us};
    fetch->now_us = now_us;
    redact_url(order->url, transfer->shown);
    snprintf(transfer->expected, sizeof transfer->expected, "%s", order->sha256 ? order->sha256 : "");
    if (source_check(fetch->rules, order->url, &transfer->source, &transfer->fault) < 0) {
        transfer_is(transfer, ENDED); /* its sentence has the URL already */
    } else if (memfile_begin(&transfer->file, &transfer->fault) < 0) {
        fail(transfer);
    } else if (transfer->expected_bytes > fetch->plan.bytes_most) {
        too_large(transfer);
        fail(transfer);
    } else if (transfer->source.kind == SOURCE_FILE) {
        begin_file(transfer);
    } else {
        take_headers(transfer, order->headers);
        begin_web(transfer);
    }
}

bool fetch_cancel(fetch_t *fetch, uint64_t key)
{
    for (size_t i = 0; i < fetch->plan.count; i++) {
        transfer_t *transfer = &fetch->transfers[i];
        if (transfer->state == FREE || transfer->key != key)
            continue;
        let_go(transfer);
        if (transfer->fd >= 0)
            close(transfer->fd);
        transfer->fd = -1;
        transfer_is(transfer, FREE);
        return true;
    }
    return false;
}

/* Ends a transfer that takes too long; else lowers *next_us to when it would. */
static void watch(transfer_t *transfer, int64_t *next_us)
{
    const fetch_plan_t *plan = &transfer->fetch->plan;
    int64_t total_us = transfer->begun_us + plan->total_us, stall_us = transfer->heard_us + plan->stall_us;
    int64_t now_us = transfer->fetch->now_us;
    if (now_us >= total_us)
        fault_set(&transfer->fault, FAULT_TIMEOUT, "it takes longer than %lld s (YOGI_SOURCE_SECONDS)",
                  (long long)plan->total_us / 1000000);
    else if (now_us >= stall_us)
        fault_set(&transfer->fault, FAULT_TIMEOUT, "nothing came for %lld s (YOGI_SOURCE_STALL_SECONDS)",
                  (long long)plan->stall_us / 1000000);
    if (transfer->fault.code != FAULT_NONE) {
        fail(transfer);
        return;
    }
    *next_us = total_us < *next_us ? total_us : *next_us;
    *next_us = stall_us < *next_us ? stall_us : *next_us;
}

/* Hands the result of a transfer out and frees its place. */
static void tell(transfer_t *transfer, fetch_event_t *event)
{
    *event = (fetch_event_t){.key = transfer->key, .fault = transfer->fault, .fd = transfer->fd};
    if (transfer->fd >= 0) {
        event->bytes = transfer->file.bytes;
        memcpy(event->sha256, transfer->sha256, sizeof event->sha256);
    }
    transfer->fd = -1;
    transfer_is(transfer, FREE);
}

bool fetch_step(fetch_t *fetch, int64_t now_us, int64_t *next_us, fetch_event_t *event)
{
    fetch->now_us = now_us;
    if (!fetch->counts[ENDED]) {
        step_web(fetch);
        for (size_t i = 0; i < fetch->plan.count; i++) {
            transfer_t *transfer = &fetch->transfers[i];
            if (transfer->state == FILE_)
                step_file(transfer);
            if (transfer->state == FILE_ || transfer->state == WEB)
                watch(transfer, next_us);
        }
    }
    for (size_t i = 0; i < fetch->plan.count; i++)
        if (fetch->transfers[i].state == ENDED) {
            tell(&fetch->transfers[i], event);
            return true;
        }
    if (fetch->counts[FILE_])
        *next_us = now_us; /* the next block at once, after whatever else the caller does */
    *next_us = fetch->timer_us < *next_us ? fetch->timer_us : *next_us;
    return false;
}

size_t fetch_poll(const fetch_t *fetch, struct pollfd *polls)
{
    memcpy(polls, fetch->sockets, fetch->socket_count * sizeof *polls);
    return fetch->socket_count;
}

size_t fetch_polls(const fetch_t *fetch)
{
    return fetch->plan.count * FETCH_POLLS_EACH;
}
