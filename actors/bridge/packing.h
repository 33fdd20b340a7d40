/* packing: the small msgpack that scripts take as arguments, appended to a buffer: maps and arrays of texts, numbers,
 * flags. Texts are str, never bin, which the unpacker inside Redis refuses. Pure.
 */
#ifndef YOGI_BRIDGE_PACKING_H
#define YOGI_BRIDGE_PACKING_H

#include "proto/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void packing_map(buf_t *out, size_t pairs);
void packing_array(buf_t *out, size_t items);
void packing_text(buf_t *out, const void *bytes, size_t size);
void packing_name(buf_t *out, const char *name); /* a closed text */
void packing_int(buf_t *out, int64_t number);
void packing_real(buf_t *out, double number);
void packing_bool(buf_t *out, bool flag);
void packing_nil(buf_t *out);

#endif
