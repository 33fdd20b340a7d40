/* up: see up.h. */
#include "up.h"
#include "claim.h"
#include "proto/base/clock.h"
#include "roster.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* LONG: as nobody waits without being told why; everything stands after 0.1 s, after 5 s under sanitizers. */
enum { EXIT_AT_ONCE = 130, STARTED_BYTES = 160, LONG_US = 10 * 1000000, RETRY_US = 1000000 };

typedef enum { STARTING, STANDING, ENDING } phase_t;

typedef struct {
    process_t *process;
    claim_t claim;
    service_t *services[ROSTER_MOST]; /* in the order in which they start */
    size_t count;
    size_t stood; /* STARTING: so many have been ready */
    phase_t phase;
    bool on_terminal; /* it was started from one, whose end SIGHUP tells; else SIGHUP tells to read lists again */
    bool at_once;     /* the second signal */
    int code;         /* exit code */
    int64_t start_us; /* when it was started */
    bool told_long;   /* that it takes long */
    int64_t retry_us; /* before which nothing is started, as the system has refused it */
} up_t;

/* ---- words ---- */

/* What a service has said when it was ready. */
static const char *said_by(const up_t *up, const char *name)
{
    for (size_t i = 0; i < up->count; i++)
        if (strcmp(service_name(up->services[i]), name) == 0)
            return service_said(up->services[i]);
    return "";
}

static void say_standing(const up_t *up)
{
    const settings_t *settings = &up->process->settings;
    char endpoint[SITE_ENDPOINT];
    site_endpoint(&up->claim.site, "broker", endpoint);
    long workers = settings->workers ? (long)settings->workers : sysconf(_SC_NPROCESSORS_ONLN);
    printf("ready %s\n", service_said(up->services[0]));
    printf("yogi is up after %.1f s, with %ld worker%s for each of: %s\n",
           (double)(clock_now_us() - up->start_us) / 1e6, workers, workers == 1 ? "" : "s", said_by(up, "host"));
    printf("its data are in %s\n\n", up->claim.site.data);
    printf("  open %s\n\n", said_by(up, "gateway"));
    printf("  yogi submit photo.jpg     reads a document\n"
           "  yogi stats                shows what is in hand\n\n"
           "Ctrl-C ends it when what is in hand is done, a second one at once.\n");
    const char *address = said_by(up, "gateway");
    if (strncmp(address, "http://127.", 11) != 0 && strncmp(address, "http://[::1]", 12) != 0)
        printf("\nFrom other machines nobody is let in without a key: yogi tokens new NAME --role teacher\n");
    fflush(stdout);
    notify_ready(&up->process->notify, said_by(up, "gateway"));
    if (yogi_settings_given(environ, "YOGI_BROKERS"))
        fprintf(stderr,
                "yogi: YOGI_BROKERS is set here, and commands that see it go there and not to this system; to reach "
                "this one: YOGI_BROKERS=%s\n",
                endpoint);
}

static void tell_gone(const up_t *up, const service_t *service, int64_t now_us)
{
    char text[STARTED_BYTES];
    int64_t rest_us = service_rest_us(service, now_us);
    int size =
        snprintf(text, sizeof text, "the %s %s; it is started again", service_name(service), service_cause(service));
    if (rest_us)
        snprintf(text + size, sizeof text - (size_t)size, " in %.1f s", (double)rest_us / 1e6);
    LOG(&up->process->log, LOG_ERROR, "child.gone", {"child", service_name(service), 0}, {"message", text, 0});
}

/* Lowers *next_us to when it is to be said. */
static void say_long(up_t *up, int64_t now_us, int64_t *next_us)
{
    int64_t due_us = up->start_us + LONG_US;
    if (up->phase != STARTING || up->told_long)
        return;
    if (now_us < due_us) {
        *next_us = due_us < *next_us ? due_us : *next_us;
        return;
    }
    fprintf(stderr, "yogi: the %s is not ready yet; YOGI_LOG_LEVEL=info tells more\n",
            service_name(up->services[up->stood]));
    up->told_long = true;
}

static void tell_ready(const up_t *up, const service_t *service)
{
    LOG(&up->process->log, LOG_INFO, "child.ready", {"child", service_name(service), 0},
        {"pid", NULL, service_pid(service)});
}

/* ---- changes ---- */

static void fail(up_t *up, const fault_t *fault)
{
    up->code = up->code ? up->code : process_fail(up->process, fault);
    up->phase = ENDING;
}

/* The first word: in turn. The second: at once. */
static void begin_to_end(up_t *up)
{
    if (up->phase == ENDING) {
        up->at_once = true;
        up->code = EXIT_AT_ONCE;
        return;
    }
    if (up->phase == STANDING)
        fprintf(stderr, "yogi: what is in hand is done first, for %lld s at most; a second signal ends it at once\n",
                (long long)up->process->settings.drain_seconds);
    up->phase = ENDING;
    notify_stopping(&up->process->notify, "ends what is in hand");
}

