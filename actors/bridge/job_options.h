/* job_options: what a producer asks for with a job: the JSON of its field `opts`, in the short or the long names. Pure.
 * What is strange in it (a text for a number, a number out of range) counts as absent, as it does in Node.
 */
#ifndef YOGI_BRIDGE_JOB_OPTIONS_H
#define YOGI_BRIDGE_JOB_OPTIONS_H

#include "calls.h"
#include "proto/base/fault.h"

typedef enum { BACKOFF_IS_NONE, BACKOFF_IS_FIXED, BACKOFF_IS_EXPONENTIAL, BACKOFF_IS_UNKNOWN } backoff_kind_t;

/* NAME: of a type of backoff that is not known, cut for people. */
enum { BACKOFF_NAME_MOST = 60 };

/* Plain data. */
typedef struct {
    int64_t attempts; /* allowed; 0 as 1 */
    backoff_kind_t backoff;
    char backoff_name[BACKOFF_NAME_MOST + 1]; /* BACKOFF_IS_UNKNOWN */
    double backoff_ms, jitter;                /* jitter 0 … 1 */
    bool lifo;
    bool keeps_completed, keeps_failed; /* the next two are said */
    keep_t keep_completed, keep_failed;
    int64_t keep_logs;   /* rows; 0 = all */
    int64_t stack_limit; /* traces kept; -1 = all */
    bool fail_parent, continue_parent, ignore_dependency, remove_dependency;
} job_options_t;

/* Reads the text; an empty one asks for nothing. -1 with FAULT_USAGE: it is no JSON object. */
int job_options_parse(const char *text, size_t size, job_options_t *options, fault_t *fault)
    __attribute__((warn_unused_result));

/* A rule of removal as BullMQ writes it: false, true, a number, {"age":s,"count":n,"limit":n}. false when it is none.
 */
bool keep_parse(const char *text, keep_t *keep);

#endif
