/* json: structs to JSON, from their schema, with the same names as on the wire. The only room that writes JSON by hand
 * of a schema; numbers are written shortest (confidences to 4 digits), texts neutered of nothing but escaped.
 */
#ifndef YOGI_JSON_H
#define YOGI_JSON_H

#include "base/buf.h"
#include "schema.h"

/* Which fields to leave out, by name, anywhere in the tree: NULL-ended list, or NULL for none. */
typedef const char *const *json_omit_t;

/* Appends the struct as a JSON object. indent 0 = one line. */
void json_write(const schema_t *schema, const void *object, json_omit_t omit, int indent, buf_t *out);

/* Appends a list of structs as a JSON array. */
void json_write_list(const schema_t *schema, const list_t *list, json_omit_t omit, int indent, buf_t *out);

/* Appends a text as a JSON string with its quotes. Malformed UTF-8 becomes U+FFFD. */
void json_text(const char *text, buf_t *out);

#endif
