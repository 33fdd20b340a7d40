/* redis_place: see redis_place.h. */
#include "redis_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *redis_address_format(const redis_address_t *address, char out[REDIS_ADDRESS_TEXT])
{
    if (address->host[0] == '/')
        snprintf(out, REDIS_ADDRESS_TEXT, "%s", address->host);
    else
        snprintf(out, REDIS_ADDRESS_TEXT, strchr(address->host, ':') ? "[%s]:%d" : "%s:%d", address->host,
                 address->port);
    return out;
}

/* A port of 1 to 65535 that ends the text; 0 when it is none. */
static int port_of(const char *text, size_t size)
{
    int port = 0;
    if (size == 0 || size > 5)
        return 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        port = 10 * port + (text[i] - '0');
    }
    return port <= 65535 ? port : 0;
}

static bool set_host(redis_address_t *address, const char *host, size_t size)
{
    if (size == 0 || size > REDIS_HOST_MOST)
        return false;
    memcpy(address->host, host, size);
    address->host[size] = 0;
    return true;
}

static bool parse_address(const char *text, size_t size, int port, redis_address_t *address)
{
    const char *host = text, *end = text + size, *colon;
    size_t host_size = size;
    address->port = port;
    if (size && text[0] == '/') {
        address->port = 0;
        return set_host(address, text, size);
    }
    if (size && text[0] == '[') {
        const char *close = memchr(text, ']', size);
        if (!close)
            return false;
        host = text + 1;
        host_size = (size_t)(close - host);
        colon = close + 1 < end ? close + 1 : NULL;
        if (colon && *colon != ':')
            return false;
    } else {
        colon = memchr(text, ':', size);
        if (colon && memchr(colon + 1, ':', (size_t)(end - colon - 1)))
            colon = NULL; /* several: a number of version 6 without a port */
        if (colon)
            host_size = (size_t)(colon - text);
    }
    if (colon && (address->port = port_of(colon + 1, (size_t)(end - colon - 1))) == 0)
        return false;
    return set_host(address, host, host_size);
}

bool redis_address_parse(const char *text, int port, redis_address_t *address)
{
    return parse_address(text, strlen(text), port, address);
}

/* A list with blanks or commas between. -1 with the fault. */
static int parse_list(const char *name, const char *text, int port, redis_place_t *place, fault_t *fault)
{
    for (const char *p = text + strspn(text, " ,"); *p; p += strspn(p, " ,")) {
        size_t size = strcspn(p, " ,");
        if (place->count == REDIS_ADDRESSES_MOST)
            return fault_set(fault, FAULT_SETTING, "%s: more than %d addresses", name, REDIS_ADDRESSES_MOST);
        if (!parse_address(p, size, port, &place->addresses[place->count++]))
            return fault_set(fault, FAULT_SETTING, "%s: \"%.*s\" is no address, such as 10.0.0.1:%d", name, (int)size,
                             p, port);
        p += size;
    }
    if (place->count == 0)
        return fault_set(fault, FAULT_SETTING, "%s: it names no address", name);
    return 0;
}

static int hex_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* The piece of a URL with %XX as the bytes that they stand for; NULL for one that is malformed or has a zero. */
static char *decode(arena_t *arena, const char *text, size_t size)
{
    char *out = arena_text_n(arena, text, size);
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        int byte = (unsigned char)text[i];
        if (byte == '%') {
            if (i + 2 >= size || hex_of(text[i + 1]) < 0 || hex_of(text[i + 2]) < 0)
                return NULL;
            byte = 16 * hex_of(text[i + 1]) + hex_of(text[i + 2]);
            i += 2;
        }
        if (byte == 0)
            return NULL;
        out[n++] = (char)byte;
    }
    out[n] = 0;
    return out;
}

static bool parse_database(const char *text, size_t size, int64_t *database)
{
    int64_t number = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || number > 1000000)
            return false;
        number = 10 * number + (text[i] - '0');
    }
    if (size)
        *database = number;
    return true;
}

static bool parse_user(arena_t *arena, const char *text, size_t size, redis_place_t *place)
{
    const char *colon = memchr(text, ':', size);
    size_t user_size = colon ? (size_t)(colon - text) : size;
    char *user = decode(arena, text, user_size);
    char *password = colon ? decode(arena, colon + 1, size - user_size - 1) : NULL;
    if (!user || (colon && !password))
        return false;
    place->user = *user ? user : NULL;
    place->password = password && *password ? password : NULL;
    return true;
}

