/* options: a command's options declared once, in a table from which parsing and help follow.
 *
 * GNU conventions: --name VALUE, --name=VALUE, operands anywhere, -- ends the options, - is an operand.
 */
#ifndef YOGI_DEPLOY_OPTIONS_H
#define YOGI_DEPLOY_OPTIONS_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

#include <stddef.h>

typedef enum {
    OPTION_FLAG, /* bool, no value */
    OPTION_TEXT, /* const char * */
    OPTION_INT,  /* int, within least … most */
    OPTION_REAL, /* double, within least … most */
} option_kind_t;

typedef struct {
    const char *name;    /* without the dashes */
    const char *value;   /* what help calls its value; NULL for a flag */
    option_kind_t kind;  /* how it lies in the target */
    size_t offset;       /* in the target */
    double least, most;  /* range of numbers */
    const char *choices; /* "a|b|c" where only these are good, else NULL */
    const char *help;    /* a phrase */
} option_t;

/* Fills the target from argv[0 … argc-1] (the command's name not among them); operands are moved to the front of argv
 * and *operands is their number. -1 with a FAULT_USAGE sentence that names the nearest option where one is unknown. */
int options_parse(const option_t *table, size_t count, int argc, char **argv, void *target, int *operands,
                  fault_t *fault) __attribute__((warn_unused_result));

/* Appends a line or two for each option. */
void options_help(const option_t *table, size_t count, buf_t *out);

/* The name of the list that is nearest to a mistyped one, or NULL when none is near. */
const char *options_nearest(const char *typed, const char *const *names, size_t count);

#endif
