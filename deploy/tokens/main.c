/* yogi-tokens: what `yogi tokens` runs; see tokens.h. */
#include "deploy/program.h"
#include "tokens.h"

#include <string.h>

typedef struct {
    tokens_options_t tokens;
    bool help;
} asked_t;

enum { DAYS_MOST = 36500 };

static const option_t table[] = {
    {"role", "ROLE", OPTION_TEXT, offsetof(asked_t, tokens.role), 0, 0, NULL,
     "teacher (a tenant's documents), service (figures too), admin (teacher)"},
    {"tenant", "NAME", OPTION_TEXT, offsetof(asked_t, tokens.tenant), 0, 0, NULL,
     "whose documents the key opens (default); made where there is none yet"},
    {"days", "N", OPTION_INT, offsetof(asked_t, tokens.days), 0, DAYS_MOST, NULL,
     "that it is valid; 0 is for ever (0)"},
    {"help", NULL, OPTION_FLAG, offsetof(asked_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static void write_help(buf_t *out)
{
    buf_text(out,
             "Usage: yogi tokens new NAME [--role ROLE] [--tenant NAME] [--days N]\n"
             "       yogi tokens list [--tenant NAME]\n"
             "       yogi tokens revoke ID\n\n"
             "API keys for yogi-gateway, in the database of the settings (yogi config). A key is shown once, when\n"
             "it is made; gateways know it from then on, and a revoked one at once no more.\n\n");
}

typedef enum { NEW, LIST, REVOKE, COMMANDS } word_t;

static const struct {
    const char *name;
    int words; /* behind it */
    const char *wants;
} commands[COMMANDS] = {
    [NEW] = {"new", 1, "one name"}, [LIST] = {"list", 0, "no more words"}, [REVOKE] = {"revoke", 1, "one id"}};

static int read_words(char **words, int count, word_t *command, fault_t *fault)
{
    for (*command = NEW; *command < COMMANDS; ++*command)
        if (count > 0 && strcmp(words[0], commands[*command].name) == 0)
            break;
    if (*command == COMMANDS)
        return fault_set(fault, FAULT_USAGE, "%s%.60s%s; yogi tokens --help tells more",
                         count ? "there is no yogi tokens " : "new, list or revoke?", count ? words[0] : "",
                         count ? ", but new, list and revoke" : "");
    if (count - 1 != commands[*command].words)
        return fault_set(fault, FAULT_USAGE, "yogi tokens %s takes %s; yogi tokens --help tells more", words[0],
                         commands[*command].wants);
    return 0;
}

static int act(const process_t *process, char **words, int count, const asked_t *asked, buf_t *out, fault_t *fault)
{
    word_t command;
    if (read_words(words, count, &command, fault) < 0)
        return -1;
    store_t *store = store_new(&process->settings, true, &process->log, fault);
    if (!store)
        return -1;
    int done = command == NEW    ? tokens_new(store, words[1], &asked->tokens, out, fault)
               : command == LIST ? tokens_list(store, &asked->tokens, out, fault)
                                 : tokens_revoke(store, words[1], out, fault);
    store_destroy(&store);
    return done;
}

static int run(process_t *process, void *target, char **words, int count)
{
    fault_t fault = {0};
    buf_t out = {0};
    int done = act(process, words, count, target, &out, &fault);
    return program_end(process, done, &fault, &out);
}

int main(int argc, char **argv)
{
    asked_t asked = {.tokens = {.role = "teacher"}};
    program_t program = {
        .options = table,
        .option_count = COUNT,
        .target = &asked,
        .help = &asked.help,
        .write_help = write_help,
        .run = run,
    };
    return program_main(&program, argc, argv);
}
