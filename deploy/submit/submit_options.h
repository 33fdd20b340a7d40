/* submit_options: what `yogi submit` can be told. */
#ifndef YOGI_DEPLOY_SUBMIT_OPTIONS_H
#define YOGI_DEPLOY_SUBMIT_OPTIONS_H

#include "proto/form.h"
#include "proto/message.h"
#include "proto/settings.h"

typedef struct {
    const char *format; /* name of a form; never NULL after parsing */
    const char *route;  /* stages with commas between */
    int priority;       /* 0 first */
    int attempts;       /* allowed at each stage */
    int wait;           /* seconds that a broker may take to answer at first */
    bool help;
    const char *names[MESSAGE_NAMES_MOST]; /* the stages of route */
    uint32_t name_count;
    form_options_t form;
} submit_options_t;

/* Parses the words after `yogi submit`; operands are moved to the front of argv, texts are taken from the arena. -1
 * with a FAULT_USAGE sentence. With help set nothing else is checked. */
int submit_options_parse(int argc, char **argv, arena_t *arena, submit_options_t *options, int *operands,
                         fault_t *fault) __attribute__((warn_unused_result));

/* Appends what --help prints. */
void submit_options_help(buf_t *out);

#endif
