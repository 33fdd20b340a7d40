/* cluster: see cluster.h. */
#include "cluster.h"
#include "proto/base/arena.h"
#include "proto/wire/certificate.h"

#include <assert.h>
#include <string.h>
#include <sys/random.h>

/* Who has keys, and what the brokers let them do; gateways are a stage too, which keeps what owners without a database
 * hand in. A test holds the list to the manifests. */
static const struct {
    const char *name, *roles;
} members[] = {
    {"api-service", "owner actor:store"},
    {"classification-worker", "actor:classification,render"},
    {"ocr-worker", "actor:ocr"},
    {"llm-worker", "actor:llm"},
    {"validator-worker", "actor:validation"},
    {"bullmq-bridge", "owner actor"},
};
enum { MEMBERS = sizeof members / sizeof *members, VAULT_BYTES = 32 };

static void begin(const char *name, buf_t *out)
{
    buf_format(out, "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\nstringData:\n", name);
}

/* "  NAME: |" and the lines, each behind four spaces. */
static void add_file(const char *name, buf_t *text, buf_t *out)
{
    buf_format(out, "  %s: |\n", name);
    for (char *line = text->bytes, *end; (end = strchr(line, '\n')); line = end + 1)
        buf_format(out, "%s%.*s\n", end > line ? "    " : "", (int)(end - line), line);
    explicit_bzero(text->bytes, text->size);
    buf_free(text);
}

static void add_certificate(const char *name, const certificate_t *certificate, certificate_kind_t kind, buf_t *out)
{
    buf_t text = {0};
    certificate_print(certificate, kind, &text);
    add_file(name, &text, out);
}

/* A member's pair, and its line of the allow-list. */
static void add_member(size_t i, const certificate_t *broker, arena_t *arena, buf_t *allow, buf_t *out)
{
    certificate_t own;
    allow_entry_t entry = {.name = members[i].name};
    fault_t fault;
    char secret[ALLOW_NAME_MOST + 8] = "";
    strcat(strcat(secret, members[i].name), "-keys");
    certificate_new(members[i].name, &own);
    memcpy(entry.key, own.public_key, sizeof entry.key);
    int parsed = allow_roles(members[i].roles, arena, &entry.rights, &fault);
    assert(parsed == 0);
    allow_write(&entry, allow);
    begin(secret, out);
    add_certificate("own.cert_secret", &own, CERTIFICATE_SECRET, out);
    add_certificate("broker.cert", broker, CERTIFICATE_PUBLIC, out);
    certificate_wipe(&own);
}

static int add_vault(buf_t *out, fault_t *fault)
{
    unsigned char key[VAULT_BYTES];
    if (getrandom(key, sizeof key, 0) != sizeof key)
        return fault_set(fault, FAULT_SYSTEM, "the system gives no random bytes");
    begin("vault-secret", out);
    buf_text(out, "  key: \"");
    for (size_t i = 0; i < sizeof key; i++)
        buf_format(out, "%02x", key[i]);
    buf_text(out, "\"\n");
    explicit_bzero(key, sizeof key);
    return 0;
}

int cluster_keys(buf_t *out, fault_t *fault)
{
    arena_t *arena = arena_new();
    certificate_t broker;
    buf_t allow = {0};
    certificate_new("broker", &broker);
    buf_text(out,
             "# New keys of Yogi, for kubectl apply -f -. They are secret: do not keep this where others read it.\n");
    for (size_t i = 0; i < MEMBERS; i++)
        add_member(i, &broker, arena, &allow, out);
    begin("broker-keys", out);
    add_certificate("own.cert_secret", &broker, CERTIFICATE_SECRET, out);
    add_file("allow", &allow, out);
    certificate_wipe(&broker);
    arena_destroy(&arena);
    return add_vault(out, fault);
}
