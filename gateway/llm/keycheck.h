/* keycheck: whether an API key is one of its provider's. Where an operator has named the provider's server, that is
 * asked (by proto/fetch: no address that is not of the public internet, but those of YOGI_SOURCE_NETWORKS; no
 * redirect); else the form of the key is all that can be told. Users name no server.
 */
#ifndef YOGI_LLM_KEYCHECK_H
#define YOGI_LLM_KEYCHECK_H

#include "proto/base/fault.h"
#include "proto/settings.h"
#include "provider.h"

typedef struct keycheck keycheck_t;

/* MOST: servers that are asked at the same time, so that slow ones leave the gateway's threads free. SECONDS: that one
 * may take. */
enum { KEYCHECK_MOST = 2, KEYCHECK_SECONDS = 10 };

/* NULL with the fault where a URL of the settings is none. The settings outlive it. */
keycheck_t *keycheck_new(const settings_t *settings, fault_t *fault);
void keycheck_destroy(keycheck_t **check); /* takes NULL; nulls the caller's pointer */

/* Whether a server can be asked for keys of this provider. */
bool keycheck_asks(const keycheck_t *check, const provider_t *provider);

/* By its form alone. -1 with FAULT_INPUT; no fault of this room holds the key. */
int keycheck_form(const keycheck_t *check, const provider_t *provider, const char *key, fault_t *fault)
    __attribute__((warn_unused_result));

/* By its form, then by its provider's server where there is one; may wait. -1 with the fault: FAULT_INPUT, it is not
 * good; FAULT_UNAVAILABLE, too many are being asked about; FAULT_UNREACHABLE, the server does not tell now;
 * FAULT_SETTING, it is not one that may be asked, or none of this kind. From any thread. */
int keycheck_ask(keycheck_t *check, const provider_t *provider, const char *key, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
