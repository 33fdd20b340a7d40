/* yogi-keys: what `yogi keys` runs; see keys.h. */
#include "cluster.h"
#include "deploy/program.h"
#include "keys.h"

#include <string.h>

typedef struct {
    keys_options_t keys;
    bool kubernetes, help;
} asked_t;

static const option_t table[] = {
    {"role", "ROLE", OPTION_TEXT, offsetof(asked_t, keys.role), 0, 0, NULL,
     "actor, actor:STAGE,STAGE (these alone), owner, admin, several in quotes; or broker"},
    {"out", "DIR", OPTION_TEXT, offsetof(asked_t, keys.out), 0, 0, NULL, "folder of the two files (.)"},
    {"kubernetes", NULL, OPTION_FLAG, offsetof(asked_t, kubernetes), 0, 0, NULL,
     "new keys for a whole cluster, printed as Secrets of Kubernetes; nothing is written"},
    {"help", NULL, OPTION_FLAG, offsetof(asked_t, help), 0, 0, NULL, "this text"},
};
enum { COUNT = sizeof table / sizeof *table };

static void write_help(buf_t *out)
{
    buf_text(out, "Usage: yogi keys new NAME --role ROLE [--out DIR]\n"
                  "       yogi keys list FILE\n"
                  "       yogi keys --kubernetes | kubectl apply -f -\n\n"
                  "new   makes the keys NAME.cert (public) and NAME.cert_secret, and prints the line for the brokers'\n"
                  "      allow-list (YOGI_BROKER_ALLOW). A broker reads its list again when it gets SIGHUP.\n"
                  "list  reads an allow-list as a broker does: prints its keys, or says which line is wrong.\n\n");
}

/* The words behind `yogi keys`, options taken out. */
static int act(char **words, int count, const asked_t *asked, buf_t *out, fault_t *fault)
{
    if (asked->kubernetes && count == 0)
        return cluster_keys(out, fault);
    bool is_new = count > 0 && strcmp(words[0], "new") == 0, is_list = count > 0 && strcmp(words[0], "list") == 0;
    if (!is_new && !is_list)
        return fault_set(fault, FAULT_USAGE, "%s%.60s%s; yogi keys --help tells more",
                         count ? "there is no yogi keys " : "new or list?", count ? words[0] : "",
                         count ? ", but new and list" : "");
    if (count != 2)
        return fault_set(fault, FAULT_USAGE, "yogi keys %s takes one %s; yogi keys --help tells more", words[0],
                         is_new ? "name" : "file");
    return is_new ? keys_new(words[1], &asked->keys, out, fault) : keys_list(words[1], out, fault);
}

static int run(process_t *process, void *target, char **words, int count)
{
    fault_t fault = {0};
    buf_t out = {0};
    int done = act(words, count, target, &out, &fault);
    return program_end(process, done, &fault, &out);
}

int main(int argc, char **argv)
{
    asked_t asked = {.keys = {.out = "."}};
    program_t program = {
        .options = table,
        .option_count = COUNT,
        .target = &asked,
        .help = &asked.help,
        .write_help = write_help,
        .closing = "\nAn owner hands in documents, an actor serves stages, an admin sees figures (yogi stats).\n",
        .run = run,
    };
    return program_main(&program, argc, argv);
}
