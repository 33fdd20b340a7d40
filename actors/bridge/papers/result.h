/* result: what a job of each stage returns, as JSON: from the dossier that came back, and for the producing side from a
 * worker's return value into the dossier. README.md of the bridge describes it for people, *.schema.json beside this
 * file for programs. Pure.
 *
 *     classification    {documentId, classification}, and where it went through to the end also as validation
 *     ocr               {documentId, text, confidence, words, pages, engine}
 *     llm, validation   {documentId, timetables, confidence, checks, status}
 *     others            {documentId, status}
 *
 * A document that was found to be no timetable has also status "failed", error and message.
 */
#ifndef YOGI_BRIDGE_RESULT_H
#define YOGI_BRIDGE_RESULT_H

#include "proto/dossier.h"

#include <stdbool.h>

/* Appends the return value of a job of this stage; through: it went on to the end of the whole route. */
void result_write(const char *stage, bool through, const dossier_t *dossier, buf_t *out);

/* Adds what a worker of this stage has returned to the dossier (of what the stage adds, the old is replaced), with its
 * entry in the trail left to the caller. *engine: who the worker says it was, in the dossier's arena; NULL = it does
 * not. -1 with FAULT_INPUT: what is missing or malformed. */
int result_read(const char *stage, const char *json, size_t size, dossier_t *dossier, const char **engine,
                fault_t *fault) __attribute__((warn_unused_result));

#endif
