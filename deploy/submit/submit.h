/* submit: `yogi submit`, documents through a running system: an owner of jobs with the documents' files as its disk.
 *
 * One poll loop. Results leave in the order of the files; every fault is a sentence on the standard error, and the
 * others go on. An interrupt calls the jobs off. What was begun when this process dies is forgotten by the brokers
 * after their silence limit: whoever wants the results submits again.
 */
#ifndef YOGI_DEPLOY_SUBMIT_H
#define YOGI_DEPLOY_SUBMIT_H

#include "proto/process.h"
#include "submit_options.h"

/* The exit code. */
int submit_run(process_t *process, const submit_options_t *options, char **paths, size_t count);

#endif
