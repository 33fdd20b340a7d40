/* asker: asks all brokers for their figures, once or again and again, by numbered questions; an answer counts for the
 * last question alone. In the caller's loop; nothing blocks.
 */
#ifndef YOGI_DEPLOY_ASKER_H
#define YOGI_DEPLOY_ASKER_H

#include "proto/process.h"
#include "proto/report.h"
#include "proto/wire/wire.h"

#include <poll.h>

typedef struct asker asker_t;

enum { ASKER_POLLS = WIRE_POLLS_MOST };

/* Connects to the brokers of the settings. NULL with the fault. The process outlives it. */
asker_t *asker_new(const process_t *process, fault_t *fault);
void asker_destroy(asker_t **asker); /* takes NULL; nulls the caller's pointer */

/* The next question, to all brokers that are heard; what was answered before is gone. */
void asker_ask(asker_t *asker);

/* Asks, again whenever one more broker is heard, until all have answered, the time is over or the process is told to
 * end; waits for it. */
void asker_gather(asker_t *asker, process_t *process, int64_t until_us);

/* Takes what has come; lowers *next_us to the time of the next call needed. */
void asker_step(asker_t *asker, int64_t *next_us);

/* Descriptors to wait for: writes at most ASKER_POLLS. */
size_t asker_poll(const asker_t *asker, struct pollfd *polls);

uint32_t asker_brokers(const asker_t *asker);                  /* that there are */
uint32_t asker_heard(const asker_t *asker);                    /* of them, are heard */
uint32_t asker_answers(const asker_t *asker);                  /* to the last question */
const stats_t *asker_answer(const asker_t *asker, uint32_t i); /* of broker i; NULL = none */
const char *asker_endpoint(const asker_t *asker, uint32_t i);  /* of broker i */
/* Hosts that serve the stage, at all brokers that have answered. -1: none of them knows it. */
int64_t asker_hosts(const asker_t *asker, const char *stage);
/* Why no broker will answer, as ferry_refusal has it. */
const char *asker_refusal(const asker_t *asker, bool *final);

/* Why nobody has answered, for people; -1. */
int asker_tell_silence(const asker_t *asker, fault_t *fault);

const fault_t *asker_fault(const asker_t *asker); /* of an answer that made no sense; FAULT_NONE else */

#endif
