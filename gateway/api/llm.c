/* llm: which provider of models a browser session has chosen, under which API key: the six routes of the demo, by its
 * names.
 *
 * A choice is its session's, which is known by an id that the browser has made (X-Session-Id), and of who asks: another
 * key of the interface, or another tenant, with the same id has another choice. It lasts for some minutes from its last
 * use. An API key is encrypted (gateway/vault) before the store sees it, and no answer gives it back. Whether a choice
 * is of use says `usable` of every answer: while the system has no engine that asks the provider, documents are read by
 * the engine rules, and `note` says so.
 */
#include "api.h"

#include "gateway/store/choices.h"
#include "handlers.h"
#include "llm_wish.h"
#include "proto/json.h"
#include "show.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *tenant;
    char of[HASH_HEX]; /* key of the session in the store */
    arena_t *arena;
    choice_t choice;
    int64_t wanted, minutes; /* of an extension: asked for, and in force */
    verdict_t verdict;
} query_t;

/* ---- who asks ---- */

/* Reads the body, and whose choice is meant: header, body or query, as the demo's clients do. false after it has
 * answered.
 */
static bool begin(call_t *call, llm_wish_t *wish, query_t *query)
{
    fault_t fault = {0};
    const caller_t *caller = api_caller(call);
    const char *session = call_header(call, "X-Session-Id");
    if (llm_wish_read(call_body(call), call_arena(call), wish, &fault) < 0) {
        call_problem(call, 400, "bad-body", "%s", fault.text);
        return false;
    }
    session = session && *session ? session : wish->session;
    session = session && *session ? session : call_query(call, "sessionId");
    if (!session || !*session) {
        call_problem(call, 400, "no-session", "Session ID is required; send one of the browser's own as X-Session-Id");
        return false;
    }
    if (!llm_session_valid(session)) {
        call_problem(call, 400, "bad-session", "a session's id has 1 to %d visible ASCII characters", LLM_SESSION_MOST);
        return false;
    }
    hash_t hash;
    *query = (query_t){.tenant = caller->tenant, .arena = call_arena(call)};
    hash_begin(&hash);
    hash_add(&hash, caller->key ? caller->key : "", caller->key ? strlen(caller->key) + 1 : 1);
    hash_add(&hash, session, strlen(session));
    hash_hex(&hash, query->of);
    return true;
}

/* What an API key is sealed for: it opens in no other row, and for no other provider. */
static const char *place_of(const query_t *query, const char *provider)
{
    return arena_format(query->arena, "%s/%s/%s", query->tenant, query->of, provider);
}

/* ---- tasks ---- */

static int run_get(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return choices_get(session, query->tenant, query->of, query->arena, &query->choice, &query->verdict, fault);
}

static int run_put(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return choices_put(session, query->tenant, query->of, &query->choice, &query->verdict, fault);
}

static int run_drop(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return choices_drop(session, query->tenant, query->of, fault);
}

static int run_extend(session_t *session, store_task_t *task, fault_t *fault)
{
    query_t *query = task->context;
    return choices_extend(session, query->tenant, query->of, query->wanted, &query->minutes, &query->verdict, fault);
}

/* ---- showing ---- */

/* Whether the API key of a choice can still be had; else why not. */
static bool opens(gateway_t *gateway, const query_t *query, fault_t *fault)
{
    buf_t key = {0};
    bool opened =
        vault_unseal(gateway->vault, query->choice.secret, place_of(query, query->choice.provider), &key, fault) == 0;
    if (key.bytes)
        explicit_bzero(key.bytes, key.size);
    buf_free(&key);
    return opened;
}

/* Appends one more member, where there is a value. */
static void show_name(const char *name, const char *value, buf_t *out)
{
    if (!value)
        return;
    buf_format(out, ",\"%s\":", name);
    json_text(value, out);
}

/* Appends whether the choice is of use, and why not. */
static void show_use(const provider_t *provider, const fault_t *lost, buf_t *out)
{
    buf_t why = {0};
    bool usable = provider && provider_is_usable(provider) && lost->code == FAULT_NONE;
    if (!provider)
        buf_text(&why, "this system does not know the provider any more; choose another one");
    else if (lost->code != FAULT_NONE)
        buf_format(&why, "the API key cannot be used any more: %s", lost->text);
    else if (!usable)
        provider_explain(provider, &why);
    buf_format(out, ",\"usable\":%s", usable ? "true" : "false");
    show_name("note", why.size ? why.bytes : NULL, out);
    buf_free(&why);
}

