/* redact: a URL as it may be written down. A presigned one lets its holder fetch what it names, and its user part may
 * be a password: only scheme, host and port of it get into logs, messages and errors. Pure; bounded; neuters. */
#ifndef YOGI_REDACT_H
#define YOGI_REDACT_H

/* Bytes of the longest, with the closing zero: a host name has 253. */
enum { REDACT_BYTES = 300 };

/* Writes "https://host:9000/…" for http and https, "file:///path" as it is (shortened), "scheme:…" for all others, and
 * "a text that is no URL" for what has no scheme. Returns out. */
const char *redact_url(const char *url, char out[REDACT_BYTES]);

#endif
