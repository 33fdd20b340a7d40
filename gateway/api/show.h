/* show: rows of the store as JSON, by the names that the demo's clients know (snake_case, times in UTC as RFC 3339).
 * Pure.
 */
#ifndef YOGI_GATEWAY_SHOW_H
#define YOGI_GATEWAY_SHOW_H

#include "gateway/store/documents.h"
#include "gateway/store/timetables.h"
#include "proto/base/buf.h"

void show_document(const document_row_t *row, buf_t *out);
void show_timetable(const timetable_row_t *row, buf_t *out);
void show_stage(const stage_row_t *row, buf_t *out);

/* A text, or null. */
void show_text(const char *text, buf_t *out);

/* A time of Unix milliseconds, or null for 0. */
void show_time(int64_t wall_ms, buf_t *out);

/* A number between 0 and 1, or null for NAN. */
void show_share(double value, buf_t *out);

#endif
