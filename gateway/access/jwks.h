/* jwks: the public keys that tokens are signed by (RFC 7517), from a file or from a URL that is asked again now and
 * then.
 *
 * Used by jwt.c. A thread that looks for a key it does not find asks again itself, not more often than every
 * JWKS_AGAIN_S; the others go on with the keys that there are. A file is read again when it has changed. What is wrong
 * with the place is logged once, until it is something else or right again.
 */
#ifndef YOGI_ACCESS_JWKS_H
#define YOGI_ACCESS_JWKS_H

#include "proto/base/fault.h"
#include "proto/base/log.h"

#include <cjose/cjose.h>
#include <stdint.h>

typedef struct jwks jwks_t;

/* Of a set. AGAIN: between questions for an unknown key. OLD: after which keys are asked for again. SECONDS: for a
 * question. BYTES: of an answer. */
enum { JWKS_KEYS_MOST = 64, JWKS_AGAIN_S = 10, JWKS_OLD_S = 600, JWKS_SECONDS = 5, JWKS_BYTES_MOST = 1 << 20 };

/* place: path of a file, or an http(s) URL. authorities: as fetch.h. A file that cannot be read is a fault; a URL that
 * does not answer is tried again later. log is kept; NULL = nobody is told. */
jwks_t *jwks_new(const char *place, const char *authorities, const log_t *log, fault_t *fault);
void jwks_destroy(jwks_t **jwks); /* takes NULL; nulls the caller's pointer */

/* The RSA key of this id (NULL: the only one there is), for the caller to release; NULL where there is none. */
cjose_jwk_t *jwks_find(jwks_t *jwks, const char *kid);

#endif
