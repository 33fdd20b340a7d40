/* check_settings: whether the settings make sense, and the files of keys that they name. */
#include "checks.h"
#include "gateway/store/store_postgres.h"
#include "gateway/vault/vault.h"
#include "proto/wire/allow.h"
#include "proto/wire/certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- settings ---- */

/* Lines of wrong settings: the others of a thousand say no more, and would push out what later checks find. */
enum { SHOWN_MOST = 32 };

/* How many are set by the environment. */
static size_t count_given(void)
{
    size_t count, given = 0;
    const setting_t *table = yogi_settings_table(&count);
    for (size_t i = 0; i < count; i++)
        given += yogi_settings_given(environ, table[i].name);
    return given;
}

void check_settings(doctor_t *doctor)
{
    char *rest = NULL;
    size_t shown = 0, more = 0;
    if (!doctor->problems.size) {
        doctor_note(doctor, LEVEL_OK, NULL, "%zu are set, and all make sense", count_given());
        return;
    }
    for (char *line = strtok_r(doctor->problems.bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (shown++ < SHOWN_MOST)
            doctor_note(doctor, LEVEL_FAULT, "no program starts with it; change or remove it", "%s", line);
        else
            more++;
    if (more)
        doctor_note(doctor, LEVEL_FAULT, "change or remove them", "%zu more are wrong", more);
}

/* ---- keys ---- */

/* A secret whose file everybody may read: it works, and should not be so. */
static size_t check_secret_files(doctor_t *doctor)
{
    size_t count, seen = 0;
    const setting_t *table = yogi_settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        char name[80];
        struct stat info;
        snprintf(name, sizeof name, "%s_FILE", table[i].name);
        const char *path = table[i].kind == SETTING_SECRET ? getenv(name) : NULL;
        if (!path || stat(path, &info) < 0)
            continue;
        seen++;
        if (info.st_mode & S_IROTH)
            doctor_note(doctor, LEVEL_WARNING, "chmod 600 it", "%s: %.200s may be read by everybody (mode %04o)", name,
                        path, (unsigned)info.st_mode & 07777);
    }
    return seen;
}

static size_t check_certificate(doctor_t *doctor, const char *setting, const char *path, certificate_kind_t kind)
{
    certificate_t certificate;
    fault_t fault = {0};
    if (!path)
        return 0;
    if (certificate_read(path, kind, &certificate, &fault) < 0) {
        fault_prefix(&fault, setting);
        doctor_fault(doctor, NULL, &fault);
    }
    certificate_wipe(&certificate);
    return 1;
}

static size_t check_allow(doctor_t *doctor, const char *path)
{
    fault_t fault = {0};
    if (!path)
        return 0;
    allow_t *allow = allow_read(path, &fault);
    if (!allow) {
        fault_prefix(&fault, "YOGI_BROKER_ALLOW");
        doctor_fault(doctor, NULL, &fault);
    }
    allow_destroy(&allow);
    return 1;
}

/* The key that API keys of users are encrypted by; no file of it is made here. */
static size_t check_vault(doctor_t *doctor)
{
    const settings_t *settings = &doctor->process.settings;
    char path[PATH_MAX + 16] = "";
    fault_t fault = {0};
    vault_t *vault = NULL;
    if (*doctor->data)
        snprintf(path, sizeof path, "%s/vault.key", doctor->data);
    if (!settings->vault_key && postgres_wanted(settings))
        doctor_note(doctor, LEVEL_WARNING,
                    "where several gateways share the database, set it for all of them (openssl rand -hex 32)",
                    "YOGI_VAULT_KEY is not set: each gateway encrypts API keys of users by a key of its own");
    if (!settings->vault_key && (!*path || access(path, F_OK) < 0))
        return 0;
    vault = settings->vault_key ? vault_open(settings->vault_key, &fault) : vault_open_file(path, &fault);
    if (!vault && settings->vault_key)
        fault_prefix(&fault, "YOGI_VAULT_KEY");
    if (!vault)
        doctor_fault(doctor, NULL, &fault);
    vault_close(&vault);
    return 1;
}

void check_keys(doctor_t *doctor)
{
    const settings_t *settings = &doctor->process.settings;
    size_t before = doctor->findings.count, seen = check_secret_files(doctor);
    seen += check_certificate(doctor, "YOGI_KEYS", settings->keys, CERTIFICATE_SECRET);
    seen += check_certificate(doctor, "YOGI_BROKER_KEY", settings->broker_key, CERTIFICATE_PUBLIC);
    seen += check_allow(doctor, settings->broker_allow);
    seen += check_vault(doctor);
    if (doctor->findings.count == before && seen)
        doctor_note(doctor, LEVEL_OK, NULL, "in order: %zu", seen);
    else if (doctor->findings.count == before)
        doctor_note(doctor, LEVEL_OK, NULL, "none is in use");
}
