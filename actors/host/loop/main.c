/* yogi-actor STAGE…: an actor host; see hosting.h. Set by the environment (yogi config lists it). */
#include "actors/stage_map.h"
#include "hosting.h"
#include "proto/message.h"

#include <string.h>

#define STAGE_NAME(name) #name,
static const char *const known[] = {STAGE_MAP(STAGE_NAME)};
#undef STAGE_NAME
#define STAGE_WORD(name) " " #name
enum { KNOWN = sizeof known / sizeof *known };

/* The stages on the command line: known ones, each once. */
static int check(int argc, char **argv, fault_t *fault)
{
    if (argc < 2)
        return fault_set(fault, FAULT_USAGE,
                         "it needs the stages to serve: yogi-actor classification ocr llm validation");
    if (argc - 1 > MESSAGE_NAMES_MOST)
        return fault_set(fault, FAULT_USAGE, "more than %d stages", MESSAGE_NAMES_MOST);
    for (int i = 1; i < argc; i++) {
        size_t found = 0;
        while (found < KNOWN && strcmp(known[found], argv[i]) != 0)
            found++;
        if (found == KNOWN)
            return fault_set(fault, FAULT_USAGE, "there is no stage \"%.60s\"; there are" STAGE_MAP(STAGE_WORD),
                             argv[i]);
        for (int j = 1; j < i; j++)
            if (strcmp(argv[j], argv[i]) == 0)
                return fault_set(fault, FAULT_USAGE, "the stage %s is named twice", argv[i]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    process_t process;
    fault_t fault = {0};
    int code = process_begin(&process, "yogi-actor");
    if (code)
        return code;
    hosting_t *hosting = NULL;
    if (check(argc, argv, &fault) == 0)
        hosting = hosting_new(&process, (const char *const *)argv + 1, (size_t)argc - 1, &fault);
    if (!hosting || hosting_run(hosting, &fault) < 0)
        code = process_fail(&process, &fault);
    hosting_destroy(&hosting);
    process_end(&process);
    return code;
}
