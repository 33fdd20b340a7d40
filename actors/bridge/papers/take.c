/* take: see take.h. JSON becomes msgpack of the fields that the schema has, and that is decoded by the schema. */
#include "take.h"

#include "actors/bridge/packing.h"
#include "data.h"
#include "proto/pack.h"

#include <math.h>
#include <string.h>

/* Reals up to here are whole numbers without a doubt. */
static const double WHOLE_MOST = 9007199254740992.0;

json_t *take_text(const char *text, size_t size, const char *what, fault_t *fault)
{
    json_error_t error;
    json_t *json = data_load(text, size, 0, &error);
    if (json && json_is_object(json))
        return json;
    if (json)
        fault_set(fault, FAULT_INPUT, "%s is no JSON object", what);
    else
        fault_set(fault, FAULT_INPUT, "%s is no JSON: %s (byte %d)", what, error.text, error.position);
    json_decref(json);
    return NULL;
}

/* What is no scalar is packed as something that no scalar field takes. */
static void put_scalar(const json_t *json, bool whole, buf_t *out)
{
    double real;
    switch (json_typeof(json)) {
    case JSON_STRING:
        packing_text(out, json_string_value(json), json_string_length(json));
        break;
    case JSON_INTEGER:
        packing_int(out, json_integer_value(json));
        break;
    case JSON_REAL:
        real = json_real_value(json);
        if (whole && fabs(real) < WHOLE_MOST && floor(real) == real)
            packing_int(out, (int64_t)real);
        else
            packing_real(out, real);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        packing_bool(out, json_is_true(json));
        break;
    case JSON_OBJECT:
        packing_map(out, 0);
        break;
    case JSON_ARRAY:
        packing_array(out, 0);
        break;
    case JSON_NULL:
        packing_nil(out);
        break;
    }
}

static void put_object(const schema_t *schema, const json_t *json, buf_t *out);

static void put_list(const field_t *field, const json_t *json, buf_t *out)
{
    size_t count = json_array_size(json);
    packing_array(out, count);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(json, i);
        if (field->kind == FIELD_LIST && json_is_object(item))
            put_object(field->schema, item, out);
        else
            put_scalar(item, false, out);
    }
}

static void put_field(const field_t *field, const json_t *json, buf_t *out)
{
    bool lists = field->kind == FIELD_LIST || field->kind == FIELD_TEXTS || field->kind == FIELD_REALS;
    if (lists && json_is_array(json))
        put_list(field, json, out);
    else if (lists) /* an object must not pass for an empty list */
        packing_bool(out, false);
    else if (field->kind == FIELD_STRUCT && json_is_object(json))
        put_object(field->schema, json, out);
    else if (field->kind == FIELD_STRUCT)
        packing_bool(out, false);
    else
        put_scalar(json, field->kind != FIELD_REAL, out);
}

/* null stands for a field that is not there. */
static const json_t *value_of(const field_t *field, const json_t *json)
{
    const json_t *value = json_object_get(json, field->name);
    return json_is_null(value) ? NULL : value;
}

static void put_object(const schema_t *schema, const json_t *json, buf_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < schema->count; i++)
        count += value_of(&schema->fields[i], json) != NULL;
    packing_map(out, count);
    for (size_t i = 0; i < schema->count; i++) {
        const json_t *value = value_of(&schema->fields[i], json);
        if (!value)
            continue;
        packing_name(out, schema->fields[i].name);
        put_field(&schema->fields[i], value, out);
    }
}

static int decode(const schema_t *schema, const buf_t *packed, arena_t *arena, void *object, fault_t *fault)
{
    static const char prefix[] = "malformed message: ";
    fault_t wrong = {0};
    if (pack_decode(schema, packed->bytes, packed->size, arena, object, &wrong) == 0)
        return 0;
    bool known = strncmp(wrong.text, prefix, sizeof prefix - 1) == 0;
    return fault_set(fault, FAULT_INPUT, "%s", wrong.text + (known ? sizeof prefix - 1 : 0));
}

int take_object(const schema_t *schema, const json_t *json, arena_t *arena, void *object, fault_t *fault)
{
    buf_t packed = {0};
    put_object(schema, json, &packed);
    int taken = decode(schema, &packed, arena, object, fault);
    buf_free(&packed);
    return taken;
}

int take_check(const schema_t *schema, const void *object, fault_t *fault)
{
    buf_t packed = {0};
    arena_t *arena = arena_new();
    pack_encode(schema, object, &packed);
    int checked = decode(schema, &packed, arena, arena_array(arena, 1, schema->size), fault);
    arena_destroy(&arena);
    buf_free(&packed);
    return checked;
}
