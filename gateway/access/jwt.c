/* jwt: see jwt.h. */
#include "jwt.h"

#include "jwks.h"
#include "proto/base/memory.h"
#include "proto/base/tenant.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct jwt {
    cjose_jwk_t *secret; /* of HS256; NULL = not taken */
    jwks_t *keys;        /* of RS256; NULL = not taken */
    char *issuer, *audience, *tenant_claim, *role_claim;
};

static char *copy(const char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;
    return text ? memcpy(memory_new(size, 1), text, size) : NULL;
}

jwt_t *jwt_new(const jwt_plan_t *plan, fault_t *fault)
{
    cjose_err problem;
    jwt_t *jwt = memory_new(1, sizeof *jwt);
    jwt->issuer = copy(plan->issuer);
    jwt->audience = copy(plan->audience);
    jwt->tenant_claim = copy(plan->tenant_claim);
    jwt->role_claim = copy(plan->role_claim);
    size_t length = plan->secret ? strlen(plan->secret) : 0;
    if (plan->secret && length < JWT_SECRET_LEAST)
        fault_set(fault, FAULT_SETTING, "YOGI_JWT_SECRET has %zu bytes; it must have %d at least", length,
                  JWT_SECRET_LEAST);
    else if (plan->secret &&
             !(jwt->secret = cjose_jwk_create_oct_spec((const uint8_t *)plan->secret, length, &problem)))
        fault_set(fault, FAULT_SETTING, "YOGI_JWT_SECRET cannot be used: %s", problem.message);
    else if (plan->keys && !(jwt->keys = jwks_new(plan->keys, plan->authorities, plan->log, fault)))
        fault_prefix(fault, "YOGI_JWT_KEYS");
    else
        return jwt;
    jwt_destroy(&jwt);
    return NULL;
}

void jwt_destroy(jwt_t **jwt)
{
    if (!jwt || !*jwt)
        return;
    if ((*jwt)->secret)
        cjose_jwk_release((*jwt)->secret);
    jwks_destroy(&(*jwt)->keys);
    free((*jwt)->issuer);
    free((*jwt)->audience);
    free((*jwt)->tenant_claim);
    free((*jwt)->role_claim);
    free(*jwt);
    *jwt = NULL;
}

bool jwt_is(const char *text)
{
    const char *first = strchr(text, '.'), *second = first ? strchr(first + 1, '.') : NULL;
    return strncmp(text, "eyJ", 3) == 0 && second && !strchr(second + 1, '.');
}

/* ---- the signature ---- */

/* The key that this token must be signed by: which kind follows from what is set up here, not from the token alone.
 * NULL with the fault; the caller's to release. */
static cjose_jwk_t *key_of(jwt_t *jwt, cjose_jws_t *jws, fault_t *fault)
{
    cjose_err problem;
    cjose_header_t *header = cjose_jws_get_protected(jws);
    const char *algorithm = cjose_header_get(header, CJOSE_HDR_ALG, &problem);
    const char *kid = cjose_header_get(header, CJOSE_HDR_KID, &problem);
    cjose_jwk_t *key = NULL;
    char *critical = cjose_header_get_raw(header, "crit", &problem);
    if (critical)
        fault_set(fault, FAULT_INPUT, "the token has critical extensions, which are not known here");
    else if (algorithm && strcmp(algorithm, "HS256") == 0 && jwt->secret)
        key = cjose_jwk_retain(jwt->secret, &problem);
    else if (!algorithm || strcmp(algorithm, "RS256") != 0 || !jwt->keys)
        fault_set(fault, FAULT_INPUT, "the token's algorithm is not taken here");
    else if (!(key = jwks_find(jwt->keys, kid)))
        fault_set(fault, FAULT_INPUT, "the token's key is not known");
    if (critical)
        cjose_get_dealloc()(critical);
    return key;
}

