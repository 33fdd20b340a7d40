/* lacking: runs a command as on a kernel, or below a container runtime, that lacks a protection of the sandbox.
 *
 *     lacking landlock|seccomp|both COMMAND…
 *
 * A filter answers the calls of the protection as such a kernel does. Exits with 77 where no filter can be made.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    int both = strcmp(argv[1], "both") == 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int made = filter ? 0 : -1;
    if (made == 0 && (both || strcmp(argv[1], "landlock") == 0))
        made = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
    if (made == 0 && (both || strcmp(argv[1], "seccomp") == 0)) {
        made = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
        made |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                                 SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
    }
    if (made < 0 || seccomp_load(filter) < 0)
        return 77;
    seccomp_release(filter);
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 127;
}
