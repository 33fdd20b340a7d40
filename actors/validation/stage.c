/* stage: validation, which brings blocks to their normal form, checks the week and says how sure each block is.
 *
 * It ends the run where the engine found no block at all: then the document is no timetable, and the sentence says what
 * was found instead. What it does not like it flags; it repairs nothing.
 */
#include "actors/stage.h"

#include "absence.h"
#include "checks.h"
#include "confidence.h"
#include "features.h"
#include "normal.h"
#include "review.h"
#include "roll.h"

static stage_end_t end_without(dossier_t *dossier)
{
    dossier->classification.timetable = 0;
    dossier->outcome.status = "failed";
    dossier->outcome.error = fault_name(FAULT_NOT_A_TIMETABLE);
    dossier->outcome.message = absence_explain(dossier);
    return STAGE_END;
}

static stage_end_t run(stage_job_t *job, fault_t *fault)
{
    (void)fault;
    dossier_t *dossier = job->dossier;
    dossier->outcome = (outcome_t){.extras = dossier->outcome.extras}; /* a dossier may come through here again */
    dossier->checks = (list_t){0};
    normal_dossier(dossier);
    roll_t roll = roll_call(dossier);
    if (roll.slots == 0)
        return end_without(dossier);
    checks_run(dossier, &roll);
    features_add(dossier, &roll);
    dossier->outcome.confidence = confidence_weigh(dossier);
    review_decide(dossier);
    job->lap(job, "validation");
    return STAGE_NEXT;
}

const stage_t stage_validation = {"validation", false, NULL, run, NULL};
