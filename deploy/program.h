/* program: the frame of the executables that the front command runs (yogi-up, yogi-keys …): settings, options, help,
 * and the exit code.
 */
#ifndef YOGI_DEPLOY_PROGRAM_H
#define YOGI_DEPLOY_PROGRAM_H

#include "options.h"
#include "proto/process.h"

typedef struct {
    const option_t *options;
    size_t option_count;
    void *target;                   /* that they fill; holds its defaults */
    const bool *help;               /* in the target: --help was given */
    void (*write_help)(buf_t *out); /* what stands before the options */
    const char *closing;            /* what stands behind them; NULL = nothing */
    const char *no_words;           /* why it takes no words; NULL = it takes them */
    /* Does it, and returns the exit code after its reasons were written. */
    int (*run)(process_t *process, void *target, char **words, int count);
} program_t;

/* For main to return. */
int program_main(const program_t *program, int argc, char **argv);

/* Writes the text to the standard output and frees it. Returns the exit code. */
int program_print(buf_t *text);

/* The end of a run that has made text for the standard output: prints it, or where done is negative the fault. */
int program_end(const process_t *process, int done, const fault_t *fault, buf_t *text);

#endif
