/* check_blobs: whether the bytes of documents can be kept, given back and removed, by an object of our own; and, of a
 * bucket, how far its server's clock is from ours: requests are signed with the time. */
#include "checks.h"
#include "gateway/blobs/blobs.h"
#include "proto/base/ident.h"
#include "proto/base/memfile.h"
#include "proto/s3/s3_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Whose the probe is: a name that no tenant has had a reason to take. */
#define TENANT "yogi-doctor"

/* S3 refuses requests that are signed 15 minutes off; a minute is told before. */
enum { SKEW_S = 60 };

typedef struct {
    char bytes[IDENT_TEXT]; /* that nobody else has */
    char key[BLOBS_KEY_BYTES];
    int fd;
    bool put;    /* it may be there */
    size_t same; /* bytes that came back as they were */
    bool other;  /* and some that did not */
} probe_t;

static int make_probe(probe_t *probe, fault_t *fault)
{
    ident_t ident;
    memfile_t file;
    char sha256[HASH_HEX];
    *probe = (probe_t){.fd = -1};
    if (ident_new(&ident, fault) < 0 || memfile_begin(&file, fault) < 0)
        return -1;
    ident_format(ident, probe->bytes);
    if (memfile_add(&file, probe->bytes, sizeof probe->bytes, fault) < 0) {
        memfile_drop(&file);
        return -1;
    }
    probe->fd = memfile_seal(&file, sha256, fault);
    return probe->fd < 0 ? -1 : blobs_key(TENANT, sha256, probe->key, fault);
}

/* Takes all of it: what comes is told apart from what does not come. */
static bool compare(void *user, const void *bytes, size_t size)
{
    probe_t *probe = user;
    if (probe->same + size <= sizeof probe->bytes && memcmp(probe->bytes + probe->same, bytes, size) == 0)
        probe->same += size;
    else
        probe->other = true;
    return true;
}

/* Writes, finds, reads and removes it. */
static int walk(blobs_t *blobs, probe_t *probe, blob_info_t *info, fault_t *fault)
{
    if (blobs_check(blobs, fault) < 0)
        return -1;
    probe->put = true;
    if (blobs_put(blobs, probe->key, probe->fd, sizeof probe->bytes, "application/octet-stream", fault) < 0)
        return fault_prefix(fault, "a probe cannot be written");
    int there = blobs_find(blobs, probe->key, info, fault);
    if (there == 0)
        return fault_set(fault, FAULT_SYSTEM, "a probe that was written is not there; is the bucket behind a cache?");
    if (there < 0)
        return fault_prefix(fault, "a probe cannot be found");
    if (blobs_get(blobs, probe->key, 0, -1, compare, probe, fault) < 0)
        return fault_prefix(fault, "a probe cannot be read");
    if (probe->other || probe->same != sizeof probe->bytes)
        return fault_set(fault, FAULT_DAMAGED, "a probe came back with other bytes than were written");
    return 0;
}

static void look_at(doctor_t *doctor, blobs_t *blobs, const char *where)
{
    probe_t probe;
    blob_info_t info = {0};
    fault_t fault = {0}, last = {0};
    int done = make_probe(&probe, &fault) < 0 ? -1 : walk(blobs, &probe, &info, &fault);
    long long skew_s = (long long)(info.changed_s - time(NULL));
    if (probe.put && blobs_remove(blobs, probe.key, sizeof probe.bytes, &last) < 0 && done == 0) {
        done = fault_prefix(&last, "a probe cannot be removed");
        fault = last;
    }
    if (probe.fd >= 0)
        close(probe.fd);
    if (done < 0)
        doctor_fault(doctor, NULL, &fault);
    else
        doctor_note(doctor, LEVEL_OK, NULL, "%s: a probe was written, read and removed", where);
    if (done == 0 && llabs(skew_s) > SKEW_S)
        doctor_note(doctor, LEVEL_WARNING, "set it right: from 15 minutes on requests are refused",
                    "the server's clock is %lld s %s this machine's", llabs(skew_s),
                    skew_s > 0 ? "ahead of" : "behind");
}

static void check_bucket(doctor_t *doctor)
{
    const settings_t *settings = &doctor->process.settings;
    s3_plan_t plan = s3_settings_plan(settings);
    fault_t fault = {0};
    char where[160];
    blobs_t *blobs = blobs_open_s3(&plan, settings->s3_prefix, &fault);
    if (!blobs) {
        doctor_fault(doctor, NULL, &fault);
        return;
    }
    snprintf(where, sizeof where, "bucket %.120s", settings->s3_bucket);
    look_at(doctor, blobs, where);
    blobs_close(&blobs);
}

static void check_folder(doctor_t *doctor)
{
    char path[PATH_MAX + 32], where[256];
    fault_t fault = {0};
    struct stat info;
    snprintf(path, sizeof path, "%s/blobs", doctor->data);
    if (doctor_has_failed(doctor, "data")) {
        doctor_note(doctor, LEVEL_LEFT, NULL, "not looked at, because of the fault of data");
        return;
    }
    if (!doctor->has_data || stat(path, &info) < 0) {
        doctor_note(doctor, LEVEL_OK, NULL, "%.200s is made by the first gateway", path);
        return;
    }
    blobs_t *blobs = blobs_open_files(path, &fault);
    if (!blobs) {
        doctor_fault(doctor, NULL, &fault);
        return;
    }
    snprintf(where, sizeof where, "%.240s", path);
    look_at(doctor, blobs, where);
    blobs_close(&blobs);
    snprintf(path, sizeof path, "%.*s/blobs/" TENANT, PATH_MAX - 32, doctor->data);
    rmdir(path); /* empty again */
}

void check_blobs(doctor_t *doctor)
{
    if (doctor->process.settings.s3_bucket)
        check_bucket(doctor);
    else
        check_folder(doctor);
}
