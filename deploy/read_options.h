/* read_options: what `yogi read` can be told. */
#ifndef YOGI_DEPLOY_READ_OPTIONS_H
#define YOGI_DEPLOY_READ_OPTIONS_H

#include "command.h"
#include "proto/form.h"

#include <stdbool.h>

typedef struct {
    const char *format;    /* name of a form; never NULL after parsing */
    const char *out;       /* folder for results, or NULL */
    const char *engine;    /* of the stage llm */
    const char *languages; /* "eng+deu", or NULL */
    const char *pages;     /* "1-3,5", or NULL */
    const char *overlay;   /* file for the drawn page, or NULL */
    int workers;           /* documents at the same time, > 0 */
    double gate;           /* 0 … 1 */
    bool explain, timing, help, version;
    const char *term_start, *term_end, *tz; /* form ics */
    char today[16];                         /* local date, YYYY-MM-DD */
    form_options_t form;                    /* made of the above */
} read_options_t;

/* Parses the words after `yogi read`; operands are moved to the front of argv. Defaults come from the settings. -1 with
 * a FAULT_USAGE sentence. With help or version set nothing else is checked. */
int read_options_parse(const command_t *command, int argc, char **argv, read_options_t *options, int *operands,
                       fault_t *fault) __attribute__((warn_unused_result));

/* Appends what --help prints. */
void read_options_help(buf_t *out);

#endif
