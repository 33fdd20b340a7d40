/* schema: `yogi migrate schema`: the database's schema up to date. */
#ifndef YOGI_DEPLOY_SCHEMA_H
#define YOGI_DEPLOY_SCHEMA_H

#include "proto/process.h"

/* check: change nothing. Returns the exit code, after its reasons were written. */
int schema_run(process_t *process, bool check);

#endif
