/* source: a URL that somebody handed in, held against what an operator has allowed: files below listed folders, and
 * http(s) endpoints of a list.
 *
 * The same parser (libcurl's) reads the list, the URL and what is connected to, so that they cannot be understood in
 * two ways. A path below a folder is walked part by part and no symbolic link in it is followed.
 */
#ifndef YOGI_FETCH_SOURCE_H
#define YOGI_FETCH_SOURCE_H

#include "proto/base/fault.h"

#include <curl/curl.h>
#include <stdint.h>

typedef struct source_rules source_rules_t;

/* Folders and endpoints that may be listed; bytes of a URL (a presigned one has about 1,000). */
enum { SOURCE_ROOTS_MOST = 16, SOURCE_ENDPOINTS_MOST = 64, SOURCE_URL_MOST = 8192 };

typedef enum { SOURCE_FILE, SOURCE_HTTP } source_kind_t;

/* An allowed one; free it with source_free. */
typedef struct {
    source_kind_t kind;
    CURLU *url; /* HTTP: to connect to */
    char *path; /* FILE: below a root, decoded */
} source_t;

/* The rules of "/a:/b" (absolute folders that exist) and "https://a.example, http://b:9000"; NULL or "" allows none.
 * NULL with the fault where a list is wrong. */
source_rules_t *source_rules_new(const char *roots, const char *endpoints, fault_t *fault);
void source_rules_destroy(source_rules_t **rules);

/* Whether the URL is allowed: 0 and *source is filled, or -1 with the fault, whose sentence holds the URL redacted. */
int source_check(const source_rules_t *rules, const char *url, source_t *source, fault_t *fault)
    __attribute__((warn_unused_result));

void source_free(source_t *source);

/* Opens the file of a source: its descriptor and size, or -1 with the fault. */
int source_open(const source_rules_t *rules, const source_t *source, int64_t *bytes, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
