/* yogi-logs: what `yogi logs` runs; see logs.h. */
#include "deploy/program.h"
#include "logs.h"
#include "proto/base/ident.h"

#include <errno.h>
#include <string.h>

typedef struct {
    bool help;
} asked_t;

static const option_t table[] = {
    {"help", NULL, OPTION_FLAG, offsetof(asked_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static void write_help(buf_t *out)
{
    buf_text(
        out,
        "Usage: yogi logs DOCUMENT [FILE...]\n\n"
        "Prints the lines of all logs that are about this document (its id), in the order of their times. A log is\n"
        "what a process has written to its standard error with YOGI_LOG_LEVEL=info; - or no file is the standard\n"
        "input:\n\n"
        "    journalctl -o cat -u 'yogi-*' | yogi logs 01890a5d-ac96-774b-bcce-b302099a8057\n"
        "    kubectl logs -l yogi=true --prefix --tail=-1 | yogi logs 01890a5d-ac96-774b-bcce-b302099a8057\n\n");
}

static int read_one(logs_t *logs, const char *path, fault_t *fault)
{
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "re");
    if (!file)
        return fault_set(fault, FAULT_INPUT, "%.200s cannot be read: %s", path, strerror(errno));
    int done = logs_read(logs, file, fault);
    if (!is_input)
        fclose(file);
    return done < 0 ? fault_prefix(fault, path) : 0;
}

static int act(char **words, int count, buf_t *out, fault_t *fault)
{
    ident_t ident;
    if (count < 1 || !ident_parse(words[0], &ident))
        return fault_set(fault, FAULT_USAGE, "%s; yogi logs --help tells more",
                         count < 1 ? "which document? Its id is wanted" : "that is no id of a document");
    logs_t *logs = logs_new(words[0]);
    int done = count == 1 ? read_one(logs, "-", fault) : 0;
    for (int i = 1; i < count && done == 0; i++)
        done = read_one(logs, words[i], fault);
    if (done == 0 && logs_print(logs, out) == 0)
        done = fault_set(fault, FAULT_INPUT, "no line is about %s; do the processes log with YOGI_LOG_LEVEL=info?",
                         words[0]);
    logs_destroy(&logs);
    return done;
}

static int run(process_t *process, void *target, char **words, int count)
{
    (void)target;
    fault_t fault = {0};
    buf_t out = {0};
    int done = act(words, count, &out, &fault);
    return program_end(process, done, &fault, &out);
}

int main(int argc, char **argv)
{
    asked_t asked = {0};
    program_t program = {.options = table,
                         .option_count = COUNT,
                         .target = &asked,
                         .help = &asked.help,
                         .write_help = write_help,
                         .run = run};
    return program_main(&program, argc, argv);
}
