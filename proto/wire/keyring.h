/* keyring: the keys that settings name, for the moment in which a process makes its sockets.
 *
 *     YOGI_KEYS          the process's own pair
 *     YOGI_BROKER_KEY    the public key of the brokers that it connects to
 *     YOGI_BROKER_ALLOW  the keys that a broker lets in (allow.h; the broker's loop reads it)
 *
 * Without YOGI_KEYS there is no CURVE, and the wire refuses TCP beyond this machine.
 */
#ifndef YOGI_WIRE_KEYRING_H
#define YOGI_WIRE_KEYRING_H

#include "certificate.h"
#include "proto/settings.h"
#include "wire.h"

/* Plain data. Stays where it is while a plan refers to it. */
typedef struct {
    certificate_t own, broker;
} keyring_t;

/* Fills the plan of a process that connects to brokers. The plan borrows from the keyring and the settings. -1 with
 * the fault; then nothing is to be wiped. */
int keyring_connect(keyring_t *keyring, const settings_t *settings, wire_plan_t *plan, fault_t *fault)
    __attribute__((warn_unused_result));

/* Fills the plan of a broker, likewise. */
int keyring_listen(keyring_t *keyring, const settings_t *settings, wire_plan_t *plan, fault_t *fault)
    __attribute__((warn_unused_result));

/* Once the sockets are made. */
void keyring_wipe(keyring_t *keyring);

#endif
