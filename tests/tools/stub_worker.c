/* stub_worker: a worker whose four stages do next to nothing, so that what is measured is everything around them. They
 * do as much as those of the service that tests/bench/gateway measures beside: none looks at the document's bytes, llm
 * makes a timetable of one block, validation says that it is good. Beside yogi-actor in a folder of its own.
 */
#include "actors/skeleton.h"

static stage_end_t pass(stage_job_t *job, fault_t *fault)
{
    (void)job, (void)fault;
    return STAGE_NEXT;
}

static stage_end_t make_timetable(stage_job_t *job, fault_t *fault)
{
    (void)fault;
    arena_t *arena = job->dossier->arena;
    timetable_t *timetable = list_push(arena, &job->dossier->timetables, sizeof *timetable);
    timetable->teacher = "A";
    timetable->class_name = "2B";
    timetable->term = "Autumn";
    timetable->year = 2026;
    timetable->confidence = 0.9;
    timeblock_t *block = list_push(arena, &timetable->timeblocks, sizeof *block);
    *block = (timeblock_t){
        .id = "b1", .day = "Monday", .name = "Maths", .start_time = "09:00", .end_time = "09:45", .page = 1};
    return STAGE_NEXT;
}

static stage_end_t approve(stage_job_t *job, fault_t *fault)
{
    (void)fault;
    job->dossier->outcome.status = "completed";
    job->dossier->outcome.confidence = 0.9;
    return STAGE_NEXT;
}

static const stage_t classification = {"classification", false, NULL, pass, NULL},
                     ocr = {"ocr", false, NULL, pass, NULL}, llm = {"llm", false, NULL, make_timetable, NULL},
                     validation = {"validation", false, NULL, approve, NULL};

int main(int argc, char **argv)
{
    static const stage_t *const stages[] = {&classification, &ocr, &llm, &validation};
    return skeleton_main(argc, argv, stages, sizeof stages / sizeof *stages);
}
