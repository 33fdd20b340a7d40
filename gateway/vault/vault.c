/* vault: see vault.h. A sealed secret is base64url of: the key's name, the nonce, the encrypted bytes with their tag.
 * Bound to it, beside the place, is the key's name.
 */
#include "vault.h"
#include "proto/base/keyfile.h"
#include "proto/base/memory.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NONCE    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG      crypto_aead_xchacha20poly1305_ietf_ABYTES
#define ENCODING sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* NAME: bytes that a key is told apart by. DIGITS: of a key, as it is written. PATH: of the file of a key. */
enum { NAME = 8, HEAD = NAME + NONCE, DIGITS = 2 * VAULT_KEY_BYTES, PATH = 4096 };
_Static_assert(VAULT_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the cipher's key");

struct vault {
    unsigned char key[VAULT_KEY_BYTES];
    unsigned char name[NAME]; /* by which what it has sealed is known; tells nothing of it */
};

/* ---- the key ---- */

vault_t *vault_open(const char *digits, fault_t *fault)
{
    size_t size = 0;
    if (sodium_init() < 0)
        abort(); /* the system gives no random bytes */
    vault_t *vault = memory_new(1, sizeof *vault);
    if (strlen(digits) != DIGITS ||
        sodium_hex2bin(vault->key, sizeof vault->key, digits, DIGITS, NULL, &size, NULL) < 0 ||
        size != sizeof vault->key) {
        fault_set(fault, FAULT_SETTING, "the key is not %d hex digits; make one by: openssl rand -hex %d", DIGITS,
                  VAULT_KEY_BYTES);
        vault_close(&vault);
        return NULL;
    }
    static const unsigned char about[] = "yogi vault: name of a key";
    crypto_generichash(vault->name, sizeof vault->name, about, sizeof about, vault->key, sizeof vault->key);
    return vault;
}

void vault_close(vault_t **vault)
{
    if (!vault || !*vault)
        return;
    sodium_memzero(*vault, sizeof **vault);
    free(*vault);
    *vault = NULL;
}

/* A new key in the file, unless another process is first: the name is taken with the whole key behind it. */
static int make_file(const char *path, fault_t *fault)
{
    char beside[PATH], digits[DIGITS + 2];
    unsigned char key[VAULT_KEY_BYTES];
    int length = snprintf(beside, sizeof beside, "%s.%ld", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof beside)
        return fault_set(fault, FAULT_SETTING, "%.60s… is too long for a path", path);
    if (sodium_init() < 0)
        abort();
    randombytes_buf(key, sizeof key);
    sodium_bin2hex(digits, sizeof digits, key, sizeof key);
    digits[DIGITS] = '\n';
    unlink(beside); /* of a process of this number that was killed */
    int done = keyfile_write(beside, digits, DIGITS + 1, fault);
    if (done == 0 && link(beside, path) < 0 && errno != EEXIST)
        done = fault_set(fault, FAULT_OUTPUT, "%s cannot be made: %s", path, strerror(errno));
    unlink(beside);
    sodium_memzero(key, sizeof key);
    sodium_memzero(digits, sizeof digits);
    return done;
}

vault_t *vault_open_file(const char *path, fault_t *fault)
{
    buf_t text = {0};
    vault_t *vault = NULL;
    if ((access(path, F_OK) < 0 && errno == ENOENT && make_file(path, fault) < 0) ||
        keyfile_read(path, KEYFILE_SECRET, DIGITS + 1, &text, fault) < 0)
        return NULL;
    if (text.size == DIGITS + 1 && text.bytes[DIGITS] == '\n')
        text.bytes[DIGITS] = 0;
    vault = vault_open(buf_string(&text), fault);
    if (!vault)
        fault_prefix(fault, path);
    sodium_memzero(text.bytes, text.size);
    buf_free(&text);
    return vault;
}

/* ---- secrets ---- */

static void bind(const vault_t *vault, const char *place, buf_t *bound)
{
    buf_add(bound, vault->name, sizeof vault->name);
    buf_text(bound, place);
}

void vault_seal(const vault_t *vault, const char *secret, size_t size, const char *place, buf_t *out)
{
    assert(size <= VAULT_SECRET_MOST);
    unsigned char sealed[HEAD + VAULT_SECRET_MOST + TAG];
    char text[sodium_base64_ENCODED_LEN(sizeof sealed, ENCODING)];
    unsigned long long length = 0;
    buf_t bound = {0};
    bind(vault, place, &bound);
    memcpy(sealed, vault->name, NAME);
    randombytes_buf(sealed + NAME, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + HEAD, &length, (const unsigned char *)secret, size,
                                               (const unsigned char *)bound.bytes, bound.size, NULL, sealed + NAME,
                                               vault->key);
    buf_text(out, sodium_bin2base64(text, sizeof text, sealed, HEAD + (size_t)length, ENCODING));
    buf_free(&bound);
}

int vault_unseal(const vault_t *vault, const char *sealed, const char *place, buf_t *out, fault_t *fault)
{
    unsigned char bytes[HEAD + VAULT_SECRET_MOST + TAG], secret[VAULT_SECRET_MOST];
    unsigned long long length = 0;
    size_t size = 0;
    if (sodium_base642bin(bytes, sizeof bytes, sealed, strlen(sealed), NULL, &size, NULL, ENCODING) < 0 ||
        size < HEAD + TAG)
        return fault_set(fault, FAULT_DAMAGED, "what was kept is not what a vault has sealed; enter it again");
    if (sodium_memcmp(bytes, vault->name, NAME) != 0)
        return fault_set(
            fault, FAULT_SETTING,
            "it was encrypted under another key than this gateway has now (YOGI_VAULT_KEY, or vault.key in "
            "YOGI_DATA); enter it again, or give the gateway the key of before");
    buf_t bound = {0};
    bind(vault, place, &bound);
    int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(secret, &length, NULL, bytes + HEAD, size - HEAD,
                                                            (const unsigned char *)bound.bytes, bound.size,
                                                            bytes + NAME, vault->key);
    buf_free(&bound);
    if (opened < 0)
        return fault_set(fault, FAULT_DAMAGED, "what was kept has been changed, or is another's; enter it again");
    buf_reserve(out, (size_t)length + 1); /* at once, so that no copy stays behind */
    buf_add(out, secret, (size_t)length);
    sodium_memzero(secret, sizeof secret);
    return 0;
}
