/* work: what a supervisor and a worker say to each other on the channel between them (proto/base/channel.h).
 *
 *     worker → supervisor   READY     once, when it can take jobs
 *     supervisor → worker   DOSSIER   the dossier as it stands, then
 *                           JOB       go; with the document as a descriptor where READY said that it is wanted
 *     worker → supervisor   PROGRESS  any number of times
 *                           DOSSIER   the dossier with this stage's part and its entry in the trail, then
 *                           ATTACHMENT where the stage made one, then
 *                           END       how it ended
 *
 * One job at a time. READY, JOB, PROGRESS and END are msgpack by their schema; the others are bytes as they are.
 */
#ifndef YOGI_WORK_H
#define YOGI_WORK_H

#include "base/buf.h"
#include "base/channel.h"
#include "schema.h"

enum { WORK_READY = 1, WORK_DOSSIER, WORK_JOB, WORK_PROGRESS, WORK_ATTACHMENT, WORK_END };

/* Largest frame: the dossier of 100 dense pages has about 10 MB, an overlay of a large page 30 MB. */
enum { WORK_FRAME_MOST = 128 * 1024 * 1024 };

/* The descriptor on which a worker finds its channel. */
enum { WORK_FD = 3 };

/* A second argument of the process, after its stage, that leaves its sandbox open. Only the setting YOGI_SANDBOX=off
 * makes a supervisor give it. */
#define WORK_OPEN "open"

typedef struct {
    extras_t extras;
    const char *stage;   /* that it serves */
    bool wants_bytes;    /* whether a job must bring the document */
    const char *missing; /* protections that its sandbox could not have, in words; NULL = none */
} work_ready_t;

typedef struct {
    extras_t extras;
    int32_t attempt;  /* from 1 */
    const char *host; /* for the trail; NULL = not written */
} work_job_t;

typedef struct {
    extras_t extras;
    int32_t done, total; /* parts */
} work_progress_t;

typedef struct {
    extras_t extras;
    const char *end;     /* "next", "end", "fail" */
    const char *fault;   /* name of the fault where it failed */
    const char *message; /* its sentence */
    int64_t cpu_us;      /* of the job */
} work_end_t;

extern const schema_t work_ready_schema, work_job_schema, work_progress_schema, work_end_schema;

/* Queues one message by its schema. */
int work_send(channel_t *channel, uint8_t type, const schema_t *schema, const void *message, int fd, fault_t *fault)
    __attribute__((warn_unused_result));

#endif
