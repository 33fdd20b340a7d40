/* pack: structs to msgpack and back, from their schema. The only room that touches msgpack.
 * Source: the msgpack specification, https://github.com/msgpack/msgpack/blob/master/spec.md
 */
#ifndef YOGI_PACK_H
#define YOGI_PACK_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/fault.h"
#include "schema.h"

/* Appends the struct as one msgpack map, fields in the schema's order, then the extras. */
void pack_encode(const schema_t *schema, const void *object, buf_t *out);

/* Fills the (zeroed) struct from exactly size bytes. Types and ranges are checked, texts copied into the arena, unknown
 * keys kept as extras. On -1 the fault names the field and the struct is not to be used. */
int pack_decode(const schema_t *schema, const void *bytes, size_t size, arena_t *arena, void *object, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
