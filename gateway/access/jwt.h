/* jwt: tokens that somebody else gives out: whose they are and what they allow (RFC 7519, signed by HS256 or RS256;
 * what is weaker, unsigned, or signed by the wrong kind of key is none: RFC 8725).
 *
 * A token must say when it ends (exp), its tenant and its role, by the names of the settings; issuer and audience are
 * held against the settings where they are set.
 */
#ifndef YOGI_ACCESS_JWT_H
#define YOGI_ACCESS_JWT_H

#include "proto/base/arena.h"
#include "proto/base/fault.h"
#include "proto/base/log.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct jwt jwt_t;

/* LEEWAY: of clocks. SECRET: RFC 7518, 3.2. BYTES: of a token. */
enum { JWT_LEEWAY_S = 60, JWT_SECRET_LEAST = 32, JWT_BYTES_MOST = 8192 };

/* Borrowed for jwt_new. NULL = not set. */
typedef struct {
    const char *secret;      /* of HS256 */
    const char *keys;        /* of RS256: path or URL of a JWKS */
    const char *authorities; /* that the URL is trusted by */
    const char *issuer, *audience;
    const char *tenant_claim, *role_claim; /* names */
    const log_t *log;                      /* kept; NULL = nobody is told */
} jwt_plan_t;

/* In the caller's arena. */
typedef struct {
    const char *tenant, *role;
    const char *subject; /* or "" */
} jwt_claims_t;

/* NULL with the fault where the plan makes no sense. */
jwt_t *jwt_new(const jwt_plan_t *plan, fault_t *fault);
void jwt_destroy(jwt_t **jwt); /* takes NULL; nulls the caller's pointer */

/* Whether the text looks like a token of this kind; an API key never does. */
bool jwt_is(const char *text);

/* Checks it; now_s: Unix time. -1 with FAULT_INPUT: why not. From any thread. */
int jwt_check(jwt_t *jwt, const char *token, int64_t now_s, arena_t *arena, jwt_claims_t *claims, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
