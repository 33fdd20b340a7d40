/* admit: who asks, what it may do, and how often: the check before every handler. An API key (access.h of the store), a
 * token of somebody else's (jwt.h), or nobody where no key is needed. */
#include "api.h"

#include "gateway/store/access.h"
#include "proto/base/clock.h"
#include "proto/base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

caller_t *api_caller(const call_t *call)
{
    return call_user(call);
}

/* The key of a request: X-Api-Key, or Authorization: Bearer. */
static const char *key_of(call_t *call)
{
    const char *key = call_header(call, "X-Api-Key"), *authorization = call_header(call, "Authorization");
    if (!key && authorization && strncasecmp(authorization, "Bearer ", 7) == 0)
        key = authorization + 7;
    return key;
}

static uint32_t rights_of(const char *role)
{
    static const struct {
        const char *role;
        uint32_t rights;
    } roles[] = {
        {"teacher", RIGHT_READ | RIGHT_WRITE},
        {"service", RIGHT_READ | RIGHT_WRITE | RIGHT_WATCH},
        {"admin", RIGHT_READ | RIGHT_WRITE | RIGHT_WATCH | RIGHT_ADMIN},
    };
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(roles[i].role, role) == 0)
            return roles[i].rights;
    return 0;
}

static bool refuse(call_t *call, const char *code, const char *why)
{
    call_set_header(call, "WWW-Authenticate", "Bearer");
    call_problem(call, 401, code, "%s", why);
    return false;
}

/* ---- API keys ---- */

typedef struct {
    char hash[HASH_HEX];
    arena_t *arena;
    key_row_t row;
    verdict_t verdict;
} key_search_t;

static int find_key(session_t *session, store_task_t *task, fault_t *fault)
{
    key_search_t *search = task->context;
    return keys_find(session, search->hash, search->arena, &search->row, &search->verdict, fault);
}

/* Finds whose key it is. false after it has answered. */
static bool know_key(call_t *call, gateway_t *gateway, const char *key, caller_t *caller)
{
    key_search_t search = {.arena = call_arena(call)};
    hash_t hash;
    hash_begin(&hash);
    hash_add(&hash, key, strlen(key));
    hash_hex(&hash, search.hash);
    if (!api_store(call, gateway, STORE_READ, find_key, &search))
        return false;
    if (search.verdict != VERDICT_DONE)
        return refuse(call, "bad-key", "this key is not known, was revoked, or has expired");
    *caller = (caller_t){search.row.tenant, search.row.id, rights_of(search.row.role), NULL};
    call_set_name(call, search.row.name ? search.row.name : search.row.id);
    return true;
}

/* ---- tokens of others ---- */

static bool know_token(call_t *call, gateway_t *gateway, const char *token, caller_t *caller)
{
    jwt_claims_t claims;
    fault_t fault = {0};
    arena_t *arena = call_arena(call);
    if (jwt_check(gateway->jwt, token, clock_wall_ms() / 1000, arena, &claims, &fault) < 0)
        return refuse(call, "bad-token", fault.text);
    if (!rights_of(claims.role))
        return refuse(call, "bad-token", "the token's role is none of teacher, admin, service");
    /* a prefix that no id of ours has; a subject may be long, so its hash stands for it */
    char hex[HASH_HEX];
    hash_t hash;
    hash_begin(&hash);
    hash_add(&hash, claims.subject, strlen(claims.subject));
    *caller = (caller_t){claims.tenant, arena_format(arena, "jwt:%s:%.32s", claims.tenant, hash_hex(&hash, hex)),
                         rights_of(claims.role), NULL};
    call_set_name(call, *claims.subject ? arena_text_n(arena, claims.subject, strnlen(claims.subject, 100)) : "jwt");
    return true;
}

/* ---- how often ---- */

/* Counts the call. false after it has answered. */
static bool is_within_rate(call_t *call, gateway_t *gateway, const caller_t *caller)
{
    arena_t *arena = call_arena(call);
    if (!gateway->limiter || !caller->key)
        return true;
    allowance_t allowance = limiter_take(gateway->limiter, caller->key, clock_now_us());
    call_set_header(call, "RateLimit-Limit", arena_format(arena, "%lld", (long long)allowance.limit));
    call_set_header(call, "RateLimit-Remaining", arena_format(arena, "%lld", (long long)allowance.remaining));
    call_set_header(call, "RateLimit-Reset", arena_format(arena, "%lld", (long long)allowance.reset_s));
    if (allowance.allowed)
        return true;
    call_set_header(call, "Retry-After", arena_format(arena, "%lld", (long long)allowance.retry_s));
    call_problem(call, 429, "too-often", "this key may make %lld calls a minute; ask again in %lld s",
                 (long long)allowance.limit, (long long)allowance.retry_s);
    return false;
}

bool api_admits_at_once(call_t *call, void *owner)
{
    (void)owner;
    return !key_of(call);
}

bool api_admit(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    uint32_t needed = call_route(call)->rights;
    const char *key = key_of(call);
    caller_t *caller = arena_take(call_arena(call), sizeof *caller);
    call_set_user(call, caller);
    if (!needed)
        return true;
    if (!key && gateway->keys)
        return refuse(call, "no-key", "this needs an API key; send it as X-Api-Key or as Authorization: Bearer");
    if (!key)
        *caller = (caller_t){"default", NULL, RIGHT_READ | RIGHT_WRITE | RIGHT_WATCH | RIGHT_ADMIN, NULL};
    else if (!(gateway->jwt && jwt_is(key) ? know_token(call, gateway, key, caller)
                                           : know_key(call, gateway, key, caller)))
        return false;
    if (!is_within_rate(call, gateway, caller))
        return false;
    if ((caller->rights & needed) == needed)
        return true;
    call_problem(call, 403, "not-allowed", "this key may not do that");
    return false;
}
