/* calls: see calls.h. The list was measured (strace over all test documents, five stages, with and without sanitizers);
 * beside each measured call stand those that another version of the same library makes in its place.
 *
 * Three ends: what is listed passes; what a library only tries and can do without is refused (EPERM, or ENOSYS where it
 * has another way then); everything else ends the process. The kernel raises SIGSYS for that, whose handler names the
 * call on descriptor 2, so that a library's new call is found at once and an attack is seen; then it makes the one call
 * for which the kernel kills without asking. That call is the one by which the handler could be replaced.
 */
#include "calls.h"
#include "instrumented.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <unistd.h>

/* clang-format off */
/* Passes with any arguments. */
static const int passing[] = {
    /* files, opened by the rules below */
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close),
    SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64), SCMP_SYS(getdents), SCMP_SYS(getcwd), SCMP_SYS(fstatfs), SCMP_SYS(statfs),
    SCMP_SYS(fadvise64), SCMP_SYS(dup),
    /* memory */
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    /* time and chance */
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(times), SCMP_SYS(getrusage), SCMP_SYS(getrandom),
    /* about itself */
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(sched_getaffinity), SCMP_SYS(getcpu),
    SCMP_SYS(getrlimit),
    /* waiting, locks, signals, the end */
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* Refused with EPERM: fontconfig would renew its caches, stdio asks whether a file is a terminal, and so on. */
static const int refused[] = {
    SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(chmod),
    SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(utimensat), SCMP_SYS(creat), SCMP_SYS(ioctl), SCMP_SYS(mlock),
    SCMP_SYS(sched_setaffinity), SCMP_SYS(setpriority),
};

/* Refused with ENOSYS: there is another call for the same, whose arguments a filter can look at. */
static const int unknown[] = {SCMP_SYS(clone3), SCMP_SYS(openat2)};

/* Names for the line of the handler, of calls that are worth a name there. */
static const struct {
    int number;
    const char *name;
} named[] = {
#define NAMED(call) {SCMP_SYS(call), #call}
    NAMED(socket), NAMED(socketpair), NAMED(connect), NAMED(bind), NAMED(listen), NAMED(accept), NAMED(accept4),
    NAMED(sendto), NAMED(sendmsg), NAMED(recvfrom), NAMED(recvmsg), NAMED(open), NAMED(openat), NAMED(execve),
    NAMED(execveat), NAMED(fork), NAMED(vfork), NAMED(clone), NAMED(kill), NAMED(tkill), NAMED(tgkill), NAMED(ptrace),
    NAMED(process_vm_readv), NAMED(process_vm_writev), NAMED(pidfd_open), NAMED(pidfd_getfd), NAMED(memfd_create),
    NAMED(mount), NAMED(unshare), NAMED(setns), NAMED(chroot), NAMED(bpf), NAMED(io_uring_setup),
    NAMED(perf_event_open), NAMED(userfaultfd), NAMED(keyctl), NAMED(setuid), NAMED(setrlimit), NAMED(prlimit64),
    NAMED(rt_sigaction), NAMED(fcntl), NAMED(prctl), NAMED(truncate), NAMED(ftruncate), NAMED(mknod), NAMED(mknodat),
    NAMED(chown), NAMED(timer_create), NAMED(inotify_init1),
#undef NAMED
};
/* clang-format on */

/* ---- the end of a forbidden call ---- */

/* Appends a text; for the handler, where little may be called. */
static size_t add(char *line, size_t at, const char *text)
{
    size_t size = strlen(text);
    memcpy(line + at, text, size);
    return at + size;
}

static size_t add_number(char *line, size_t at, int number)
{
    char digits[12];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count)
        line[at++] = digits[--count];
    return at;
}

static void tell_and_die(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number, (void)context;
    char line[120];
    size_t at = add(line, 0, "yogi-worker: the sandbox forbids system call ");
    at = add_number(line, at, info->si_syscall < 0 ? 0 : info->si_syscall);
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i].number == info->si_syscall) {
            at = add(line, at, " (");
            at = add(line, at, named[i].name);
            at = add(line, at, ")");
        }
    line[at++] = '\n';
    if (write(STDERR_FILENO, line, at) < 0) {
        /* nobody listens: the signal tells enough */
    }
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigaction(SIGSYS, &standard, NULL); /* for this the kernel kills */
    _exit(128 + SIGSYS);
}

/* ---- the filter ---- */

/* A rule with comparisons of arguments, all of which must hold. */
typedef struct {
    uint32_t action;
    int call;
    unsigned count;               /* of comparisons */
    struct scmp_arg_cmp where[2]; /* argument, comparison, mask or value, value */
} rule_t;

static int add_rules(scmp_filter_ctx filter, const rule_t *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add_array(filter, rules[i].action, rules[i].call, rules[i].count, rules[i].where) < 0)
            return -1;
    return 0;
}

static int add_list(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add_array(filter, action, calls[i], 0, NULL) < 0)
            return -1;
    return 0;
}

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define PASS         SCMP_ACT_ALLOW
#define REFUSE       SCMP_ACT_ERRNO(EPERM)

/* How glibc makes a thread. */
enum {
    THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
             CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID
};

/* Files are opened for reading only, memory never gets executable, messages pass on the channel, signals go to itself.
 */
