/* pack: see pack.h. Writing is msgpack-c's packer. Reading is a cursor of our own (cursor.h), because msgpack-c's
 * unpacker reserves memory for whatever count a header claims; here nothing is reserved that the bytes at hand could
 * not fill.
 */
#include "pack.h"

#include "base/text.h"
#include "cursor.h"

#include <math.h>
#include <msgpack.h>
#include <string.h>

/* ---- writing ---- */

static int write_bytes(void *data, const char *bytes, size_t size)
{
    buf_add(data, bytes, size);
    return 0;
}

static void put_text(msgpack_packer *packer, const char *text)
{
    if (!text) {
        msgpack_pack_nil(packer);
        return;
    }
    size_t size = strlen(text);
    msgpack_pack_str(packer, size);
    msgpack_pack_str_body(packer, text, size);
}

static bool is_empty(const field_t *field, const void *place)
{
    switch (field->kind) {
    case FIELD_BOOL:
        return !*(const bool *)place;
    case FIELD_INT:
        return *(const int64_t *)place == 0;
    case FIELD_INT32:
        return *(const int32_t *)place == 0;
    case FIELD_REAL:
        return *(const double *)place == 0;
    case FIELD_TEXT:
        return *(const char *const *)place == NULL;
    case FIELD_TEXTS:
        return ((const texts_t *)place)->count == 0;
    case FIELD_REALS:
        return ((const reals_t *)place)->count == 0;
    case FIELD_LIST:
        return ((const list_t *)place)->count == 0;
    case FIELD_STRUCT:
        return false;
    }
    return false;
}

static void put_struct(msgpack_packer *packer, const schema_t *schema, const void *object);

static void put_field(msgpack_packer *packer, const field_t *field, const void *place)
{
    switch (field->kind) {
    case FIELD_BOOL:
        *(const bool *)place ? msgpack_pack_true(packer) : msgpack_pack_false(packer);
        break;
    case FIELD_INT:
        msgpack_pack_int64(packer, *(const int64_t *)place);
        break;
    case FIELD_INT32:
        msgpack_pack_int32(packer, *(const int32_t *)place);
        break;
    case FIELD_REAL:
        msgpack_pack_double(packer, *(const double *)place);
        break;
    case FIELD_TEXT:
        put_text(packer, *(const char *const *)place);
        break;
    case FIELD_TEXTS: {
        const texts_t *texts = place;
        msgpack_pack_array(packer, texts->count);
        for (size_t i = 0; i < texts->count; i++)
            put_text(packer, texts->items[i]);
        break;
    }
    case FIELD_REALS: {
        const reals_t *reals = place;
        msgpack_pack_array(packer, reals->count);
        for (size_t i = 0; i < reals->count; i++)
            msgpack_pack_double(packer, reals->items[i]);
        break;
    }
    case FIELD_STRUCT:
        put_struct(packer, field->schema, place);
        break;
    case FIELD_LIST: {
        const list_t *list = place;
        msgpack_pack_array(packer, list->count);
        for (size_t i = 0; i < list->count; i++)
            put_struct(packer, field->schema, (const char *)list->items + i * field->schema->size);
        break;
    }
    }
}

static void put_struct(msgpack_packer *packer, const schema_t *schema, const void *object)
{
    const extras_t *extras = object;
    size_t count = extras->count;
    for (size_t i = 0; i < schema->count; i++) {
        const field_t *field = &schema->fields[i];
        count += !((field->flags & FIELD_OMIT_EMPTY) && is_empty(field, (const char *)object + field->offset));
    }
    msgpack_pack_map(packer, count);
    for (size_t i = 0; i < schema->count; i++) {
        const field_t *field = &schema->fields[i];
        const void *place = (const char *)object + field->offset;
        if ((field->flags & FIELD_OMIT_EMPTY) && is_empty(field, place))
            continue;
        put_text(packer, field->name);
        put_field(packer, field, place);
    }
    if (extras->size)
        packer->callback(packer->data, extras->bytes, extras->size);
}

