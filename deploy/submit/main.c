/* yogi-submit: what `yogi submit` runs; see submit.h. */
#include "deploy/program.h"
#include "submit.h"

static int print_help(void)
{
    buf_t text = {0};
    submit_options_help(&text);
    return program_print(&text);
}

int main(int argc, char **argv)
{
    process_t process;
    fault_t fault = {0};
    int code = process_begin(&process, "yogi");
    if (code)
        return code;
    submit_options_t options;
    int operands = 0;
    if (submit_options_parse(argc - 1, argv + 1, process.arena, &options, &operands, &fault) < 0)
        code = process_fail(&process, &fault);
    else if (options.help)
        code = print_help();
    else
        code = submit_run(&process, &options, argv + 1, (size_t)operands);
    process_end(&process);
    return code;
}
