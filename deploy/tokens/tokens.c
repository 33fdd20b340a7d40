/* tokens: see tokens.h. */
#include "tokens.h"

#include "gateway/store/access.h"
#include "proto/base/clock.h"
#include "proto/base/hash.h"
#include "proto/base/ident.h"
#include "proto/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* SECRET: 256 random bits need no salt. PATIENCE: for the database. PAGE: rows of one question. */
enum { SECRET_BYTES = 32, PATIENCE_MS = 10000, PAGE = 500, NAME_MOST = 200 };

/* How a secret begins, so that it is known for what it is where it should not be. */
#define PREFIX          "yogi_"
#define STANDARD_TENANT "default"

static bool is_role(const char *role)
{
    return strcmp(role, "teacher") == 0 || strcmp(role, "admin") == 0 || strcmp(role, "service") == 0;
}

/* ---- new ---- */

typedef struct {
    const char *tenant, *name, *role;
    char id[IDENT_TEXT], hash[HASH_HEX];
    int64_t valid_ms;
} making_t;

static int make(session_t *session, store_task_t *task, fault_t *fault)
{
    making_t *making = task->context;
    verdict_t verdict;
    if (tenants_add(session, view_of(making->tenant), view_of(making->tenant), &verdict, fault) < 0)
        return -1;
    return keys_add(session, making->id, making->tenant, view_of(making->name), making->role, making->hash,
                    making->valid_ms, fault);
}

int tokens_new(store_t *store, const char *name, const tokens_options_t *options, buf_t *out, fault_t *fault)
{
    uint8_t random[SECRET_BYTES];
    char secret[sizeof PREFIX + HASH_HEX], digits[HASH_HEX];
    ident_t ident;
    hash_t hash;
    making_t making = {.tenant = options->tenant ? options->tenant : STANDARD_TENANT,
                       .name = name,
                       .role = options->role,
                       .valid_ms = (int64_t)options->days * 86400000};
    if (!is_role(options->role))
        return fault_set(fault, FAULT_USAGE, "--role is teacher, admin or service, not %.40s", options->role);
    if (!*name || strlen(name) > NAME_MOST || !text_valid(name, strlen(name)))
        return fault_set(fault, FAULT_USAGE, "the name is a text of 1 to %d bytes", NAME_MOST);
    if (ident_new(&ident, fault) < 0)
        return -1;
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return fault_set(fault, FAULT_SYSTEM, "the system gives no random bytes");
    ident_format(ident, making.id);
    snprintf(secret, sizeof secret, PREFIX "%s", hash_text(random, digits));
    hash_begin(&hash);
    hash_add(&hash, secret, strlen(secret));
    hash_hex(&hash, making.hash);
    if (store_call(store, STORE_WRITE, make, &making, PATIENCE_MS, fault) < 0)
        return -1;
    buf_format(out, "id      %s\nkey     %s\n", making.id, secret);
    buf_text(out, "Keep the key now: it is not shown again. It is sent as X-Api-Key, or as Authorization: Bearer.\n");
    return 0;
}

/* ---- list ---- */

typedef struct {
    const char *tenant, *after;
    arena_t *arena;
    tenant_list_t tenants;
    key_list_t keys;
} listing_t;

static int list_tenants(session_t *session, store_task_t *task, fault_t *fault)
{
    listing_t *listing = task->context;
    return tenants_list(session, listing->after, PAGE, listing->arena, &listing->tenants, fault);
}

static int list_keys(session_t *session, store_task_t *task, fault_t *fault)
{
    listing_t *listing = task->context;
    return keys_list(session, listing->tenant, listing->after, PAGE, listing->arena, &listing->keys, fault);
}

/* "2026-01-31", or a dash. */
static const char *day(int64_t wall_ms, char text[32])
{
    if (wall_ms)
        clock_format(wall_ms, text)[10] = 0;
    else
        strcpy(text, "-");
    return text;
}