void pack_encode(const schema_t *schema, const void *object, buf_t *out)
{
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, write_bytes);
    put_struct(&packer, schema, object);
}

/* ---- reading ---- */

typedef struct {
    cursor_t from;  /* what is left */
    arena_t *arena; /* for texts and lists */
    fault_t *fault; /* filled on the first error */
} reader_t;

static int bad(reader_t *reader, const char *what, const char *where)
{
    return fault_set(reader->fault, FAULT_MESSAGE, "malformed message: %s%s%s", what, where ? " in " : "",
                     where ? where : "");
}

static int read_head(reader_t *reader, head_t *head)
{
    const char *wrong = cursor_read(&reader->from, head);
    return wrong ? bad(reader, wrong, NULL) : 0;
}

static int skip_value(reader_t *reader)
{
    const char *wrong = cursor_skip(&reader->from);
    return wrong ? bad(reader, wrong, NULL) : 0;
}

static int read_text(reader_t *reader, const head_t *head, const char *where, double most, const char **text)
{
    if (head->kind != KIND_TEXT)
        return bad(reader, "not a text", where);
    if (most > 0 && head->count > most)
        return bad(reader, "text too long", where);
    if (!text_valid(head->bytes, head->count))
        return bad(reader, "not UTF-8", where);
    *text = arena_text_n(reader->arena, head->bytes, head->count);
    return 0;
}

static int read_number(reader_t *reader, const head_t *head, const field_t *field, double *number)
{
    if (head->kind == KIND_INT)
        *number = (double)head->integer;
    else if (head->kind == KIND_REAL && field->kind == FIELD_REAL)
        *number = head->real;
    else
        return bad(reader, "not a number", field->name);
    bool ranged = field->least != 0 || field->most != 0;
    if (!isfinite(*number) || (ranged && (*number < field->least || *number > field->most)))
        return bad(reader, "number out of range", field->name);
    return 0;
}

static int read_struct(reader_t *reader, const head_t *head, const schema_t *schema, void *object);

static int read_list(reader_t *reader, const head_t *head, const field_t *field, void *place)
{
    if (head->kind != KIND_ARRAY)
        return bad(reader, "not a list", field->name);
    if (field->most > 0 && head->count > field->most)
        return bad(reader, "list too long", field->name);
    if (head->count == 0)
        return 0;
    size_t size = field->kind == FIELD_LIST    ? field->schema->size
                  : field->kind == FIELD_TEXTS ? sizeof(char *)
                                               : sizeof(double);
    size_t room = 1;
    while (room < head->count)
        room *= 2; /* as list_push leaves it, so that a stage can go on adding */
    char *items = arena_array(reader->arena, room, size);
    for (uint32_t i = 0; i < head->count; i++) {
        head_t item;
        void *to = items + i * size;
        if (read_head(reader, &item) < 0)
            return -1;
        int result = field->kind == FIELD_LIST    ? read_struct(reader, &item, field->schema, to)
                     : field->kind == FIELD_TEXTS ? read_text(reader, &item, field->name, 0, to)
                                                  : 0;
        if (field->kind == FIELD_REALS) {
            field_t real = {field->name, FIELD_REAL, 0, NULL, 0, 0, 0};
            result = read_number(reader, &item, &real, to);
        }
        if (result < 0)
            return -1;
    }
    list_t list = {items, head->count}; /* texts_t and reals_t have the same shape */
    _Static_assert(sizeof(list_t) == sizeof(texts_t) && sizeof(list_t) == sizeof(reals_t), "one shape of list");
    memcpy(place, &list, sizeof list);
    return 0;
}

