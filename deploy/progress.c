/* progress: see progress.h. */
#include "progress.h"
#include "proto/base/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* First drawn after QUIET (most single pages are done by then), then every EVERY; BAR: columns of the bar. */
enum { QUIET_US = 400000, EVERY_US = 100000, BAR = 24, NAME_COLUMNS = 28, LINE_BYTES = 512 };

void progress_begin(progress_t *progress, size_t total, int64_t now_us)
{
    *progress =
        (progress_t){.enabled = isatty(STDERR_FILENO), .total = total, .start_us = now_us, .due_us = now_us + QUIET_US};
}

static void put(const char *text, size_t size)
{
    if (write(STDERR_FILENO, text, size) < 0) {
        /* nobody looks */
    }
}

/* Adds by printf rules what fits. */
#define ADD(...) (size += (size_t)snprintf(line + size, size < sizeof line ? sizeof line - size : 0, __VA_ARGS__))

void progress_draw(progress_t *progress, size_t done, const char *what, const char *stage, int part, int parts,
                   int64_t now_us, int64_t *next_us)
{
    if (!progress->enabled)
        return;
    if (now_us >= progress->due_us) {
        char line[LINE_BYTES] = "", name[NAME_COLUMNS * 4 + 1] = "";
        size_t size = 0;
        double spent = (double)(now_us - progress->start_us) / 1e6;
        progress->due_us = now_us + EVERY_US;
        if (progress->total > 1) {
            size_t full = done * BAR / progress->total;
            ADD("[");
            for (size_t i = 0; i < BAR; i++)
                ADD("%s", i < full ? "█" : "·");
            ADD("] %zu/%zu", done, progress->total);
            if (done)
                ADD("  %.1f/s, %.0f s left", (double)done / spent,
                    spent / (double)done * (double)(progress->total - done));
        }
        if (what) {
            const char *base = strrchr(what, '/');
            snprintf(name, sizeof name, "%.*s", NAME_COLUMNS, base && base[1] ? base + 1 : what);
            text_neuter(name);
            ADD("%s%s: %s", size ? "  " : "", name, stage);
            if (parts > 1)
                ADD(" %d/%d", part, parts);
        }
        struct winsize window;
        int columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col ? window.ws_col : 80;
        if (text_columns(line) < (size_t)columns) { /* a wrapped line could not be taken away */
            progress_clear(progress);
            put(line, strlen(line));
            progress->shown = true;
        }
    }
    if (progress->due_us < *next_us)
        *next_us = progress->due_us;
}

void progress_clear(progress_t *progress)
{
    if (progress->shown)
        put("\r\x1b[K", 4);
    progress->shown = false;
}
