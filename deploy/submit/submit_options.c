/* submit_options: see submit_options.h. */
#include "submit_options.h"
#include "deploy/options.h"

#include <string.h>
#include <unistd.h>

enum { WAIT_MOST_S = 3600 };

#define PLACE(member) offsetof(submit_options_t, member)

static const option_t table[] = {
    {"format", "FORM", OPTION_TEXT, PLACE(format), 0, 0, NULL,
     "table, json or html (a table on a terminal, else json)"},
    {"route", "STAGES", OPTION_TEXT, PLACE(route), 0, 0, NULL,
     "stages in their order (classification,ocr,llm,validation)"},
    {"priority", "N", OPTION_INT, PLACE(priority), 0, MESSAGE_PRIORITY_MOST, NULL, "0 comes first (0)"},
    {"attempts", "N", OPTION_INT, PLACE(attempts), 1, MESSAGE_ATTEMPTS_MOST, NULL, "tries at each stage (3)"},
    {"wait", "SECONDS", OPTION_INT, PLACE(wait), 1, WAIT_MOST_S, NULL, "how long a broker may take to answer (10)"},
    {"help", NULL, OPTION_FLAG, PLACE(help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

void submit_options_help(buf_t *out)
{
    buf_text(out,
             "Usage: yogi submit FILE... [options]\n"
             "\n"
             "Sends documents through a running system (YOGI_BROKERS) and prints the results in the order given. The\n"
             "actor hosts fetch the files themselves: they must stand below a folder of their YOGI_SOURCE_ROOTS.\n"
             "\n");
    options_help(table, COUNT, out);
    buf_text(out, "\nExit codes are those of yogi read.\n");
}

static int split_route(submit_options_t *options, arena_t *arena, fault_t *fault)
{
    char *rest = arena_text(arena, options->route), *name;
    while ((name = strsep(&rest, ",")) != NULL) {
        if (options->name_count == MESSAGE_NAMES_MOST)
            return fault_set(fault, FAULT_USAGE, "--route has more than %d stages", MESSAGE_NAMES_MOST);
        size_t size = strlen(name);
        if (size == 0 || size > MESSAGE_NAME_MOST || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != size)
            return fault_set(fault, FAULT_USAGE, "--route: \"%.60s\" is no name of a stage", name);
        options->names[options->name_count++] = name;
    }
    return 0;
}

int submit_options_parse(int argc, char **argv, arena_t *arena, submit_options_t *options, int *operands,
                         fault_t *fault)
{
    *options = (submit_options_t){.route = "classification,ocr,llm,validation", .attempts = 3, .wait = 10};
    if (options_parse(table, COUNT, argc, argv, options, operands, fault) < 0)
        return -1;
    if (options->help)
        return 0;
    if (!options->format)
        options->format = isatty(STDOUT_FILENO) ? "table" : "json";
    if (strcmp(options->format, "table") != 0 && strcmp(options->format, "json") != 0 &&
        strcmp(options->format, "html") != 0)
        return fault_set(fault, FAULT_USAGE, "--format wants one of table, json, html, not \"%s\"", options->format);
    if (*operands == 0)
        return fault_set(fault, FAULT_USAGE, "name a file; yogi submit --help tells more");
    options->form.one_line = *operands > 1;
    return split_route(options, arena, fault);
}