static int read_field(reader_t *reader, const field_t *field, void *place)
{
    head_t head;
    double number = 0;
    if (read_head(reader, &head) < 0)
        return -1;
    if (head.kind == KIND_NIL)
        return field->flags & FIELD_REQUIRED ? bad(reader, "null", field->name) : 0;
    switch (field->kind) {
    case FIELD_BOOL:
        if (head.kind != KIND_BOOL)
            return bad(reader, "not true or false", field->name);
        *(bool *)place = head.integer != 0;
        return 0;
    case FIELD_INT:
        if (read_number(reader, &head, field, &number) < 0)
            return -1;
        *(int64_t *)place = head.integer;
        return 0;
    case FIELD_INT32:
        if (read_number(reader, &head, field, &number) < 0)
            return -1;
        if (number < INT32_MIN || number > INT32_MAX)
            return bad(reader, "number out of range", field->name);
        *(int32_t *)place = (int32_t)number;
        return 0;
    case FIELD_REAL:
        return read_number(reader, &head, field, place);
    case FIELD_TEXT: {
        const char *text;
        if (read_text(reader, &head, field->name, field->most, &text) < 0)
            return -1;
        if (text_length(text) < field->least)
            return bad(reader, "text too short", field->name);
        *(const char **)place = text;
        return 0;
    }
    case FIELD_STRUCT:
        return read_struct(reader, &head, field->schema, place);
    case FIELD_TEXTS:
    case FIELD_REALS:
    case FIELD_LIST:
        return read_list(reader, &head, field, place);
    }
    return -1;
}

static const field_t *find_field(const schema_t *schema, const head_t *key, size_t *hint)
{
    for (size_t n = 0; n < schema->count; n++) { /* keys mostly come in the schema's order */
        size_t i = (*hint + n) % schema->count;
        const field_t *field = &schema->fields[i];
        if (strlen(field->name) == key->count && memcmp(field->name, key->bytes, key->count) == 0) {
            *hint = i + 1;
            return field;
        }
    }
    return NULL;
}

static int read_struct(reader_t *reader, const head_t *head, const schema_t *schema, void *object)
{
    if (head->kind != KIND_MAP)
        return bad(reader, "not a map", schema->name);
    if (schema->count > 64)
        return bad(reader, "type too large", schema->name);
    uint64_t seen = 0;
    size_t hint = 0;
    buf_t extra = {0};
    extras_t *extras = object;
    int result = -1;
    for (uint32_t i = 0; i < head->count; i++) {
        head_t key;
        const uint8_t *start = reader->from.at;
        if (read_head(reader, &key) < 0)
            goto done;
        if (key.kind != KIND_TEXT) {
            bad(reader, "a key that is not a text", schema->name);
            goto done;
        }
        const field_t *field = find_field(schema, &key, &hint);
        if (!field) {
            if (skip_value(reader) < 0)
                goto done;
            if (schema->forgets)
                continue;
            buf_add(&extra, start, (size_t)(reader->from.at - start));
            extras->count++;
            continue;
        }
        uint64_t bit = 1ull << (field - schema->fields);
        if (seen & bit) {
            bad(reader, "a key twice", field->name);
            goto done;
        }
        seen |= bit;
        if (read_field(reader, field, (char *)object + field->offset) < 0)
            goto done;
    }
    for (size_t i = 0; i < schema->count; i++)
        if ((schema->fields[i].flags & FIELD_REQUIRED) && !(seen >> i & 1)) {
            bad(reader, "a key is missing", schema->fields[i].name);
            goto done;
        }
    if (extra.size) {
        extras->bytes = arena_text_n(reader->arena, extra.bytes, extra.size);
        extras->size = (uint32_t)extra.size;
    }
    result = 0;
done:
    buf_free(&extra);
    return result;
}

int pack_decode(const schema_t *schema, const void *bytes, size_t size, arena_t *arena, void *object, fault_t *fault)
{
    if (size > UINT32_MAX)
        return fault_set(fault, FAULT_MESSAGE, "malformed message: over 4 GiB");
    reader_t reader = {{bytes, (const uint8_t *)bytes + size}, arena, fault};
    head_t head;
    if (read_head(&reader, &head) < 0 || read_struct(&reader, &head, schema, object) < 0)
        return -1;
    if (reader.from.at != reader.from.end)
        return bad(&reader, "bytes left over", schema->name);
    return 0;
}
