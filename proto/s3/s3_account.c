/* s3_account: see s3_account.h. */
#include "s3_account.h"

#include "proto/base/memory.h"
#include "s3_answer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* EARLY: before their end keys are changed. LATER: when STS cannot be asked, old ones serve on and it is asked again.
 * FILE: bytes of a file of credentials or of a token. */
enum { EARLY_S = 300, LATER_S = 20, FILE_BYTES_MOST = 65536 };

typedef enum { KIND_FIXED, KIND_IDENTITY, KIND_SHARED } kind_t;

struct s3_account {
    kind_t kind;
    s3_line_t *line;
    char region[S3_REGION_BYTES];
    char *identity_file, *role, *session, *sts_endpoint, *shared_file, *profile; /* copies of the plan's */
    pthread_mutex_t lock;                                                        /* of what follows */
    s3_credentials_t credentials;                                                /* of now */
    int64_t renew_s;  /* Unix time from which on they are changed */
    int64_t end_s;    /* when they run out */
    struct stat file; /* the shared file when it was read */
};

static char *copy(const char *text)
{
    return text && *text ? strdup(text) : NULL;
}

static bool is_set(const char *text)
{
    return text && *text;
}

static int put(char *to, size_t size, const char *value, const char *what, fault_t *fault)
{
    if (strlen(value) < size)
        return snprintf(to, size, "%s", value) < 0;
    return fault_set(fault, FAULT_SETTING, "%s is too long", what);
}

static int put_all(s3_credentials_t *to, const char *id, const char *secret, const char *token, fault_t *fault)
{
    return put(to->id, sizeof to->id, id, "AWS_ACCESS_KEY_ID", fault) != 0 ||
                   put(to->secret, sizeof to->secret, secret, "AWS_SECRET_ACCESS_KEY", fault) != 0 ||
                   put(to->token, sizeof to->token, token ? token : "", "AWS_SESSION_TOKEN", fault) != 0
               ? -1
               : 0;
}

/* The whole file as text. -1 with the fault. */
static int read_file(const char *path, const char *setting, buf_t *out, struct stat *status, fault_t *fault)
{
    char block[4096];
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, status) == 0)
        while ((n = read(fd, block, sizeof block)) > 0 && out->size < FILE_BYTES_MOST)
            buf_add(out, block, (size_t)n);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (fd < 0 || n < 0)
        return fault_set(fault, FAULT_SETTING, "%s: %s cannot be read: %s", setting, path, strerror(error));
    return 0;
}

/* ---- the shared file ---- */

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    for (size_t length = strlen(text); length && strchr(" \t\r", text[length - 1]); length--)
        text[length - 1] = 0;
    return text;
}

/* "[profile]" and "name = value" lines; later ones of the same name count. */
static void read_profile(char *text, const char *profile, s3_credentials_t *out)
{
    bool inside = false;
    for (char *line; (line = strsep(&text, "\n"));) {
        line = trim(line);
        char *equals = strchr(line, '=');
        if (*line == '[') {
            line[strcspn(line, "]")] = 0;
            inside = strcmp(trim(line + 1), profile) == 0;
        } else if (inside && equals && *line != '#' && *line != ';') {
            *equals = 0;
            const char *name = trim(line), *value = trim(equals + 1);
            if (strcmp(name, "aws_access_key_id") == 0)
                snprintf(out->id, sizeof out->id, "%s", value);
            else if (strcmp(name, "aws_secret_access_key") == 0)
                snprintf(out->secret, sizeof out->secret, "%s", value);
            else if (strcmp(name, "aws_session_token") == 0)
                snprintf(out->token, sizeof out->token, "%s", value);
        }
    }
}

static int renew_shared(s3_account_t *account, fault_t *fault)
{
    buf_t text = {0};
    s3_credentials_t fresh = {0};
    if (read_file(account->shared_file, "AWS_SHARED_CREDENTIALS_FILE", &text, &account->file, fault) < 0)
        return -1;
    if (text.size)
        read_profile(text.bytes, account->profile, &fresh);
    if (text.size)
        explicit_bzero(text.bytes, text.size);
    buf_free(&text);
    if (!*fresh.id || !*fresh.secret)
        return fault_set(fault, FAULT_SETTING,
                         "%s has no aws_access_key_id and aws_secret_access_key under [%s]; see AWS_PROFILE",
                         account->shared_file, account->profile);
    account->credentials = fresh;
    return 0;
}

static bool has_changed(const s3_account_t *account)
{
    struct stat status;
    const struct stat *then = &account->file;
    return stat(account->shared_file, &status) == 0 &&
           (status.st_ino != then->st_ino || status.st_size != then->st_size ||
            status.st_mtim.tv_sec != then->st_mtim.tv_sec || status.st_mtim.tv_nsec != then->st_mtim.tv_nsec);
}

/* ---- the web identity ---- */

static void identity_url(const s3_account_t *account, const char *token, buf_t *url)
{
    if (account->sts_endpoint)
        buf_format(url, "%.*s", (int)strcspn(account->sts_endpoint, "?#"), account->sts_endpoint);
    else
        buf_format(url, "https://sts.%s.amazonaws.com/", account->region);
    if (url->bytes[url->size - 1] != '/')
        buf_char(url, '/');
    buf_text(url, "?Action=AssumeRoleWithWebIdentity&RoleArn=");
    s3_encode(url, account->role, false);
    buf_text(url, "&RoleSessionName=");
    s3_encode(url, account->session, false);
    buf_text(url, "&Version=2011-06-15&WebIdentityToken=");
    s3_encode(url, token, false);
}