static void hear_signals(up_t *up)
{
    struct signalfd_siginfo info;
    while (read(up->process->signal_fd, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGHUP && !up->on_terminal)
            for (size_t i = 0; i < up->count; i++)
                service_reload(up->services[i]);
        else if (info.ssi_signo != SIGCHLD)
            begin_to_end(up);
}

/* What the system refuses now it may grant a little later; at the begin somebody waits to be told. */
static void start(up_t *up, service_t *service, int64_t now_us)
{
    fault_t fault;
    if (now_us < up->retry_us || service_start(service, now_us, &fault) == 0)
        return;
    if (up->phase == STARTING) {
        fail(up, &fault);
        return;
    }
    up->retry_us = now_us + RETRY_US;
    LOG(&up->process->log, LOG_ERROR, "child.refused", {"child", service_name(service), 0}, {"message", fault.text, 0});
}

/* Before everything has stood once an end is taken for a broken installation, which starting again does not mend. */
static void hear_gone(up_t *up, const service_t *service, int64_t now_us)
{
    fault_t fault;
    if (up->phase == STANDING) {
        tell_gone(up, service, now_us);
    } else if (up->phase == STARTING) {
        fault_set(&fault, FAULT_SYSTEM, "the %s %s before it was ready; what it said stands above",
                  service_name(service), service_cause(service));
        fail(up, &fault);
        up->code = service_exit(service) ? service_exit(service) : up->code;
    }
}

static void hear(up_t *up, service_t *service, service_event_t event, int64_t now_us)
{
    if (event == SERVICE_GONE)
        hear_gone(up, service, now_us);
    if (event != SERVICE_READY)
        return;
    tell_ready(up, service);
    if (up->phase != STARTING || ++up->stood < up->count)
        return;
    up->phase = STANDING;
    say_standing(up);
}

/* ---- the loop ---- */

/* STARTING, the services up to the first that is not ready are to run; STANDING, all; ENDING, they are to end from the
 * last on. What is wanted and does not run is started, what is not wanted is told to end. */
static void bring_about(up_t *up, int64_t now_us)
{
    for (size_t i = 0; up->phase != ENDING && i < up->count && i <= up->stood; i++)
        if (service_state(up->services[i]) == CHILD_DOWN)
            start(up, up->services[i], now_us);
    for (size_t i = up->count; up->phase == ENDING && i-- > 0;) {
        service_stop(up->services[i], now_us);
        if (service_state(up->services[i]) != CHILD_DOWN)
            return;
    }
}

static bool is_service(const up_t *up, pid_t pid)
{
    bool is = false;
    for (size_t i = 0; i < up->count && !is; i++)
        is = service_pid(up->services[i]) == pid;
    return is;
}

/* As the first process of a container it inherits what its services leave behind: workers of a host that was killed. */
static void bury_strangers(const up_t *up)
{
    siginfo_t info = {0};
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid && !is_service(up, info.si_pid)) {
        waitpid(info.si_pid, NULL, 0);
        info.si_pid = 0;
    }
}

static bool has_ended(const up_t *up)
{
    bool ended = up->phase == ENDING;
    for (size_t i = 0; i < up->count && ended; i++)
        ended = service_state(up->services[i]) == CHILD_DOWN;
    return ended;
}

static void rest(const up_t *up, int64_t next_us)
{
    struct pollfd polls[ROSTER_MOST + 1] = {{up->process->signal_fd, POLLIN, 0}};
    size_t count = 1;
    for (size_t i = 0; i < up->count; i++)
        count += service_poll(up->services[i], &polls[count]);
    int64_t left_us = next_us - clock_now_us();
    poll(polls, count, next_us == INT64_MAX ? -1 : left_us > 0 ? (int)((left_us + 999) / 1000) : 0);
}

static void run(up_t *up)
{
    for (;;) {
        int64_t now_us = clock_now_us(), next_us = INT64_MAX;
        bring_about(up, now_us);
        if (up->at_once || has_ended(up))
            return;
        bool changed = false;
        for (size_t i = 0; i < up->count; i++) {
            service_event_t event;
            child_state_t before = service_state(up->services[i]);
            while ((event = service_step(up->services[i], now_us, &next_us)) != SERVICE_NOTHING)
                hear(up, up->services[i], event, now_us);
            changed |= service_state(up->services[i]) != before;
        }
        bury_strangers(up);
        notify_beat(&up->process->notify, up->phase == STANDING ? "everything stands" : "starts or ends", now_us);
        if (up->process->notify.next_us < next_us)
            next_us = up->process->notify.next_us;
        say_long(up, now_us, &next_us);
        if (now_us < up->retry_us && up->retry_us < next_us)
            next_us = up->retry_us;
        if (!changed)
            rest(up, next_us);
        hear_signals(up);
    }
}

static bool has_terminal(void)
{
    int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* What process_begin takes, the end of children, and SIGHUP unless nohup was asked to keep it away. */
static int take_signals(const process_t *process, fault_t *fault)
{
    struct sigaction hangup;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCHLD);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (signalfd(process->signal_fd, &set, SFD_NONBLOCK | SFD_CLOEXEC) < 0)
        return fault_set(fault, FAULT_SYSTEM, "signals cannot be waited for");
    return 0;
}

/* The host that starts before the gateway looks whether it is there. */
static int make_blobs(const site_t *site, arena_t *arena, fault_t *fault)
{
    const char *path = roster_blobs(site, arena);
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    return fault_set(fault, FAULT_OUTPUT, "the folder %s cannot be made: %s", path, strerror(errno));
}

int up_run(process_t *process, const char *data)
{
    fault_t fault = {0};
    up_t up = {.process = process, .claim = {.lock_fd = -1}, .start_us = clock_now_us(), .on_terminal = has_terminal()};
    service_plan_t plans[ROSTER_MOST];
    if (take_signals(process, &fault) < 0 || claim_take(data ? data : process->settings.data, &up.claim, &fault) < 0)
        return process_fail(process, &fault);
    if (make_blobs(&up.claim.site, process->arena, &fault) < 0) {
        claim_release(&up.claim);
        return process_fail(process, &fault);
    }
    up.count = roster_fill(&process->settings, &up.claim.site, process->arena, plans);
    for (size_t i = 0; i < up.count; i++)
        up.services[i] = service_new(&plans[i]);
    unsetenv("YOGI_HEALTH"); /* it is this process's own */
    run(&up);
    for (size_t i = up.count; i-- > 0;)
        service_destroy(&up.services[i]);
    claim_release(&up.claim);
    return up.code;
}