/* Appends the members that tell of a choice. */
static void show_choice(gateway_t *gateway, const query_t *query, buf_t *out)
{
    const choice_t *choice = &query->choice;
    fault_t lost = {0};
    bool has_key = choice->secret && opens(gateway, query, &lost);
    buf_text(out, "\"provider\":");
    json_text(choice->provider, out);
    show_name("model", choice->model, out);
    buf_format(out, ",\"hasApiKey\":%s,\"timeout\":%lld,\"expiresAt\":", has_key ? "true" : "false",
               (long long)choice->minutes);
    show_time(choice->expires_ms, out);
    show_use(provider_find(choice->provider), &lost, out);
}

static void answer(call_t *call, int status, buf_t *body)
{
    call_answer(call, status, "application/json", body);
    buf_free(body);
}

/* ---- routes ---- */

void llm_get_providers(call_t *call, void *gateway)
{
    (void)gateway;
    buf_t body = {0};
    const provider_t *provider;
    buf_text(&body, "{\"providers\":[");
    for (size_t i = 0; (provider = provider_at(i)); i++) {
        buf_text(&body, i ? "," : "");
        provider_show(provider, &body);
    }
    buf_text(&body, "]}");
    answer(call, 200, &body);
}

void llm_get_settings(call_t *call, void *gateway)
{
    llm_wish_t wish;
    query_t query;
    buf_t body = {0};
    if (!begin(call, &wish, &query) || !api_store(call, gateway, STORE_READ, run_get, &query))
        return;
    if (query.verdict != VERDICT_DONE) {
        call_problem(call, 404, "not-found", "No LLM settings found for this session");
        return;
    }
    buf_char(&body, '{');
    show_choice(gateway, &query, &body);
    buf_char(&body, '}');
    answer(call, 200, &body);
}

/* The answer to an API key that is not good, or of which that cannot be told. */
static void refuse_key(call_t *call, const fault_t *fault)
{
    bool soon = fault->code == FAULT_UNREACHABLE || fault->code == FAULT_UNAVAILABLE;
    if (soon)
        call_set_header(call, "Retry-After", "5");
    call_problem(call,
                 fault->code == FAULT_INPUT ? 400
                 : soon                     ? 503
                                            : 502,
                 fault->code == FAULT_INPUT ? "bad-api-key" : "key-not-checked", "%s", fault->text);
}

/* The provider that is named. NULL after it has answered. */
static const provider_t *find_provider(call_t *call, const llm_wish_t *wish)
{
    const provider_t *provider = wish->provider ? provider_find(wish->provider) : NULL;
    if (provider)
        return provider;
    buf_t ids = {0};
    const provider_t *known;
    for (size_t i = 0; (known = provider_at(i)); i++)
        buf_format(&ids, "%s%s", i ? ", " : "", known->id);
    if (!wish->provider || !*wish->provider)
        call_problem(call, 400, "no-provider", "Provider is required: one of %s", ids.bytes);
    else
        call_problem(call, 400, "bad-provider", "Invalid provider. Must be one of: %s", ids.bytes);
    buf_free(&ids);
    return NULL;
}

/* Encrypts the API key into the choice. */
static void seal(gateway_t *gateway, query_t *query, const char *key)
{
    buf_t sealed = {0};
    vault_seal(gateway->vault, key, strlen(key), place_of(query, query->choice.provider), &sealed);
    query->choice.secret = arena_text(query->arena, sealed.bytes);
    buf_free(&sealed);
}

static void say_saved(call_t *call, const provider_t *provider, const query_t *query)
{
    static const fault_t none;
    buf_t body = {0};
    buf_text(&body, "{\"success\":true,\"message\":\"LLM settings saved successfully\"");
    show_name("provider", query->choice.provider, &body);
    show_name("model", query->choice.model, &body);
    buf_format(&body, ",\"hasApiKey\":%s,\"timeout\":%lld", query->choice.secret ? "true" : "false",
               (long long)query->choice.minutes);
    show_use(provider, &none, &body);
    buf_char(&body, '}');
    answer(call, 200, &body);
}

