/* worker: yogi-worker STAGE, one stage in a process of its own; see skeleton.h. */
#include "skeleton.h"

static const stage_t *const stages[] = {&stage_classification, &stage_ocr,    &stage_llm,
                                        &stage_validation,     &stage_render, &stage_noop};

int main(int argc, char **argv)
{
    return skeleton_main(argc, argv, stages, sizeof stages / sizeof *stages);
}
