/* yogi: the front command. Looks at no document itself: commands start the processes that do. */
#include "command.h"
#include "options.h"
#include "proto/base/clock.h"
#include "proto/base/output.h"
#include "site.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *name;
    command_fn *run;
    bool is_owner;    /* it asks brokers: that of the `yogi up` which runs here, unless it is told of others */
    bool is_judge;    /* it looks at the settings itself, and starts with wrong ones too */
    const char *help; /* a phrase */
} command_row_t;

static command_fn config_main, help_main, version_main;

static const command_row_t *find(const char *name);

/* Runs the executable `yogi-NAME` beside this one. */
static command_fn beside_main;

/* The same, of services, which have no options and no help of their own. */
static command_fn service_main;

static const command_row_t commands[] = {
    {"read", read_main, false, false, "read timetables from files, folders or the standard input"},
    {"up", beside_main, false, false, "run everything on this machine, for browsers and yogi submit"},
    {"submit", beside_main, true, false, "send files through a running system and print what was read"},
    {"stats", beside_main, true, false, "show what the brokers have in hand and have done"},
    {"broker", service_main, false, false, "route jobs between owners and actor hosts"},
    {"actor", service_main, false, false, "serve stages: yogi actor STAGE..."},
    {"gateway", service_main, false, false, "serve HTTP: hand documents in, find and correct timetables"},
    {"keys", beside_main, false, false, "make keys for connections between machines, read allow-lists"},
    {"logs", beside_main, false, false, "one document's lines of all logs: yogi logs DOCUMENT FILE..."},
    {"migrate", beside_main, false, false, "move an installation to other stores and back; bring a schema up to date"},
    {"tokens", beside_main, false, false, "make, list and revoke API keys of a gateway"},
    {"bridge", service_main, false, false, "work on queues of BullMQ as one of its workers"},
    {"queue", beside_main, false, false,
     "look after BullMQ's queues: what waits, what failed, whether they are served"},
    {"doctor", beside_main, false, true, "look at everything that the system depends on, and say what to do"},
    {"health", health_main, false, false, "whether the service of this container lives: yogi health [--ready]"},
    {"config", config_main, true, false, "print the settings that are in force"},
    {"help", help_main, false, false, "this text; yogi COMMAND --help tells more"},
    {"version", version_main, false, false, "the version"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static int say(const buf_t *text)
{
    return output_all(STDOUT_FILENO, buf_string(text), text->size) < 0 ? fault_exit(FAULT_OUTPUT) : 0;
}

static int config_main(const command_t *command, int argc, char **argv)
{
    (void)argc, (void)argv;
    buf_t text = {0};
    yogi_settings_print(command->settings, &text);
    int code = say(&text);
    buf_free(&text);
    return code;
}

static int beside_main(const command_t *command, int argc, char **argv)
{
    (void)argc;
    char path[4096];
    int length = snprintf(path, sizeof path, "%.*s-%s", (int)(strlen(command->worker) - strlen("-worker")),
                          command->worker, argv[-1]);
    if (length > 0 && (size_t)length < sizeof path) {
        argv[-1] = path;
        execv(path, argv - 1);
    }
    fprintf(stderr, "yogi: %s cannot be run; is it installed beside yogi?\n", path);
    return fault_exit(FAULT_SYSTEM);
}

static int service_main(const command_t *command, int argc, char **argv)
{
    if (argc != 1 || (strcmp(argv[0], "--help") != 0 && strcmp(argv[0], "-h") != 0))
        return beside_main(command, argc, argv);
    buf_t text = {0};
    buf_format(
        &text,
        "yogi %s: %s\n\nA service: it runs until it is told to end (SIGTERM, Ctrl-C) and ends what it has in hand "
        "then. It is set\nby the environment, whose settings yogi config lists; yogi doctor looks at what they "
        "name.\n",
        argv[-1], find(argv[-1])->help);
    int code = say(&text);
    buf_free(&text);
    return code;
}

static int help_main(const command_t *command, int argc, char **argv)
{
    (void)command, (void)argc, (void)argv;
    buf_t text = {0};
    buf_text(&text,
             "yogi reads school timetables from pictures, scans, PDF, DOCX and XLSX.\n\nUsage: yogi COMMAND ...\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        buf_format(&text, "  %-10s %s\n", commands[i].name, commands[i].help);
    buf_text(&text, "\nTry: yogi read photo.jpg\n");
    int code = say(&text);
    buf_free(&text);
    return code;
}

static int version_main(const command_t *command, int argc, char **argv)
{
    (void)command, (void)argc, (void)argv;
    buf_t text = {0};
    buf_text(&text, "yogi " YOGI_VERSION "\n");
    int code = say(&text);
    buf_free(&text);
    return code;
}

static const command_row_t *find(const char *name)
{
    static const struct {
        const char *alias, *name;
    } aliases[] = {{"--help", "help"}, {"-h", "help"}, {"--version", "version"}, {"-V", "version"}};
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i].alias, name) == 0)
            name = aliases[i].name;
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int refuse(const char *typed)
{
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    const char *nearest = options_nearest(typed, names, COMMANDS);
    fault_t fault;
    if (nearest)
        fault_set(&fault, FAULT_USAGE, "there is no command %s; did you mean %s?", typed, nearest);
    else
        fault_set(&fault, FAULT_USAGE, "there is no command %s; yogi help lists them (to read a file: yogi read %s)",
                  typed, typed);
    fprintf(stderr, "yogi: %s\n", fault.text);
    return fault_exit(fault.code);
}

/* yogi-worker stands beside this executable. false when it cannot be told where that is. */
static bool find_worker(char *path, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    if (n <= 0)
        return false;
    path[n] = 0;
    char *slash = strrchr(path, '/');
    static const char name[] = "/yogi-worker";
    if (!slash || (size_t)(slash - path) + sizeof name > size)
        return false;
    memcpy(slash, name, sizeof name);
    return true;
}

/* Puts the broker of the `yogi up` that runs here into the environment and the settings, where nobody has named one. */
static int find_brokers(settings_t *settings, arena_t *arena, fault_t *fault)
{
    char endpoint[SITE_ENDPOINT];
    if (yogi_settings_given(environ, "YOGI_BROKERS"))
        return 0;
    int found = site_find(settings->data, endpoint, fault);
    if (found > 0) {
        settings->brokers = arena_text(arena, endpoint);
        setenv("YOGI_BROKERS", endpoint, 1);
    }
    return found < 0 ? -1 : 0;
}

/* A missing standard descriptor would be taken by the next file that is opened; one that fails every use stands in. */
static void hold_standard_descriptors(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(fault_exit(FAULT_SYSTEM));
}

int main(int argc, char **argv)
{
    int64_t start_us = clock_now_us();
    hold_standard_descriptors();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an answer of write */
    const command_row_t *row = find(argc > 1 ? argv[1] : "help");
    if (!row)
        return refuse(argv[1]);
    char worker[4096];
    arena_t *arena = arena_new();
    buf_t problems = {0};
    settings_t settings;
    fault_t fault;
    int code = fault_exit(FAULT_SETTING);
    if (!find_worker(worker, sizeof worker)) {
        fputs("yogi: it cannot be told where this program stands (/proc is not mounted?)\n", stderr);
    } else if (yogi_settings_load(environ, arena, &settings, &problems) && !row->is_judge) {
        for (char *line = problems.bytes, *end; (end = strchr(line, '\n')); line = end + 1)
            fprintf(stderr, "yogi: %.*s\n", (int)(end - line), line);
    } else if (row->is_owner && find_brokers(&settings, arena, &fault) < 0) {
        fprintf(stderr, "yogi: %s\n", fault.text);
    } else {
        log_t log = {STDERR_FILENO, (log_level_t)settings.log_level, "yogi"};
        command_t command = {&settings, &log, worker, start_us};
        code = row->run(&command, argc > 1 ? argc - 2 : 0, argv + 2);
    }
    buf_free(&problems);
    arena_destroy(&arena);
    return code;
}
