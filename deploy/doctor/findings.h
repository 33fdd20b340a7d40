/* findings: what a doctor has found, in its order, and how it is written. */
#ifndef YOGI_DEPLOY_FINDINGS_H
#define YOGI_DEPLOY_FINDINGS_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"

#include <stddef.h>

typedef enum {
    LEVEL_OK,
    LEVEL_WARNING, /* it works, and not as well or as safely as it could */
    LEVEL_FAULT,   /* it does not work */
    LEVEL_LEFT,    /* it could not be looked at: what it stands on is not there */
    LEVELS
} level_t;

typedef struct {
    const char *check; /* name */
    level_t level;
    const char *says, *todo; /* sentences; todo may be NULL */
} finding_t;

/* MOST: more than all checks find; a broken environment could have any number of wrong settings. */
enum { FINDINGS_MOST = 256 };

/* Plain data; {0} is empty. Texts are the adder's. */
typedef struct {
    finding_t items[FINDINGS_MOST];
    size_t count;
    size_t left_out; /* behind the last */
} findings_t;

void findings_add(findings_t *findings, const finding_t *finding);

size_t findings_count(const findings_t *findings, level_t level);

/* Appends a line each, in columns: "fault    database  cannot be reached: …; start it". */
void findings_table(const findings_t *findings, buf_t *out);

/* Appends them as one JSON object. */
void findings_json(const findings_t *findings, buf_t *out);

#endif
