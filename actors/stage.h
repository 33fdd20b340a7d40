/* stage: what every stage is, a function from dossier to dossier without sockets, clock, environment or globals.
 *
 * Called by the worker (actors/worker.c), in a process of its own. A stage parses untrusted bytes, so it may crash: the
 * supervisor replaces the worker and the document fails with its own cause.
 */
#ifndef YOGI_ACTORS_STAGE_H
#define YOGI_ACTORS_STAGE_H

#include "proto/dossier.h"
#include "stage_map.h"

#include <stddef.h>
#include <stdint.h>

/* What the skeleton gives a stage for one document. */
typedef struct stage_job {
    dossier_t *dossier;   /* read and added to; everything added is taken from dossier->arena */
    const uint8_t *bytes; /* the document's bytes, read only; NULL for stages that do not take it */
    size_t size;          /* bytes */
    void *state;          /* what the stage's open gave, NULL where it has none */
    void *skeleton;       /* the skeleton's own, for the calls below */
    void (*lap)(struct stage_job *job, const char *name);         /* the CPU time since the last lap belongs to name */
    void (*progress)(struct stage_job *job, int done, int total); /* done of total parts, for people */
    buf_t *attachment; /* bytes beside the dossier (the stage render's PNG); empty when the stage starts */
} stage_job_t;

/* How a run ends where it does not fail. */
typedef enum {
    STAGE_NEXT, /* on to the next stage of the route */
    STAGE_END,  /* the run ends here: dossier->outcome says why (not a timetable) */
    STAGE_FAIL, /* the fault says why */
} stage_end_t;

typedef struct {
    const char *name;                                     /* in routes, settings, trail */
    bool wants_bytes;                                     /* is handed the document's bytes */
    void *(*open)(void);                                  /* once a process, before the sandbox closes; may be NULL */
    stage_end_t (*run)(stage_job_t *job, fault_t *fault); /* one document */
    void (*close)(void *state);                           /* at the end of the process; may be NULL */
} stage_t;

#define STAGE_EXTERN(name) extern const stage_t stage_##name;
STAGE_MAP(STAGE_EXTERN)
#undef STAGE_EXTERN

#endif