/* The claims of a token that is signed well; the caller's to give up. */
static json_t *open_token(jwt_t *jwt, const char *token, fault_t *fault)
{
    cjose_err problem;
    uint8_t *text = NULL; /* the token's */
    size_t size = 0, length = strnlen(token, JWT_BYTES_MOST + 1);
    json_error_t error;
    json_t *claims = NULL;
    cjose_jws_t *jws = length <= JWT_BYTES_MOST ? cjose_jws_import(token, length, &problem) : NULL;
    cjose_jwk_t *key = NULL;
    if (!jws)
        fault_set(fault, FAULT_INPUT, "the token is malformed");
    else if (!(key = key_of(jwt, jws, fault)))
        goto done;
    else if (!cjose_jws_verify(jws, key, &problem) || !cjose_jws_get_plaintext(jws, &text, &size, &problem))
        fault_set(fault, FAULT_INPUT, "the token's signature is wrong");
    else if (!(claims = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES, &error)) ||
             !json_is_object(claims))
        fault_set(fault, FAULT_INPUT, "the token's claims are no JSON object");
done:
    if (key)
        cjose_jwk_release(key);
    if (jws)
        cjose_jws_release(jws);
    if (claims && !json_is_object(claims)) {
        json_decref(claims);
        claims = NULL;
    }
    return claims;
}

/* ---- the claims ---- */

static int check_times(const json_t *claims, int64_t now_s, fault_t *fault)
{
    const json_t *end = json_object_get(claims, "exp"), *begin = json_object_get(claims, "nbf");
    if (!json_is_number(end))
        return fault_set(fault, FAULT_INPUT, "the token does not say when it ends (exp)");
    if ((double)now_s > json_number_value(end) + JWT_LEEWAY_S)
        return fault_set(fault, FAULT_INPUT, "the token has expired");
    if (begin && (!json_is_number(begin) || (double)now_s < json_number_value(begin) - JWT_LEEWAY_S))
        return fault_set(fault, FAULT_INPUT, "the token is not valid yet");
    return 0;
}

/* Whether the audience, a text or an array of them, names this one. */
static bool names(const json_t *audience, const char *wanted)
{
    if (json_is_string(audience))
        return strcmp(json_string_value(audience), wanted) == 0;
    for (size_t i = 0; i < json_array_size(audience); i++)
        if (json_is_string(json_array_get(audience, i)) && names(json_array_get(audience, i), wanted))
            return true;
    return false;
}

static int check_parties(const jwt_t *jwt, const json_t *claims, fault_t *fault)
{
    const char *issuer = json_string_value(json_object_get(claims, "iss"));
    if (jwt->issuer && (!issuer || strcmp(issuer, jwt->issuer) != 0))
        return fault_set(fault, FAULT_INPUT, "the token is another issuer's");
    if (jwt->audience && !names(json_object_get(claims, "aud"), jwt->audience))
        return fault_set(fault, FAULT_INPUT, "the token is for another audience");
    return 0;
}

static int take_claims(const jwt_t *jwt, const json_t *claims, arena_t *arena, jwt_claims_t *out, fault_t *fault)
{
    const char *tenant = json_string_value(json_object_get(claims, jwt->tenant_claim));
    const char *role = json_string_value(json_object_get(claims, jwt->role_claim));
    const char *subject = json_string_value(json_object_get(claims, "sub"));
    if (!tenant || !tenant_is_name(tenant, strlen(tenant)))
        return fault_set(fault, FAULT_INPUT, "the token's claim %s names no tenant", jwt->tenant_claim);
    if (!role)
        return fault_set(fault, FAULT_INPUT, "the token's claim %s names no role", jwt->role_claim);
    *out =
        (jwt_claims_t){arena_text(arena, tenant), arena_text(arena, role), arena_text(arena, subject ? subject : "")};
    return 0;
}

int jwt_check(jwt_t *jwt, const char *token, int64_t now_s, arena_t *arena, jwt_claims_t *claims, fault_t *fault)
{
    json_t *found = open_token(jwt, token, fault);
    int done = found ? 0 : -1;
    if (done == 0)
        done = check_times(found, now_s, fault);
    if (done == 0)
        done = check_parties(jwt, found, fault);
    if (done == 0)
        done = take_claims(jwt, found, arena, claims, fault);
    json_decref(found);
    return done;
}
