/* zones: see zones.h. */
#include "zones.h"

#include "proto/base/buf.h"
#include "proto/base/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* There are some 600 names. Whoever has more of them spells them by chance, and all are opened again. */
enum { ZONES_MOST = 1024, NAME_MOST = 64 };

typedef struct {
    char name[NAME_MOST];
    zone_t *zone;
} entry_t;

struct zones {
    char *folder;
    char *own; /* NULL: of /etc/localtime */
    entry_t entries[ZONES_MOST];
    size_t count;
};

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_new(size, 1), text, size);
}

zones_t *zones_new(const char *folder, const char *own)
{
    zones_t *zones = memory_new(1, sizeof *zones);
    zones->folder = copy(folder);
    if (own && *own)
        zones->own = copy(*own == ':' ? own + 1 : own); /* POSIX: behind a colon stands a file of the folder */
    return zones;
}

static void clear(zones_t *zones)
{
    while (zones->count > 0)
        zone_close(&zones->entries[--zones->count].zone);
}

void zones_destroy(zones_t **zones)
{
    if (!*zones)
        return;
    clear(*zones);
    free((*zones)->folder);
    free((*zones)->own);
    free(*zones);
    *zones = NULL;
}

/* "+3", "-03", "+03:30" as seconds; false where it is none. */
static bool read_offset(const char *text, int32_t *offset)
{
    size_t digits = strspn(text + 1, "0123456789");
    const char *minutes = text + 1 + digits;
    bool shape = (*text == '+' || *text == '-') && (digits == 1 || digits == 2) &&
                 (!*minutes || (*minutes == ':' && strspn(minutes + 1, "0123456789") == 2 && !minutes[3]));
    if (shape)
        *offset = (*text == '-' ? -60 : 60) * (60 * atoi(text + 1) + (*minutes ? atoi(minutes + 1) : 0));
    return shape;
}

/* The entry of a folder that has a name in letters of any case, appended to the path. */
static bool add_entry(buf_t *path, const char *name, size_t size)
{
    bool found = false;
    DIR *folder = opendir(buf_string(path));
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));)
        if (strlen(entry->d_name) == size && strncasecmp(entry->d_name, name, size) == 0) {
            buf_format(path, "/%s", entry->d_name);
            found = true;
        }
    if (folder)
        closedir(folder);
    return found;
}

/* A zone by a name in letters of any case. */
static zone_t *open_any_case(const char *folder, const char *name, fault_t *fault)
{
    zone_t *zone = zone_open(folder, name, fault);
    if (zone)
        return zone;
    buf_t path = {0};
    buf_text(&path, folder);
    bool found = true;
    for (const char *at = name; found && at;) {
        size_t size = strcspn(at, "/");
        found = size > 0 && *at != '.' && add_entry(&path, at, size);
        at = at[size] ? at + size + 1 : NULL;
    }
    if (found)
        zone = zone_open(folder, buf_string(&path) + strlen(folder) + 1, fault);
    buf_free(&path);
    return zone;
}

static zone_t *open_own(const zones_t *zones, fault_t *fault)
{
    if (zones->own)
        return open_any_case(zones->folder, zones->own, fault);
    zone_t *zone = zone_open("/etc", "localtime", fault);
    return zone ? zone : zone_fixed(0); /* without the file the machine is in UTC */
}

static zone_t *open_zone(const zones_t *zones, const char *name, fault_t *fault)
{
    bool utc = strncasecmp(name, "utc", 3) == 0;
    int32_t offset = 0;
    if (!*name || strcasecmp(name, "local") == 0 || strcasecmp(name, "system") == 0)
        return open_own(zones, fault);
    if (strcasecmp(name, "utc") == 0 || strcasecmp(name, "gmt") == 0 || read_offset(utc ? name + 3 : name, &offset))
        return zone_fixed(offset);
    return open_any_case(zones->folder, name, fault);
}

const zone_t *zones_find(zones_t *zones, const char *name, fault_t *fault)
{
    name = name ? name : "";
    for (size_t i = 0; i < zones->count; i++)
        if (strcmp(zones->entries[i].name, name) == 0)
            return zones->entries[i].zone;
    if (zones->count == ZONES_MOST)
        clear(zones);
    entry_t *entry = &zones->entries[zones->count];
    if (strlen(name) >= sizeof entry->name) {
        fault_set(fault, FAULT_USAGE, "no time zone has a name as long as \"%.80s\"", name);
        return NULL;
    }
    if (!(entry->zone = open_zone(zones, name, fault)))
        return NULL;
    snprintf(entry->name, sizeof entry->name, "%s", name);
    zones->count++;
    return entry->zone;
}
