/* source: see source.h. */
#include "source.h"
#include "proto/redact.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* Scheme, host and port of an endpoint. */
typedef struct {
    char *scheme, *host, *port; /* libcurl's to free */
} endpoint_t;

struct source_rules {
    char *roots[SOURCE_ROOTS_MOST]; /* without a slash at the end; "" is the root of all */
    size_t root_count;
    endpoint_t endpoints[SOURCE_ENDPOINTS_MOST];
    size_t endpoint_count;
};

/* ---- parts of a URL ---- */

static void endpoint_free(endpoint_t *endpoint)
{
    curl_free(endpoint->scheme);
    curl_free(endpoint->host);
    curl_free(endpoint->port);
    *endpoint = (endpoint_t){0};
}

/* Takes scheme, host and port out of a URL. -1 where one is missing. */
static int endpoint_of(CURLU *url, endpoint_t *endpoint)
{
    *endpoint = (endpoint_t){0};
    if (curl_url_get(url, CURLUPART_SCHEME, &endpoint->scheme, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &endpoint->host, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_PORT, &endpoint->port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        return 0;
    endpoint_free(endpoint);
    return -1;
}

static bool is_same(const endpoint_t *a, const endpoint_t *b)
{
    return strcasecmp(a->scheme, b->scheme) == 0 && strcasecmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
}

static bool is_web(const char *scheme)
{
    return strcasecmp(scheme, "http") == 0 || strcasecmp(scheme, "https") == 0;
}

/* Whether the part of the URL is there and not empty. */
static bool has(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool found = curl_url_get(url, part, &text, 0) == CURLUE_OK && text && *text;
    curl_free(text);
    return found;
}

/* ---- the rules ---- */

static int add_root(source_rules_t *rules, const char *path, size_t length, fault_t *fault)
{
    struct stat status;
    if (rules->root_count == SOURCE_ROOTS_MOST)
        return fault_set(fault, FAULT_SETTING, "there are more than %d folders", SOURCE_ROOTS_MOST);
    char *root = strndup(path, length);
    if (!root)
        abort();
    rules->roots[rules->root_count++] = root;
    if (*root != '/')
        return fault_set(fault, FAULT_SETTING, "\"%.200s\" is not an absolute path", root);
    if (stat(root, &status) < 0 || !S_ISDIR(status.st_mode))
        return fault_set(fault, FAULT_SETTING, "%.200s is not a folder: %s", root,
                         errno ? strerror(errno) : "it is a file");
    while (length && root[length - 1] == '/')
        root[--length] = 0;
    return 0;
}

static int add_endpoint(source_rules_t *rules, const char *text, size_t length, fault_t *fault)
{
    if (rules->endpoint_count == SOURCE_ENDPOINTS_MOST)
        return fault_set(fault, FAULT_SETTING, "there are more than %d endpoints", SOURCE_ENDPOINTS_MOST);
    char *copy = strndup(text, length);
    CURLU *url = curl_url();
    endpoint_t endpoint = {0};
    int status = -1;
    if (!copy || !url)
        abort();
    char *path = NULL;
    if (curl_url_set(url, CURLUPART_URL, copy, 0) == CURLUE_OK && endpoint_of(url, &endpoint) == 0 &&
        is_web(endpoint.scheme) && !has(url, CURLUPART_USER) && !has(url, CURLUPART_QUERY) &&
        curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK && strcmp(path, "/") == 0) {
        rules->endpoints[rules->endpoint_count++] = endpoint;
        status = 0;
    } else {
        endpoint_free(&endpoint);
        char shown[REDACT_BYTES];
        fault_set(fault, FAULT_SETTING, "%.200s is not an endpoint; write it as https://host or http://host:9000",
                  redact_url(copy, shown));
    }
    curl_free(path);
    curl_url_cleanup(url);
    free(copy);
    return status;
}

typedef int add_fn(source_rules_t *rules, const char *text, size_t length, fault_t *fault);

/* Calls add for each item of a list. */
static int add_all(source_rules_t *rules, const char *list, const char *between, add_fn *add, fault_t *fault)
{
    for (const char *at = list ? list : ""; *(at += strspn(at, between));) {
        size_t length = strcspn(at, between);
        errno = 0;
        if (add(rules, at, length, fault) < 0)
            return -1;
        at += length;
    }
    return 0;
}

source_rules_t *source_rules_new(const char *roots, const char *endpoints, fault_t *fault)
{
    source_rules_t *rules = calloc(1, sizeof *rules);
    if (!rules)
        abort();
    if (add_all(rules, roots, ":", add_root, fault) < 0 || add_all(rules, endpoints, ", \t\n", add_endpoint, fault) < 0)
        source_rules_destroy(&rules);
    return rules;
}

void source_rules_destroy(source_rules_t **rules)
{
    if (!rules || !*rules)
        return;
    for (size_t i = 0; i < (*rules)->root_count; i++)
        free((*rules)->roots[i]);
    for (size_t i = 0; i < (*rules)->endpoint_count; i++)
        endpoint_free(&(*rules)->endpoints[i]);
    free(*rules);
    *rules = NULL;
}

/* ---- a URL against the rules ---- */

/* The root that the path is below, or NULL. */
static const char *root_of(const source_rules_t *rules, const char *path)
{
    for (size_t i = 0; i < rules->root_count; i++) {
        size_t length = strlen(rules->roots[i]);
        if (strncmp(path, rules->roots[i], length) == 0 && path[length] == '/')
            return rules->roots[i];
    }
    return NULL;
}

static int check_file(const source_rules_t *rules, CURLU *url, source_t *source, fault_t *fault)
{
    char *path = NULL;
    if (curl_url_get(url, CURLUPART_PATH, &path, CURLU_URLDECODE) != CURLUE_OK)
        return fault_set(fault, FAULT_INPUT, "its path is not one");
    source->kind = SOURCE_FILE;
    source->path = path;
    if (!root_of(rules, path))
        return fault_set(fault, FAULT_INPUT, "it is not below a folder that may be read (YOGI_SOURCE_ROOTS)");
    return 0;
}

static int check_web(const source_rules_t *rules, CURLU *url, fault_t *fault)
{
    endpoint_t endpoint;
    bool found = false;
    if (has(url, CURLUPART_USER) || has(url, CURLUPART_PASSWORD))
        return fault_set(fault, FAULT_INPUT, "it carries a user or a password, which is not allowed");
    if (endpoint_of(url, &endpoint) < 0)
        return fault_set(fault, FAULT_INPUT, "it names no host");
    for (size_t i = 0; i < rules->endpoint_count && !found; i++)
        found = is_same(&endpoint, &rules->endpoints[i]);
    endpoint_free(&endpoint);
    return found ? 0
                 : fault_set(fault, FAULT_INPUT,
                             "its endpoint is not one that may be fetched from (YOGI_SOURCE_ENDPOINTS)");
}

int source_check(const source_rules_t *rules, const char *url, source_t *source, fault_t *fault)
{
    char shown[REDACT_BYTES], *scheme = NULL;
    int status;
    *source = (source_t){.kind = SOURCE_HTTP, .url = curl_url()};
    if (!source->url)
        abort();
    if (strlen(url) > SOURCE_URL_MOST)
        status = fault_set(fault, FAULT_INPUT, "it is longer than %d bytes", SOURCE_URL_MOST);
    else if (curl_url_set(source->url, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
             curl_url_get(source->url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
        status = fault_set(fault, FAULT_INPUT, "it is not a URL");
    else if (strcasecmp(scheme, "file") == 0)
        status = check_file(rules, source->url, source, fault);
    else if (is_web(scheme))
        status = check_web(rules, source->url, fault);
    else
        status = fault_set(fault, FAULT_INPUT, "only file, http and https are fetched");
    curl_free(scheme);
    if (status < 0) {
        fault_prefix(fault, redact_url(url, shown));
        source_free(source);
    }
    return status;
}

void source_free(source_t *source)
{
    if (source->url)
        curl_url_cleanup(source->url);
    curl_free(source->path);
    *source = (source_t){0};
}

/* ---- a file ---- */

/* Opens the next part of a path below folder (taken). Its descriptor, or -1. */
static int enter(int folder, const char *name, bool last)
{
    int flags = last ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY;
    int fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
    int cause = errno;
    close(folder);
    errno = cause;
    return fd;
}

/* Walks from the root along the parts of the path. A descriptor, or -1 with errno. */
static int walk(const char *root, const char *below)
{
    int fd = open(*root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char name[NAME_MAX + 1];
    while (fd >= 0 && *(below += strspn(below, "/"))) {
        size_t length = strcspn(below, "/");
        bool last = below[length] == 0;
        snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : 0, below);
        if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
            close(fd);
            errno = EINVAL;
            return -1;
        }
        fd = enter(fd, name, last);
        below += length;
    }
    return fd;
}

int source_open(const source_rules_t *rules, const source_t *source, int64_t *bytes, fault_t *fault)
{
    const char *root = root_of(rules, source->path);
    struct stat status;
    int fd = root ? walk(root, source->path + strlen(root)) : -1;
    if (fd < 0)
        return fault_set(fault, FAULT_INPUT, "%s",
                         errno == ENOENT    ? "there is no such file"
                         : errno == ELOOP   ? "a symbolic link in its path is not followed"
                         : errno == ENOTDIR ? "a part of its path is no folder (or a symbolic link)"
                         : errno == EACCES  ? "this process may not read it"
                         : errno == EINVAL  ? "its path goes through . or .."
                                            : strerror(errno));
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return fault_set(fault, FAULT_INPUT, "it is not an ordinary file");
    }
    *bytes = status.st_size;
    return fd;
}
