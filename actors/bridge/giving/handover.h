/* handover: what goes to a worker of BullMQ with a dossier, and what comes back: between messages of the wire and the
 * data, options and return values of jobs. For giving.c. Pure.
 */
#ifndef YOGI_BRIDGE_HANDOVER_H
#define YOGI_BRIDGE_HANDOVER_H

#include "desk.h"

/* Appends the data of the gift's job, JSON. -1 with the fault: the dossier is malformed. */
int handover_data(const desk_t *desk, const gift_t *gift, buf_t *out, fault_t *fault)
    __attribute__((warn_unused_result));

/* Appends the options of the gift's job, msgpack: one attempt, as the broker tries again itself; kept until the run's
 * deadline, however it ends; its priority; its trace. */
void handover_options(const gift_t *gift, buf_t *out);

/* Appends the dossier with what the worker has returned, and with its entry in the trail. *last: the run ends here, as
 * it is no timetable. -1 with the fault: FAULT_INPUT, what was returned is none of the stage's. */
int handover_result(const desk_t *desk, const gift_t *gift, const char *json, size_t size, int64_t now_ms, buf_t *out,
                    bool *last, fault_t *fault) __attribute__((warn_unused_result));

/* Whether the document's URL was signed for a time that is over (AWS Signature Version 4 in the query): then its worker
 * could not fetch it, and its owner makes another. */
bool handover_has_expired(const gift_t *gift, int64_t now_ms);

/* Whether a URL was; apart for tests. */
bool handover_is_over(const char *url, int64_t now_ms);

/* Whether the traces of a failed job, JSON, say that its worker wants no further attempt. */
bool handover_is_final(const char *traces);

#endif
