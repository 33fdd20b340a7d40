/* blobs: the bytes of documents and of drawn pages, kept under "tenant/sha256" in a bucket or in a folder.
 *
 * For:    the gateway, migrations and the sweep, several threads at once. Calls block; none takes long without bytes
 *         moving.
 * Whole:  a blob is there with all its bytes or not at all; when blobs_put has returned it survives a power cut (a
 *         folder: file and folder are synced; a bucket: the server has answered). Written again, it stays as it is: the
 *         same key has the same bytes.
 * Names:  nothing of a user is in a key. Who may write, share or remove one is settled by rows of the database, whose
 *         lock the caller holds (DESIGN.md, section 6).
 * Faults: FAULT_UNREACHABLE, may pass; FAULT_INPUT, there is no such blob; FAULT_SETTING, the place is not allowed or
 * not there; FAULT_OUTPUT, disk full and the like; FAULT_DAMAGED, the bytes are not those of the key.
 */
#ifndef YOGI_BLOBS_H
#define YOGI_BLOBS_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"
#include "proto/base/hash.h"
#include "proto/s3/s3.h"
#include "proto/settings.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct blobs blobs_t;

/* Bytes of a tenant's name and of a key with their zero. */
enum { BLOBS_TENANT_BYTES = 64 + 1, BLOBS_KEY_BYTES = BLOBS_TENANT_BYTES + HASH_HEX };

typedef struct {
    char key[BLOBS_KEY_BYTES];
    int64_t bytes;
    int64_t changed_s; /* Unix time of its writing */
} blob_info_t;

/* Takes bytes as they come; false ends the reading. */
typedef bool blobs_sink_fn(void *user, const void *bytes, size_t size);

/* Takes one of a list; false ends it. */
typedef bool blobs_visit_fn(void *user, const blob_info_t *blob);

/* A folder, made where it is missing (0700), or a bucket, the names of whose objects begin with the prefix (NULL: with
 * nothing; "a/b" and "a/b/" are the same). NULL with the fault. */
blobs_t *blobs_open_files(const char *folder, fault_t *fault);
blobs_t *blobs_open_s3(const s3_plan_t *plan, const char *prefix, fault_t *fault);

/* Closes it; takes NULL; nulls the caller's pointer. */
void blobs_close(blobs_t **blobs);

/* Writes "tenant/sha256" to key. -1 with FAULT_INPUT where the tenant is not 1 to 64 of a-z, 0-9, - and _, or the
 * digest is no lower-case hex. */
int blobs_key(const char *tenant, const char *sha256, char key[BLOBS_KEY_BYTES], fault_t *fault)
    __attribute__((warn_unused_result));

/* Keeps the first `bytes` bytes of the file under the key. media: what they are ("image/png"). */
int blobs_put(blobs_t *blobs, const char *key, int fd, int64_t bytes, const char *media, fault_t *fault)
    __attribute__((warn_unused_result));

/* Hands bytes from `from` on to the sink, `bytes` of them at most (-1: all); none where the blob ends before `from`. */
int blobs_get(blobs_t *blobs, const char *key, int64_t from, int64_t bytes, blobs_sink_fn *sink, void *user,
              fault_t *fault) __attribute__((warn_unused_result));

/* 1 and *info is filled, 0 when there is none, -1 with the fault. */
int blobs_find(blobs_t *blobs, const char *key, blob_info_t *info, fault_t *fault) __attribute__((warn_unused_result));

/* There is none of the key any more, nor anything of one that was not written to its end; also when there was none.
 * bytes: that it has or should have had; -1 = not known, which costs a look more. Nobody may be writing it. */
int blobs_remove(blobs_t *blobs, const char *key, int64_t bytes, fault_t *fault) __attribute__((warn_unused_result));

/* Visits all, in the order of their keys; what does not look like a key is passed over. */
int blobs_list(blobs_t *blobs, blobs_visit_fn *visit, void *user, fault_t *fault) __attribute__((warn_unused_result));

/* Appends the URL that a host fetches the blob by for so many seconds: presigned, or file:. */
int blobs_url(blobs_t *blobs, const char *key, int seconds, buf_t *url, fault_t *fault)
    __attribute__((warn_unused_result));

/* Removes what processes that were killed have left of writing, if it is older than that. */
void blobs_tidy(blobs_t *blobs, int64_t age_s);

/* Whether blobs can be written and read there now. */
int blobs_check(blobs_t *blobs, fault_t *fault) __attribute__((warn_unused_result));

#endif
