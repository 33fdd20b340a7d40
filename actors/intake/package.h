/* package: a zip of XML parts (OOXML, OpenDocument), read from memory within limits, and XML made handy.
 *
 * Used by docx.c, xlsx.c and opendocument.c. The only file that knows libzip; libxml2 is used without network, entities
 * or documents that declare a type. Source: ECMA-376 part 2 (Open Packaging Conventions).
 */
#ifndef YOGI_INTAKE_PACKAGE_H
#define YOGI_INTAKE_PACKAGE_H

#include "proto/base/arena.h"
#include "proto/base/fault.h"

#include <libxml/tree.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most entries, unpacked bytes of the whole and of one part. A timetable unpacks to 0.1 to 2 MB; photos in it to 50. */
enum { PACKAGE_ENTRIES_MOST = 4096, PACKAGE_BYTES_MOST = 200 << 20, PACKAGE_PART_MOST = 32 << 20 };

typedef struct package package_t;

/* Opens; the bytes must outlive it. NULL with the fault: damaged, too large (a zip bomb). */
package_t *package_open(const uint8_t *bytes, size_t size, fault_t *fault) __attribute__((warn_unused_result));
void package_close(package_t **package);

bool package_has(const package_t *package, const char *name);

/* The first bytes of a part as text into out (size bytes with the zero); false where it has none. */
bool package_text(package_t *package, const char *name, char *out, size_t size);

/* Bytes of the largest part whose name begins so, to be freed; NULL where there is none that can be read. */
uint8_t *package_largest(package_t *package, const char *beginning, size_t *size);

/* A part as XML, to be freed with xmlFreeDoc. NULL with the fault: missing, damaged, too large. */
xmlDoc *package_xml(package_t *package, const char *name, fault_t *fault) __attribute__((warn_unused_result));

/* A part that may be missing: NULL then, or where it cannot be read. */
xmlDoc *package_xml_optional(package_t *package, const char *name);

/* Name of the part that a relationship of `part` leads to: the one with the id, or where id is NULL the first whose
 * type ends with `type`. From the arena; NULL where there is none. */
const char *package_target(package_t *package, const char *part, const char *id, const char *type, arena_t *arena);

/* The first child element of that local name, or NULL; takes a NULL node. */
xmlNode *xml_child(const xmlNode *node, const char *name);

/* The first child element / the next sibling element, or NULL. */
xmlNode *xml_first(const xmlNode *node);
xmlNode *xml_next(const xmlNode *node);

bool xml_is(const xmlNode *node, const char *name);

/* Value of the attribute of that local name, whatever its prefix; NULL where it has none. Lives as long as the node. */
const char *xml_attribute(const xmlNode *node, const char *name);

/* The attribute as a number; `absent` where it has none or is not one. */
double xml_number(const xmlNode *node, const char *name, double absent);

/* Six hex digits, with or without "#" or two digits of alpha before them, as 0xRRGGBB; -1 where it is none. */
int32_t xml_colour(const char *text);

#endif
