/* payload: the data of a BullMQ job, from JSON to the dossier that its stage begins with, and for the producing side
 * from a dossier to JSON. README.md of the bridge describes it for people, *.schema.json beside this file for programs.
 *
 *     {documentId, s3Key | imagePath | url, filename?, options?: {languages, engine, gate, pages},
 *      classification?, pages?, words?, text?, timetables?}
 *
 * What a stage before has found may stand in the payload itself or in an object in it, named as its stage or as people
 * name results; then that stage is not run again.
 */
#ifndef YOGI_BRIDGE_PAYLOAD_H
#define YOGI_BRIDGE_PAYLOAD_H

#include "proto/dossier.h"
#include "sources.h"

/* Longest data of a job, in bytes: three times the words of a hundred dense pages. ID: a documentId. */
enum { PAYLOAD_MOST = 64 << 20, PAYLOAD_ID_MOST = 512 };

/* What is asked. */
typedef struct {
    const char *stage;    /* that the queue runs */
    const char *text;     /* JSON of the job's data; need not be closed */
    size_t size;          /* bytes of it */
    const char *previous; /* JSON that a child of the job has returned, closed; NULL = none */
} payload_ask_t;

/* What came of it; payload_free. */
typedef struct {
    dossier_t *dossier; /* to begin with */
    const char *begin;  /* first stage that must run: the queue's own, or an earlier one whose part is not there */
} payload_t;

/* Reads a job's data. -1 with the fault: FAULT_INPUT, the data are at fault and stay so (no retry helps); others, as
 * sources.h has them. */
int payload_read(sources_t *sources, const payload_ask_t *ask, payload_t *payload, fault_t *fault)
    __attribute__((warn_unused_result));

void payload_free(payload_t *payload);

/* Where a produced job comes from; stands in its data as `yogi`. */
typedef struct {
    const char *stage; /* that the worker is to do */
    const char *run;   /* id of the job at the broker */
    uint32_t attempt;  /* of the stage */
} payload_mark_t;

/* Appends the data of a job for a worker of a stage: what is known of the document so far. */
void payload_write(const dossier_t *dossier, const payload_mark_t *mark, buf_t *out);

#endif