static void write_key(const key_row_t *row, buf_t *out)
{
    char created[32], expires[32], name[NAME_MOST + 1];
    bool expired = row->expires_ms && row->expires_ms < clock_wall_ms();
    snprintf(name, sizeof name, "%s", row->name ? row->name : "");
    text_neuter(name);
    buf_format(out, "%-36s  %-16s  %-7s  %-10s  %-10s  %-7s  %s\n", row->id, row->tenant, row->role,
               day(row->created_ms, created), day(row->expires_ms, expires),
               row->revoked_ms ? "revoked"
               : expired       ? "expired"
                               : "valid",
               name);
}

/* What is done with each key; 1 ends the walk. */
typedef int visit_fn(void *user, const key_row_t *row);

static int visit_keys(store_t *store, listing_t *listing, visit_fn *visit, void *user, fault_t *fault)
{
    int done = 0;
    listing->after = "";
    do {
        if (store_call(store, STORE_READ, list_keys, listing, PATIENCE_MS, fault) < 0)
            return -1;
        for (size_t i = 0; i < listing->keys.count && !done; i++)
            done = visit(user, &listing->keys.rows[i]);
        if (listing->keys.count)
            listing->after = listing->keys.rows[listing->keys.count - 1].id;
    } while (!done && listing->keys.count == PAGE);
    return done;
}

/* All keys of a tenant, or of all (NULL). 1 where a visit has ended it, -1 with the fault. */
static int visit_all(store_t *store, const char *tenant, visit_fn *visit, void *user, fault_t *fault)
{
    listing_t listing = {.arena = arena_new(), .tenant = tenant};
    const char *after = "";
    int done = 0;
    if (tenant)
        done = visit_keys(store, &listing, visit, user, fault);
    while (!tenant && done == 0) {
        listing.after = after;
        if ((done = store_call(store, STORE_READ, list_tenants, &listing, PATIENCE_MS, fault)) < 0)
            break;
        tenant_list_t tenants = listing.tenants;
        for (size_t i = 0; i < tenants.count && done == 0; i++) {
            listing.tenant = after = tenants.rows[i].id;
            done = visit_keys(store, &listing, visit, user, fault);
        }
        if (tenants.count < PAGE)
            break;
    }
    arena_destroy(&listing.arena);
    return done;
}

static int write_visited(void *user, const key_row_t *row)
{
    write_key(row, user);
    return 0;
}

int tokens_list(store_t *store, const tokens_options_t *options, buf_t *out, fault_t *fault)
{
    buf_format(out, "%-36s  %-16s  %-7s  %-10s  %-10s  %-7s  %s\n", "ID", "TENANT", "ROLE", "CREATED", "EXPIRES",
               "STATE", "NAME");
    return visit_all(store, options->tenant, write_visited, out, fault);
}

/* ---- revoke ---- */

typedef struct {
    const char *id;
    char tenant[65];
    verdict_t verdict;
} ending_t;

static int find_key(void *user, const key_row_t *row)
{
    ending_t *ending = user;
    if (strcmp(row->id, ending->id) != 0)
        return 0;
    snprintf(ending->tenant, sizeof ending->tenant, "%s", row->tenant);
    return 1;
}

static int end_key(session_t *session, store_task_t *task, fault_t *fault)
{
    ending_t *ending = task->context;
    return keys_revoke(session, ending->tenant, view_of(ending->id), &ending->verdict, fault);
}

int tokens_revoke(store_t *store, const char *id, buf_t *out, fault_t *fault)
{
    ending_t ending = {.id = id};
    int found = visit_all(store, NULL, find_key, &ending, fault);
    if (found < 0)
        return -1;
    if (!found)
        return fault_set(fault, FAULT_INPUT, "there is no key of the id %.60s; yogi tokens list shows them", id);
    if (store_call(store, STORE_WRITE, end_key, &ending, PATIENCE_MS, fault) < 0)
        return -1;
    buf_format(out, "%s is revoked\n", id);
    return 0;
}
