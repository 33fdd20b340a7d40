/* redact: see redact.h. */
#include "redact.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Length of a scheme by RFC 3986 section 3.1 at the beginning of url; 0 when there is none. */
static size_t scheme_length(const char *url)
{
    size_t length = 0;
    if (!isalpha((unsigned char)url[0]))
        return 0;
    while (url[length] && (isalnum((unsigned char)url[length]) || strchr("+-.", url[length])))
        length++;
    return url[length] == ':' && length < 20 ? length : 0;
}

static int is_scheme(const char *url, size_t length, const char *scheme)
{
    return length == strlen(scheme) && strncasecmp(url, scheme, length) == 0;
}

const char *redact_url(const char *url, char out[REDACT_BYTES])
{
    size_t scheme = scheme_length(url);
    const char *rest = url + scheme + 1;
    if (!scheme) {
        snprintf(out, REDACT_BYTES, "a text that is no URL");
    } else if (is_scheme(url, scheme, "file")) {
        snprintf(out, REDACT_BYTES, "%.200s", url);
    } else if ((is_scheme(url, scheme, "http") || is_scheme(url, scheme, "https")) && strncmp(rest, "//", 2) == 0) {
        size_t length = strcspn(rest + 2, "/?#\\");
        const char *host = rest + 2;
        for (size_t i = 0; i < length; i++) /* whatever stands before the last @ may be a password */
            if (rest[2 + i] == '@')
                host = rest + 2 + i + 1;
        length -= (size_t)(host - (rest + 2));
        snprintf(out, REDACT_BYTES, "%.*s://%.*s%s", (int)scheme, url, length < 260 ? (int)length : 260, host,
                 host[length] ? "/…" : "");
    } else {
        snprintf(out, REDACT_BYTES, "%.*s:…", (int)scheme, url);
    }
    text_neuter(out);
    return out;
}
