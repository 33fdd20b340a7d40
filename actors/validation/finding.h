/* finding: how a rule's checks come into the dossier: with its name and severity, a limited number of them. */
#ifndef YOGI_VALIDATION_FINDING_H
#define YOGI_VALIDATION_FINDING_H

#include "proto/dossier.h"

/* Checks of one rule in one document. A person reads a dozen; a document that breaks a rule more often than this does
 * so everywhere, and the closing check says how many more there are. */
enum { FINDINGS_MOST = 100 };

/* One rule at work. Plain data: set the first three, zero the rest. */
typedef struct {
    dossier_t *dossier;
    const char *rule;     /* stable name */
    const char *severity; /* "info", "warning", "error" */
    size_t count;         /* findings so far, those beyond the limit too */
} finding_t;

/* A new check with a sentence by printf rules; NULL beyond the limit. */
check_t *finding_add(finding_t *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a block to the check; a NULL check is left alone. */
void finding_block(finding_t *finding, check_t *check, const timeblock_t *block);

/* Says how many findings the limit left out, where it did. */
void finding_close(finding_t *finding);

#endif