/* db=N of what stands behind the question mark; other words are those of other clients. */
static bool parse_query(const char *text, redis_place_t *place)
{
    for (const char *p = text; *p; p += strspn(p, "&")) {
        size_t size = strcspn(p, "&");
        if (size > 3 && strncmp(p, "db=", 3) == 0 && !parse_database(p + 3, size - 3, &place->database))
            return false;
        p += size;
    }
    return true;
}

/* scheme://[user[:password]@]host[:port][/db][?db=N], or unix://[…@]/path[?db=N]. */
static bool parse_url(const char *url, arena_t *arena, redis_place_t *place)
{
    bool is_path = strncmp(url, "unix://", 7) == 0, tls = strncmp(url, "rediss://", 9) == 0;
    if (!is_path && !tls && strncmp(url, "redis://", 8) != 0)
        return false;
    const char *at = strstr(url, "://") + 3;
    size_t whole = strcspn(at, "?");
    const char *query = at[whole] ? at + whole + 1 : "";
    size_t authority = is_path ? whole : strcspn(at, "/?");
    const char *sign = NULL;
    for (size_t i = 0; i < authority; i++)
        sign = at[i] == '@' ? at + i : sign;
    if (sign && !parse_user(arena, at, (size_t)(sign - at), place))
        return false;
    const char *host = sign ? sign + 1 : at;
    size_t host_size = (size_t)(at + authority - host);
    const char *rest = at + authority; /* "/0" */
    size_t rest_size = whole - authority;
    place->count = 1;
    place->tls |= tls;
    if (host_size == 0 && !is_path) {
        host = "127.0.0.1";
        host_size = strlen(host);
    }
    if (is_path && (host_size == 0 || host[0] != '/'))
        return false;
    return parse_address(host, host_size, REDIS_PORT_STANDARD, &place->addresses[0]) &&
           (is_path || rest_size == 0 || parse_database(rest + 1, rest_size - 1, &place->database)) &&
           parse_query(query, place);
}

static int read_addresses(const settings_t *settings, arena_t *arena, redis_place_t *place, fault_t *fault)
{
    if (settings->redis_sentinels) {
        place->manner = REDIS_SENTINEL;
        return parse_list("REDIS_SENTINELS", settings->redis_sentinels, REDIS_SENTINEL_PORT, place, fault);
    }
    if (settings->redis_cluster) {
        place->manner = REDIS_CLUSTER;
        return parse_list("REDIS_CLUSTER", settings->redis_cluster, REDIS_PORT_STANDARD, place, fault);
    }
    if (settings->redis_url) {
        if (parse_url(settings->redis_url, arena, place))
            return 0;
        return fault_set(
            fault, FAULT_SETTING,
            "REDIS_URL: is no address of Redis, such as redis://user:password@host:6379/0 (characters of a "
            "password that mean something in a URL are written as %%40)");
    }
    const char *host = settings->redis_host ? settings->redis_host : "127.0.0.1";
    place->count = 1;
    if (!redis_address_parse(host, (int)settings->redis_port, &place->addresses[0]))
        return fault_set(fault, FAULT_SETTING, "REDIS_HOST: \"%.80s\" is no host", host);
    return 0;
}

int redis_place_read(const settings_t *settings, arena_t *arena, redis_place_t *place, fault_t *fault)
{
    *place = (redis_place_t){.manner = REDIS_DIRECT,
                             .master = settings->redis_sentinel_master,
                             .user = settings->redis_username,
                             .password = settings->redis_password,
                             .sentinel_user = settings->redis_sentinel_username,
                             .sentinel_password = settings->redis_sentinel_password,
                             .database = settings->redis_database,
                             .tls = settings->redis_tls != REDIS_TLS_OFF,
                             .verify = settings->redis_tls != REDIS_TLS_UNVERIFIED,
                             .authorities = settings->redis_tls_ca,
                             .certificate = settings->redis_tls_cert,
                             .key = settings->redis_tls_key,
                             .server_name = settings->redis_tls_servername};
    if (read_addresses(settings, arena, place, fault) < 0)
        return -1;
    if (place->manner == REDIS_CLUSTER && place->database)
        return fault_set(fault, FAULT_SETTING, "REDIS_DB: a Cluster has database 0 alone");
    if (place->user && !place->password)
        return fault_set(fault, FAULT_SETTING, "REDIS_USERNAME: a user needs a password (REDIS_PASSWORD)");
    if (!place->certificate != !place->key)
        return fault_set(fault, FAULT_SETTING, "REDIS_TLS_CERT and REDIS_TLS_KEY go together");
    return 0;
}
