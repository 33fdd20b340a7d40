/* allow: see allow.h. */
#include "allow.h"
#include "proto/base/keyfile.h"
#include "proto/base/memory.h"
#include "proto/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r"

struct allow {
    arena_t *arena;
    allow_entry_t *entries;       /* in the order of the file */
    const allow_entry_t **by_key; /* sorted */
    size_t count, room;           /* entries; reserved */
};

/* Bytes of a line, as they come. */
typedef struct {
    const char *at;
    size_t size;
} piece_t;

static bool is(piece_t piece, const char *text)
{
    return piece.size == strlen(text) && memcmp(piece.at, text, piece.size) == 0;
}

/* As much of a piece as a sentence may show. */
static int shown(piece_t piece)
{
    return piece.size < 60 ? (int)piece.size : 60;
}

/* The next word of the rest; an empty one at its end. */
static piece_t next_word(piece_t *rest)
{
    while (rest->size && memchr(BLANKS, *rest->at, strlen(BLANKS)))
        rest->at++, rest->size--;
    piece_t word = {rest->at, 0};
    while (word.size < rest->size && !memchr(BLANKS, word.at[word.size], strlen(BLANKS)))
        word.size++;
    rest->at += word.size;
    rest->size -= word.size;
    return word;
}

/* ---- roles ---- */

static bool is_stage(piece_t piece)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    for (size_t i = 0; i < piece.size; i++)
        if (!piece.at[i] || !strchr(good, piece.at[i]))
            return false;
    return piece.size > 0 && piece.size <= MESSAGE_NAME_MOST;
}

/* The stages behind "actor:". */
static int parse_stages(piece_t rest, arena_t *arena, allow_rights_t *rights, fault_t *fault)
{
    const char **stages = arena_array(arena, ALLOW_STAGES_MOST + 1, sizeof *stages);
    size_t count = 0;
    for (bool more = true; more;) {
        const char *comma = rest.size ? memchr(rest.at, ',', rest.size) : NULL;
        piece_t one = {rest.at, comma ? (size_t)(comma - rest.at) : rest.size};
        if (!is_stage(one))
            return fault_set(fault, FAULT_SETTING, "\"%.*s\" is no name of a stage (a-z, 0-9, - _ .; at most %d)",
                             shown(one), one.at, MESSAGE_NAME_MOST);
        if (count == ALLOW_STAGES_MOST)
            return fault_set(fault, FAULT_SETTING, "more than %d stages", ALLOW_STAGES_MOST);
        for (size_t i = 0; i < count; i++)
            if (is(one, stages[i]))
                return fault_set(fault, FAULT_SETTING, "the stage %s stands there twice", stages[i]);
        stages[count++] = arena_text_n(arena, one.at, one.size);
        more = comma != NULL;
        if (more)
            rest = (piece_t){comma + 1, rest.size - one.size - 1};
    }
    rights->stages = stages;
    return 0;
}

static int parse_role(piece_t word, arena_t *arena, allow_rights_t *rights, fault_t *fault)
{
    static const char actor[] = "actor:";
    bool limited = word.size >= strlen(actor) && memcmp(word.at, actor, strlen(actor)) == 0;
    uint32_t role = is(word, "owner")              ? ROLE_OWNER
                    : is(word, "admin")            ? ROLE_ADMIN
                    : is(word, "actor") || limited ? ROLE_ACTOR
                                                   : 0;
    if (!role)
        return fault_set(fault, FAULT_SETTING,
                         "\"%.*s\" is no role; there are owner, actor, actor:STAGE,STAGE and admin", shown(word),
                         word.at);
    if (rights->roles & role)
        return fault_set(fault, FAULT_SETTING, "the role %.*s stands there twice",
                         (int)(role == ROLE_ACTOR ? strlen("actor") : word.size), word.at);
    rights->roles |= role;
    if (!limited)
        return 0;
    return parse_stages((piece_t){word.at + strlen(actor), word.size - strlen(actor)}, arena, rights, fault);
}

static int parse_roles(piece_t rest, arena_t *arena, allow_rights_t *rights, fault_t *fault)
{
    *rights = (allow_rights_t){0};
    for (piece_t word; (word = next_word(&rest)).size;)
        if (parse_role(word, arena, rights, fault) < 0)
            return -1;
    if (!rights->roles)
        return fault_set(fault, FAULT_SETTING, "no role is named: owner, actor, actor:STAGE,STAGE or admin");
    return 0;
}

int allow_roles(const char *text, arena_t *arena, allow_rights_t *rights, fault_t *fault)
{
    return parse_roles((piece_t){text, strlen(text)}, arena, rights, fault);
}

bool allow_rights_equal(const allow_rights_t *a, const allow_rights_t *b)
{
    if (a->roles != b->roles || !a->stages != !b->stages)
        return false;
    if (!a->stages)
        return true;
    size_t i = 0;
    while (a->stages[i] && b->stages[i] && strcmp(a->stages[i], b->stages[i]) == 0)
        i++;
    return !a->stages[i] && !b->stages[i];
}

/* ---- lines ---- */

bool allow_name_valid(const char *name, size_t size)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    for (size_t i = 0; i < size; i++)
        if (!name[i] || !strchr(good, name[i]))
            return false;
    return size > 0 && size <= ALLOW_NAME_MOST && name[0] != '-' && name[0] != '.';
}

static allow_entry_t *add_entry(allow_t *allow)
{
    if (allow->count == allow->room) {
        allow->room = allow->room ? 2 * allow->room : 16;
        allow->entries = memory_grow(allow->entries, allow->room, sizeof *allow->entries);
    }
    allow_entry_t *entry = &allow->entries[allow->count];
    *entry = (allow_entry_t){.number = (uint32_t)allow->count++};
    return entry;
}

