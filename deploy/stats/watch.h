/* watch: the figures of the brokers on the whole terminal, anew each second, until q or Ctrl-C. */
#ifndef YOGI_DEPLOY_WATCH_H
#define YOGI_DEPLOY_WATCH_H

#include "asker.h"

/* Until somebody ends it; -1 with the fault where no broker has answered before until_us. The terminal is as it was
 * afterwards. */
int watch_run(process_t *process, asker_t *asker, int64_t until_us, fault_t *fault) __attribute__((warn_unused_result));

#endif
