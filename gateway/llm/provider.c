/* provider: see provider.h. Models are suggestions: any name is taken, since providers bring out new ones. */
#include "provider.h"
#include "proto/json.h"
#include "proto/settings.h"

#include <string.h>

static const provider_t providers[] = {
    {.id = "rules",
     .name = "Rules of Yogi",
     .description = "Yogi's own engine: it needs no key and no network.",
     .engine = "rules"},
    {.id = "claude",
     .name = "Claude Vision Models",
     .description = "Models of Anthropic, under an API key of your own.",
     .engine = "anthropic",
     .key_begins = "sk-ant-",
     .list = "/v1/models",
     .key_header = "x-api-key: ",
     .header = "anthropic-version: 2023-06-01",
     .models = {{"claude-3-opus-20240229", "Claude 3 Opus"},
                {"claude-3-sonnet-20240229", "Claude 3 Sonnet"},
                {"claude-3-haiku-20240307", "Claude 3 Haiku"}}},
    {.id = "openai",
     .name = "OpenAI Vision Models",
     .description = "Models of OpenAI, or of a server that speaks its language, under an API key of your own.",
     .engine = "openai",
     .key_begins = "sk-",
     .list = "/v1/models",
     .key_header = "Authorization: Bearer ",
     .models = {{"gpt-4o", "GPT-4o"}, {"gpt-4o-mini", "GPT-4o Mini"}, {"gpt-4-turbo", "GPT-4 Turbo"}}},
};

const provider_t *provider_at(size_t i)
{
    return i < sizeof providers / sizeof *providers ? &providers[i] : NULL;
}

const provider_t *provider_find(const char *id)
{
    const provider_t *provider = provider_at(0);
    for (size_t i = 0; provider && strcmp(provider->id, id) != 0 && strcmp(provider->engine, id) != 0;)
        provider = provider_at(++i);
    return provider;
}

bool provider_is_usable(const provider_t *provider)
{
    return yogi_settings_takes("YOGI_ENGINE", provider->engine);
}

void provider_explain(const provider_t *provider, buf_t *out)
{
    buf_format(out, "this system has no engine %s, which would ask %s: documents are read by the engine rules",
               provider->engine, provider->name);
}

static void show_models(const provider_t *provider, buf_t *out)
{
    buf_text(out, ",\"models\":[");
    for (size_t i = 0; i < PROVIDER_MODELS_MOST && provider->models[i].id; i++) {
        buf_text(out, i ? ",{\"id\":" : "{\"id\":");
        json_text(provider->models[i].id, out);
        buf_text(out, ",\"name\":");
        json_text(provider->models[i].name, out);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

void provider_show(const provider_t *provider, buf_t *out)
{
    bool usable = provider_is_usable(provider);
    buf_t why = {0};
    buf_text(out, "{\"id\":");
    json_text(provider->id, out);
    buf_text(out, ",\"name\":");
    json_text(provider->name, out);
    buf_text(out, ",\"description\":");
    json_text(provider->description, out);
    show_models(provider, out);
    buf_format(out, ",\"requiresApiKey\":%s,\"engine\":", provider->key_begins ? "true" : "false");
    json_text(provider->engine, out);
    buf_format(out, ",\"usable\":%s", usable ? "true" : "false");
    if (!usable) {
        provider_explain(provider, &why);
        buf_text(out, ",\"note\":");
        json_text(why.bytes, out);
    }
    buf_char(out, '}');
    buf_free(&why);
}
