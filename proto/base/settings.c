/* settings: see settings.h. */
#include "settings.h"
#include "text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *const *environment;
    arena_t *arena;
    buf_t *problems; /* a line each */
    size_t count;    /* of problems */
} loader_t;

/* Adds a problem's line; text from outside is neutered. */
static void complain(loader_t *loader, const char *name, const char *what, const char *value)
{
    char *line = arena_format(loader->arena, "%s: %s%s%.80s%s", name, what, value ? ", not \"" : "", value ? value : "",
                              value ? "\"" : "");
    text_neuter(line);
    buf_text(loader->problems, line);
    buf_char(loader->problems, '\n');
    loader->count++;
}

/* The value of a variable, or NULL; suffix "" or "_FILE". */
static const char *look_up(const loader_t *loader, const char *name, const char *suffix)
{
    size_t length = strlen(name), more = strlen(suffix);
    for (char *const *entry = loader->environment; *entry; entry++)
        if (strncmp(*entry, name, length) == 0 && strncmp(*entry + length, suffix, more) == 0 &&
            (*entry)[length + more] == '=')
            return *entry + length + more + 1;
    return NULL;
}

/* What stands in a NAME_FILE, without its last line feed; NULL after a complaint. */
static const char *read_value(loader_t *loader, const char *name, const char *path)
{
    char *value = arena_take(loader->arena, SETTING_VALUE_MOST + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    ssize_t size = fd < 0 ? -1 : read(fd, value, SETTING_VALUE_MOST + 1);
    int cause = errno;
    if (fd >= 0)
        close(fd);
    if (size < 0) {
        complain(loader, arena_format(loader->arena, "%s_FILE", name),
                 arena_format(loader->arena, "the file %s cannot be read: %s", path, strerror(cause)), NULL);
        return NULL;
    }
    if (size > SETTING_VALUE_MOST || !text_valid(value, (size_t)size)) {
        complain(loader, arena_format(loader->arena, "%s_FILE", name), "the file is too long or not text", NULL);
        return NULL;
    }
    value[size] = 0;
    if (size && value[size - 1] == '\n')
        value[size - 1] = 0;
    return value;
}

/* Index of the value in "a|b|c", or -1. */
static int choice_of(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (int index = 0;; index++) {
        size_t n = strcspn(choices, "|");
        if (n == length && strncmp(choices, value, n) == 0)
            return index;
        if (!choices[n])
            return -1;
        choices += n + 1;
    }
}

/* A number with an optional K, M or G. false when it is none. */
static bool parse_bytes(const char *value, double *bytes)
{
    static const char units[] = "KMG";
    char *end = NULL;
    *bytes = strtod(value, &end);
    if (end == value)
        return false;
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (unit) {
        *bytes = ldexp(*bytes, 10 * (int)(unit - units + 1));
        end++;
    }
    return *end == 0;
}

static bool parse_number(const char *value, double *number)
{
    char *end = NULL;
    *number = strtod(value, &end);
    return end != value && *end == 0;
}

/* Writes the value into the target. NULL, or what is wrong with it. */
static const char *store(const setting_t *setting, const char *value, arena_t *arena, void *place)
{
    double number = 0;
    bool whole = setting->kind != SETTING_REAL;
    switch (setting->kind) {
    case SETTING_SECRET:
    case SETTING_TEXT:
        if (setting->choices && choice_of(setting->choices, value) < 0)
            return arena_format(arena, "must be one of %s", setting->choices);
        *(const char **)place = arena_text(arena, value);
        return NULL;
    case SETTING_CHOICE: {
        int index = choice_of(setting->choices, value);
        if (index < 0)
            return arena_format(arena, "must be one of %s", setting->choices);
        *(int *)place = index;
        return NULL;
    }
    case SETTING_BYTES:
        if (!parse_bytes(value, &number) || !(number >= setting->least && number <= setting->most))
            return arena_format(arena, "must be a size from %.0fM to %.0fM, such as 512M or 1G",
                                setting->least / 1048576, setting->most / 1048576);
        break;
    case SETTING_INT:
    case SETTING_REAL:
        if (!parse_number(value, &number) || (whole && number != floor(number)) ||
            !(number >= setting->least && number <= setting->most))
            return arena_format(arena, "must be a %snumber from %g to %g", whole ? "whole " : "", setting->least,
                                setting->most);
        break;
    }
    if (whole)
        *(int64_t *)place = (int64_t)number;
    else
        *(double *)place = number;
    return NULL;
}

static void load_one(loader_t *loader, const setting_t *setting, void *target)
{
    const char *value = look_up(loader, setting->name, ""), *path = look_up(loader, setting->name, "_FILE");
    void *place = (char *)target + setting->offset;
    if (setting->standard) { /* a default that its own row refuses is our mistake */
        const char *wrong = store(setting, setting->standard, loader->arena, place);
        assert(!wrong);
        (void)wrong;
    }
    if (value && path) {
        complain(loader, setting->name, "is given twice, by itself and by its _FILE; keep one", NULL);
        return;
    }
    if (path && !(value = read_value(loader, setting->name, path)))
        return;
    if (!value || (!*value && !path))
        return; /* NAME= in the environment is as good as not set: container manifests write it so */
    const char *wrong = store(setting, value, loader->arena, place);
    if (wrong)
        complain(loader, setting->name, wrong, setting->kind == SETTING_SECRET ? NULL : value);
}

/* Complains about variables with the prefix that no row has. */
static void find_strangers(loader_t *loader, const setting_t *table, size_t count, const char *prefix)
{
    for (char *const *entry = loader->environment; *entry; entry++) {
        size_t length = strcspn(*entry, "=");
        if (strncmp(*entry, prefix, strlen(prefix)) != 0)
            continue;
        bool known = false;
        for (size_t i = 0; i < count && !known; i++) {
            size_t n = strlen(table[i].name);
            known = strncmp(*entry, table[i].name, n) == 0 &&
                    (length == n || (length == n + 5 && strncmp(*entry + n, "_FILE", 5) == 0));
        }
        if (!known)
            complain(loader, arena_text_n(loader->arena, *entry, length),
                     "there is no such setting; `yogi config` lists them", NULL);
    }
}

size_t settings_load(const setting_t *table, size_t count, const char *prefix, char *const *environment, arena_t *arena,
                     void *target, buf_t *problems)
{
    loader_t loader = {environment, arena, problems, 0};
    for (size_t i = 0; i < count; i++)
        load_one(&loader, &table[i], target);
    find_strangers(&loader, table, count, prefix);
    return loader.count;
}

bool settings_takes(const setting_t *table, size_t count, const char *name, const char *choice)
{
    size_t i = 0;
    while (i < count && strcmp(table[i].name, name) != 0)
        i++;
    assert(i < count && table[i].choices);
    return choice_of(table[i].choices, choice) >= 0;
}

void settings_print(const setting_t *table, size_t count, const void *target, buf_t *out)
{
    for (size_t i = 0; i < count; i++) {
        const setting_t *row = &table[i];
        const void *place = (const char *)target + row->offset;
        buf_format(out, "# %s\n%s=", row->help, row->name);
        if (row->kind == SETTING_SECRET) {
            buf_text(out, *(const char *const *)place ? "********" : "");
        } else if (row->kind == SETTING_TEXT) {
            buf_text(out, *(const char *const *)place ? *(const char *const *)place : "");
        } else if (row->kind == SETTING_REAL) {
            buf_format(out, "%g", *(const double *)place);
        } else if (row->kind == SETTING_CHOICE) {
            const char *choice = row->choices;
            for (int skip = *(const int *)place; skip > 0; skip--)
                choice += strcspn(choice, "|") + 1;
            buf_add(out, choice, strcspn(choice, "|"));
        } else if (row->kind == SETTING_BYTES && *(const int64_t *)place % 1048576 == 0) {
            buf_format(out, "%lldM", (long long)(*(const int64_t *)place / 1048576));
        } else {
            buf_format(out, "%lld", (long long)*(const int64_t *)place);
        }
        buf_char(out, '\n');
    }
}
