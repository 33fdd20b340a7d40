/* ledger: an actor's table of jobs (proto/jobs/jobs.h) on its sockets, what ferry.h is for owners: what a call of the
 * table wants to be sent is put to the wire before the call returns.
 *
 * For:    the host of workers, and the gateway as the actor of the stage `store`, in the caller's loop; one thread.
 *         Nothing blocks.
 * Asks:   whoever opens it says what is to become of the rest that the table asks for.
 */
#ifndef YOGI_WIRE_LEDGER_H
#define YOGI_WIRE_LEDGER_H

#include "proto/jobs/jobs.h"
#include "proto/settings.h"
#include "wire.h"

typedef struct ledger ledger_t;

/* What is asked of the ledger's owner, in the middle of a call: to end the work on a job, to forget one that is only
 * prepared (NULL: it prepares none), or to tell people that a broker refuses this actor, in its words: at once, and
 * then as often as people want to hear it (proto/base/refrain.h). */
typedef struct {
    void (*kill)(void *owner, uint32_t job, int64_t now_us);
    void (*drop)(void *owner, uint32_t job); /* JOBS_DROP */
    void (*refused)(void *owner, const char *text);
    void *owner;
} ledger_hooks_t;

/* Connects to no broker yet. NULL with the fault where there is no wire. */
ledger_t *ledger_new(const jobs_options_t *options, const wire_plan_t *plan, const ledger_hooks_t *hooks,
                     int64_t now_us, fault_t *fault);

/* The same with the keys that the settings name (keyring.h), connected to all their brokers. */
ledger_t *ledger_open(const jobs_options_t *options, const settings_t *settings, const ledger_hooks_t *hooks,
                      int64_t now_us, fault_t *fault);

/* What was said last still leaves for a moment; takes NULL; nulls the caller's pointer. */
void ledger_destroy(ledger_t **ledger);

/* One more broker. -1 with the fault. */
int ledger_connect(ledger_t *ledger, const endpoint_t *broker, int64_t now_us, fault_t *fault)
    __attribute__((warn_unused_result));

/* ---- for the loop ---- */

void ledger_hear(ledger_t *ledger, int64_t now_us); /* what the brokers have sent */
void ledger_tick(ledger_t *ledger, int64_t now_us); /* what is due; ledger_deadline says when */
int64_t ledger_deadline(const ledger_t *ledger);
void ledger_flush(ledger_t *ledger);    /* what was put leaves now */
bool ledger_is_ready(ledger_t *ledger); /* something can be heard though no descriptor may tell */
size_t ledger_poll(const ledger_t *ledger, struct pollfd *to); /* writes at most WIRE_POLLS_MOST */
void ledger_drain(ledger_t *ledger, int64_t now_us);
bool ledger_is_drained(const ledger_t *ledger);
bool ledger_is_connected(const ledger_t *ledger); /* some broker is heard */
uint32_t ledger_count(const ledger_t *ledger);    /* jobs in hand */
wire_counts_t ledger_counts(const ledger_t *ledger);

/* ---- for who does the work; as their namesakes in jobs.h ---- */

uint32_t ledger_waiting(const ledger_t *ledger, uint32_t stage);
bool ledger_take(ledger_t *ledger, uint32_t stage, uint32_t *job, message_t *message, int64_t now_us);
bool ledger_prepare(ledger_t *ledger, uint32_t stage, uint32_t *job, message_t *message, int64_t now_us);
void ledger_ready(ledger_t *ledger, uint32_t job, int64_t now_us);
void ledger_begin(ledger_t *ledger, uint32_t job, int64_t now_us);
void ledger_put_back(ledger_t *ledger, uint32_t job, int64_t now_us);
void ledger_ran(ledger_t *ledger, uint32_t job, int64_t us);
int64_t ledger_run_us(const ledger_t *ledger, uint32_t stage);
void ledger_progress(ledger_t *ledger, uint32_t job, uint32_t done, uint32_t total, int64_t now_us);
void ledger_done(ledger_t *ledger, uint32_t job, const jobs_result_t *result, int64_t now_us);
void ledger_failed(ledger_t *ledger, uint32_t job, failed_t class, const fault_t *fault, int64_t now_us);

#endif
