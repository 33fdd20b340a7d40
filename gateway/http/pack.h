/* pack: whether an answer goes out packed by gzip, and the packing. Sources: RFC 9110 12.5.3 (Accept-Encoding), RFC
 * 1952. */
#ifndef YOGI_HTTP_PACK_H
#define YOGI_HTTP_PACK_H

#include "proto/base/buf.h"

#include <stdbool.h>

/* Whether a peer with this header Accept-Encoding (NULL = none) takes gzip. */
bool pack_is_taken(const char *accept);

/* Whether packing this kind of answer of so many bytes pays: text of more than a packet. */
bool pack_pays(const char *media, size_t size);

/* Appends the bytes packed. false where there is no memory; then nothing was appended. */
bool pack_gzip(const void *bytes, size_t size, buf_t *out);

#endif
