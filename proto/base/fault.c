/* fault: see fault.h. */
#include "fault.h"
#include "text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name;    /* on the wire and in JSON */
    fault_class_t class; /* how to act */
    int exit;            /* exit code of `yogi` */
    const char *text;    /* short text */
} fault_row_t;

static const fault_row_t rows[FAULT_COUNT] = {
#define FAULT_ROW(code, name, class, exit, text) [code] = {name, class, exit, text},
    FAULT_MAP(FAULT_ROW)
#undef FAULT_ROW
};

static const fault_row_t *row_of(fault_code_t code)
{
    assert((int)code >= 0 && code < FAULT_COUNT);
    return &rows[code];
}

int fault_set(fault_t *fault, fault_code_t code, const char *format, ...)
{
    if (!fault)
        return -1;
    fault->code = code;
    va_list args;
    va_start(args, format);
    vsnprintf(fault->text, sizeof fault->text, format, args);
    va_end(args);
    text_neuter(fault->text);
    return -1;
}

int fault_prefix(fault_t *fault, const char *context)
{
    if (!fault)
        return -1;
    char text[FAULT_TEXT_BYTES];
    memcpy(text, fault->text, sizeof text);
    snprintf(fault->text, sizeof fault->text, "%.100s: %.290s", context, text);
    text_neuter(fault->text);
    return -1;
}

const char *fault_name(fault_code_t code)
{
    return row_of(code)->name;
}

fault_code_t fault_code_of(const char *name)
{
    for (int code = 0; code < FAULT_COUNT; code++)
        if (strcmp(rows[code].name, name) == 0)
            return (fault_code_t)code;
    return FAULT_SYSTEM;
}

fault_class_t fault_class(fault_code_t code)
{
    return row_of(code)->class;
}

int fault_exit(fault_code_t code)
{
    return row_of(code)->exit;
}

const char *fault_summary(fault_code_t code)
{
    return row_of(code)->text;
}
