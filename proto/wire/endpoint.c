/* endpoint: see endpoint.h. */
#include "endpoint.h"

#include <arpa/inet.h>
#include <string.h>

enum { HOST_MOST = 253, PORT_DIGITS = 5, PORT_MOST = 65535 };

static const char tcp_scheme[] = "tcp://", ipc_scheme[] = "ipc://";

/* 1 … 65535, or * where the system shall choose. */
static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (strcmp(text, "*") == 0)
        return true;
    unsigned number = 0;
    for (size_t i = 0; i < digits && i < PORT_DIGITS; i++)
        number = 10 * number + (unsigned)(text[i] - '0');
    return digits > 0 && digits <= PORT_DIGITS && text[digits] == 0 && number > 0 && number <= PORT_MOST;
}

/* Names but localhost are beyond loopback, wherever they lead. */
static bool is_loopback(const char *host, bool ipv6)
{
    struct in_addr four;
    struct in6_addr six;
    if (ipv6)
        return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return strcmp(host, "localhost") == 0;
}

static int parse_tcp(const char *rest, endpoint_t *endpoint, fault_t *fault)
{
    char host[HOST_MOST + 1];
    const char *colon = strrchr(rest, ':');
    if (!colon || !is_port(colon + 1))
        return fault_set(fault, FAULT_SETTING, "%s needs a port, as in tcp://127.0.0.1:4010", endpoint->text);
    endpoint->ipv6 = rest[0] == '[';
    const char *begin = rest + endpoint->ipv6, *end = colon - endpoint->ipv6;
    if (end <= begin || end - begin > HOST_MOST || (endpoint->ipv6 && *end != ']') ||
        (!endpoint->ipv6 && memchr(begin, ':', (size_t)(end - begin))))
        return fault_set(fault, FAULT_SETTING, "%s: the host must be an address or a name; IPv6 stands in [ ]",
                         endpoint->text);
    memcpy(host, begin, (size_t)(end - begin));
    host[end - begin] = 0;
    struct in6_addr six;
    if (endpoint->ipv6 ? inet_pton(AF_INET6, host, &six) != 1 : strpbrk(host, "/;@[]%?#") != NULL)
        return fault_set(fault, FAULT_SETTING, "%s: %s is no address", endpoint->text, host);
    endpoint->loopback = is_loopback(host, endpoint->ipv6);
    return 0;
}

static int parse_ipc(const char *rest, const endpoint_t *endpoint, fault_t *fault)
{
    if (rest[0] != '/' || strlen(rest) > ENDPOINT_PATH_MOST)
        return fault_set(fault, FAULT_SETTING,
                         "%s must name an absolute path of at most %d bytes, as ipc:///run/yogi/broker", endpoint->text,
                         ENDPOINT_PATH_MOST);
    return 0;
}

int endpoint_parse(const char *text, endpoint_t *endpoint, fault_t *fault)
{
    *endpoint = (endpoint_t){0};
    size_t size = strlen(text);
    if (size >= sizeof endpoint->text)
        return fault_set(fault, FAULT_SETTING, "%.40s… is too long for an endpoint", text);
    memcpy(endpoint->text, text, size + 1);
    if (strncmp(text, tcp_scheme, strlen(tcp_scheme)) == 0)
        return parse_tcp(text + strlen(tcp_scheme), endpoint, fault);
    endpoint->kind = ENDPOINT_IPC;
    if (strncmp(text, ipc_scheme, strlen(ipc_scheme)) == 0)
        return parse_ipc(text + strlen(ipc_scheme), endpoint, fault);
    return fault_set(fault, FAULT_SETTING, "\"%s\" is no endpoint: it must begin with tcp:// or ipc://", text);
}

int endpoints_parse(const char *text, endpoint_t endpoints[ENDPOINTS_MOST], fault_t *fault)
{
    static const char between[] = ", ";
    int count = 0;
    for (const char *at = text + strspn(text, between); *at; at += strspn(at, between)) {
        char one[ENDPOINT_TEXT];
        size_t size = strcspn(at, between);
        if (size >= sizeof one)
            return fault_set(fault, FAULT_SETTING, "%.40s… is too long for an endpoint", at);
        if (count == ENDPOINTS_MOST)
            return fault_set(fault, FAULT_SETTING, "more than %d endpoints", ENDPOINTS_MOST);
        memcpy(one, at, size);
        one[size] = 0;
        if (endpoint_parse(one, &endpoints[count], fault) < 0)
            return -1;
        for (int i = 0; i < count; i++)
            if (strcmp(endpoints[i].text, one) == 0)
                return fault_set(fault, FAULT_SETTING, "%s stands there twice", one);
        count++;
        at += size;
    }
    if (count == 0)
        return fault_set(fault, FAULT_SETTING, "no endpoint is named");
    return count;
}