static int add_conditions(scmp_filter_ctx filter, int channel_fd)
{
    const uint64_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND, bits = 0xffffffff;
    const rule_t rules[] = {
        {PASS, SCMP_SYS(open), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, writing, 0)}},
        {REFUSE, SCMP_SYS(open), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, O_WRONLY, O_WRONLY)}},
        {REFUSE, SCMP_SYS(open), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, O_RDWR, O_RDWR)}},
        {REFUSE, SCMP_SYS(open), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, O_CREAT, O_CREAT)}},
        {PASS, SCMP_SYS(openat), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, writing, 0)}},
        {REFUSE, SCMP_SYS(openat), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, O_WRONLY, O_WRONLY)}},
        {REFUSE, SCMP_SYS(openat), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, O_RDWR, O_RDWR)}},
        {REFUSE, SCMP_SYS(openat), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, O_CREAT, O_CREAT)}},
        {PASS, SCMP_SYS(mmap), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
        {REFUSE, SCMP_SYS(mmap), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC)}},
        {PASS, SCMP_SYS(mprotect), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
        {REFUSE, SCMP_SYS(mprotect), 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC)}},
        {PASS, SCMP_SYS(sendmsg), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, bits, (uint64_t)channel_fd)}},
        {PASS, SCMP_SYS(recvmsg), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, bits, (uint64_t)channel_fd)}},
        {PASS, SCMP_SYS(fcntl), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, bits, F_GETFD)}},
        {PASS, SCMP_SYS(fcntl), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, bits, F_SETFD)}},
        {PASS, SCMP_SYS(fcntl), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, bits, F_GETFL)}},
        {PASS, SCMP_SYS(fcntl), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, bits, F_SETFL)}},
        {PASS, SCMP_SYS(fcntl), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, bits, F_DUPFD)}},
        {PASS, SCMP_SYS(fcntl), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, bits, F_DUPFD_CLOEXEC)}},
        {PASS, SCMP_SYS(tgkill), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, bits, (uint64_t)getpid())}},
        {PASS, SCMP_SYS(prctl), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, bits, PR_SET_NAME)}},
        {PASS, SCMP_SYS(prlimit64), 1, {SCMP_A2(SCMP_CMP_EQ, 0, 0)}}, /* asks, sets nothing */
        {SCMP_ACT_KILL_PROCESS, SCMP_SYS(rt_sigaction), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, bits, SIGSYS)}},
        {PASS, SCMP_SYS(rt_sigaction), 1, {SCMP_A0(SCMP_CMP_LT, SIGSYS, 0)}},
        {PASS, SCMP_SYS(rt_sigaction), 1, {SCMP_A0(SCMP_CMP_GT, SIGSYS, 0)}},
    };
    return add_rules(filter, rules, COUNT(rules));
}

static int add_threads(scmp_filter_ctx filter)
{
    static const rule_t rules[] = {{PASS, SCMP_SYS(clone), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, THREAD)}}};
    return add_rules(filter, rules, COUNT(rules));
}

/* What the address sanitizer does: at the end a helper, cloned from this process, looks at its memory for leaks. */
static int add_sanitizer(scmp_filter_ctx filter)
{
    const uint64_t bits = 0xffffffff, helper = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_UNTRACED;
    const rule_t rules[] = {
        {PASS, SCMP_SYS(clone), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, bits, helper)}},
        {PASS, SCMP_SYS(ptrace), 1, {SCMP_A1(SCMP_CMP_MASKED_EQ, bits, (uint64_t)getpid())}},
        {PASS, SCMP_SYS(prctl), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, bits, PR_GET_DUMPABLE)}},
        {PASS, SCMP_SYS(prctl), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, bits, PR_SET_DUMPABLE)}},
        {PASS, SCMP_SYS(prctl), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, bits, PR_SET_PTRACER)}},
        {PASS, SCMP_SYS(prctl), 1, {SCMP_A0(SCMP_CMP_MASKED_EQ, bits, PR_SET_PDEATHSIG)}},
        {PASS, SCMP_SYS(wait4), 0, {{0}}},
        {PASS, SCMP_SYS(pipe), 0, {{0}}},
        {PASS, SCMP_SYS(pipe2), 0, {{0}}},
    };
    return add_rules(filter, rules, COUNT(rules));
}

int calls_lock(bool threads, int channel_fd)
{
    struct sigaction handler = {.sa_sigaction = tell_and_die, .sa_flags = SA_SIGINFO};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    int status = -1;
    if (!filter || sigaction(SIGSYS, &handler, NULL) < 0)
        goto done;
    /* a search tree instead of a list; and no slower code against side channels: no secret is in this process */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
    if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) < 0 ||
        add_list(filter, PASS, passing, COUNT(passing)) < 0 || add_list(filter, REFUSE, refused, COUNT(refused)) < 0 ||
        add_list(filter, SCMP_ACT_ERRNO(ENOSYS), unknown, COUNT(unknown)) < 0 ||
        add_conditions(filter, channel_fd) < 0 || (threads && add_threads(filter) < 0) ||
        (INSTRUMENTED && add_sanitizer(filter) < 0))
        goto done;
    status = seccomp_load(filter) < 0 ? -1 : 0;
done:
    if (filter)
        seccomp_release(filter);
    return status;
}
