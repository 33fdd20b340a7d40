/* access: see access.h. */
#include "access.h"
#include "proto/base/memory.h"

#include <stdlib.h>

struct access {
    const char *path;
    allow_t *allow;
    rights_t *rights;  /* of its entries, by their number */
    rights_t *changed; /* of the last reload */
    uint64_t last;     /* number of a key given last */
};

/* The rights of all entries of a list. A key that has the same ones on the old list keeps its number. */
static rights_t *number_keys(access_t *access, const allow_t *list)
{
    size_t count = allow_count(list);
    rights_t *rights = memory_new(count + 1, sizeof *rights);
    for (size_t i = 0; i < count; i++) {
        const allow_entry_t *entry = allow_entry(list, i),
                            *before = access->allow ? allow_find(access->allow, entry->key) : NULL;
        bool same = before && allow_rights_equal(&before->rights, &entry->rights);
        rights[i] = (rights_t){entry->rights.roles, entry->rights.stages,
                               same ? access->rights[before->number].key : ++access->last};
    }
    return rights;
}

access_t *access_new(const char *path, fault_t *fault)
{
    access_t *access = memory_new(1, sizeof *access);
    allow_t *list = allow_read(path, fault);
    access->path = path;
    if (!list) {
        access_destroy(&access);
        return NULL;
    }
    access->rights = number_keys(access, list);
    access->allow = list;
    return access;
}

void access_destroy(access_t **access)
{
    if (!access || !*access)
        return;
    allow_destroy(&(*access)->allow);
    free((*access)->rights);
    free((*access)->changed);
    free(*access);
    *access = NULL;
}

const allow_t *access_allow(const access_t *access)
{
    return access->allow;
}

const rights_t *access_rights(const access_t *access, const allow_entry_t *entry)
{
    return &access->rights[entry->number];
}

const rights_t *access_reload(access_t *access, size_t *changed, fault_t *fault)
{
    allow_t *list = allow_read(access->path, fault);
    if (!list)
        return NULL;
    rights_t *rights = number_keys(access, list);
    size_t count = allow_count(access->allow);
    free(access->changed);
    access->changed = memory_new(count + 1, sizeof *access->changed);
    *changed = 0;
    for (size_t i = 0; i < count; i++) {
        const allow_entry_t *after = allow_find(list, allow_entry(access->allow, i)->key);
        uint64_t number = access->rights[i].key;
        if (!after || rights[after->number].key != number)
            access->changed[(*changed)++] = (rights_t){.roles = after ? after->rights.roles : 0, .key = number};
    }
    allow_destroy(&access->allow);
    free(access->rights);
    access->allow = list;
    access->rights = rights;
    return access->changed;
}
