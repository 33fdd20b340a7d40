/* package: a zip file of stored parts in memory, so that a target can try what stands inside DOCX and XLSX: changes of
 * the packed bytes themselves mostly end at the checksums. Source: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16.
 */
#ifndef YOGI_TESTS_FUZZ_PACKAGE_H
#define YOGI_TESTS_FUZZ_PACKAGE_H

#include "proto/base/buf.h"

/* Plain data; {0} is an empty package. */
typedef struct {
    buf_t zip;     /* parts so far */
    buf_t central; /* their entries in the central directory */
    unsigned count;
} package_t;

void package_add(package_t *package, const char *name, const void *bytes, size_t size);
void package_add_text(package_t *package, const char *name, const char *text);
void package_finish(package_t *package); /* package->zip is the file then */
void package_free(package_t *package);

#endif
