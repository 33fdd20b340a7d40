/* stage: validation, which brings blocks to their normal form, checks the week and says how sure each block is.
 *
 * It ends the run where the engine found no block at all: then the document is no timetable, and the sentence says what
 * was looked for. What it does not like it flags; it repairs nothing.
 */
#include "actors/stage.h"

#include "checks.h"
#include "confidence.h"
#include "features.h"
#include "normal.h"
#include "roll.h"

/* A document as sure as this is completed, where the options do not say otherwise. */
static const double GATE = 0.90;

static size_t count_words(const dossier_t *dossier)
{
    size_t words = 0;
    for (size_t i = 0; i < dossier->pages.count; i++)
        words += LIST_AT(page_t, dossier->pages, i)->words.count;
    return words;
}

static stage_end_t end_without(dossier_t *dossier)
{
    size_t words = count_words(dossier);
    dossier->classification.timetable = 0;
    dossier->outcome.status = "failed";
    dossier->outcome.error = fault_name(FAULT_NOT_A_TIMETABLE);
    dossier->outcome.message =
        words ? arena_format(
                    dossier->arena,
                    "not a timetable: among its %zu words there are no days in a row or a column with times or entries "
                    "beside them, and no list of times",
                    words)
              : "not a timetable: there is nothing to read on it";
    return STAGE_END;
}

static stage_end_t run(stage_job_t *job, fault_t *fault)
{
    (void)fault;
    dossier_t *dossier = job->dossier;
    normal_dossier(dossier);
    roll_t roll = roll_call(dossier);
    if (roll.slots == 0)
        return end_without(dossier);
    features_add(dossier, &roll);
    checks_run(dossier, &roll);
    double gate = dossier->options.gate > 0 ? dossier->options.gate : GATE;
    dossier->outcome.confidence = confidence_weigh(dossier);
    dossier->outcome.status = dossier->outcome.confidence >= gate ? "completed" : "needs_review";
    job->lap(job, "validation");
    return STAGE_NEXT;
}

const stage_t stage_validation = {"validation", false, NULL, run, NULL};
