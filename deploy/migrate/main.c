/* yogi-migrate: what `yogi migrate` runs; see migrate.h. */
#include "deploy/options.h"
#include "migrate.h"

#include <stdio.h>

static const option_t table[] = {
    {"check", NULL, OPTION_FLAG, offsetof(migrate_options_t, check), 0, 0, NULL,
     "change nothing; the exit code says whether everything is there"},
    {"help", NULL, OPTION_FLAG, offsetof(migrate_options_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static int print_help(void)
{
    buf_t text = {0};
    buf_text(
        &text,
        "Usage: yogi migrate [options]\n\nBrings the schema of the database (DATABASE_URL, POSTGRES_*, or the file "
        "in YOGI_DATA) up to date.\nIt may run beside gateways at work, and several at once.\n\n");
    options_help(table, COUNT, &text);
    int code = fputs(buf_string(&text), stdout) < 0 || fflush(stdout) != 0 ? fault_exit(FAULT_OUTPUT) : 0;
    buf_free(&text);
    return code;
}

int main(int argc, char **argv)
{
    process_t process;
    fault_t fault = {0};
    int code = process_begin(&process, "yogi");
    if (code)
        return code;
    migrate_options_t options = {0};
    int operands = 0, parsed = options_parse(table, COUNT, argc - 1, argv + 1, &options, &operands, &fault);
    if (parsed == 0 && operands > 0)
        parsed = fault_set(&fault, FAULT_USAGE, "yogi migrate takes no files; yogi migrate --help tells more");
    if (parsed < 0)
        code = process_fail(&process, &fault);
    else if (options.help)
        code = print_help();
    else
        code = migrate_run(&process, &options);
    process_end(&process);
    return code;
}
