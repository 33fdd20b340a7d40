/* s3_account: whose credentials requests are signed with, and how they are renewed.
 *
 * Looked for in the order of AWS's own clients: the settings themselves; a web identity (a token in a file, as
 * Kubernetes puts it there, changed for keys at STS); the shared file of credentials. Keys of a web identity run out
 * and are changed for new ones five minutes before; the shared file is read again when it has changed. Blocking where
 * STS must be asked; safe for many threads. Source: AWS Security Token Service API Reference,
 * AssumeRoleWithWebIdentity.
 */
#ifndef YOGI_S3_ACCOUNT_H
#define YOGI_S3_ACCOUNT_H

#include "s3_call.h"

typedef struct s3_account s3_account_t;

/* By the names of AWS's settings; NULL = not set. Borrowed for the call that makes the account. */
typedef struct {
    const char *id;            /* AWS_ACCESS_KEY_ID */
    const char *secret;        /* AWS_SECRET_ACCESS_KEY */
    const char *token;         /* AWS_SESSION_TOKEN */
    const char *identity_file; /* AWS_WEB_IDENTITY_TOKEN_FILE */
    const char *role;          /* AWS_ROLE_ARN */
    const char *session;       /* AWS_ROLE_SESSION_NAME; NULL = yogi */
    const char *sts_endpoint;  /* AWS_ENDPOINT_URL_STS; NULL = AWS's own for the region */
    const char *shared_file;   /* AWS_SHARED_CREDENTIALS_FILE */
    const char *profile;       /* AWS_PROFILE; NULL = default */
} s3_account_plan_t;

/* NULL with the fault where nothing of it is set, or half of it. The line outlives the account. */
s3_account_t *s3_account_new(const s3_account_plan_t *plan, const char *region, s3_line_t *line, fault_t *fault);
void s3_account_destroy(s3_account_t **account);

/* The credentials of this moment (now_s: Unix time). -1 with the fault (FAULT_SETTING, FAULT_UNREACHABLE). */
int s3_account_get(s3_account_t *account, int64_t now_s, s3_credentials_t *credentials, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
