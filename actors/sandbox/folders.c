/* folders: see folders.h. The list was measured (strace over all test documents, five stages) and holds nothing that is
 * secret: models, fonts, their caches, character maps, time zones. A folder that does not exist is left out.
 */
#include "folders.h"
#include "instrumented.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const readable[] = {
    "/usr/share/tesseract-ocr",
    "/usr/share/tessdata", /* models */
    "/etc/fonts",
    "/usr/share/fontconfig", /* which fonts there are */
    "/var/cache/fontconfig",
    "/usr/lib/fontconfig", /* and what they hold */
    "/usr/share/fonts",
    "/usr/local/share/fonts", /* for pages whose fonts do not come along */
    "/usr/share/poppler",
    "/usr/share/color/icc", /* character maps, colours */
    "/usr/share/zoneinfo",
    "/etc/localtime", /* read again whenever it has changed */
    "/dev/urandom",
    "/sys/devices/system/cpu",        /* seeds of hash tables; how many cores there are */
    "/proc/sys/vm/overcommit_memory", /* glibc, before it gives memory back */
};

/* A sanitizer's report needs the program itself, its libraries and the maps of the process. */
static const char *const reported[] = {"/usr/lib", "/proc/self", "/proc/self/exe"};

/* What the kernel's header of this machine may not know yet, by include/uapi/linux/landlock.h of Linux 6.12. */
typedef struct {
    uint64_t files;   /* kinds of access that are forbidden but by rule */
    uint64_t network; /* version 4 */
    uint64_t scoped;  /* version 6 */
} ruleset_t;

enum {
    FILES_1 = (1 << 13) - 1, /* version 1: execute, write, read, and making and removing all kinds of files */
    REFER = 1 << 13,         /* version 2: moving between folders */
    TRUNCATE = 1 << 14,      /* version 3 */
    DEVICES = 1 << 15,       /* version 5: ioctl */
    NETWORK = 3,             /* version 4: TCP, to take an address and to connect */
    SCOPES = 3,              /* version 6: abstract Unix sockets, and signals to processes outside */
};

static long create(const ruleset_t *ruleset, size_t size, unsigned flags)
{
    return syscall(SYS_landlock_create_ruleset, ruleset, size, flags);
}

/* Allows reading below the path; a path that is not there is nothing to allow. 0 or -1. */
static int allow(int ruleset, const char *path)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return 0;
    struct landlock_path_beneath_attr rule = {LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR, fd};
    long added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    if (added < 0) { /* a file cannot be allowed what only folders have */
        rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
        added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    close(fd);
    return added < 0 ? -1 : 0;
}

/* Everything that the version knows is forbidden. */
static ruleset_t ruleset_of(long version)
{
    ruleset_t ruleset = {.files = FILES_1};
    ruleset.files |= version >= 2 ? REFER : 0;
    ruleset.files |= version >= 3 ? TRUNCATE : 0;
    ruleset.files |= version >= 5 ? DEVICES : 0;
    ruleset.network = version >= 4 ? NETWORK : 0;
    ruleset.scoped = version >= 6 ? SCOPES : 0;
    return ruleset;
}

/* What only a sanitizer reads: its reports, and the list of leaks that are known, which LSAN_OPTIONS names. 0 or -1. */
static int allow_reports(int ruleset)
{
    const char *options = getenv("LSAN_OPTIONS"), *at = options ? strstr(options, "suppressions=") : NULL;
    char path[PATH_MAX] = "";
    if (at) {
        at += strlen("suppressions=");
        snprintf(path, sizeof path, "%.*s", (int)strcspn(at, ":"), at);
    }
    int status = *path ? allow(ruleset, path) : 0;
    for (size_t i = 0; status == 0 && i < sizeof reported / sizeof *reported; i++)
        status = allow(ruleset, reported[i]);
    return status;
}

int folders_lock(void)
{
    long version = create(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return -1;
    ruleset_t wanted = ruleset_of(version);
    size_t size = version >= 6 ? sizeof wanted : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    int ruleset = (int)create(&wanted, size, 0), status = -1;
    if (ruleset < 0)
        return -1;
    const char *models = getenv("TESSDATA_PREFIX");
    if (models && *models && allow(ruleset, models) < 0)
        goto done;
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++)
        if (allow(ruleset, readable[i]) < 0)
            goto done;
    if (INSTRUMENTED && allow_reports(ruleset) < 0)
        goto done;
    status = syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -1 : 0;
done:
    close(ruleset);
    return status;
}
