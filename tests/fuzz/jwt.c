/* Tokens of others: whatever comes as one, and whatever claims one that is signed well makes. What is let in names a
 * tenant and a role. The first byte says whether the rest is a whole token or the claims of one. */
#include "gateway/access/jwt.h"
#include "proto/base/buf.h"
#include "proto/base/hash.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

#define SECRET "a secret of a fuzz target, long enough"
enum { NOW_S = 1800000000 };

/* Without padding (RFC 4648, 5). */
static void add_base64(buf_t *out, const uint8_t *bytes, size_t size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned three = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? (unsigned)bytes[i + 2] : 0);
        for (size_t j = 0; j < (left > 2 ? 4 : left + 1); j++)
            buf_char(out, letters[three >> (18 - 6 * j) & 63]);
    }
}

static void sign(const uint8_t *claims, size_t size, buf_t *token)
{
    uint8_t digest[HASH_BYTES];
    buf_text(token, "eyJhbGciOiJIUzI1NiJ9."); /* {"alg":"HS256"} */
    add_base64(token, claims, size);
    hash_hmac(SECRET, strlen(SECRET), token->bytes, token->size, digest);
    buf_char(token, '.');
    add_base64(token, digest, sizeof digest);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    jwt_plan_t plan = {.secret = SECRET,
                       .issuer = "https://id.example",
                       .audience = "yogi",
                       .tenant_claim = "tenant",
                       .role_claim = "role"};
    buf_t token = {0};
    jwt_claims_t claims;
    fault_t fault = {0};
    if (!size)
        return 0;
    jwt_t *jwt = jwt_new(&plan, &fault);
    arena_t *arena = arena_new();
    if (!jwt)
        abort();
    if (bytes[0] & 1)
        sign(bytes + 1, size - 1, &token);
    else
        buf_add(&token, bytes + 1, size - 1);
    if (jwt_check(jwt, buf_string(&token), NOW_S, arena, &claims, &fault) == 0) {
        if (!*claims.tenant || strlen(claims.tenant) > 64 || strpbrk(claims.tenant, "/. ") || !claims.role)
            abort();
    } else if (fault.code != FAULT_INPUT || !*fault.text) {
        abort();
    }
    arena_destroy(&arena);
    jwt_destroy(&jwt);
    buf_free(&token);
    return 0;
}
