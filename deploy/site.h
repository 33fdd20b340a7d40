/* site: the folders of a `yogi up`: where its data lie, where its sockets stand, and how commands on this machine find
 * it. The path of a Unix socket has at most 107 bytes, so sockets do not stand among the data, whose path may be long.
 *
 *     DATA               --data, else YOGI_DATA, else $XDG_DATA_HOME/yogi, else ~/.local/share/yogi
 *     DATA/lock          locked by the process that uses the folder
 *     BASE               $XDG_RUNTIME_DIR/yogi, else /run/user/UID/yogi, else /tmp/yogi-UID: the first that can be had
 *     BASE/KEY           folder of its sockets; KEY is 16 hex digits of the SHA-256 of DATA
 *     BASE/KEY/data      a symbolic link to DATA
 *     BASE/KEY/broker    the socket of its broker
 *
 * BASE and what is below is this user's alone (0700): whoever can open a socket there may have any file read that the
 * user can read. A folder of that name which is another's, or open to others, is passed over.
 *
 * For:    yogi-up, which makes it, and the front command, which looks for it. Reads the environment variables above.
 */
#ifndef YOGI_DEPLOY_SITE_H
#define YOGI_DEPLOY_SITE_H

#include "proto/base/fault.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* SOCKET: of a path with its zero, as sockaddr_un has it. NAME: of a socket in its folder, at most. */
enum { SITE_SOCKET = 108, SITE_NAME_MOST = 15, SITE_ENDPOINT = SITE_SOCKET + 6 };

/* Plain data. */
typedef struct {
    char data[PATH_MAX];   /* without symbolic links */
    char run[SITE_SOCKET]; /* folder of the sockets */
} site_t;

/* The path of the folder of data, which need not be there. -1 with the fault. */
int site_data(const char *wanted, char path[PATH_MAX], fault_t *fault) __attribute__((warn_unused_result));

/* Makes the folders, as far as they are not there. wanted is the folder of data; NULL = the user's own. -1 with the
 * fault. */
int site_make(const char *wanted, site_t *site, fault_t *fault) __attribute__((warn_unused_result));

/* "ipc://" and the path of a socket of the site. Returns endpoint. */
char *site_endpoint(const site_t *site, const char *name, char endpoint[SITE_ENDPOINT]);

/* The process that uses the folder of data; 0 = none does, -1 = one that has no number here (another container). Never
 * for that process itself to ask: it would lose its lock by it, as fcntl(2) says. */
pid_t site_user(const char *data);

/* Looks for the broker of a running `yogi up`: of that on the folder `wanted`, or, where it is NULL, of that on the
 * user's own folder or of the only one there is. 1 with its endpoint; 0 when none runs; -1 with the fault when there
 * are several to choose from. */
int site_find(const char *wanted, char endpoint[SITE_ENDPOINT], fault_t *fault) __attribute__((warn_unused_result));

#endif
