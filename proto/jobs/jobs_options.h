/* jobs_options: what a host's jobs are told at their beginning; see jobs.h. */
#ifndef YOGI_JOBS_OPTIONS_H
#define YOGI_JOBS_OPTIONS_H

#include "proto/message.h"

typedef struct {
    const char *name;  /* of the stage; borrowed until jobs_new has returned */
    uint32_t workers;  /* that serve it */
    uint32_t prefetch; /* jobs that may wait here beside at most; how many do is measured (pace.h) */
} jobs_stage_t;

typedef struct {
    ident_t instance; /* of this process, random */
    const char *name; /* for people; borrowed */
    jobs_stage_t stages[MESSAGE_NAMES_MOST];
    uint32_t stage_count;
    uint32_t hello_ms;  /* HELLO again when no WELCOME comes */
    uint32_t resend_ms; /* an answer again when no ACK comes */
    uint32_t keep_ms;   /* answers for a broker that is not heard */
} jobs_options_t;

#endif
