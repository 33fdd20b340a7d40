/* options: see options.h. */
#include "options.h"
#include "proto/base/text.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* NAMES_MOST: options of one command. HELP_COLUMN: where the phrases of the help start. TYPO_MOST: wrong letters up to
 * which a name is still taken for a mistyped one. */
enum { NAMES_MOST = 64, HELP_COLUMN = 26, TYPO_MOST = 3 };

const char *options_nearest(const char *typed, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    int best = TYPO_MOST + 1;
    for (size_t i = 0; i < count; i++) {
        int distance = text_distance(typed, names[i], TYPO_MOST);
        if (distance < best && distance * 2 <= (int)strlen(names[i])) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

static int refuse_unknown(const option_t *table, size_t count, const char *typed, size_t length, fault_t *fault)
{
    const char *names[NAMES_MOST];
    char name[64] = {0};
    memcpy(name, typed, length < sizeof name ? length : sizeof name - 1);
    size_t known = 0;
    for (; known < count && known < NAMES_MOST; known++)
        names[known] = table[known].name;
    const char *nearest = options_nearest(name, names, known);
    if (nearest)
        return fault_set(fault, FAULT_USAGE, "there is no option --%s; did you mean --%s?", name, nearest);
    return fault_set(fault, FAULT_USAGE, "there is no option --%s; --help lists them", name);
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *p = choices; *p; p += *p == '|') {
        size_t n = strcspn(p, "|");
        if (n == length && strncmp(p, value, n) == 0)
            return true;
        p += n;
    }
    return false;
}

static int set_number(const option_t *option, const char *value, void *place, fault_t *fault)
{
    char *end = NULL;
    errno = 0;
    double number = strtod(value, &end);
    bool whole = option->kind == OPTION_INT;
    if (end == value || *end || errno || !isfinite(number) || (whole && number != floor(number)) ||
        number < option->least || number > option->most)
        return fault_set(fault, FAULT_USAGE, "--%s wants a %snumber from %g to %g, not \"%s\"", option->name,
                         whole ? "whole " : "", option->least, option->most, value);
    if (whole)
        *(int *)place = (int)number;
    else
        *(double *)place = number;
    return 0;
}

static int set(const option_t *option, const char *value, void *target, fault_t *fault)
{
    void *place = (char *)target + option->offset;
    if (option->kind == OPTION_FLAG) {
        *(bool *)place = true;
        return 0;
    }
    if (option->kind != OPTION_TEXT)
        return set_number(option, value, place, fault);
    if (!*value)
        return fault_set(fault, FAULT_USAGE, "--%s wants a value", option->name);
    if (option->choices && !is_choice(option->choices, value))
        return fault_set(fault, FAULT_USAGE, "--%s wants one of %s, not \"%s\"", option->name, option->choices, value);
    *(const char **)place = value;
    return 0;
}

int options_parse(const option_t *table, size_t count, int argc, char **argv, void *target, int *operands,
                  fault_t *fault)
{
    bool ended = false;
    *operands = 0;
    for (int i = 0; i < argc; i++) {
        char *word = argv[i];
        if (ended || word[0] != '-' || !word[1]) {
            argv[(*operands)++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            ended = true;
            continue;
        }
        bool is_help = strcmp(word, "-h") == 0;
        if (word[1] != '-' && !is_help)
            return fault_set(fault, FAULT_USAGE, "there is no option %s; --help lists them (a file of that name: ./%s)",
                             word, word);
        const char *name = is_help ? "help" : word + 2;
        size_t length = strcspn(name, "=");
        const option_t *option = NULL;
        for (size_t j = 0; j < count; j++)
            if (strlen(table[j].name) == length && strncmp(table[j].name, name, length) == 0)
                option = &table[j];
        if (!option)
            return refuse_unknown(table, count, name, length, fault);
        const char *value = name[length] ? name + length + 1 : NULL;
        if (option->kind == OPTION_FLAG && value)
            return fault_set(fault, FAULT_USAGE, "--%s takes no value", option->name);
        if (option->kind != OPTION_FLAG && !value && i + 1 < argc)
            value = argv[++i];
        if (option->kind != OPTION_FLAG && !value)
            return fault_set(fault, FAULT_USAGE, "--%s wants a value: --%s %s", option->name, option->name,
                             option->value);
        if (set(option, value, target, fault) < 0)
            return -1;
    }
    return 0;
}

void options_help(const option_t *table, size_t count, buf_t *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t before = out->size;
        buf_format(out, "  --%s%s%s", table[i].name, table[i].value ? " " : "", table[i].value ? table[i].value : "");
        size_t width = out->size - before;
        if (width >= HELP_COLUMN) {
            buf_char(out, '\n');
            width = 0;
        }
        buf_format(out, "%*s%s\n", (int)(HELP_COLUMN - width), "", table[i].help);
    }
}
