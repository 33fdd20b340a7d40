/* package: see package.h. */
#include "package.h"

#include <libxml/parser.h>
#include <zip.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ratio of unpacked to packed bytes, of parts over a size, that no written document has: XML reaches 60. */
enum { RATIO_MOST = 300, RATIO_FROM = 8 << 20 };

struct package {
    zip_t *zip;
};

static int check_limits(zip_t *zip, fault_t *fault)
{
    zip_int64_t entries = zip_get_num_entries(zip, 0);
    uint64_t sum = 0;
    if (entries > PACKAGE_ENTRIES_MOST)
        return fault_set(fault, FAULT_TOO_LARGE,
                         "the document holds %lld parts, more than %d; save it again without what "
                         "is not the timetable",
                         (long long)entries, PACKAGE_ENTRIES_MOST);
    for (zip_int64_t i = 0; i < entries; i++) {
        zip_stat_t stat;
        if (zip_stat_index(zip, (zip_uint64_t)i, 0, &stat) != 0 || !(stat.valid & ZIP_STAT_SIZE))
            continue;
        sum += stat.size;
        bool bomb =
            stat.size > RATIO_FROM && (stat.valid & ZIP_STAT_COMP_SIZE) && stat.size / RATIO_MOST > stat.comp_size;
        if (sum > PACKAGE_BYTES_MOST || bomb)
            return fault_set(fault, FAULT_TOO_LARGE,
                             "the document unpacks to more than is read (%d MB, or %d times its size): it is made to "
                             "exhaust its reader, or holds more than a timetable",
                             PACKAGE_BYTES_MOST >> 20, RATIO_MOST);
    }
    return 0;
}

package_t *package_open(const uint8_t *bytes, size_t size, fault_t *fault)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &error);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    zip_error_fini(&error);
    if (!zip) {
        zip_source_free(source);
        fault_set(fault, FAULT_DAMAGED,
                  "the document is damaged or was cut off (its directory is missing at byte %zu); send it again", size);
        return NULL;
    }
    package_t *package = check_limits(zip, fault) == 0 ? calloc(1, sizeof *package) : NULL;
    if (!package) {
        zip_discard(zip);
        return NULL;
    }
    package->zip = zip;
    return package;
}

void package_close(package_t **package)
{
    if (!package || !*package)
        return;
    zip_discard((*package)->zip);
    free(*package);
    *package = NULL;
}

bool package_has(const package_t *package, const char *name)
{
    return zip_name_locate(package->zip, name, ZIP_FL_NOCASE) >= 0;
}

/* A part's bytes, to be freed; NULL with the fault. */
static char *read_part(package_t *package, const char *name, size_t *size, fault_t *fault)
{
    zip_int64_t index = zip_name_locate(package->zip, name, ZIP_FL_NOCASE);
    zip_stat_t stat;
    if (index < 0 || zip_stat_index(package->zip, (zip_uint64_t)index, 0, &stat) != 0 ||
        !(stat.valid & ZIP_STAT_SIZE)) {
        fault_set(fault, FAULT_DAMAGED, "the document is damaged: its part %s is missing; save it again", name);
        return NULL;
    }
    if (stat.size > PACKAGE_PART_MOST) {
        fault_set(fault, FAULT_TOO_LARGE, "the document's part %s has %llu MB, more than %d; save the timetable alone",
                  name, (unsigned long long)(stat.size >> 20), PACKAGE_PART_MOST >> 20);
        return NULL;
    }
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) && stat.encryption_method != ZIP_EM_NONE) {
        fault_set(fault, FAULT_ENCRYPTED, "the document is protected by a password; save a copy without one");
        return NULL;
    }
    zip_file_t *file = zip_fopen_index(package->zip, (zip_uint64_t)index, 0);
    char *bytes = malloc((size_t)stat.size + 1);
    zip_int64_t got = file && bytes ? zip_fread(file, bytes, stat.size) : -1;
    if (file)
        zip_fclose(file);
    if (got < 0 || (zip_uint64_t)got != stat.size) {
        free(bytes);
        fault_set(fault, FAULT_DAMAGED, "the document is damaged: its part %s cannot be unpacked; send it again", name);
        return NULL;
    }
    bytes[got] = 0;
    *size = (size_t)got;
    return bytes;
}

bool package_text(package_t *package, const char *name, char *out, size_t size)
{
    fault_t unused;
    size_t length = 0;
    char *bytes = read_part(package, name, &length, &unused);
    if (!bytes)
        return false;
    snprintf(out, size, "%s", bytes);
    free(bytes);
    return true;
}

