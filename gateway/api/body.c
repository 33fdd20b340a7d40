/* body: see body.h. */
#include "body.h"

json_t *body_object(const buf_t *body, bool secret, fault_t *fault)
{
    json_error_t error;
    json_t *object = json_loadb(buf_string(body), body->size, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(object))
        return object;
    if (object)
        fault_set(fault, FAULT_INPUT, "the body is no JSON object");
    else
        fault_set(fault, FAULT_INPUT, "the body is no JSON: line %d%s%s", error.line, secret ? "" : ": ",
                  secret ? "" : error.text);
    json_decref(object);
    return NULL;
}

int body_text(const json_t *object, const char *name, size_t most, arena_t *arena, const char **text, fault_t *fault)
{
    const json_t *value = json_object_get(object, name);
    *text = NULL;
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_string(value))
        return fault_set(fault, FAULT_INPUT, "%s is a text or null", name);
    if (json_string_length(value) > most)
        return fault_set(fault, FAULT_INPUT, "%s has more than %zu bytes", name, most);
    *text = arena_text(arena, json_string_value(value));
    return 0;
}
