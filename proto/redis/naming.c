/* naming: see naming.h. */
#include "naming.h"
#include "proto/base/memory.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

struct naming {
    redis_address_t address;
    char port[8];
    struct addrinfo hints;
    struct gaicb question; /* of the resolver */
    struct gaicb *list[1]; /* that question */
    bool asked;            /* the resolver has it */
    int known;             /* 1: the answer lies in question, got without the resolver's threads */
};

naming_t *naming_begin(const redis_address_t *address)
{
    naming_t *naming = memory_new(1, sizeof *naming);
    naming->address = *address;
    if (address->host[0] == '/')
        return naming;
    snprintf(naming->port, sizeof naming->port, "%d", address->port);
    naming->hints = (struct addrinfo){.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    naming->question =
        (struct gaicb){.ar_name = naming->address.host, .ar_service = naming->port, .ar_request = &naming->hints};
    if (getaddrinfo(naming->address.host, naming->port, &naming->hints, &naming->question.ar_result) == 0) {
        naming->known = 1;
        return naming;
    }
    naming->hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    naming->list[0] = &naming->question;
    naming->asked = getaddrinfo_a(GAI_NOWAIT, naming->list, 1, NULL) == 0;
    return naming;
}

static int fill_path(const naming_t *naming, naming_found_t *found, fault_t *fault)
{
    struct sockaddr_un path = {.sun_family = AF_UNIX};
    size_t size = strlen(naming->address.host);
    if (size >= sizeof path.sun_path)
        return fault_set(fault, FAULT_SETTING, "the path of the socket is longer than %zu bytes",
                         sizeof path.sun_path - 1);
    memcpy(path.sun_path, naming->address.host, size + 1);
    memcpy(&found->list[0], &path, sizeof path);
    found->sizes[0] = sizeof path;
    found->count = 1;
    return 1;
}

static int fill(const struct addrinfo *result, naming_found_t *found)
{
    found->count = 0;
    for (; result && found->count < NAMING_MOST; result = result->ai_next) {
        memcpy(&found->list[found->count], result->ai_addr, result->ai_addrlen);
        found->sizes[found->count++] = result->ai_addrlen;
    }
    return 1;
}

int naming_look(naming_t *naming, naming_found_t *found, fault_t *fault)
{
    if (naming->address.host[0] == '/')
        return fill_path(naming, found, fault);
    if (naming->known)
        return fill(naming->question.ar_result, found);
    if (!naming->asked)
        return fault_set(fault, FAULT_UNAVAILABLE, "the resolver takes no question");
    int error = gai_error(&naming->question);
    if (error == EAI_INPROGRESS)
        return 0;
    if (error)
        return fault_set(fault, FAULT_UNAVAILABLE, "%s: %s", naming->address.host, gai_strerror(error));
    return fill(naming->question.ar_result, found);
}

void naming_end(naming_t **naming)
{
    naming_t *old = naming ? *naming : NULL;
    if (!old)
        return;
    *naming = NULL;
    /* a question that the resolver is at cannot be taken back: its memory is the resolver's, for good */
    if (old->asked && gai_error(&old->question) == EAI_INPROGRESS && gai_cancel(&old->question) != EAI_CANCELED)
        return;
    if (old->question.ar_result)
        freeaddrinfo(old->question.ar_result);
    free(old);
}
