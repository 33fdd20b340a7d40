/* vault: encrypts what users entrust to a gateway and what it must be able to use later (API keys of model providers),
 * so that the database and its backups do not hold them in clear.
 *
 * Sealed by XChaCha20-Poly1305 of libsodium, which ZeroMQ has brought along: its nonces are long enough to be drawn at
 * random, so that no count of them has to survive a restart or be shared among gateways. What is sealed is bound to a
 * place (whose it is): moved to another row it does not open. It says which key it was sealed under, so that a key that
 * was changed or lost is told from damage; either is a fault with a sentence, never more.
 *
 * The key comes from a setting, the same for all gateways of a database, or from a file of its own, made once.
 * Sources: RFC 8439 and draft-irtf-cfrg-xchacha. The only room that knows libsodium. From any thread.
 */
#ifndef YOGI_VAULT_H
#define YOGI_VAULT_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

typedef struct vault vault_t;

/* KEY: bytes of the key. SECRET_MOST: of what may be sealed; the keys of providers have up to 200. */
enum { VAULT_KEY_BYTES = 32, VAULT_SECRET_MOST = 4096 };

/* With the key that is written in 64 hex digits. NULL with the fault (FAULT_SETTING), which holds nothing of it. */
vault_t *vault_open(const char *digits, fault_t *fault);

/* With the key of the file, which nobody but its owner may be able to read; it is made where it is missing. NULL with
 * the fault. */
vault_t *vault_open_file(const char *path, fault_t *fault);

void vault_close(vault_t **vault); /* wipes the key; takes NULL; nulls the caller's pointer */

/* Appends the secret, sealed for the place, as text. At most VAULT_SECRET_MOST bytes. */
void vault_seal(const vault_t *vault, const char *secret, size_t size, const char *place, buf_t *out);

/* Appends the secret again; the caller wipes it after use. -1 with the fault: FAULT_SETTING, it was sealed under
 * another key; FAULT_DAMAGED, it was not sealed for this place or has been changed. */
int vault_unseal(const vault_t *vault, const char *sealed, const char *place, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
