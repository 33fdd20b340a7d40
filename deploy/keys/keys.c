/* keys: see keys.h. */
#include "keys.h"
#include "proto/wire/certificate.h"

#include <string.h>

static void write_line(const certificate_t *certificate, const allow_rights_t *rights, buf_t *out)
{
    allow_entry_t entry = {.name = certificate->name, .rights = *rights};
    memcpy(entry.key, certificate->public_key, sizeof entry.key);
    allow_write(&entry, out);
}

int keys_new(const char *name, const keys_options_t *options, buf_t *out, fault_t *fault)
{
    if (!allow_name_valid(name, strlen(name)))
        return fault_set(fault, FAULT_USAGE, "\"%.80s\" is no name of a key (letters, digits, - _ .; at most %d)", name,
                         ALLOW_NAME_MOST);
    if (!options->role)
        return fault_set(fault, FAULT_USAGE, "--role is missing: actor, actor:STAGE,STAGE, owner, admin or broker");
    arena_t *arena = arena_new();
    allow_rights_t rights = {0};
    certificate_t certificate;
    int done = 0;
    if (strcmp(options->role, "broker") != 0 && (done = allow_roles(options->role, arena, &rights, fault)) < 0) {
        fault_prefix(fault, "--role");
        fault->code = FAULT_USAGE;
    }
    if (done == 0) {
        certificate_new(name, &certificate);
        done = certificate_write(options->out, &certificate, fault);
        if (done == 0 && rights.roles)
            write_line(&certificate, &rights, out);
        else if (done == 0)
            buf_format(out, "# %s.cert_secret: YOGI_KEYS of the brokers; %s.cert: YOGI_BROKER_KEY of all others\n",
                       name, name);
        certificate_wipe(&certificate);
    }
    arena_destroy(&arena);
    return done;
}

int keys_list(const char *path, buf_t *out, fault_t *fault)
{
    allow_t *allow = allow_read(path, fault);
    if (!allow)
        return -1;
    for (size_t i = 0; i < allow_count(allow); i++)
        allow_write(allow_entry(allow, i), out);
    allow_destroy(&allow);
    return 0;
}
