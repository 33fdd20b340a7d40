/* screen: see screen.h. */
#include "screen.h"

#include "proto/base/output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Of the terminals of today (xterm's): the other screen and back, the cursor away and back, to the top, to the end of
 * the line or screen away. */
#define ENTER          "\x1b[?1049h\x1b[?25l\x1b[H\x1b[J"
#define LEAVE          "\x1b[?25h\x1b[?1049l"
#define HOME           "\x1b[H"
#define REST_OF_LINE   "\x1b[K"
#define REST_OF_SCREEN "\x1b[J"

bool screen_is_there(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

static int put(const char *text, size_t size)
{
    return output_all(STDOUT_FILENO, text, size);
}

static void set_terminal(const struct termios *wanted)
{
    while (tcsetattr(STDIN_FILENO, TCSADRAIN, wanted) < 0 && errno == EINTR)
        ; /* in the background it is stopped here until it comes to the front */
}

void screen_take(screen_t *screen)
{
    screen->has_keys = tcgetattr(STDIN_FILENO, &screen->before) == 0;
    if (screen->has_keys) {
        struct termios raw = screen->before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C and Ctrl-Z stay signals */
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        set_terminal(&raw);
    }
    screen->taken = put(ENTER, strlen(ENTER)) == 0;
}

void screen_give_back(screen_t *screen)
{
    if (screen->taken && put(LEAVE, strlen(LEAVE)) < 0)
        screen->taken = false; /* there is nothing any more to give back */
    if (screen->has_keys)
        set_terminal(&screen->before);
    *screen = (screen_t){0};
}

static void measure(size_t *columns, size_t *rows)
{
    struct winsize window;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col && window.ws_row;
    *columns = known ? window.ws_col : 80;
    *rows = known ? window.ws_row : 24;
}

size_t screen_columns(void)
{
    size_t columns, rows;
    measure(&columns, &rows);
    return columns;
}

int screen_show(const screen_t *screen, const char *lines)
{
    size_t columns, rows;
    if (!screen->taken)
        return -1;
    measure(&columns, &rows);
    buf_t out = {0};
    buf_text(&out, HOME);
    for (size_t i = 0; i < rows && *lines; i++) { /* no feed behind the last: the screen would scroll */
        size_t size = strcspn(lines, "\n");
        buf_text(&out, i ? "\r\n" : "");
        buf_add(&out, lines, size < columns ? size : columns); /* a letter is a byte here */
        buf_text(&out, size < columns ? REST_OF_LINE : "");
        lines += size + (lines[size] != 0);
    }
    buf_text(&out, REST_OF_SCREEN);
    int shown = put(out.bytes, out.size);
    buf_free(&out);
    return shown;
}

int screen_key(const screen_t *screen)
{
    struct pollfd keys = {STDIN_FILENO, POLLIN, 0};
    unsigned char key;
    if (!screen->has_keys || poll(&keys, 1, 0) <= 0)
        return 0;
    ssize_t n = read(STDIN_FILENO, &key, 1);
    return n == 1 ? key : n < 0 && (errno == EINTR || errno == EAGAIN) ? 0 : -1;
}
