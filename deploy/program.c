/* program: see program.h. */
#include "program.h"

#include "proto/base/output.h"

#include <unistd.h>

int program_print(buf_t *text)
{
    int code = output_all(STDOUT_FILENO, buf_string(text), text->size) < 0 ? fault_exit(FAULT_OUTPUT) : 0;
    buf_free(text);
    return code;
}

int program_end(const process_t *process, int done, const fault_t *fault, buf_t *text)
{
    if (done >= 0)
        return program_print(text);
    buf_free(text);
    return process_fail(process, fault);
}

static int run(const program_t *program, process_t *process, int argc, char **argv)
{
    fault_t fault = {0};
    buf_t text = {0};
    int count = 0;
    int parsed =
        options_parse(program->options, program->option_count, argc - 1, argv + 1, program->target, &count, &fault);
    if (parsed == 0 && program->no_words && count > 0)
        parsed = fault_set(&fault, FAULT_USAGE, "%s", program->no_words);
    if (parsed < 0)
        return process_fail(process, &fault);
    if (!*program->help)
        return program->run(process, program->target, argv + 1, count);
    program->write_help(&text);
    options_help(program->options, program->option_count, &text);
    buf_text(&text, program->closing ? program->closing : "");
    return program_print(&text);
}

int program_main(const program_t *program, int argc, char **argv)
{
    process_t process;
    int code = process_begin(&process, "yogi");
    if (code)
        return code;
    code = run(program, &process, argc, argv);
    process_end(&process);
    return code;
}
