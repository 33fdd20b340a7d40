/* network: see network.h. */
#include "network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest text of an address with its prefix. */
enum { TEXT_BYTES = INET6_ADDRSTRLEN + 4 };

/* What is not the public internet. IPv6 is public within 2000::/3 alone, without these. */
static const char *const special_4[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
};
/* protocol assignments with Teredo, documentation, and 6to4: tunnels that end at any IPv4 address */
static const char *const special_6[] = {"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"};

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

/* Reads an address with an optional prefix. 0 or -1. */
static int parse(const char *text, network_t *network)
{
    char address[TEXT_BYTES];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : strlen(text);
    if (length >= sizeof address)
        return -1;
    memcpy(address, text, length);
    address[length] = 0;
    memcpy(network->bytes, mapped, sizeof mapped);
    int base = 96, most = 32;
    if (inet_pton(AF_INET, address, network->bytes + 12) != 1) {
        base = 0, most = 128;
        if (inet_pton(AF_INET6, address, network->bytes) != 1)
            return -1;
    }
    network->bits = base + most;
    if (!slash)
        return 0;
    char *end = NULL;
    long bits = strtol(slash + 1, &end, 10);
    if (end == slash + 1 || *end || bits < 0 || bits > most)
        return -1;
    network->bits = base + (int)bits;
    return 0;
}

static bool holds(const network_t *network, const uint8_t address[16])
{
    int whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(network->bytes, address, (size_t)whole) != 0)
        return false;
    uint8_t mask = (uint8_t)(0xff00 >> rest);
    return !rest || ((network->bytes[whole] ^ address[whole]) & mask) == 0;
}

static bool any_holds(const char *const *texts, size_t count, const uint8_t address[16])
{
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        network_t network;
        found = parse(texts[i], &network) == 0 && holds(&network, address);
    }
    return found;
}

static bool is_public(const uint8_t address[16])
{
    if (memcmp(address, mapped, sizeof mapped) == 0)
        return !any_holds(special_4, sizeof special_4 / sizeof *special_4, address);
    return (address[0] & 0xe0) == 0x20 && !any_holds(special_6, sizeof special_6 / sizeof *special_6, address);
}

int networks_parse(const char *text, networks_t *networks, fault_t *fault)
{
    static const char between[] = ", \t\n";
    networks->count = 0;
    for (const char *at = text ? text : ""; *(at += strspn(at, between));) {
        size_t length = strcspn(at, between);
        char one[TEXT_BYTES];
        snprintf(one, sizeof one, "%.*s", length < sizeof one ? (int)length : 0, at);
        if (networks->count == NETWORKS_MOST)
            return fault_set(fault, FAULT_SETTING, "there are more than %d networks", NETWORKS_MOST);
        if (parse(one, &networks->items[networks->count++]) < 0)
            return fault_set(fault, FAULT_SETTING, "\"%.*s\" is not a network; write it as 10.0.0.0/8 or fd00::/8",
                             (int)(length < 60 ? length : 60), at);
        at += length;
    }
    return 0;
}

bool networks_allow(const networks_t *networks, const struct sockaddr *address)
{
    uint8_t bytes[16];
    if (address->sa_family == AF_INET) {
        memcpy(bytes, mapped, sizeof mapped);
        memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    } else {
        return false;
    }
    for (size_t i = 0; i < networks->count; i++)
        if (holds(&networks->items[i], bytes))
            return true;
    return is_public(bytes);
}
