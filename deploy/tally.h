/* tally: what a run of `yogi read` comes to, in numbers and in words. */
#ifndef YOGI_DEPLOY_TALLY_H
#define YOGI_DEPLOY_TALLY_H

#include "proto/dossier.h"

/* CPU time of a stage, or of one part of it. */
typedef struct {
    const char *stage, *lap; /* lap NULL = the stage as a whole */
    double ms;
} tally_row_t;

/* Plain data; {.arena = …} is an empty one. */
typedef struct {
    arena_t *arena;         /* of the texts */
    size_t read;            /* documents */
    size_t review;          /* of them, need review */
    size_t skipped;         /* found by walking, not documents */
    size_t failed;          /* documents */
    size_t by[FAULT_COUNT]; /* failed, by cause */
    int64_t pages;          /* of documents that were read */
    list_t rows;            /* tally_row_t: stages and their parts, in the order they came */
    int64_t first_stage_us; /* clock at which the first document reached its first stage; 0 = none did */
} tally_t;

/* Counts a document: fault FAULT_NONE when it is read. dossier may be NULL. */
void tally_add(tally_t *tally, const dossier_t *dossier, const fault_t *fault);

/* The exit code of `yogi read`: 0, the one that all failures share, or 1. */
int tally_exit(const tally_t *tally);

/* Appends the summary line: what was read, failed by cause, pages a second. */
void tally_summary(const tally_t *tally, int64_t spent_us, buf_t *out);

/* Appends the lines of --timing: CPU time by stage and part. */
void tally_timing(const tally_t *tally, buf_t *out);

#endif
