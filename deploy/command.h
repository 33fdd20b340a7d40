/* command: what every command of the front command `yogi` gets. */
#ifndef YOGI_DEPLOY_COMMAND_H
#define YOGI_DEPLOY_COMMAND_H

#include "proto/base/log.h"
#include "proto/settings.h"

#include <stdint.h>

typedef struct {
    const settings_t *settings; /* of the environment, checked */
    const log_t *log;           /* to the standard error */
    const char *worker;         /* path of yogi-worker */
    int64_t start_us;           /* clock_now_us at the start of the process */
} command_t;

/* Runs with the words after the command's name; the exit code. */
typedef int command_fn(const command_t *command, int argc, char **argv);

command_fn health_main, read_main;

#endif