void llm_post_settings(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    llm_wish_t wish;
    query_t query;
    fault_t fault = {0};
    if (!begin(call, &wish, &query))
        return;
    const provider_t *provider = find_provider(call, &wish);
    if (!provider)
        return;
    if (provider->key_begins && keycheck_form(gateway->keycheck, provider, wish.key ? wish.key : "", &fault) < 0) {
        refuse_key(call, &fault);
        return;
    }
    query.choice = (choice_t){.provider = provider->id, .minutes = llm_minutes(&wish)};
    if (provider->models[0].id)
        query.choice.model = wish.model ? wish.model : provider->models[0].id;
    if (provider->key_begins)
        seal(gateway, &query, wish.key);
    if (!api_store(call, gateway, STORE_WRITE, run_put, &query))
        return;
    if (query.verdict == VERDICT_DONE) {
        say_saved(call, provider, &query);
    } else {
        call_set_header(call, "Retry-After", "60");
        call_problem(call, 429, "too-many-sessions", "%d sessions have made a choice; one of them must end first",
                     CHOICES_TENANT_MOST);
    }
}

void llm_delete_settings(call_t *call, void *gateway)
{
    llm_wish_t wish;
    query_t query;
    buf_t body = {0};
    if (!begin(call, &wish, &query) || !api_store(call, gateway, STORE_WRITE, run_drop, &query))
        return;
    buf_text(&body, "{\"success\":true,\"message\":\"LLM settings cleared\"}");
    answer(call, 200, &body);
}

/* Of no session: a key that is being typed. */
void llm_post_validate(call_t *call, void *owner)
{
    gateway_t *gateway = owner;
    llm_wish_t wish;
    fault_t fault = {0};
    buf_t body = {0};
    if (llm_wish_read(call_body(call), call_arena(call), &wish, &fault) < 0) {
        call_problem(call, 400, "bad-body", "%s", fault.text);
        return;
    }
    const provider_t *provider = find_provider(call, &wish);
    if (!provider)
        return;
    if (keycheck_ask(gateway->keycheck, provider, wish.key ? wish.key : "", &fault) < 0) {
        refuse_key(call, &fault);
        return;
    }
    bool asked = keycheck_asks(gateway->keycheck, provider);
    buf_format(&body, "{\"valid\":true,\"checked\":\"%s\",\"message\":\"%s\"}", asked ? "server" : "form",
               asked ? "API key is valid" : "API key format is valid; nobody was asked whether it is in force");
    answer(call, 200, &body);
}

void llm_post_extend(call_t *call, void *gateway)
{
    llm_wish_t wish;
    query_t query;
    buf_t body = {0};
    if (!begin(call, &wish, &query))
        return;
    if (wish.minutes_given && !wish.minutes) {
        call_problem(call, 400, "bad-timeout", "timeout is a number of minutes, from 1 to %d", LLM_MINUTES_MOST);
        return;
    }
    query.wanted = wish.minutes;
    if (!api_store(call, gateway, STORE_RELAXED, run_extend, &query))
        return;
    if (query.verdict != VERDICT_DONE) {
        call_problem(call, 404, "not-found", "Session not found");
        return;
    }
    buf_format(&body, "{\"success\":true,\"message\":\"Session extended\",\"timeout\":%lld}", (long long)query.minutes);
    answer(call, 200, &body);
}

void llm_get_status(call_t *call, void *gateway)
{
    llm_wish_t wish;
    query_t query;
    buf_t body = {0};
    if (!begin(call, &wish, &query) || !api_store(call, gateway, STORE_READ, run_get, &query))
        return;
    if (query.verdict == VERDICT_DONE) {
        buf_text(&body, "{\"exists\":true,");
        show_choice(gateway, &query, &body);
        buf_char(&body, '}');
    } else { /* no problem of RFC 9457: the demo's clients read `exists` of it */
        buf_text(&body, "{\"exists\":false,\"message\":\"Session expired or not found\"}");
    }
    answer(call, query.verdict == VERDICT_DONE ? 200 : 404, &body);
}
