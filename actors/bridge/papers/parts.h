/* parts: what stages add to a dossier, read from the members of a JSON object; each only where it is there. For
 * payload.c and result.c. Pure.
 */
#ifndef YOGI_BRIDGE_PARTS_H
#define YOGI_BRIDGE_PARTS_H

#include "proto/dossier.h"

#include <jansson.h>

/* Stages in the order of the whole route, and where one stands in it, -1 where it does not. */
enum { PARTS_CLASSIFICATION, PARTS_OCR, PARTS_LLM, PARTS_VALIDATION, PARTS_STAGES };
extern const char *const parts_stages[PARTS_STAGES];
int parts_place(const char *stage);

/* Each replaces the dossier's own part where the object has it, and returns whether it has: 1, 0, or -1 with
 * FAULT_INPUT. Blocks without an id get one. */
int parts_classification(const json_t *json, dossier_t *dossier, fault_t *fault) __attribute__((warn_unused_result));
int parts_pages(const json_t *json, dossier_t *dossier, fault_t *fault) __attribute__((warn_unused_result));
int parts_timetables(const json_t *json, dossier_t *dossier, fault_t *fault) __attribute__((warn_unused_result));
int parts_checks(const json_t *json, dossier_t *dossier, fault_t *fault) __attribute__((warn_unused_result));

#endif
