/* review: see review.h. */
#include "review.h"

#include <string.h>

/* Where the dossier says no gate. */
static const double GATE = 0.90;

/* What a person would have to look at. */
typedef struct {
    size_t blocks, unsure, errors, warnings;
} load_t;

static load_t count_load(const dossier_t *dossier, double gate)
{
    load_t load = {0};
    for (size_t t = 0; t < dossier->timetables.count; t++) {
        const timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, t);
        load.blocks += timetable->timeblocks.count;
        for (size_t b = 0; b < timetable->timeblocks.count; b++)
            load.unsure += LIST_AT(timeblock_t, timetable->timeblocks, b)->confidence < gate;
    }
    for (size_t i = 0; i < dossier->checks.count; i++) {
        const char *severity = LIST_AT(check_t, dossier->checks, i)->severity;
        load.errors += strcmp(severity, "error") == 0;
        load.warnings += strcmp(severity, "warning") == 0;
    }
    return load;
}

static void add_count(buf_t *text, size_t count, const char *what)
{
    if (count)
        buf_format(text, "%s%zu %s%s", text->size ? ", " : "", count, what, count == 1 ? "" : "s");
}

static const char *explain(const dossier_t *dossier, const load_t *load, double gate)
{
    buf_t text = {0};
    if (load->unsure)
        buf_format(&text, "%zu of %zu blocks less than %.0f %% sure", load->unsure, load->blocks, gate * 100);
    add_count(&text, load->errors, "error");
    add_count(&text, load->warnings, "warning");
    const char *sentence = text.size ? arena_text(dossier->arena, text.bytes) : NULL;
    buf_free(&text);
    return sentence;
}

void review_decide(dossier_t *dossier)
{
    double gate = dossier->options.gate > 0 ? dossier->options.gate : GATE;
    load_t load = count_load(dossier, gate);
    bool sure = dossier->outcome.confidence >= gate && !load.errors;
    dossier->outcome.status = sure ? "completed" : "needs_review";
    dossier->outcome.message = sure ? NULL : explain(dossier, &load, gate);
}
