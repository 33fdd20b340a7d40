/* store_postgres_plan: where the database is, from DATABASE_URL or POSTGRES_*. See store_postgres.h. */
#include "store_postgres.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    postgres_plan_t *plan;
    size_t count;
} words_t;

static void add(words_t *words, const char *keyword, const char *value)
{
    if (!value || !*value || words->count + 1 >= POSTGRES_WORDS_MOST)
        return;
    words->plan->keywords[words->count] = keyword;
    words->plan->values[words->count++] = value;
}

/* What has been said for the keyword; NULL = nothing. */
static const char *given(const words_t *words, const char *keyword)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->plan->keywords[i], keyword) == 0)
            return words->plan->values[i];
    return NULL;
}

/* What holds where the URL does not say otherwise. */
static void add_standard(words_t *words, const char *keyword, const char *value)
{
    if (!given(words, keyword))
        add(words, keyword, value);
}

/* Settings of the session before those that the URL has, which are heard last. A pooler refuses them: one connection of
 * the server is many of ours. */
static void add_options(words_t *words, arena_t *arena)
{
    static const char format[] = "-c statement_timeout=%lld -c idle_in_transaction_session_timeout=60000 "
                                 "-c random_page_cost=1.1 -c plan_cache_mode=force_generic_plan %s";
    const char *said = given(words, "options");
    const char *all = arena_format(arena, format, (long long)words->plan->timeout_ms, said ? said : "");
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->plan->keywords[i], "options") == 0)
            words->plan->values[i] = all;
    add_standard(words, "options", all);
}

bool postgres_wanted(const settings_t *settings)
{
    return settings->database_url || settings->postgres_host || settings->postgres_database;
}

/* What POSTGRES_* say, by libpq's names. */
static const char *said_apart(const settings_t *settings, arena_t *arena, const char *keyword)
{
    if (strcmp(keyword, "host") == 0)
        return settings->postgres_host;
    if (strcmp(keyword, "port") == 0)
        return settings->postgres_port ? arena_format(arena, "%lld", (long long)settings->postgres_port) : NULL;
    if (strcmp(keyword, "dbname") == 0)
        return settings->postgres_database;
    if (strcmp(keyword, "user") == 0)
        return settings->postgres_user;
    if (strcmp(keyword, "password") == 0)
        return settings->postgres_password;
    if (strcmp(keyword, "sslmode") == 0)
        return settings->postgres_sslmode;
    if (strcmp(keyword, "sslrootcert") == 0)
        return settings->postgres_sslrootcert;
    return NULL;
}

/* Adds what the URL says, and what it does not say about encryption from POSTGRES_*; warns of what differs. */
static void add_url(words_t *words, const settings_t *settings, const PQconninfoOption *options, arena_t *arena,
                    buf_t *warnings)
{
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        const char *apart = said_apart(settings, arena, option->keyword);
        bool said = option->val && *option->val;
        if (said)
            add(words, arena_text(arena, option->keyword), arena_text(arena, option->val));
        else if (strncmp(option->keyword, "ssl", 3) == 0)
            add(words, arena_text(arena, option->keyword), apart);
        if (!said || !apart || strcmp(option->val, apart) == 0)
            continue;
        bool secret = strcmp(option->keyword, "password") == 0;
        buf_format(warnings, "DATABASE_URL and POSTGRES_* differ in %s", option->keyword);
        if (!secret)
            buf_format(warnings, " (%.80s and %.80s)", option->val, apart);
        buf_text(warnings, "; DATABASE_URL is used\n");
    }
}

static int add_target(words_t *words, const settings_t *settings, arena_t *arena, buf_t *warnings, fault_t *fault)
{
    static const char *const apart[] = {"host", "port", "dbname", "user", "password", "sslmode", "sslrootcert"};
    if (!settings->database_url) {
        for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
            add(words, apart[i], said_apart(settings, arena, apart[i]));
        return 0;
    }
    char *wrong = NULL;
    PQconninfoOption *options = PQconninfoParse(settings->database_url, &wrong);
    if (!options) { /* what libpq says may hold the URL, and that a password */
        PQfreemem(wrong);
        return fault_set(fault, FAULT_SETTING,
                         "DATABASE_URL is not the address of a PostgreSQL database; write it as "
                         "postgresql://user:password@host:5432/database?sslmode=verify-full");
    }
    add_url(words, settings, options, arena, warnings);
    PQconninfoFree(options);
    return 0;
}

int postgres_plan(const settings_t *settings, arena_t *arena, postgres_plan_t *plan, buf_t *warnings, fault_t *fault)
{
    *plan = (postgres_plan_t){.pooled = settings->pg_pooler == 1, .timeout_ms = settings->store_seconds * 1000};
    words_t words = {plan, 0};
    if (add_target(&words, settings, arena, warnings, fault) < 0)
        return -1;
    add(&words, "client_encoding", "UTF8");
    add_standard(&words, "fallback_application_name", "yogi");
    add_standard(&words, "connect_timeout", "5");
    add_standard(&words, "keepalives_idle", "30");
    add_standard(&words, "keepalives_interval", "5");
    add_standard(&words, "keepalives_count", "3");
    add_standard(&words, "tcp_user_timeout", arena_format(arena, "%lld", (long long)plan->timeout_ms));
    if (!plan->pooled)
        add_options(&words, arena);
    return 0;
}
