/* slow_epoll: preloaded into a server, it makes the main thread late where it takes a descriptor out of a set of epoll,
 * so that another thread that does the same is there first. For test_end_while_threads_wake of
 * tests/integration/web.py.
 */
#include <dlfcn.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

typedef int epoll_ctl_fn(int set, int operation, int fd, struct epoll_event *event);

int epoll_ctl(int set, int operation, int fd, struct epoll_event *event)
{
    epoll_ctl_fn *real;
    void *found = dlsym(RTLD_NEXT, "epoll_ctl");
    memcpy(&real, &found, sizeof real);
    if (operation == EPOLL_CTL_DEL && getpid() == gettid())
        usleep(100000);
    return real(set, operation, fd, event);
}
