/* sources: where a document that a job names may be read from: a key in the bucket of the settings, which becomes a URL
 * signed for a while; a path below the folders of YOGI_SOURCE_ROOTS; a URL of an endpoint of YOGI_SOURCE_ENDPOINTS. The
 * actors' hosts hold what they fetch against their own lists once more. For payload.h.
 *
 * Faults: FAULT_INPUT, it may not be read; FAULT_SETTING and FAULT_UNREACHABLE, the bucket's account has no credentials
 * now. May block where STS must be asked for credentials (proto/s3/s3_account.h).
 */
#ifndef YOGI_BRIDGE_SOURCES_H
#define YOGI_BRIDGE_SOURCES_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"
#include "proto/settings.h"

typedef struct sources sources_t;

/* Seconds that a signed URL holds: longer than a document waits for a host in all but the longest jams; then a new one
 * is asked for. */
enum { SOURCES_URL_SECONDS = 3600 };

/* The settings outlive it. NULL with FAULT_SETTING: which of them is wrong. */
sources_t *sources_new(const settings_t *settings, fault_t *fault);
void sources_destroy(sources_t **sources); /* takes NULL; nulls the caller's pointer */

/* Each appends the URL that hosts fetch. A key may also be s3://BUCKET/KEY; a path that is not absolute is looked for
 * below each of the folders, in their order. */
int sources_key(sources_t *sources, const char *key, buf_t *url, fault_t *fault) __attribute__((warn_unused_result));
int sources_path(sources_t *sources, const char *path, buf_t *url, fault_t *fault) __attribute__((warn_unused_result));
int sources_url(sources_t *sources, const char *from, buf_t *url, fault_t *fault) __attribute__((warn_unused_result));

const settings_t *sources_settings(const sources_t *sources); /* as they were given */

#endif
