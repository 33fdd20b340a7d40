/* gateway: everything that a handler of the interface needs, and the life of it.
 *
 *     gateway_open ──▶ store (migrated), blobs, outbox, importer, studio, http: it serves
 *     gateway_close    no new connections, calls under way end, runs are given back, the store ends
 */
#ifndef YOGI_GATEWAY_H
#define YOGI_GATEWAY_H

#include "access/jwt.h"
#include "access/limiter.h"
#include "bell.h"
#include "blobs/blobs.h"
#include "http/http.h"
#include "importer/importer.h"
#include "llm/keycheck.h"
#include "outbox/outbox.h"
#include "proto/process.h"
#include "pump.h"
#include "store/store.h"
#include "studio/studio.h"
#include "sweep.h"
#include "vault/vault.h"

/* Plain data; the handlers read it, and nobody changes it while it serves. */
typedef struct {
    process_t *process;
    store_t *store;
    blobs_t *blobs;
    outbox_t *outbox;
    importer_t *importer;
    studio_t *studio;
    sweep_t *sweep;
    bell_t *bell;
    pump_t *pump;
    jwt_t *jwt;     /* NULL = no tokens of others are taken */
    vault_t *vault; /* of what users entrust to it */
    keycheck_t *keycheck;
    limiter_t *limiter; /* NULL = keys may call as often as they like */
    http_t *http;
    const char *spool; /* folder of uploads that are being read */
    bool keys;         /* callers must bring a key */
} gateway_t;

/* Reads the settings, opens everything and serves. -1 with the fault; then it is closed again. The process outlives it.
 */
int gateway_open(gateway_t *gateway, process_t *process, fault_t *fault) __attribute__((warn_unused_result));

/* Ends in order, with calls under way for at most so long. */
void gateway_close(gateway_t *gateway, int64_t ms);

#endif
