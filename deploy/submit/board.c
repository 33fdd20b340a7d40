/* board: see board.h. */
#include "board.h"
#include "proto/base/output.h"
#include "proto/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* First drawn after QUIET, as single pages are done by then, then every EVERY. LEAST: columns that a bar needs beside a
 * name. */
enum {
    QUIET_US = 400000,
    EVERY_US = 100000,
    NAME_COLUMNS = 28,
    BAR_COLUMNS = 24,
    LEAST_COLUMNS = 76,
    LINE_BYTES = 512
};

void board_begin(board_t *board, int64_t now_us)
{
    const char *terminal = getenv("TERM");
    bool can_move = isatty(STDERR_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
    *board = (board_t){.enabled = can_move, .start_us = now_us, .due_us = now_us + QUIET_US};
}

static void put(const buf_t *text)
{
    if (output_all(STDERR_FILENO, buf_string(text), text->size) < 0)
        return; /* nobody looks */
}

/* The cursor to the begin of the first line, and nothing below. */
static void wipe(board_t *board, buf_t *out)
{
    if (board->lines)
        buf_char(out, '\r');
    if (board->lines > 1)
        buf_format(out, "\x1b[%zuA", board->lines - 1);
    if (board->lines)
        buf_text(out, "\x1b[J");
    board->lines = 0;
}

void board_clear(board_t *board)
{
    buf_t out = {0};
    if (board->lines)
        board->due_us = 0;
    wipe(board, &out);
    put(&out);
    buf_free(&out);
}

/* ---- lines ---- */

/* As much of the text as has room, cut between characters and with an ellipsis where it was cut. */
static void add_cut(buf_t *out, const char *text, size_t columns)
{
    bool cut = text_columns(text) > columns;
    size_t used = 0;
    for (const char *at = text, *begin = at; text_next(&at); begin = at) {
        char one[5] = "";
        memcpy(one, begin, (size_t)(at - begin) < sizeof one ? (size_t)(at - begin) : 0);
        if (used + text_columns(one) + cut > columns)
            break;
        used += text_columns(one);
        buf_text(out, one);
    }
    if (cut && columns)
        buf_text(out, "…");
}

/* A line of its own, which never reaches the last column: a wrapped one could not be taken away. */
static void add_line(board_t *board, buf_t *out, const char *line, size_t columns)
{
    if (board->lines++)
        buf_char(out, '\n');
    add_cut(out, line, columns - 1);
}

static void add_bar(buf_t *out, double share)
{
    int full = (int)(share * BAR_COLUMNS + 0.5);
    buf_char(out, '[');
    for (int i = 0; i < BAR_COLUMNS; i++)
        buf_text(out, i < full ? "█" : "·");
    buf_char(out, ']');
}

static void add_name(buf_t *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    char name[LINE_BYTES];
    buf_t cut = {0};
    snprintf(name, sizeof name, "%s", slash && slash[1] ? slash + 1 : path);
    text_neuter(name);
    add_cut(&cut, name, NAME_COLUMNS);
    buf_format(out, "%s%*s  ", buf_string(&cut), (int)(NAME_COLUMNS - text_columns(buf_string(&cut))), "");
    buf_free(&cut);
}

static void show_parcel(board_t *board, buf_t *out, const board_view_t *view, const parcel_t *parcel, size_t columns)
{
    buf_t line = {0};
    double part = parcel->parts ? (double)parcel->part / parcel->parts : 0;
    add_name(&line, parcel->path);
    if (columns >= LEAST_COLUMNS)
        add_bar(&line, (parcel->at + part) / view->stage_count);
    buf_format(&line, " %s", view->stages[parcel->at]);
    if (parcel->parts > 1)
        buf_format(&line, " %u/%u", parcel->part, parcel->parts);
    add_line(board, out, buf_string(&line), columns);
    buf_free(&line);
}

static void show_sum(board_t *board, buf_t *out, const board_view_t *view, size_t columns, int64_t now_us)
{
    buf_t line = {0};
    double spent = (double)(now_us - board->start_us) / 1e6, ended = (double)view->ended;
    buf_format(&line, "%zu of %zu done", view->ended, view->count);
    if (view->failed)
        buf_format(&line, ", %zu failed", view->failed);
    if (view->ended)
        buf_format(&line, "; %.1f/s, %.0f s left", ended / spent, spent / ended * (double)(view->count - view->ended));
    add_line(board, out, buf_string(&line), columns);
    buf_free(&line);
}

static void compose(board_t *board, const board_view_t *view, int64_t now_us, buf_t *out)
{
    struct winsize window;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col && window.ws_row;
    size_t columns = known ? window.ws_col : 80, rows = known ? window.ws_row : 24, room = rows > 3 ? rows - 3 : 0;
    if (columns < 2)
        return;
    room = room < BOARD_ROWS ? room : BOARD_ROWS;
    for (size_t i = view->first; i < view->count && room; i++)
        if (!view->parcels[i].ended) {
            show_parcel(board, out, view, &view->parcels[i], columns);
            room--;
        }
    if (view->count > 1)
        show_sum(board, out, view, columns, now_us);
    if (view->trouble)
        add_line(board, out, view->trouble, columns);
}

void board_draw(board_t *board, const board_view_t *view, int64_t now_us, int64_t *next_us)
{
    if (!board->enabled)
        return;
    if (now_us >= board->due_us) {
        buf_t out = {0};
        board->due_us = now_us + EVERY_US;
        wipe(board, &out);
        compose(board, view, now_us, &out);
        put(&out);
        buf_free(&out);
    }
    *next_us = board->due_us < *next_us ? board->due_us : *next_us;
}
