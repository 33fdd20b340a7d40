/* rewind: see rewind.h. */
#include "rewind.h"

#include "papers.h"

#include <string.h>

bool rewind_knows(const char *stage)
{
    return papers_place(stage) >= 0;
}

/* Whether everything that the stage begins from is there: the one before it has ended well, or it or one behind it has
 * worked, for a stage may be passed over. */
static bool has_come(const dossier_t *dossier, int place)
{
    for (size_t i = 0; i < dossier->trail.count; i++) {
        const trail_t *trail = LIST_AT(trail_t, dossier->trail, i);
        int worked = trail->stage ? papers_place(trail->stage) : -1;
        if (worked >= place || (worked == place - 1 && !trail->error))
            return true;
    }
    return false;
}

/* The trail of the stages before it. */
static list_t trail_before(const dossier_t *dossier, int place)
{
    list_t kept = {0};
    for (size_t i = 0; i < dossier->trail.count; i++) {
        const trail_t *trail = LIST_AT(trail_t, dossier->trail, i);
        if (trail->stage && papers_place(trail->stage) < place)
            *(trail_t *)list_push(dossier->arena, &kept, sizeof *trail) = *trail;
    }
    return kept;
}

/* What each stage adds: DESIGN.md, section 3. Validation works over its own blocks again. */
static void take_off(dossier_t *dossier, int place)
{
    if (place <= papers_place("ocr"))
        dossier->pages = (list_t){0};
    if (place <= papers_place("llm"))
        dossier->timetables = (list_t){0};
    dossier->checks = (list_t){0};
    dossier->outcome = (outcome_t){0};
    dossier->trail = trail_before(dossier, place);
}

int rewind_dossier(view_t bytes, const char *stage, const char *options, arena_t *arena, rewound_t *rewound,
                   fault_t *fault)
{
    int place = papers_place(stage);
    buf_t out = {0};
    *rewound = (rewound_t){.place = -1};
    if (place == 0)
        return 0;
    dossier_t *dossier = bytes.at ? dossier_decode(bytes.at, bytes.size, fault) : NULL;
    int failed = bytes.at && !dossier ? -1 : 0;
    if (!failed && (!dossier || !has_come(dossier, place)))
        failed = fault_set(fault, FAULT_INPUT,
                           "the document has not been read as far as the stage %s; read it from the beginning", stage);
    if (!failed && options)
        failed = papers_options(dossier, options, fault);
    if (!failed) {
        take_off(dossier, place);
        dossier_encode(dossier, &out);
        *rewound = (rewound_t){.stage = papers_stage_before(slice_of(stage)),
                               .place = place - 1,
                               .dossier = {arena_text_n(arena, buf_string(&out), out.size), out.size}};
    }
    buf_free(&out);
    dossier_destroy(&dossier);
    return failed;
}
