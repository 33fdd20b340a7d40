/* keyring: see keyring.h. */
#include "keyring.h"

#include <string.h>

static int read_own(keyring_t *keyring, const settings_t *settings, wire_plan_t *plan, fault_t *fault)
{
    if (certificate_read(settings->keys, CERTIFICATE_SECRET, &keyring->own, fault) < 0)
        return fault_prefix(fault, "YOGI_KEYS");
    plan->public_key = keyring->own.public_key;
    plan->secret_key = keyring->own.secret_key;
    return 0;
}

/* Two settings that are of no use without each other. */
static int check_both(const char *one, const char *other, const char *names[2], const char *why, fault_t *fault)
{
    if (!one == !other)
        return 0;
    return fault_set(fault, FAULT_SETTING, "%s is set and %s is not: %s", names[!one], names[!other], why);
}

int keyring_connect(keyring_t *keyring, const settings_t *settings, wire_plan_t *plan, fault_t *fault)
{
    *keyring = (keyring_t){0};
    *plan = (wire_plan_t){.insecure = settings->insecure == 1};
    if (check_both(settings->keys, settings->broker_key, (const char *[]){"YOGI_KEYS", "YOGI_BROKER_KEY"},
                   "who connects needs its own keys and the brokers' public one", fault) < 0)
        return -1;
    if (!settings->keys)
        return 0;
    if (certificate_read(settings->broker_key, CERTIFICATE_PUBLIC, &keyring->broker, fault) < 0)
        return fault_prefix(fault, "YOGI_BROKER_KEY");
    plan->server_key = keyring->broker.public_key;
    return read_own(keyring, settings, plan, fault);
}

int keyring_listen(keyring_t *keyring, const settings_t *settings, wire_plan_t *plan, fault_t *fault)
{
    *keyring = (keyring_t){0};
    *plan = (wire_plan_t){.insecure = settings->insecure == 1};
    if (check_both(settings->keys, settings->broker_allow, (const char *[]){"YOGI_KEYS", "YOGI_BROKER_ALLOW"},
                   "a broker needs its own keys and the list of those that it lets in", fault) < 0)
        return -1;
    return settings->keys ? read_own(keyring, settings, plan, fault) : 0;
}

void keyring_wipe(keyring_t *keyring)
{
    explicit_bzero(keyring, sizeof *keyring);
}
