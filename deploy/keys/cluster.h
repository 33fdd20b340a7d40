/* cluster: new keys for a whole cluster, as the Secrets that deploy/kubernetes names: one for each Deployment with its
 * own pair and the brokers' public key, one for the brokers with theirs and the allow-list, and the key by which
 * gateways encrypt what users entrust to them. Nothing of it is written to a disk.
 */
#ifndef YOGI_DEPLOY_KEYS_CLUSTER_H
#define YOGI_DEPLOY_KEYS_CLUSTER_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

/* Appends the Secrets as YAML. -1 with the fault where the system gives no random bytes. */
int cluster_keys(buf_t *out, fault_t *fault) __attribute__((warn_unused_result));

#endif
