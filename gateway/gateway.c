/* gateway: see gateway.h. */
#include "gateway.h"

#include "api/api.h"
#include "proto/s3/s3_settings.h"
#include "store/store_open.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A folder below the data's, made where it is missing. NULL with the fault. */
static const char *make_folder(gateway_t *gateway, const char *name, fault_t *fault)
{
    arena_t *arena = gateway->process->arena;
    const char *data = store_open_folder(&gateway->process->settings, arena, fault);
    const char *path = data ? arena_format(arena, "%s/%s", data, name) : NULL;
    if (!path || mkdir(path, 0700) == 0 || errno == EEXIST)
        return path;
    fault_set(fault, FAULT_SETTING, "YOGI_DATA: the folder %s cannot be made: %s", path, strerror(errno));
    return NULL;
}

static blobs_t *open_blobs(gateway_t *gateway, fault_t *fault)
{
    const settings_t *s = &gateway->process->settings;
    if (!s->s3_bucket) {
        const char *folder = make_folder(gateway, "blobs", fault);
        return folder ? blobs_open_files(folder, fault) : NULL;
    }
    s3_plan_t plan = s3_settings_plan(s);
    return blobs_open_s3(&plan, s->s3_prefix, fault);
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* Whether callers must bring a key. -1 with the fault where everybody beyond this machine could come in without one. */
static int decide_access(gateway_t *gateway, fault_t *fault)
{
    const settings_t *settings = &gateway->process->settings;
    bool beyond = !is_loopback(settings->bind);
    if (settings->access == ACCESS_OPEN && beyond && !settings->insecure)
        return fault_set(
            fault, FAULT_SETTING,
            "YOGI_ACCESS=open at %s would let everybody in; use keys (yogi tokens), or set YOGI_INSECURE=1",
            settings->bind);
    gateway->keys = settings->access == ACCESS_KEYS || (settings->access == ACCESS_AUTO && beyond);
    return 0;
}

/* Tokens of others, and how often keys may call. */
static int open_access(gateway_t *gateway, fault_t *fault)
{
    const settings_t *s = &gateway->process->settings;
    jwt_plan_t plan = {.secret = s->jwt_secret,
                       .keys = s->jwt_keys,
                       .authorities = s->source_authorities,
                       .issuer = s->jwt_issuer,
                       .audience = s->jwt_audience,
                       .tenant_claim = s->jwt_tenant,
                       .role_claim = s->jwt_role,
                       .log = &gateway->process->log};
    if (s->rate)
        gateway->limiter = limiter_new(s->rate);
    if (plan.secret || plan.keys)
        gateway->jwt = jwt_new(&plan, fault);
    return (plan.secret || plan.keys) && !gateway->jwt ? -1 : 0;
}

/* What API keys of users are encrypted by, and held against. */
static int open_vault(gateway_t *gateway, fault_t *fault)
{
    const settings_t *settings = &gateway->process->settings;
    arena_t *arena = gateway->process->arena;
    const char *data = settings->vault_key ? NULL : store_open_folder(settings, arena, fault);
    if (settings->vault_key && !(gateway->vault = vault_open(settings->vault_key, fault)))
        return fault_prefix(fault, "YOGI_VAULT_KEY");
    if (data)
        gateway->vault = vault_open_file(arena_format(arena, "%s/vault.key", data), fault);
    if (gateway->vault)
        gateway->keycheck = keycheck_new(settings, fault);
    return gateway->keycheck ? 0 : -1;
}

static void on_changed(void *user)
{
    gateway_t *gateway = user;
    bell_ring(gateway->bell, gateway->http);
    pump_ring(gateway->pump);
}

static int on_spool(void *user)
{
    return http_spool(((gateway_t *)user)->http);
}

static void on_drawn(void *user, uint64_t ticket)
{
    http_wake(((gateway_t *)user)->http, ticket);
}

static studio_t *open_studio(gateway_t *gateway, fault_t *fault)
{
    studio_plan_t plan = {.settings = &gateway->process->settings,
                          .store = gateway->store,
                          .blobs = gateway->blobs,
                          .outbox = gateway->outbox,
                          .log = &gateway->process->log,
                          .spool = on_spool,
                          .wake = on_drawn,
                          .owner = gateway};
    return studio_new(&plan, fault);
}

static http_t *make_http(gateway_t *gateway)
{
    const settings_t *settings = &gateway->process->settings;
    http_plan_t plan = http_defaults();
    plan.address = settings->bind;
    plan.port = (int)settings->port;
    plan.routes = api_routes(&plan.route_count);
    plan.owner = gateway;
    plan.admit = api_admit;
    plan.admits_at_once = api_admits_at_once;
    plan.log = &gateway->process->log;
    plan.spool = gateway->spool;
    plan.origins = settings->origins;
    return http_new(&plan);
}

int gateway_open(gateway_t *gateway, process_t *process, fault_t *fault)
{
    *gateway = (gateway_t){.process = process};
    outbox_plan_t outbox = {
        .settings = &process->settings, .log = &process->log, .changed = on_changed, .owner = gateway};
    importer_plan_t importer = {
        .settings = &process->settings, .log = &process->log, .changed = on_changed, .owner = gateway};
    sweep_plan_t sweep = {.settings = &process->settings, .log = &process->log};
    if (decide_access(gateway, fault) < 0 || open_access(gateway, fault) < 0 || open_vault(gateway, fault) < 0 ||
        !(gateway->spool = make_folder(gateway, "spool", fault)) || !(gateway->blobs = open_blobs(gateway, fault)))
        goto failed;
    gateway->bell = bell_new();
    gateway->http = make_http(gateway);
    outbox.blobs = sweep.blobs = gateway->blobs;
    outbox.store = importer.store = sweep.store = gateway->store =
        store_new(&process->settings, true, &process->log, fault);
    if (!gateway->store)
        goto failed;
    gateway->pump = pump_new(gateway->store, &process->log);
    pump_start(gateway->pump, gateway->http);
    if (!(gateway->outbox = outbox_new(&outbox, fault)) || !(gateway->importer = importer_new(&importer, fault)) ||
        !(gateway->studio = open_studio(gateway, fault)) || !(gateway->sweep = sweep_new(&sweep, fault)) ||
        http_start(gateway->http, fault) < 0)
        goto failed;
    return 0;
failed:
    gateway_close(gateway, 0);
    return -1;
}

void gateway_close(gateway_t *gateway, int64_t ms)
{
    if (gateway->http)
        http_drain(gateway->http, ms);
    if (gateway->studio)
        studio_stop(gateway->studio); /* it wakes no call any more */
    if (gateway->outbox)
        outbox_stop(gateway->outbox);
    if (gateway->importer)
        importer_stop(gateway->importer); /* nothing rings the bell any more but what the store still ends */
    if (gateway->pump)
        pump_stop(gateway->pump);
    http_destroy(&gateway->http);
    sweep_destroy(&gateway->sweep);
    store_destroy(&gateway->store);
    studio_destroy(&gateway->studio);
    outbox_destroy(&gateway->outbox);
    importer_destroy(&gateway->importer);
    blobs_close(&gateway->blobs);
    pump_destroy(&gateway->pump);
    bell_destroy(&gateway->bell);
    jwt_destroy(&gateway->jwt);
    keycheck_destroy(&gateway->keycheck);
    vault_close(&gateway->vault);
    limiter_destroy(&gateway->limiter);
}
