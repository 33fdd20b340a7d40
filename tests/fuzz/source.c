/* Whatever is handed in as a URL: it is refused, or it leads where the rules allow; and what is written down of it is
 * short, clean, and without its secrets. */
#include "proto/fetch/source.h"
#include "proto/base/text.h"
#include "proto/redact.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check_allowed(const source_rules_t *rules, source_t *source)
{
    char *host = NULL, *user = NULL;
    int64_t bytes = 0;
    fault_t fault = {0};
    if (source->kind == SOURCE_FILE) {
        int fd = source_open(rules, source, &bytes, &fault);
        if (strncmp(source->path, "/usr/share/zoneinfo/", 20) != 0 || (fd < 0) != (fault.code != FAULT_NONE))
            abort();
        if (fd >= 0)
            close(fd);
        return;
    }
    if (curl_url_get(source->url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(source->url, CURLUPART_USER, &user, 0) == CURLUE_OK ||
        (strcasecmp(host, "a.example") != 0 && strcmp(host, "127.0.0.1") != 0))
        abort();
    curl_free(host);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fault_t fault = {0};
    source_t source;
    char shown[REDACT_BYTES];
    char *url = malloc(size + 1);
    source_rules_t *rules = source_rules_new("/usr/share/zoneinfo", "https://a.example http://127.0.0.1:9000", &fault);
    if (!url || !rules)
        abort();
    memcpy(url, bytes, size);
    url[size] = 0;
    if (source_check(rules, url, &source, &fault) == 0) {
        check_allowed(rules, &source);
        source_free(&source);
    } else if (fault.code != FAULT_INPUT) {
        abort();
    }
    redact_url(url, shown);
    if (!text_valid(shown, strlen(shown)) || strpbrk(shown, "\n\r\t\x1b"))
        abort();
    const char *host = strncmp(shown, "http", 4) == 0 ? strstr(shown, "://") : NULL,
               *path = host ? strchr(host + 3, '/') : NULL;
    if (host && (strpbrk(host, "#@") || (path && strcmp(path, "/…") != 0)))
        abort();
    source_rules_destroy(&rules);
    free(url);
    return 0;
}
