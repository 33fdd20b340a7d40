/* settings: what is set by the environment, declared once in a table from which parsing, checking and printing follow.
 *
 * Every setting NAME may also come as NAME_FILE, the path of a file that holds its value (for secrets: a trailing line
 * feed is dropped). A setting that is wrong, given twice, or unknown under the prefix is one clear line each, and the
 * process must not start. Pure but for reading NAME_FILE: the environment is handed in.
 */
#ifndef YOGI_BASE_SETTINGS_H
#define YOGI_BASE_SETTINGS_H

#include "arena.h"
#include "buf.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    SETTING_TEXT,   /* const char *, within choices where there are any */
    SETTING_SECRET, /* const char *, never printed */
    SETTING_INT,    /* int64_t, within least … most */
    SETTING_REAL,   /* double, within least … most */
    SETTING_BYTES,  /* int64_t; "512M", "1G", "1048576" (powers of 1024) */
    SETTING_CHOICE, /* int, the index in choices */
} setting_kind_t;

typedef struct {
    const char *name;     /* of the variable */
    setting_kind_t kind;  /* how it lies in the target */
    size_t offset;        /* in the target */
    const char *standard; /* the default, as it would be written; NULL = none (texts only) */
    double least, most;   /* range of numbers, bytes in bytes */
    const char *choices;  /* "a|b|c", or NULL */
    const char *help;     /* a sentence */
} setting_t;

/* Longest value, from the environment or a file: keys and lists of addresses stay far below. */
enum { SETTING_VALUE_MOST = 64 * 1024 };

/* Fills the target from the environment (NULL-ended NAME=value) by the table; texts are copied into the arena. Each
 * wrong or unknown setting adds a line to problems, and a wrong one keeps its default; returns how many there are.
 * Variables that begin with prefix must be in the table. */
size_t settings_load(const setting_t *table, size_t count, const char *prefix, char *const *environment, arena_t *arena,
                     void *target, buf_t *problems);

/* Whether the setting, which has choices, has this one. */
bool settings_takes(const setting_t *table, size_t count, const char *name, const char *choice);

/* Appends NAME=value lines of the effective values, secrets as "********", each with its help as a comment before it.
 */
void settings_print(const setting_t *table, size_t count, const void *target, buf_t *out);

#endif
