/* ferry: an owner's link (proto/link.h) on its sockets: what every owner needs around the pure machine, but for its
 * disk.
 *
 * For:    the gateway, the bridge, `yogi submit` and owners of tests, in the caller's loop; one thread. Nothing blocks.
 * Asks:   whatever the link wants of its owner (LINK_WANT, LINK_RECORD, LINK_FINISHED …) is handed to one function of
 *         the owner's, which may call any function here but ferry_step and ferry_destroy. LINK_SEND it never sees.
 */
#ifndef YOGI_WIRE_FERRY_H
#define YOGI_WIRE_FERRY_H

#include "proto/link.h"
#include "proto/settings.h"
#include "wire.h"

typedef struct ferry ferry_t;

typedef void ferry_fn(void *owner, const link_action_t *action); /* what is borrowed in it holds for the call */

typedef struct {
    const char *brokers; /* endpoints, as endpoints_parse reads them */
    const char *name;    /* of the owner for people; borrowed while the ferry lives */
    wire_plan_t wire;    /* keys; borrowed for ferry_new */
    uint32_t window;     /* unsettled RECORDs and FINISHED that a broker may have on the way; 0 = the default */
    ferry_fn *ask;
    void *owner; /* handed to ask */
} ferry_plan_t;

/* Connects to all brokers. NULL with the fault. */
ferry_t *ferry_new(const ferry_plan_t *plan, fault_t *fault);

/* The same with the keys that the settings name (keyring.h); the plan's own are not looked at. */
ferry_t *ferry_open(const ferry_plan_t *plan, const settings_t *settings, fault_t *fault);

/* Says nothing: the brokers keep what they have for the owner's next life, or until it has been silent for too long.
 * Takes NULL; nulls the caller's pointer. */
void ferry_destroy(ferry_t **ferry);

/* The same for an owner that does not come back (link_leave). */
void ferry_leave(ferry_t **ferry);

/* As the functions of link.h with these names. */
void ferry_own(ferry_t *ferry, ident_t job, uint64_t epoch);
void ferry_submit(ferry_t *ferry, const message_t *submit);
void ferry_settle(ferry_t *ferry, uint32_t broker, const message_t *message);
void ferry_cancel(ferry_t *ferry, ident_t job);
void ferry_disown(ferry_t *ferry, ident_t job);
void ferry_ask_stats(ferry_t *ferry, uint64_t number);

/* Takes what has come, does what is due, sends what is to be sent; lowers *next_us to the time of the next call needed.
 */
void ferry_step(ferry_t *ferry, int64_t *next_us);

/* Descriptors to wait for: writes at most WIRE_POLLS_MOST. */
size_t ferry_poll(const ferry_t *ferry, struct pollfd *polls);

uint32_t ferry_jobs(const ferry_t *ferry);      /* that the link has */
uint32_t ferry_brokers(const ferry_t *ferry);   /* how many there are */
uint32_t ferry_connected(const ferry_t *ferry); /* and how many are heard */

/* Why no broker takes this owner, for people, where there is no broker that has said nothing yet or has said something
 * else last; else NULL. Final: so it stays until somebody changes keys or lists. Good until the next ferry_step. */
const char *ferry_refusal(const ferry_t *ferry, bool *final);

#endif