/* One line without its end. */
static int parse_line(allow_t *allow, piece_t line, uint32_t number, fault_t *fault)
{
    piece_t key = next_word(&line), name = next_word(&line);
    if (key.size == 0 || *key.at == '#') /* no key begins so: the first five digits would be more than 32 bits */
        return 0;
    if (!key_valid(key.at, key.size))
        return fault_set(fault, FAULT_SETTING, "\"%.*s\" is no CURVE key (40 characters of Z85)", shown(key), key.at);
    if (name.size == 0)
        return fault_set(fault, FAULT_SETTING, "the key has no name and no role behind it");
    if (!allow_name_valid(name.at, name.size))
        return fault_set(fault, FAULT_SETTING, "\"%.*s\" is no name of a key (letters, digits, - _ .; at most %d)",
                         shown(name), name.at, ALLOW_NAME_MOST);
    if (allow->count == ALLOW_KEYS_MOST)
        return fault_set(fault, FAULT_SETTING, "more than %d keys", ALLOW_KEYS_MOST);
    allow_entry_t *entry = add_entry(allow);
    memcpy(entry->key, key.at, key.size);
    entry->name = arena_text_n(allow->arena, name.at, name.size);
    entry->line = number;
    return parse_roles(line, allow->arena, &entry->rights, fault);
}

static int at_line(fault_t *fault, uint32_t line)
{
    char context[32];
    snprintf(context, sizeof context, "line %u", line);
    return fault_prefix(fault, context);
}

static int parse_lines(allow_t *allow, const char *text, size_t size, fault_t *fault)
{
    for (uint32_t number = 1; size; number++) {
        const char *end = memchr(text, '\n', size);
        piece_t line = {text, end ? (size_t)(end - text) : size};
        if (parse_line(allow, line, number, fault) < 0)
            return at_line(fault, number);
        size -= line.size + (end != NULL);
        text += line.size + (end != NULL);
    }
    return 0;
}

/* ---- finding ---- */

static int compare_keys(const void *a, const void *b)
{
    return memcmp((*(const allow_entry_t *const *)a)->key, (*(const allow_entry_t *const *)b)->key, KEY_TEXT);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const allow_entry_t *const *)a)->name, (*(const allow_entry_t *const *)b)->name);
}

typedef int compare_fn(const void *, const void *);

/* All entries in that order. Of two that are equal the later one is refused. */
static const allow_entry_t **sort(const allow_t *allow, compare_fn *compare, const char *what, fault_t *fault)
{
    const allow_entry_t **order = memory_new(allow->count + 1, sizeof *order);
    for (size_t i = 0; i < allow->count; i++)
        order[i] = &allow->entries[i];
    qsort(order, allow->count, sizeof *order, compare);
    for (size_t i = 1; i < allow->count; i++)
        if (compare(&order[i - 1], &order[i]) == 0) {
            uint32_t a = order[i - 1]->line, b = order[i]->line;
            fault_set(fault, FAULT_SETTING, "this %s stands in line %u already", what, a < b ? a : b);
            at_line(fault, a < b ? b : a);
            free(order);
            return NULL;
        }
    return order;
}

allow_t *allow_parse(const char *text, size_t size, fault_t *fault)
{
    allow_t *allow = memory_new(1, sizeof *allow);
    allow->arena = arena_new();
    const allow_entry_t **by_name = NULL;
    if (parse_lines(allow, text, size, fault) < 0 || !(allow->by_key = sort(allow, compare_keys, "key", fault)) ||
        !(by_name = sort(allow, compare_names, "name", fault)))
        allow_destroy(&allow);
    free(by_name);
    return allow;
}

allow_t *allow_read(const char *path, fault_t *fault)
{
    buf_t text = {0};
    allow_t *allow = NULL;
    if (keyfile_read(path, KEYFILE_OPEN, ALLOW_BYTES_MOST, &text, fault) == 0) {
        allow = allow_parse(buf_string(&text), text.size, fault);
        if (!allow)
            fault_prefix(fault, path);
    }
    buf_free(&text);
    return allow;
}

void allow_destroy(allow_t **at)
{
    if (!at || !*at)
        return;
    allow_t *allow = *at;
    arena_destroy(&allow->arena);
    free(allow->by_key);
    free(allow->entries);
    free(allow);
    *at = NULL;
}

size_t allow_count(const allow_t *allow)
{
    return allow->count;
}

const allow_entry_t *allow_entry(const allow_t *allow, size_t number)
{
    return number < allow->count ? &allow->entries[number] : NULL;
}

const allow_entry_t *allow_find(const allow_t *allow, const char *key)
{
    size_t low = 0, high = allow->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(key, allow->by_key[middle]->key);
        if (order == 0)
            return allow->by_key[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void allow_write(const allow_entry_t *entry, buf_t *out)
{
    buf_format(out, "%s %s", entry->key, entry->name);
    if (entry->rights.roles & ROLE_OWNER)
        buf_text(out, " owner");
    if (entry->rights.roles & ROLE_ACTOR)
        buf_text(out, " actor");
    for (size_t i = 0; entry->rights.stages && entry->rights.stages[i]; i++) {
        buf_char(out, i ? ',' : ':');
        buf_text(out, entry->rights.stages[i]);
    }
    if (entry->rights.roles & ROLE_ADMIN)
        buf_text(out, " admin");
    buf_char(out, '\n');
}