/* Takes the keys of STS's answer. */
static int take_keys(s3_account_t *account, const s3_answer_t *answer, int64_t now_s, fault_t *fault)
{
    char expiration[40], why[200];
    s3_credentials_t fresh = {0};
    if (answer->status != 200) {
        s3_answer_find(&answer->body, "Message", why, sizeof why);
        return fault_set(fault, FAULT_SETTING, "AWS_WEB_IDENTITY_TOKEN_FILE: STS gives no keys for %s (HTTP %d): %s",
                         account->role, answer->status, why);
    }
    if (!s3_answer_find(&answer->body, "AccessKeyId", fresh.id, sizeof fresh.id) ||
        !s3_answer_find(&answer->body, "SecretAccessKey", fresh.secret, sizeof fresh.secret) ||
        !s3_answer_find(&answer->body, "SessionToken", fresh.token, sizeof fresh.token) ||
        !s3_answer_find(&answer->body, "Expiration", expiration, sizeof expiration))
        return fault_set(fault, FAULT_UNREACHABLE, "STS's answer holds no keys");
    struct tm tm = {0};
    if (!strptime(expiration, "%Y-%m-%dT%H:%M:%S", &tm))
        return fault_set(fault, FAULT_UNREACHABLE, "STS's keys expire at no time that can be read");
    account->credentials = fresh;
    account->end_s = timegm(&tm);
    int64_t span = account->end_s - now_s; /* of a short one, its last third */
    account->renew_s = account->end_s - (span > 3 * EARLY_S ? EARLY_S : span / 3);
    return 0;
}

static int renew_identity(s3_account_t *account, int64_t now_s, fault_t *fault)
{
    buf_t token = {0}, url = {0};
    struct stat unused;
    s3_answer_t answer = {0};
    int failed = read_file(account->identity_file, "AWS_WEB_IDENTITY_TOKEN_FILE", &token, &unused, fault);
    if (!failed) {
        identity_url(account, token.size ? trim(token.bytes) : "", &url);
        s3_call_t call = {.method = "GET", .url = url.bytes};
        failed = s3_call(account->line, &call, &answer, fault);
    }
    if (!failed)
        failed = take_keys(account, &answer, now_s, fault);
    if (url.size)
        explicit_bzero(url.bytes, url.size);
    s3_answer_free(&answer);
    buf_free(&token);
    buf_free(&url);
    return failed;
}

/* ---- */

static int choose(s3_account_t *account, const s3_account_plan_t *plan, fault_t *fault)
{
    if (is_set(plan->id) != is_set(plan->secret))
        return fault_set(fault, FAULT_SETTING, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together; set both");
    if (is_set(plan->identity_file) != is_set(plan->role))
        return fault_set(fault, FAULT_SETTING,
                         "AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN belong together; set both");
    if (is_set(plan->id)) {
        account->kind = KIND_FIXED;
        return put_all(&account->credentials, plan->id, plan->secret, plan->token, fault);
    }
    account->kind = is_set(plan->role) ? KIND_IDENTITY : KIND_SHARED;
    if (account->kind == KIND_IDENTITY || is_set(plan->shared_file))
        return 0;
    return fault_set(fault, FAULT_SETTING,
                     "there are no credentials for the bucket: set AWS_ACCESS_KEY_ID and "
                     "AWS_SECRET_ACCESS_KEY, AWS_SHARED_CREDENTIALS_FILE, or "
                     "AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN");
}

s3_account_t *s3_account_new(const s3_account_plan_t *plan, const char *region, s3_line_t *line, fault_t *fault)
{
    s3_account_t *account = memory_new(1, sizeof *account);
    account->line = line;
    snprintf(account->region, sizeof account->region, "%s", region);
    account->identity_file = copy(plan->identity_file);
    account->role = copy(plan->role);
    account->session = strdup(is_set(plan->session) ? plan->session : "yogi");
    account->sts_endpoint = copy(plan->sts_endpoint);
    account->shared_file = copy(plan->shared_file);
    account->profile = strdup(is_set(plan->profile) ? plan->profile : "default");
    pthread_mutex_init(&account->lock, NULL);
    if (choose(account, plan, fault) < 0 || (account->kind == KIND_SHARED && renew_shared(account, fault) < 0))
        s3_account_destroy(&account);
    return account;
}

void s3_account_destroy(s3_account_t **account)
{
    if (!account || !*account)
        return;
    s3_account_t *a = *account;
    pthread_mutex_destroy(&a->lock);
    free(a->identity_file);
    free(a->role);
    free(a->session);
    free(a->sts_endpoint);
    free(a->shared_file);
    free(a->profile);
    explicit_bzero(a, sizeof *a);
    free(a);
    *account = NULL;
}

/* Changes what has run out or changed. Where that fails, what is not over yet serves on. */
static int renew(s3_account_t *account, int64_t now_s, fault_t *fault)
{
    bool due = account->kind == KIND_IDENTITY ? now_s >= account->renew_s
                                              : account->kind == KIND_SHARED && has_changed(account);
    if (!due)
        return 0;
    int failed = account->kind == KIND_IDENTITY ? renew_identity(account, now_s, fault) : renew_shared(account, fault);
    bool over = account->kind == KIND_IDENTITY && now_s >= account->end_s;
    if (failed && !over)
        account->renew_s = now_s + LATER_S;
    return failed && over ? -1 : 0;
}

int s3_account_get(s3_account_t *account, int64_t now_s, s3_credentials_t *credentials, fault_t *fault)
{
    pthread_mutex_lock(&account->lock);
    int failed = renew(account, now_s, fault);
    if (!failed)
        *credentials = account->credentials;
    pthread_mutex_unlock(&account->lock);
    return failed;
}
