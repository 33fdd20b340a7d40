/* tokens: `yogi tokens`: API keys for a gateway, in the database that the settings name. A key's secret is shown once,
 * when it is made; the database has its hash alone.
 */
#ifndef YOGI_DEPLOY_TOKENS_H
#define YOGI_DEPLOY_TOKENS_H

#include "gateway/store/store.h"
#include "proto/base/buf.h"

/* Plain data. */
typedef struct {
    const char *tenant; /* NULL = the default one; of the list: all */
    const char *role;   /* teacher, admin, service */
    int days;           /* that it is valid; 0 = for ever */
} tokens_options_t;

/* Makes a key with this name for people, and its tenant where there is none yet; appends its id and its secret. */
int tokens_new(store_t *store, const char *name, const tokens_options_t *options, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

/* Appends a line for each key. */
int tokens_list(store_t *store, const tokens_options_t *options, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

/* Ends the key of this id, whichever tenant's; a second time too. */
int tokens_revoke(store_t *store, const char *id, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));

#endif
