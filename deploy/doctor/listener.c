/* listener: see listener.h. A socket has a number (inode), in the tables of /proc/net and in the links of its process's
 * descriptors. Source: proc(5). */
#include "listener.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LISTENS = 0x0A, LINE = 512 };

/* The number of a socket that listens at the port; 0 = none. */
static unsigned long socket_of(const char *table, int port)
{
    char line[LINE];
    unsigned long found = 0;
    FILE *file = fopen(table, "re");
    while (file && !found && fgets(line, sizeof line, file)) {
        unsigned at, state;
        unsigned long inode;
        if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*d %lu", &at, &state, &inode) ==
                3 &&
            at == (unsigned)port && state == LISTENS)
            found = inode;
    }
    if (file)
        fclose(file);
    return found;
}

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

/* Whether a process has the socket. */
static bool has(const char *pid, unsigned long socket)
{
    char folder[64], wanted[64], link[PATH_MAX];
    bool found = false;
    const struct dirent *entry;
    snprintf(folder, sizeof folder, "/proc/%.20s/fd", pid);
    snprintf(wanted, sizeof wanted, "socket:[%lu]", socket);
    DIR *entries = opendir(folder);
    while (entries && !found && (entry = readdir(entries))) {
        ssize_t size = readlinkat(dirfd(entries), entry->d_name, link, sizeof link - 1);
        if (size > 0) {
            link[size] = 0;
            found = strcmp(link, wanted) == 0;
        }
    }
    if (entries)
        closedir(entries);
    return found;
}

static void name_process(listener_t *listener)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/comm", (int)listener->pid);
    FILE *file = fopen(path, "re");
    if (!file || !fgets(listener->name, sizeof listener->name, file))
        *listener->name = 0;
    listener->name[strcspn(listener->name, "\n")] = 0;
    if (file)
        fclose(file);
}

bool listener_find(int port, listener_t *listener)
{
    unsigned long socket = socket_of("/proc/net/tcp", port);
    const struct dirent *entry;
    *listener = (listener_t){0};
    if (!socket)
        socket = socket_of("/proc/net/tcp6", port);
    if (!socket)
        return false;
    DIR *processes = opendir("/proc");
    while (processes && !listener->pid && (entry = readdir(processes)))
        if (is_number(entry->d_name) && has(entry->d_name, socket))
            listener->pid = (pid_t)atoi(entry->d_name);
    if (processes)
        closedir(processes);
    if (listener->pid)
        name_process(listener);
    return true;
}
