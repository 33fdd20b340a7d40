/* terminal: see terminal.h. */
#include "terminal.h"
#include "proto/base/clock.h"

#include <stdio.h>
#include <string.h>

void terminal_begin(terminal_t *terminal)
{
    *terminal = (terminal_t){0};
    progress_begin(&terminal->progress, 0, clock_now_us());
}

/* Each phase has its own bar. */
static void begin_phase(terminal_t *terminal, const move_progress_t *progress, int64_t now_us)
{
    if (terminal->phase && strcmp(terminal->phase, progress->phase) == 0)
        return;
    bool shown = terminal->progress.shown;
    progress_begin(&terminal->progress, 0, now_us);
    terminal->progress.shown = shown;
    terminal->phase = progress->phase;
    terminal->start_us = now_us;
}

void terminal_show(void *user, const move_progress_t *progress)
{
    terminal_t *terminal = user;
    char what[64];
    int64_t now_us = clock_now_us(), next_us = INT64_MAX;
    begin_phase(terminal, progress, now_us);
    double seconds = (double)(now_us - terminal->start_us) / 1e6;
    if (progress->bytes_total && seconds > 0)
        snprintf(what, sizeof what, "%.1f MB/s", (double)progress->bytes / 1e6 / seconds);
    else
        snprintf(what, sizeof what, "%s", progress->what ? progress->what : "");
    terminal->progress.total = (size_t)progress->total;
    progress_draw(&terminal->progress, (size_t)progress->done, progress->phase, what, 0, 0, now_us, &next_us);
}

void terminal_end(terminal_t *terminal)
{
    progress_clear(&terminal->progress);
}
