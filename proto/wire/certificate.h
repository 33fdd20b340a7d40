/* certificate: a process's own pair of CURVE keys, and the public key of another one, in files that czmq (zcert) and
 * pyzmq (zmq.auth) read and write as well:
 *
 *     NAME.cert          the public key, for everybody who is to connect to its owner
 *     NAME.cert_secret   both keys, for its owner alone
 *
 * For:    brokers, hosts, owners when they start, and `yogi keys`.
 * Secret: whoever has read a pair wipes it once the sockets are made.
 */
#ifndef YOGI_WIRE_CERTIFICATE_H
#define YOGI_WIRE_CERTIFICATE_H

#include "allow.h"

/* Plain data. */
typedef struct {
    char name[ALLOW_NAME_MOST + 1]; /* "" = the file names nobody */
    char public_key[KEY_TEXT];
    char secret_key[KEY_TEXT]; /* "" = it is public */
} certificate_t;

typedef enum { CERTIFICATE_PUBLIC, CERTIFICATE_SECRET } certificate_kind_t;

/* Longest file that is read: those of czmq and ours are below 1 kB. */
enum { CERTIFICATE_BYTES_MOST = 4096, CERTIFICATE_PATH_MOST = 4096 };

/* Reads one from its text (pure). SECRET: it must have both keys, and they must belong together; PUBLIC: a secret key
 * is passed over. -1 with the fault (FAULT_SETTING). */
int certificate_parse(const char *text, size_t size, certificate_kind_t kind, certificate_t *certificate,
                      fault_t *fault) __attribute__((warn_unused_result));

/* Reads one from its file. SECRET: nobody else may be able to read that (keyfile.h). -1 with the fault. */
int certificate_read(const char *path, certificate_kind_t kind, certificate_t *certificate, fault_t *fault)
    __attribute__((warn_unused_result));

/* A new pair under this name (allow_name_valid, asserted). */
void certificate_new(const char *name, certificate_t *certificate);

/* Writes both files into the folder, with mode 0600, durably. Nothing that is there is replaced, and after a failure
 * neither file is there. -1 with the fault (FAULT_OUTPUT). */
int certificate_write(const char *folder, const certificate_t *certificate, fault_t *fault)
    __attribute__((warn_unused_result));

/* Appends what NAME.cert holds, or NAME.cert_secret. */
void certificate_print(const certificate_t *certificate, certificate_kind_t kind, buf_t *out);

void certificate_wipe(certificate_t *certificate); /* nothing of it is left */

#endif
