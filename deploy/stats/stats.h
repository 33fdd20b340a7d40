/* stats: `yogi stats`, what the brokers count, once: as a table of all of them together, or a line of JSON for each. */
#ifndef YOGI_DEPLOY_STATS_H
#define YOGI_DEPLOY_STATS_H

#include "proto/process.h"

typedef struct {
    bool json; /* a line of JSON for each broker */
    int wait;  /* seconds that a broker may take to answer */
    bool help;
} stats_options_t;

/* The exit code. */
int stats_run(process_t *process, const stats_options_t *options);

#endif
