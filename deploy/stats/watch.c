/* watch: see watch.h. */
#include "watch.h"
#include "figures.h"
#include "proto/base/clock.h"
#include "screen.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* POLLS: a descriptor for each broker, signals and keys. */
enum { EVERY_US = 1000000, KEY_CTRL_D = 4, POLLS = ASKER_POLLS + 2 };

typedef struct {
    process_t *process;
    asker_t *asker;
    screen_t screen;
    figures_t shown, before; /* the last that were shown, and those before them */
    bool known;              /* shown is filled */
    bool asked;              /* a question is under way */
    int64_t due_us;          /* of the next question */
    bool ended;              /* somebody has had enough */
} watch_t;

/* What process_begin takes, and what concerns a terminal: Ctrl-Z and another size of the window. */
static int take_signals(const process_t *process, fault_t *fault)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTSTP);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (signalfd(process->signal_fd, &set, SFD_NONBLOCK | SFD_CLOEXEC) < 0)
        return fault_set(fault, FAULT_SYSTEM, "signals cannot be waited for");
    return 0;
}

static void draw(watch_t *watch)
{
    buf_t out = {0};
    bool rates = watch->known && watch->before.at_us;
    if (watch->known)
        figures_table(&watch->shown, rates ? &watch->before : &watch->shown, screen_columns(), &out);
    else
        buf_format(&out, "asking %s …\n", watch->process->settings.brokers);
    buf_text(&out, "q ends\n");
    watch->ended |= screen_show(&watch->screen, buf_string(&out)) < 0;
    buf_free(&out);
}

/* Stops as Ctrl-Z asks, with the terminal as it was; goes on when somebody says so. */
static void pause_here(watch_t *watch)
{
    screen_give_back(&watch->screen);
    kill(getpid(), SIGSTOP);
    screen_take(&watch->screen);
}

static void hear_signals(watch_t *watch)
{
    struct signalfd_siginfo info;
    while (read(watch->process->signal_fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGTSTP)
            pause_here(watch);
        if (info.ssi_signo == SIGTSTP || info.ssi_signo == SIGWINCH)
            draw(watch);
        else
            watch->ended = true;
    }
}

static void hear_keys(watch_t *watch)
{
    for (int key; (key = screen_key(&watch->screen));) {
        watch->ended |= key < 0 || key == 'q' || key == 'Q' || key == KEY_CTRL_D;
        if (key < 0)
            return;
    }
}

static void show(watch_t *watch, int64_t now_us)
{
    figures_t taken;
    figures_take(watch->asker, now_us, &taken);
    watch->before = watch->known ? watch->shown : (figures_t){0};
    watch->shown = taken;
    watch->known = true;
    watch->asked = false;
    draw(watch);
}

/* The next question each second; the answer is shown when it is whole, or with what there is when the next is due. */
static void look(watch_t *watch, int64_t now_us)
{
    uint32_t heard = asker_heard(watch->asker);
    bool due = now_us >= watch->due_us;
    if (watch->asked && (due || (asker_answers(watch->asker) >= heard && heard)))
        show(watch, now_us);
    if (!due || (!heard && !watch->known)) /* before the first is heard there is nobody to ask */
        return;
    asker_ask(watch->asker);
    watch->asked = true;
    watch->due_us = now_us + EVERY_US;
}

static void rest(watch_t *watch, int64_t next_us)
{
    struct pollfd polls[POLLS];
    size_t count = asker_poll(watch->asker, polls);
    polls[count++] = (struct pollfd){watch->process->signal_fd, POLLIN, 0};
    if (watch->screen.has_keys)
        polls[count++] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
    if (watch->known && watch->due_us < next_us)
        next_us = watch->due_us;
    int64_t left_us = next_us - clock_now_us();
    if (left_us > 0)
        poll(polls, count, (int)((left_us + 999) / 1000));
}

int watch_run(process_t *process, asker_t *asker, int64_t until_us, fault_t *fault)
{
    watch_t watch = {.process = process, .asker = asker};
    bool final;
    if (take_signals(process, fault) < 0)
        return -1;
    screen_take(&watch.screen);
    draw(&watch);
    while (!watch.ended) {
        int64_t now_us = clock_now_us(), next_us = watch.known ? INT64_MAX : until_us;
        if (!watch.known && (now_us >= until_us || (asker_refusal(asker, &final) && final)))
            break;
        asker_step(asker, &next_us);
        look(&watch, now_us);
        hear_signals(&watch);
        hear_keys(&watch);
        if (!watch.ended)
            rest(&watch, next_us);
    }
    screen_give_back(&watch.screen);
    if (watch.known || watch.ended)
        return 0;
    return asker_tell_silence(asker, fault);
}
