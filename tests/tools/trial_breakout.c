/* trial_breakout: see trial_breakout.h. Raw system calls where a library would look for another way. */
#include "trial_breakout.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* Tries; < 0 with errno when it was refused. */
typedef long attempt_fn(const char *argument);

static long try_socket(const char *argument)
{
    (void)argument;
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_unix(const char *argument)
{
    (void)argument;
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long try_connect(const char *argument)
{
    (void)argument;
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/any"};
    return connect(3, (const struct sockaddr *)&address, sizeof address);
}

/* On another descriptor than the channel's. */
static long try_message(const char *argument)
{
    (void)argument;
    struct iovec part = {(char[]){"x"}, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return sendmsg(dup(3), &message, 0);
}

static long try_read(const char *argument)
{
    return open(argument, O_RDONLY | O_CLOEXEC);
}

static long try_list(const char *argument)
{
    return open(argument, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static long try_write(const char *argument)
{
    return open(argument, O_WRONLY | O_CREAT, 0600);
}

static long try_truncate(const char *argument)
{
    return open(argument, O_RDONLY | O_TRUNC);
}

static long try_remove(const char *argument)
{
    return unlink(argument);
}

/* The environment of the supervisor: secrets are often there. */
static long try_parent(const char *argument)
{
    (void)argument;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)getppid());
    return open(path, O_RDONLY);
}

static long try_fork(const char *argument)
{
    (void)argument;
    return fork();
}

static long try_vfork(const char *argument)
{
    (void)argument;
    return syscall(SYS_vfork);
}

static long try_exec(const char *argument)
{
    char *const words[] = {(char[]){"sh"}, NULL};
    return execv(argument, words);
}

static long try_ptrace(const char *argument)
{
    (void)argument;
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static long try_memory(const char *argument)
{
    (void)argument;
    struct iovec here = {&here, sizeof here}, there = {&here, sizeof here};
    return syscall(SYS_process_vm_readv, getppid(), &here, 1UL, &there, 1UL, 0UL);
}

static long try_kill(const char *argument)
{
    (void)argument;
    return kill(getppid(), SIGKILL);
}

static long try_tgkill(const char *argument)
{
    (void)argument;
    return syscall(SYS_tgkill, getppid(), getppid(), SIGKILL);
}

static long try_code(const char *argument)
{
    (void)argument;
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1
                                                                                                                  : 0;
}

static long try_code_later(const char *argument)
{
    (void)argument;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

/* A file without end. */
static long try_file(const char *argument)
{
    (void)argument;
    int fd = memfd_create("endless", 0);
    long written = fd < 0 ? -1 : 0;
    for (int i = 0; written >= 0 && i < 100000; i++)
        written = write(fd, "0123456789abcdef", 16);
    return written;
}

static long try_huge(const char *argument)
{
    (void)argument;
    return mmap(NULL, (size_t)1 << 43, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) ==
                   MAP_FAILED
               ? -1
               : 0;
}

static long try_limit(const char *argument)
{
    (void)argument;
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    return setrlimit(RLIMIT_FSIZE, &limit);
}

static long try_namespace(const char *argument)
{
    (void)argument;
    return unshare(CLONE_NEWUSER);
}

static long try_keys(const char *argument)
{
    (void)argument;
    return syscall(SYS_keyctl, 0, 0);
}

static long try_ring(const char *argument)
{
    (void)argument;
    char room[256] = {0};
    return syscall(SYS_io_uring_setup, 4, room);
}

static long try_handler(const char *argument)
{
    (void)argument;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    return sigaction(SIGSYS, &ignore, NULL);
}

static void *nothing(void *argument)
{
    return argument;
}

static long try_thread(const char *argument)
{
    (void)argument;
    pthread_t thread;
    errno = pthread_create(&thread, NULL, nothing, NULL);
    if (errno)
        return -1;
    pthread_join(thread, NULL);
    return 0;
}

/* Other tables of system calls of the same kernel, past a filter that looks at numbers alone. */
static long try_x32(const char *argument)
{
    (void)argument;
    return syscall(0x40000000 | 41, AF_INET, SOCK_STREAM, 0);
}

static long try_i386(const char *argument)
{
    (void)argument;
#ifdef __x86_64__
    long answer;
    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(20L) : "memory", "r8", "r9", "r10", "r11"); /* getpid there */
    return answer;
#else
    return 0;
#endif
}

/* Not an attempt: answers with the limits in force, "space files processes core". */
static long try_limits(const char *argument)
{
    (void)argument;
    return 0;
}

static const struct {
    const char *name;
    attempt_fn *run;
} attempts[] = {
    {"socket", try_socket},
    {"unix", try_unix},
    {"connect", try_connect},
    {"message", try_message},
    {"read", try_read},
    {"list", try_list},
    {"write", try_write},
    {"truncate", try_truncate},
    {"remove", try_remove},
    {"parent", try_parent},
    {"fork", try_fork},
    {"vfork", try_vfork},
    {"exec", try_exec},
    {"ptrace", try_ptrace},
    {"memory", try_memory},
    {"kill", try_kill},
    {"tgkill", try_tgkill},
    {"code", try_code},
    {"code-later", try_code_later},
    {"file", try_file},
    {"huge", try_huge},
    {"limit", try_limit},
    {"namespace", try_namespace},
    {"keys", try_keys},
    {"ring", try_ring},
    {"handler", try_handler},
    {"thread", try_thread},
    {"x32", try_x32},
    {"i386", try_i386},
    {"limits", try_limits},
};

static void tell_limits(fault_t *fault)
{
    static const int kinds[] = {RLIMIT_AS, RLIMIT_FSIZE, RLIMIT_NPROC, RLIMIT_CORE, RLIMIT_NOFILE};
    long long values[5];
    for (size_t i = 0; i < 5; i++) {
        struct rlimit limit = {0};
        getrlimit(kinds[i], &limit);
        values[i] = limit.rlim_max == RLIM_INFINITY ? -1 : (long long)limit.rlim_max;
    }
    fault_set(fault, FAULT_SYSTEM, "limits: space %lld file %lld processes %lld core %lld descriptors %lld", values[0],
              values[1], values[2], values[3], values[4]);
}

int breakout(const char *what, fault_t *fault)
{
    size_t length = strcspn(what, " ");
    const char *argument = what[length] ? what + length + 1 : "";
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        if (strlen(attempts[i].name) != length || strncmp(attempts[i].name, what, length) != 0)
            continue;
        if (attempts[i].run == try_limits) {
            tell_limits(fault);
            return -1;
        }
        errno = 0;
        if (attempts[i].run(argument) >= 0)
            return 0;
        return fault_set(fault, FAULT_SYSTEM, "refused: %s", strerror(errno));
    }
    return fault_set(fault, FAULT_USAGE, "there is no attempt %s", what);
}
