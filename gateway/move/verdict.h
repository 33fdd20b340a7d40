/* verdict: what a check of a move has found, as JSON for programs and as a page for people. */
#ifndef YOGI_MOVE_VERDICT_H
#define YOGI_MOVE_VERDICT_H

#include "rows.h"

/* FINDINGS: that are told each; all are counted. */
enum { VERDICT_FINDINGS_MOST = 200 };

typedef struct {
    const char *source, *target, *source_files, *target_files; /* addresses, as they may be shown */
    rows_result_t rows;
    int64_t differing; /* rows that differ */
    int64_t orphans;   /* rows of the target whose parent is missing */
    int64_t unsound;   /* what databases say of themselves, and of bytes */
    int64_t aside_rows, aside_values;
    int64_t files, files_checked, files_bad, files_missing;
    buf_t findings; /* a line each, the first ones */
    size_t finding_count;
    buf_t losses; /* what going back would lose, a line each */
    int64_t ms;   /* that it took */
    char at[32];  /* when */
} verdict_t;

void verdict_free(verdict_t *verdict);

/* Adds a line to the findings. */
void verdict_find(verdict_t *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether both sides are the same. */
bool verdict_good(const verdict_t *verdict);

void verdict_json(const verdict_t *verdict, buf_t *out);
void verdict_page(const verdict_t *verdict, buf_t *out);
void verdict_words(const verdict_t *verdict, buf_t *out); /* for a terminal */

/* Whether a report can be written there, before anything is done that it would be of. */
int verdict_may_save(const char *folder, fault_t *fault) __attribute__((warn_unused_result));

/* Writes report.json and report.html into the folder. */
int verdict_save(const verdict_t *verdict, const char *folder, fault_t *fault) __attribute__((warn_unused_result));

#endif
