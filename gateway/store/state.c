/* state: see state.h. */
#include "state.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

typedef struct {
    const char *name;
    bool begin, end;
    const char *before; /* where one may come from */
} row_t;

static const row_t rows[STATE_COUNT] = {
    [STATE_UPLOADED] = {"uploaded", true, false,
                        "uploaded,processing,processing_ai,completed,needs_review,validation_failed,failed,cancelled"},
    [STATE_PROCESSING] = {"processing", false, false, "uploaded"},
    [STATE_PROCESSING_AI] = {"processing_ai", false, false, ""},
    [STATE_COMPLETED] = {"completed", true, true, "uploaded,processing,processing_ai,needs_review,validation_failed"},
    [STATE_NEEDS_REVIEW] = {"needs_review", true, true, "uploaded,processing,processing_ai"},
    [STATE_VALIDATION_FAILED] = {"validation_failed", false, true, ""},
    [STATE_FAILED] = {"failed", false, true, "uploaded,processing,processing_ai"},
    [STATE_CANCELLED] = {"cancelled", false, true, "uploaded,processing,processing_ai"},
};

static const row_t *row_of(state_t state)
{
    assert((unsigned)state < STATE_COUNT);
    return &rows[state];
}

const char *state_name(state_t state)
{
    return row_of(state)->name;
}

bool state_parse(const char *name, state_t *state)
{
    for (int i = 0; name && i < STATE_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0) {
            *state = (state_t)i;
            return true;
        }
    return false;
}

bool state_may(state_t from, state_t to)
{
    const char *name = state_name(from);
    size_t size = strlen(name);
    for (const char *at = state_before(to); *at;) {
        size_t length = strcspn(at, ",");
        if (length == size && strncmp(at, name, size) == 0)
            return true;
        at += length + (at[length] == ',');
    }
    return false;
}

bool state_is_begin(state_t state)
{
    return row_of(state)->begin;
}

bool state_is_end(state_t state)
{
    return row_of(state)->end;
}

const char *state_before(state_t to)
{
    return row_of(to)->before;
}
