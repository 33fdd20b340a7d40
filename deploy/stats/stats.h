/* stats: `yogi stats`, what the brokers count: as a table of all of them together or a line of JSON for each. On a
 * terminal the table stays and is filled anew each second (watch.h). */
#ifndef YOGI_DEPLOY_STATS_H
#define YOGI_DEPLOY_STATS_H

#include "proto/process.h"

typedef struct {
    bool json; /* a line of JSON for each broker */
    bool once; /* the table once, on a terminal too */
    int wait;  /* seconds that a broker may take to answer */
    bool help;
} stats_options_t;

/* The exit code. */
int stats_run(process_t *process, const stats_options_t *options);

#endif
