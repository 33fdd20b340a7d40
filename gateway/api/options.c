/* options: see options.h. */
#include "options.h"

#include "proto/settings.h"

#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Characters of languages and pages. */
enum { TEXT_MOST = 200 };

static const char *skip(const char *at, const char *letters)
{
    return at + strspn(at, letters);
}

/* A number at *at, which is moved behind it; standard where there is none. */
static long take_number(const char **at, long standard)
{
    char *end = NULL;
    *at = skip(*at, " ");
    long number = **at >= '0' && **at <= '9' ? strtol(*at, &end, 10) : standard;
    *at = skip(end ? end : *at, " ");
    return number;
}

/* Whether a text is a list as 1-3,5, as the stages take it: pages from 1, either end of a range may be left out. */
static bool is_page_list(const char *at)
{
    for (;; at++) {
        const char *begin = at;
        long first = take_number(&at, -1), last = first;
        if (*at == '-')
            at++, last = take_number(&at, first > 0 ? LONG_MAX : -1);
        first = first < 0 && last > 0 ? 1 : first;
        if (at == begin || first < 1 || last < first || (*at && *at != ','))
            return false;
        if (!*at)
            return true;
    }
}

static int check(const char *name, const json_t *value, fault_t *fault)
{
    if (strcmp(name, "engine") == 0) {
        const char *engine = json_string_value(value);
        if (!engine || !yogi_settings_takes("YOGI_ENGINE", engine))
            return fault_set(fault, FAULT_INPUT,
                             "options.engine is none that this system has; without it the engine is \"rules\"");
    } else if (strcmp(name, "languages") == 0 || strcmp(name, "pages") == 0) {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-, ";
        const char *text = json_string_value(value);
        bool fits = text && strlen(text) <= TEXT_MOST && !*skip(text, letters);
        if (!fits || (*name == 'p' && *text && !is_page_list(text)))
            return fault_set(fault, FAULT_INPUT, "options.%s is a text such as \"%s\"", name,
                             *name == 'l' ? "eng+deu" : "1-3,5");
    } else if (strcmp(name, "gate") == 0) {
        double gate = json_number_value(value);
        if (!json_is_number(value) || !(gate >= 0 && gate <= 1))
            return fault_set(fault, FAULT_INPUT, "options.gate is a number from 0 to 1");
    } else {
        return fault_set(fault, FAULT_INPUT, "there is no option %s; there are engine, languages, gate and pages",
                         name);
    }
    return 0;
}

int options_read(const char *text, arena_t *arena, upload_options_t *options, fault_t *fault)
{
    json_error_t error;
    json_t *object = json_loads(text && *text ? text : "{}", JSON_REJECT_DUPLICATES, &error), *value;
    const char *name;
    int failed = 0;
    if (!json_is_object(object))
        failed = fault_set(fault, FAULT_INPUT, "options is no JSON object%s%s", object ? "" : ": ",
                           object ? "" : error.text);
    if (!failed)
        json_object_foreach(object, name, value)
        {
            failed = failed ? failed : check(name, value, fault);
        }
    if (!failed) {
        char *canonical = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT);
        hash_t hash;
        options->json = arena_text(arena, canonical);
        hash_begin(&hash);
        hash_add(&hash, canonical, strlen(canonical));
        hash_hex(&hash, options->hash);
        free(canonical);
    }
    json_decref(object);
    return failed;
}
