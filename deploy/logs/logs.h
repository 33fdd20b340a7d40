/* logs: of the JSON lines of many processes those about one document, in the order of their times: lines that name it,
 * and lines of the runs (job) that a gateway has made of it ("run.begin" names both).
 *
 * What comes from outside is not trusted: a line is taken as text, may have anything before its brace (kubectl logs
 * --prefix, journalctl), and one without a time or over LOGS_LINE_MOST is passed over.
 */
#ifndef YOGI_DEPLOY_LOGS_H
#define YOGI_DEPLOY_LOGS_H

#include "proto/base/buf.h"
#include "proto/base/fault.h"

#include <stdio.h>

typedef struct logs logs_t;

/* LINE: ours have 4 kB at most. KEPT: bytes of lines that may still turn out to be about the document. */
enum { LOGS_LINE_MOST = 64 * 1024, LOGS_KEPT_MOST = 1024 * 1024 * 1024 };

logs_t *logs_new(const char *document); /* borrowed; never NULL */
void logs_destroy(logs_t **logs);       /* takes NULL; nulls the caller's pointer */

/* Reads a log to its end. -1 with the fault. */
int logs_read(logs_t *logs, FILE *file, fault_t *fault) __attribute__((warn_unused_result));

/* Appends the lines, and returns their number. To be called once, after the last log was read. */
size_t logs_print(logs_t *logs, buf_t *out);

#endif
