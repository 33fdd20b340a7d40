/* keycheck: see keycheck.h. */
#include "keycheck.h"
#include "proto/base/memory.h"
#include "proto/fetch/fetch_once.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ANSWER: bytes of a list of models, of which providers have a few hundred. HEADER: a key and a name. */
enum { ANSWER_MOST = 4 << 20, URL = 2048, HEADER = 1024 };

struct keycheck {
    const settings_t *settings;
    atomic_int asking; /* servers that are being asked */
};

/* The server of a provider and the setting that names it; NULL = nobody is asked. */
static const char *server_of(const settings_t *settings, const provider_t *provider, const char **setting)
{
    const struct {
        const char *engine, *setting, *url;
    } servers[] = {
        {"anthropic", "YOGI_ANTHROPIC_URL", settings->anthropic_url},
        {"openai", "YOGI_OPENAI_URL", settings->openai_url},
    };
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
        if (strcmp(servers[i].engine, provider->engine) == 0) {
            *setting = servers[i].setting;
            return servers[i].url;
        }
    return NULL;
}

static bool is_url(const char *text)
{
    return (strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0) && strlen(text) < URL / 2 &&
           !strpbrk(text, " ,?#@");
}

keycheck_t *keycheck_new(const settings_t *settings, fault_t *fault)
{
    const provider_t *provider;
    for (size_t i = 0; (provider = provider_at(i)); i++) {
        const char *setting = NULL, *url = server_of(settings, provider, &setting);
        if (url && !is_url(url)) {
            fault_set(fault, FAULT_SETTING, "%s: \"%.100s\" is no URL of a server, such as https://api.example.org",
                      setting, url);
            return NULL;
        }
    }
    keycheck_t *check = memory_new(1, sizeof *check);
    check->settings = settings;
    return check;
}

void keycheck_destroy(keycheck_t **check)
{
    if (!check)
        return;
    free(*check);
    *check = NULL;
}

bool keycheck_asks(const keycheck_t *check, const provider_t *provider)
{
    const char *setting;
    return server_of(check->settings, provider, &setting) != NULL;
}

/* A server of an operator's own may give out keys of any form. */
int keycheck_form(const keycheck_t *check, const provider_t *provider, const char *key, fault_t *fault)
{
    const char *begin = provider->key_begins;
    if (!begin)
        return fault_set(fault, FAULT_INPUT, "%s needs no API key", provider->name);
    if (!*key)
        return fault_set(fault, FAULT_INPUT, "API key is required for this provider");
    if (!keycheck_asks(check, provider) && strncmp(key, begin, strlen(begin)) != 0)
        return fault_set(fault, FAULT_INPUT, "an API key of %s begins with %s", provider->name, begin);
    return 0;
}

/* What the answer of the server says of the key. */
static int judge(const provider_t *provider, const char *setting, const fault_t *got, fault_t *fault)
{
    switch (got->code) {
    case FAULT_EXPIRED:
        return fault_set(fault, FAULT_INPUT, "%s does not take this API key", provider->name);
    case FAULT_UNREACHABLE:
    case FAULT_TIMEOUT:
        return fault_set(fault, FAULT_UNREACHABLE, "it cannot be told now whether the API key is good: %.250s",
                         got->text);
    default:
        return fault_set(fault, FAULT_SETTING, "it cannot be told whether the API key is good; look at %s: %.250s",
                         setting, got->text);
    }
}

static int ask_server(const keycheck_t *check, const provider_t *provider, const char *key, fault_t *fault)
{
    const char *setting = NULL, *server = server_of(check->settings, provider, &setting);
    char url[URL], shown[HEADER];
    size_t length = strlen(server);
    while (length && server[length - 1] == '/')
        length--;
    snprintf(url, sizeof url, "%.*s%s", (int)length, server, provider->list);
    int size = snprintf(shown, sizeof shown, "%s%s", provider->key_header, key);
    if (size < 0 || (size_t)size >= sizeof shown)
        return fault_set(fault, FAULT_INPUT, "the API key is too long");
    const char *headers[] = {shown, provider->header, NULL};
    fetch_wish_t wish = {.url = url,
                         .headers = headers,
                         .networks = check->settings->source_networks,
                         .authorities = check->settings->source_authorities,
                         .bytes_most = ANSWER_MOST,
                         .seconds = KEYCHECK_SECONDS};
    buf_t answer = {0};
    fault_t got = {0};
    int done = fetch_once(&wish, &answer, &got);
    explicit_bzero(shown, sizeof shown);
    buf_free(&answer);
    return done == 0 ? 0 : judge(provider, setting, &got, fault);
}

int keycheck_ask(keycheck_t *check, const provider_t *provider, const char *key, fault_t *fault)
{
    if (keycheck_form(check, provider, key, fault) < 0)
        return -1;
    if (!keycheck_asks(check, provider))
        return 0;
    int done = -1;
    if (atomic_fetch_add(&check->asking, 1) < KEYCHECK_MOST)
        done = ask_server(check, provider, key, fault);
    else
        fault_set(fault, FAULT_UNAVAILABLE, "other API keys are being looked at; ask again in a moment");
    atomic_fetch_sub(&check->asking, 1);
    return done;
}
