/* check_ports: whether a gateway and a broker can listen where the settings say, or are those who listen there. */
#include "checks.h"
#include "listener.h"
#include "proto/fetch/fetch_once.h"
#include "proto/wire/endpoint.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEALTH_MOST = 4096, HEALTH_S = 3, HOST = 256 };

/* A place to listen at. */
typedef struct {
    const char *setting, *what; /* that names it; who would listen */
    char host[HOST];
    int port;
    bool must; /* it was asked for */
} stand_t;

/* 0: it could listen there; else the errno, or -1 where the address makes no sense. */
static int try_to_listen(const stand_t *stand)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found = NULL;
    char port[16];
    snprintf(port, sizeof port, "%d", stand->port);
    if (getaddrinfo(stand->host, port, &wanted, &found) != 0)
        return -1;
    int cause = 0, one = 1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, 1) < 0)
        cause = errno;
    if (fd >= 0)
        close(fd);
    freeaddrinfo(found);
    return cause;
}

/* Whether a gateway of ours answers there. */
static bool is_gateway(const stand_t *stand)
{
    char url[HOST + 32];
    bool any = strcmp(stand->host, "0.0.0.0") == 0, any6 = strcmp(stand->host, "::") == 0,
         v6 = strchr(stand->host, ':');
    snprintf(url, sizeof url, "http://%s%s%s:%d/health", v6 ? "[" : "",
             any    ? "127.0.0.1"
             : any6 ? "::1"
                    : stand->host,
             v6 ? "]" : "", stand->port);
    fetch_wish_t wish = {.url = url, .networks = "0.0.0.0/0 ::/0", .bytes_most = HEALTH_MOST, .seconds = HEALTH_S};
    buf_t answer = {0};
    fault_t fault = {0};
    bool ours = fetch_once(&wish, &answer, &fault) == 0 && strstr(buf_string(&answer), "yogi-gateway");
    buf_free(&answer);
    return ours;
}

/* Somebody listens there: one of us, or who. */
static void check_taken(doctor_t *doctor, const stand_t *stand, bool gateway)
{
    listener_t listener = {0};
    bool seen = listener_find(stand->port, &listener);
    bool ours = strncmp(listener.name, "yogi-", 5) == 0 || (gateway && is_gateway(stand));
    char who[LISTENER_NAME + 40] = "a process that this user cannot see";
    if (seen && listener.pid)
        snprintf(who, sizeof who, "%s (process %d)", *listener.name ? listener.name : "somebody", (int)listener.pid);
    else if (ours)
        snprintf(who, sizeof who, "a gateway of another user or container");
    if (ours)
        doctor_note(doctor, LEVEL_OK, NULL, "%s port %d is in use by %s", stand->what, stand->port, who);
    else
        doctor_note(doctor, stand->must ? LEVEL_FAULT : LEVEL_WARNING,
                    arena_format(doctor->process.arena, "end that, or set %s", stand->setting),
                    "%s port %d is in use by %s", stand->what, stand->port, who);
}

static void check_place(doctor_t *doctor, const stand_t *stand, bool gateway)
{
    arena_t *arena = doctor->process.arena;
    int cause = stand->port ? try_to_listen(stand) : 0;
    if (!stand->port)
        doctor_note(doctor, LEVEL_OK, NULL, "%s takes any free port", stand->what);
    else if (cause == 0)
        doctor_note(doctor, LEVEL_OK, NULL, "%s port %d is free", stand->what, stand->port);
    else if (cause == EADDRINUSE)
        check_taken(doctor, stand, gateway);
    else if (cause == EACCES)
        doctor_note(doctor, LEVEL_FAULT,
                    arena_format(arena, "take one from 1024 on in %s, and let a proxy listen there", stand->setting),
                    "%s port %d is not for this user", stand->what, stand->port);
    else
        doctor_note(doctor, LEVEL_FAULT, arena_format(arena, "look at %s", stand->setting),
                    "%s cannot listen at %s: %s", stand->what, stand->host,
                    cause < 0 ? "this is no address" : strerror(cause));
}

/* The folder of a socket must let us make one. */
static void check_socket(doctor_t *doctor, const char *path)
{
    char folder[ENDPOINT_TEXT];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    if (access(slash ? folder : ".", W_OK | X_OK) < 0)
        doctor_note(doctor, LEVEL_FAULT, "make the folder for the broker's user, or look at YOGI_BROKER_LISTEN",
                    "broker socket %.110s cannot be made: %s", path, strerror(errno));
    else
        doctor_note(doctor, LEVEL_OK, NULL, "broker socket %.110s can be made", path);
}

/* "tcp://HOST:PORT", which endpoint_parse has taken. */
static void read_tcp(const endpoint_t *endpoint, stand_t *stand)
{
    const char *host = endpoint->text + strlen("tcp://"), *colon = strrchr(host, ':');
    size_t size = (size_t)(colon - host);
    if (endpoint->ipv6)
        host++, size -= 2;
    if (size == 1 && *host == '*')
        snprintf(stand->host, sizeof stand->host, "0.0.0.0");
    else
        snprintf(stand->host, sizeof stand->host, "%.*s", (int)size, host);
    stand->port = atoi(colon + 1); /* an asterisk is 0 */
}

static void check_broker_ports(doctor_t *doctor)
{
    endpoint_t endpoints[ENDPOINTS_MOST];
    fault_t fault = {0};
    int count = endpoints_parse(doctor->process.settings.broker_listen, endpoints, &fault);
    if (count < 0) {
        fault_prefix(&fault, "YOGI_BROKER_LISTEN");
        doctor_fault(doctor, NULL, &fault);
    }
    for (int i = 0; i < count; i++) {
        stand_t stand = {.setting = "YOGI_BROKER_LISTEN",
                         .what = "broker",
                         .must = yogi_settings_given(environ, "YOGI_BROKER_LISTEN")};
        if (endpoints[i].kind == ENDPOINT_IPC) {
            check_socket(doctor, endpoints[i].text + strlen("ipc://"));
            continue;
        }
        read_tcp(&endpoints[i], &stand);
        check_place(doctor, &stand, false);
    }
}

void check_ports(doctor_t *doctor)
{
    const settings_t *settings = &doctor->process.settings;
    stand_t gateway = {.setting = "YOGI_PORT", .what = "gateway", .port = (int)settings->port, .must = true};
    snprintf(gateway.host, sizeof gateway.host, "%s", settings->bind);
    check_place(doctor, &gateway, true);
    check_broker_ports(doctor);
}