uint8_t *package_largest(package_t *package, const char *beginning, size_t *size)
{
    zip_int64_t entries = zip_get_num_entries(package->zip, 0);
    const char *best = NULL;
    zip_uint64_t most = 0;
    fault_t unused;
    for (zip_int64_t i = 0; i < entries; i++) {
        zip_stat_t stat;
        if (zip_stat_index(package->zip, (zip_uint64_t)i, 0, &stat) == 0 && (stat.valid & ZIP_STAT_SIZE) && stat.name &&
            strncmp(stat.name, beginning, strlen(beginning)) == 0 && stat.size > most)
            best = stat.name, most = stat.size;
    }
    return best ? (uint8_t *)read_part(package, best, size, &unused) : NULL;
}

xmlDoc *package_xml(package_t *package, const char *name, fault_t *fault)
{
    size_t size = 0;
    char *bytes = read_part(package, name, &size, fault);
    if (!bytes)
        return NULL;
    int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT | XML_PARSE_NOCDATA;
    xmlDoc *doc = xmlReadMemory(bytes, (int)size, NULL, NULL, options);
    free(bytes);
    if (doc && (doc->intSubset || !xmlDocGetRootElement(doc))) { /* no office program writes a document type */
        xmlFreeDoc(doc);
        doc = NULL;
    }
    if (!doc)
        fault_set(fault, FAULT_DAMAGED, "the document is damaged: its part %s is not well-formed XML; save it again",
                  name);
    return doc;
}

xmlDoc *package_xml_optional(package_t *package, const char *name)
{
    fault_t unused;
    return name && package_has(package, name) ? package_xml(package, name, &unused) : NULL;
}

/* "word/document.xml" and "../theme/theme1.xml" to the part's own name. */
static const char *resolve(const char *part, const char *target, arena_t *arena)
{
    if (*target == '/')
        return arena_text(arena, target + 1);
    const char *slash = strrchr(part, '/');
    size_t length = slash ? (size_t)(slash - part) : 0;
    while (strncmp(target, "../", 3) == 0) {
        target += 3;
        while (length > 0 && part[length - 1] != '/')
            length--;
        if (length > 0)
            length--;
    }
    return length ? arena_format(arena, "%.*s/%s", (int)length, part, target) : arena_text(arena, target);
}

const char *package_target(package_t *package, const char *part, const char *id, const char *type, arena_t *arena)
{
    const char *slash = strrchr(part, '/'), *file = slash ? slash + 1 : part;
    const char *rels = arena_format(arena, "%.*s_rels/%s.rels", (int)(file - part), part, file);
    xmlDoc *doc = package_xml_optional(package, rels);
    const char *found = NULL;
    for (xmlNode *at = doc ? xml_first(xmlDocGetRootElement(doc)) : NULL; at && !found; at = xml_next(at)) {
        const char *its = xml_attribute(at, id ? "Id" : "Type"), *target = xml_attribute(at, "Target");
        const char *mode = xml_attribute(at, "TargetMode");
        if (!its || !target || (mode && strcmp(mode, "External") == 0))
            continue;
        size_t length = strlen(its), tail = id ? 0 : strlen(type);
        bool fits = id ? strcmp(its, id) == 0 : length > tail && strcmp(its + length - tail, type) == 0;
        if (fits)
            found = resolve(part, target, arena);
    }
    if (doc)
        xmlFreeDoc(doc);
    return found;
}

bool xml_is(const xmlNode *node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

xmlNode *xml_first(const xmlNode *node)
{
    xmlNode *at = node ? node->children : NULL;
    while (at && at->type != XML_ELEMENT_NODE)
        at = at->next;
    return at;
}

xmlNode *xml_next(const xmlNode *node)
{
    xmlNode *at = node ? node->next : NULL;
    while (at && at->type != XML_ELEMENT_NODE)
        at = at->next;
    return at;
}

xmlNode *xml_child(const xmlNode *node, const char *name)
{
    for (xmlNode *at = xml_first(node); at; at = xml_next(at))
        if (xml_is(at, name))
            return at;
    return NULL;
}

const char *xml_attribute(const xmlNode *node, const char *name)
{
    for (const xmlAttr *at = node ? node->properties : NULL; at; at = at->next)
        if (strcmp((const char *)at->name, name) == 0)
            return at->children && at->children->content ? (const char *)at->children->content : "";
    return NULL;
}

double xml_number(const xmlNode *node, const char *name, double absent)
{
    const char *text = xml_attribute(node, name);
    char *end = NULL;
    double value = text ? strtod(text, &end) : absent;
    return end == text || !isfinite(value) ? absent : value;
}

int32_t xml_colour(const char *text)
{
    if (!text)
        return -1;
    text += *text == '#';
    size_t length = strlen(text);
    if ((length != 6 && length != 8) || strspn(text, "0123456789abcdefABCDEF") != length)
        return -1;
    return (int32_t)strtoul(text + length - 6, NULL, 16);
}
