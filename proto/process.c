/* process: see process.h. */
#include "process.h"
#include "base/text.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A missing standard descriptor would be taken by the next file that is opened; one that fails every use stands in. */
static void hold_standard_descriptors(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(fault_exit(FAULT_SYSTEM));
}

/* Before any thread is started, so that none of them takes a signal. */
static int take_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an answer of write */
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int process_begin(process_t *process, const char *program)
{
    hold_standard_descriptors();
    notify_t notify;
    notify_open(&notify);
    *process = (process_t){.program = program, .signal_fd = -1, .notify = notify, .arena = arena_new()};
    buf_t problems = {0};
    fault_t fault = {0};
    int code = 0;
    if (yogi_settings_load(environ, process->arena, &process->settings, &problems)) {
        code = fault_exit(FAULT_SETTING);
        for (char *line = problems.bytes, *end; (end = strchr(line, '\n')); line = end + 1)
            fprintf(stderr, "%s: %.*s\n", program, (int)(end - line), line);
        notify_status(&process->notify, "a setting is wrong; the log names it");
    } else if (process->settings.health) {
        notify_keep(&process->notify, process->settings.health);
    }
    if (!code && (process->signal_fd = take_signals()) < 0) {
        fault_set(&fault, FAULT_SYSTEM, "signals cannot be waited for");
        code = process_fail(process, &fault);
    }
    buf_free(&problems);
    process->log = (log_t){STDERR_FILENO, (log_level_t)process->settings.log_level, program};
    if (code) {
        notify_close(&process->notify);
        arena_destroy(&process->arena);
    }
    return code;
}

void process_end(process_t *process)
{
    close(process->signal_fd);
    notify_close(&process->notify);
    arena_destroy(&process->arena);
}

void process_hear_reload(process_t *process)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    int fd = signalfd(process->signal_fd, &set, 0);
    assert(fd == process->signal_fd);
}

bool process_told_to_end(process_t *process)
{
    struct signalfd_siginfo info;
    while (read(process->signal_fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo != SIGHUP) {
            notify_stopping(&process->notify, "ends what is in hand");
            return true;
        }
        process->reload = true;
    }
    return false;
}

bool process_told_to_reload(process_t *process)
{
    bool told = process->reload;
    process->reload = false;
    return told;
}

int process_fail(const process_t *process, const fault_t *fault)
{
    fprintf(stderr, "%s: %s\n", process->program, fault->text);
    notify_status(&process->notify, fault->text);
    return fault_exit(fault->code);
}

char *process_name(const process_t *process, char *name, size_t size)
{
    if (process->settings.name)
        snprintf(name, size, "%s", process->settings.name);
    else if (gethostname(name, size) < 0)
        snprintf(name, size, "?");
    name[size - 1] = 0;
    text_neuter(name);
    return name;
}

int process_beside(const char *executable, char *path, size_t size, fault_t *fault)
{
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    if (n <= 0)
        return fault_set(fault, FAULT_SYSTEM, "it cannot be told where this program stands (/proc is not mounted?)");
    path[n] = 0;
    char *slash = strrchr(path, '/');
    if (!slash || (size_t)(slash + 1 - path) + strlen(executable) >= size)
        return fault_set(fault, FAULT_SYSTEM, "the path of this program is too long");
    memcpy(slash + 1, executable, strlen(executable) + 1);
    return 0;
}
