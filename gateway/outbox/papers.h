/* papers: what a run looks like on the way to the actors, and what is kept of a dossier that came back. Between the
 * rows of the store and the messages of the wire; pure but for making ids.
 */
#ifndef YOGI_GATEWAY_PAPERS_H
#define YOGI_GATEWAY_PAPERS_H

#include "gateway/store/runs.h"
#include "proto/dossier.h"
#include "proto/message.h"

/* Fills the run of a document that was accepted just now, as the store has it; texts in the arena. */
void papers_accepted(const accept_t *accept, arena_t *arena, run_t *run);

/* Appends the dossier that a run goes on with: as its last stage left it, else a new one; with this URL of its bytes.
 * -1 with the fault where the options or the dossier in the row are malformed. */
int papers_begin(const run_t *run, const char *url, buf_t *out, fault_t *fault) __attribute__((warn_unused_result));

/* Fills the SUBMIT of the run, but for its job: with this dossier, and the stages that are left of its route, whose
 * names lie in the arena. */
void papers_submit(const run_t *run, const buf_t *dossier, arena_t *arena, message_t *message);

/* Fills the record of a stage that has ended, by the dossier that came with it. Texts in the arena, but for the dossier
 * itself, which is left out where the stage is cheap: a run that is taken over does it again. -1 with the fault where
 * the bytes are no dossier. */
int papers_record(const message_t *message, const char *stage, arena_t *arena, record_t *record, fault_t *fault)
    __attribute__((warn_unused_result));

/* Fills the end of a run, likewise, with the record of its last stage; under an epoch of more than 1 with those of all.
 * What is wrong with the dossier becomes a failure of the run. */
void papers_finish(const message_t *message, arena_t *arena, finish_t *finish);

/* Fills what is stored of a JOB of the stage `store`: another owner's finished document. Texts in the arena, but for
 * the dossier itself, which is given as well, as it was decoded: the caller's. -1 with the fault where it is none that
 * can be stored, whoever tries again. */
int papers_import(const message_t *job, arena_t *arena, import_t *import, dossier_t **dossier, fault_t *fault)
    __attribute__((warn_unused_result));

/* The options of a row, which the interface has checked, in place of the dossier's own. -1 with the fault. */
int papers_options(dossier_t *dossier, const char *text, fault_t *fault) __attribute__((warn_unused_result));

/* Place of a stage in the whole route; -1 where it is none of it. */
int papers_place(const char *stage);

/* The stage before `next` in the whole route; the last one where next is empty. */
const char *papers_stage_before(slice_t next);

/* The stage behind it in the whole route; NULL where there is none. */
const char *papers_stage_after(const char *stage);

/* How far a run has come when the stage has ended, percent. */
int papers_percentage(const char *stage);

/* How far it has come in the middle of the stage, by a PROGRESS. */
int papers_part(const char *stage, const message_t *progress);

#endif
