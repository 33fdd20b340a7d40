/* confidence: see confidence.h. */
#include "confidence.h"

#include "evidence.h"

#include <math.h>

/* No block is surer than this: what was never seen can still happen. */
static const double SUREST = 0.999;

static double weigh(const timeblock_t *block)
{
    double sum = 0;
    for (size_t i = 0; i < confidence_weights_count; i++) {
        const weight_t *weight = &confidence_weights[i];
        sum += weight->weight * (*weight->name ? evidence_value(block, weight->name, weight->usual) : 1);
    }
    return fmin(SUREST, 1 / (1 + exp(-sum)));
}

double confidence_weigh(dossier_t *dossier)
{
    double all = 0, blocks = 0;
    for (size_t t = 0; t < dossier->timetables.count; t++) {
        timetable_t *table = LIST_AT(timetable_t, dossier->timetables, t);
        double sum = 0;
        for (size_t b = 0; b < table->timeblocks.count; b++) {
            timeblock_t *block = LIST_AT(timeblock_t, table->timeblocks, b);
            block->confidence = floor(weigh(block) * 1000 + 0.5) / 1000;
            sum += block->confidence;
        }
        table->confidence = table->timeblocks.count ? sum / (double)table->timeblocks.count : 0;
        all += sum;
        blocks += (double)table->timeblocks.count;
    }
    return blocks > 0 ? all / blocks : 0;
}
